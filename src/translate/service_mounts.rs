use std::collections::{BTreeMap, BTreeSet};

use crate::model::{Container, Mount, MountSource, Project};

/// The mounts of all services, with those that they have by `volumes_from`, and of their `pre_start` hooks, which have
/// those of the service, too.
#[derive(Debug, Default)]
pub struct ServiceMounts {
    services: BTreeMap<String, Vec<ServiceMount>>,
    hooks: BTreeMap<(String, usize), Vec<ServiceMount>>,
    /// By volume: the services that mount it, in the order of the project. It is asked for once for each volume, which
    /// would take all services each time.
    users: BTreeMap<String, Vec<String>>,
}

/// A mount of a service.
#[derive(Debug, Clone, PartialEq)]
pub struct ServiceMount {
    /// What is mounted, and where.
    pub mount: Mount,
    /// Where the compose file says so: an entry of `volumes`, or of `volumes_from`.
    pub path: String,
    /// The entry of `volumes`, whoever has it.
    pub origin: String,
    /// The number of that entry.
    pub index: usize,
    /// The service that it is from, if it is another one.
    pub from: Option<String>,
}

/// A mount, with the service that has it.
pub type Mounted<'m> = (&'m str, &'m ServiceMount);

impl ServiceMount {
    /// The volume with a name that is mounted.
    pub fn named_volume(&self) -> Option<&str> {
        match &self.mount.source {
            MountSource::Volume { name, selinux: _, options: _ }
            | MountSource::Cluster { volume: name } => name.as_deref(),
            MountSource::Bind { .. }
            | MountSource::Tmpfs { .. }
            | MountSource::Image { .. }
            | MountSource::NamedPipe { .. } => None,
        }
    }

    /// Whether it is a volume that nobody else can mount.
    pub fn is_unnamed_volume(&self) -> bool {
        matches!(&self.mount.source, MountSource::Volume { name: None, selinux: _, options: _ })
    }
}

impl ServiceMounts {
    /// Finds the mounts of all services.
    pub fn new(project: &Project, place: &dyn Fn(&str) -> String) -> Self {
        let mut all = Self::default();
        for (key, service) in &project.services {
            let place = place(key);
            let mut mounts = own(&service.container, &place);
            inherit(key, &place, &mut vec![key], project, &mut mounts);
            for (index, hook) in service.pre_start.iter().enumerate() {
                let path = format!("{place}.pre_start[{index}]");
                let mut of_hook = own(&hook.container, &path);
                add_missing(&mut of_hook, mounts.iter().cloned());
                all.hooks.insert((key.clone(), index), of_hook);
            }
            all.services.insert(key.clone(), mounts);
        }
        for key in project.services.keys() {
            let volumes = all.of_pod_of(key).filter_map(ServiceMount::named_volume);
            for volume in volumes.map(str::to_owned).collect::<BTreeSet<_>>() {
                all.users.entry(volume).or_default().push(key.clone());
            }
        }
        all
    }

    /// The mounts of a service; its own come first.
    pub fn of(&self, service: &str) -> &[ServiceMount] {
        self.services.get(service).map_or(&[], Vec::as_slice)
    }

    /// The mounts of a `pre_start` hook; its own come first.
    pub fn of_hook(&self, service: &str, index: usize) -> &[ServiceMount] {
        self.hooks.get(&(service.to_owned(), index)).map_or(&[], Vec::as_slice)
    }

    /// The mounts of a service and of its hooks, those of the service first.
    pub fn of_pod_of<'m>(&'m self, service: &'m str) -> impl Iterator<Item = &'m ServiceMount> {
        let hooks = self.hooks.range((service.to_owned(), 0)..=(service.to_owned(), usize::MAX));
        self.of(service).iter().chain(hooks.flat_map(|(_, mounts)| mounts))
    }

    /// The services that mount a volume, themselves or in their hooks.
    pub fn users_of(&self, volume: &str) -> &[String] {
        self.users.get(volume).map_or(&[], Vec::as_slice)
    }

    /// The mounts of a volume, with the services that have them.
    pub fn of_volume<'m>(&'m self, volume: &'m str) -> Vec<Mounted<'m>> {
        let all = self
            .users_of(volume)
            .iter()
            .flat_map(|key| self.of_pod_of(key).map(move |it| (key.as_str(), it)));
        all.filter(|(_, it)| it.named_volume() == Some(volume)).collect()
    }
}

/// The service that an entry of `volumes_from` names: none where it names a container of no service.
pub fn named_service<'a>(entry: &'a str, project: &'a Project) -> Option<&'a str> {
    let Some(container) = entry.strip_prefix("container:") else {
        return Some(entry.split(':').next().unwrap_or(entry));
    };
    let name = container.split(':').next().unwrap_or(container);
    let mut services = project.services.iter();
    services
        .find(|(_, service)| service.container_name.as_deref() == Some(name))
        .map(|(key, _)| key.as_str())
}

fn own(container: &Container, path: &str) -> Vec<ServiceMount> {
    let own = |(index, mount): (usize, &Mount)| ServiceMount {
        mount: mount.clone(),
        path: format!("{path}.volumes[{index}]"),
        origin: format!("{path}.volumes[{index}]"),
        index,
        from: None,
    };
    container.volumes.iter().enumerate().map(own).collect()
}

/// Where two have the same path, the first one stays, as in Docker.
fn add_missing(mounts: &mut Vec<ServiceMount>, more: impl Iterator<Item = ServiceMount>) {
    for it in more {
        if mounts.iter().all(|known| known.mount.target != it.mount.target) {
            mounts.push(it);
        }
    }
}

/// Adds what a service has from others; `chain` are those that are looked at already.
fn inherit<'a>(
    key: &str,
    place: &str,
    chain: &mut Vec<&'a str>,
    project: &'a Project,
    mounts: &mut Vec<ServiceMount>,
) {
    let Some(service) = project.services.get(key) else { return };
    for (index, entry) in service.container.volumes_from.iter().enumerate() {
        let Some(other) = named_service(entry, project).filter(|it| !chain.contains(it)) else {
            continue;
        };
        let Some(named) = project.services.get(other) else { continue };
        let mut inherited = own(&named.container, &format!("services.{other}"));
        chain.push(other);
        inherit(other, place, chain, project, &mut inherited);
        chain.pop();
        let read_only = match entry.rsplit_once(':') {
            Some((_, "ro")) => Some(true),
            Some((_, "rw")) => Some(false),
            _ => None,
        };
        let inherited = inherited.into_iter().map(|it| ServiceMount {
            mount: Mount { read_only: read_only.unwrap_or(it.mount.read_only), ..it.mount },
            path: format!("{place}.volumes_from[{index}]"),
            origin: it.origin,
            index: it.index,
            from: it.from.or_else(|| Some(other.to_owned())),
        });
        add_missing(mounts, inherited);
    }
}

/// Whether two pods that have this mount have the same content.
pub fn is_shared_between_pods(source: &MountSource) -> bool {
    match source {
        MountSource::Volume { name, selinux: _, options: _ } => name.is_some(),
        MountSource::Tmpfs { options: _ } => false,
        MountSource::Bind { .. }
        | MountSource::Image { .. }
        | MountSource::NamedPipe { .. }
        | MountSource::Cluster { .. } => true,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{Extensions, Service, VolumeOptions};

    fn service(volumes: &[&str], from: &[&str]) -> Service {
        let mount = |target: &&str| Mount {
            source: MountSource::Volume {
                name: Some("v".to_owned()),
                selinux: None,
                options: VolumeOptions::default(),
            },
            target: (*target).to_owned(),
            read_only: false,
            consistency: None,
            extensions: Extensions::default(),
        };
        let container = Container {
            volumes: volumes.iter().map(mount).collect(),
            volumes_from: from.iter().map(|it| (*it).to_owned()).collect(),
            ..Container::default()
        };
        Service { container, ..Service::default() }
    }

    #[test]
    fn volumes_come_from_services_and_from_where_these_have_them() {
        let mut project = Project::default();
        let named = Service { container_name: Some("box".into()), ..service(&["/c", "/a"], &[]) };
        let mut add = |key: &str, service| project.services.insert(key.to_owned(), service);
        add("a", service(&["/a"], &["b:ro"]));
        add("b", service(&["/b"], &["container:box", "container:gone"]));
        add("c", named);
        // A circle, which the loader refuses.
        add("d", service(&["/d"], &["e"]));
        add("e", service(&["/e"], &["d"]));
        let all = ServiceMounts::new(&project, &|key| format!("services.{key}"));
        for (key, expected) in [
            ("a", "/a rw; /b ro from b; /c ro from c"),
            ("b", "/b rw; /c rw from c; /a rw from c"),
            ("c", "/c rw; /a rw"),
            ("d", "/d rw; /e rw from e"),
        ] {
            let shown: Vec<String> = all
                .of(key)
                .iter()
                .map(|ServiceMount { mount, path: _, origin: _, index: _, from }| {
                    let mode = if mount.read_only { "ro" } else { "rw" };
                    let from = from.as_deref().map(|it| format!(" from {it}")).unwrap_or_default();
                    format!("{} {mode}{from}", mount.target)
                })
                .collect();
            assert_eq!(shown.join("; "), expected, "{key}");
        }
        assert_eq!(all.of("a")[1].path, "services.a.volumes_from[0]");
    }
}
