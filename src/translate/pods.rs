use std::collections::{BTreeMap, BTreeSet};

use crate::model::{Condition, Placement, Port, Project, Service};

use super::findings::Site;
use super::scope::Scope;
use super::workload::{Workload, replicas};

/// Which services share a pod: those that `network_mode`, `ipc` or `pid` puts into the namespace of
/// another one, their host.
#[derive(Debug, Default)]
pub struct Pods {
    guests: BTreeMap<String, Guest>,
    /// By host: all of a pod that has guests, in the order in which they start.
    members: BTreeMap<String, Vec<Member>>,
    /// Hosts whose pods share the processes of all containers.
    processes: BTreeSet<String>,
}

/// A service in the pod of another one.
#[derive(Debug)]
struct Guest {
    host: String,
    /// What asks for it.
    attribute: &'static str,
}

/// A service in a pod.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Member {
    /// Its key.
    pub key: String,
    /// What its container is.
    pub role: Role,
}

/// What the container of a service is in its pod.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Role {
    /// One of `containers`.
    Main,
    /// One of `initContainers` that goes on running: others in the pod start when it is up.
    Sidecar,
    /// One of `initContainers` that runs to its end before others in the pod start.
    Task,
}

/// A service that shares a namespace of another one.
struct Wish<'a> {
    guest: &'a str,
    host: &'a str,
    attribute: &'static str,
    site: Site<'a>,
}

impl Pods {
    /// Decides who shares a pod; reports those that cannot.
    pub fn new(scope: &Scope) -> Self {
        let mut pods = Self::default();
        for wish in wishes(scope) {
            let Wish { guest, host, attribute, site } = wish;
            let host = pods.host_of(host).to_owned();
            if pods.host_of(guest) == host {
                pods.share_processes(attribute, &host);
                continue;
            }
            if let Some(obstacle) = pods.obstacle(guest, &host, attribute, scope) {
                site.not_translated(
                    format!("the two services do not share a pod: {obstacle}"),
                    "let the services reach each other by name instead of `localhost`",
                );
                continue;
            }
            if attribute != "network_mode" {
                site.approximated_closely(
                    format!("the service runs in the pod of `{host}`, and shares its network and host name too"),
                    "nothing to do, unless both listen on one port",
                );
            }
            pods.share_processes(attribute, &host);
            pods.guests.insert(guest.to_owned(), Guest { host, attribute });
        }
        pods.send_away_idle_tasks(scope);
        pods.cast(scope);
        pods
    }

    /// The service in whose pod a service runs: itself, or its host.
    pub fn host_of<'s>(&'s self, key: &'s str) -> &'s str {
        self.guests.get(key).map_or(key, |guest| guest.host.as_str())
    }

    /// Whether the service runs in the pod of another one.
    pub fn is_guest(&self, key: &str) -> bool {
        self.guests.contains_key(key)
    }

    /// All services in the pod of this one, in the order in which they start.
    pub fn members_of(&self, host: &str) -> Vec<Member> {
        self.members
            .get(host)
            .cloned()
            .unwrap_or_else(|| vec![Member { key: host.to_owned(), role: Role::Main }])
    }

    /// Whether the containers in the pod of this service see each other's processes.
    pub fn shares_processes(&self, host: &str) -> bool {
        self.processes.contains(host)
    }

    /// Whether a service in the same pod waits until this one is healthy.
    pub fn waits_for_health(&self, key: &str, scope: &Scope) -> bool {
        self.members_of(self.host_of(key)).iter().any(|member| {
            let dependency = scope.service(&member.key).depends_on.get(key);
            dependency.is_some_and(|it| it.condition == Condition::Healthy)
        })
    }

    fn share_processes(&mut self, attribute: &str, host: &str) {
        if attribute == "pid" {
            self.processes.insert(host.to_owned());
        }
    }

    fn keys_of(&self, host: &str) -> impl Iterator<Item = &str> {
        let guests = self.guests.iter().filter(move |(_, guest)| guest.host == host);
        guests.map(|(key, _)| key.as_str())
    }

    /// Why a service cannot run in the pod of the other.
    fn obstacle(&self, guest: &str, host: &str, attribute: &str, scope: &Scope) -> Option<String> {
        let services = &scope.project.services;
        let (Some(guest_kind), Some(host_kind)) =
            (scope.workloads.get(guest), scope.workloads.get(host))
        else {
            return Some(format!("no pod runs `{host}`"));
        };
        let (Some(service), Some(other)) = (services.get(guest), services.get(host)) else {
            return Some(format!("there is no service `{host}`"));
        };
        if self.guests.contains_key(guest) || self.keys_of(guest).next().is_some() {
            return Some("the service shares another pod".to_owned());
        }
        if matches!(guest_kind, Workload::CronJob { .. }) && guest_kind != host_kind {
            return Some("it runs by the clock".to_owned());
        }
        if *guest_kind == Workload::NodeTask && guest_kind != host_kind {
            return Some("it runs on every node".to_owned());
        }
        if attribute != "network_mode" {
            let on_host = |it: &Service| it.container.network_mode.as_deref() == Some("host");
            if on_host(service) != on_host(other) {
                return Some("only one of them is on the network of the node".to_owned());
            }
            let ports = ports(other);
            if let Some(port) = self::ports(service).intersection(&ports).next() {
                return Some(format!("both listen on port {port}"));
            }
        }
        if let Some(between) = self.between(guest, host, scope.project) {
            return Some(format!("`{between}` must start between them"));
        }
        None
    }

    /// A service outside of the pod of `host` that `guest` needs and that needs the pod.
    fn between<'p>(&self, guest: &str, host: &str, project: &'p Project) -> Option<&'p str> {
        let needs = |key: &str| {
            let service = project.services.get(key);
            service.into_iter().flat_map(|service| service.depends_on.keys().map(String::as_str))
        };
        let is_inside = |key: &str| key == guest || self.host_of(key) == host;
        // What runs in one pod starts with all of it.
        let pod_of = |key: &'p str| {
            let host = self.host_of(key);
            let services = project.services.keys().map(String::as_str);
            services.filter(move |other| self.host_of(other) == host)
        };
        needs(guest).filter(|key| !is_inside(key)).find(|first| {
            let mut seen = BTreeSet::from([*first]);
            let mut next = vec![*first];
            while let Some(key) = next.pop() {
                let needed: Vec<&str> = pod_of(key).flat_map(needs).collect();
                if needed.iter().any(|key| is_inside(key)) {
                    return true;
                }
                next.extend(needed.into_iter().filter(|key| seen.insert(key)));
            }
            false
        })
    }

    /// A task that nothing in its pod waits for would be run again and again.
    fn send_away_idle_tasks(&mut self, scope: &Scope) {
        let ends = |key: &str| scope.workloads.get(key).is_some_and(Workload::runs_to_completion);
        let idle = |pods: &Self| {
            let mut tasks = pods.guests.iter().filter(|(key, it)| ends(key) && !ends(&it.host));
            tasks
                .find(|(key, it)| !pods.is_needed(key, &it.host, scope))
                .map(|(key, _)| key.clone())
        };
        // The one that goes may be the last that needs another one.
        while let Some(key) = idle(self) {
            if let Some(Guest { host: _, attribute }) = self.guests.remove(&key) {
                scope.place(&key).child(attribute).not_translated(
                    "the two services do not share a pod: this one ends, and its pod does not",
                    "let the service reach the other one by name instead of `localhost`",
                );
            }
        }
    }

    /// Whether another service in the pod of `host` depends on this one.
    fn is_needed(&self, key: &str, host: &str, scope: &Scope) -> bool {
        let members = std::iter::once(host).chain(self.keys_of(host));
        let mut services = members.filter_map(|member| scope.project.services.get(member));
        services.any(|service| service.depends_on.contains_key(key))
    }

    /// Gives every service of a pod its place in it.
    fn cast(&mut self, scope: &Scope) {
        let services = &scope.project.services;
        let hosts: BTreeSet<String> = self.guests.values().map(|it| it.host.clone()).collect();
        for host in hosts {
            let mut keys: Vec<&str> = services.keys().map(String::as_str).collect();
            keys.retain(|key| self.host_of(key) == host);
            keys.sort_by_key(|key| (scope.waves.of(key), *key != host));
            let pod_ends =
                scope.workloads.get(host.as_str()).is_some_and(Workload::runs_to_completion);
            let ends =
                |key: &str| scope.workloads.get(key).is_some_and(Workload::runs_to_completion);
            let mut early: BTreeSet<&str> =
                keys.iter().copied().filter(|key| ends(key) != pod_ends).collect();
            // From the last to the first, so that what an early one needs is early too.
            for key in keys.iter().rev() {
                let Some(service) = services.get(*key) else { continue };
                for (other, dependency) in &service.depends_on {
                    let waits = dependency.condition != Condition::Started || early.contains(key);
                    if waits && !(pod_ends && ends(other)) && keys.contains(&other.as_str()) {
                        early.insert(other);
                    }
                }
            }
            let member = |key: &&str| Member {
                key: (*key).to_owned(),
                role: match (early.contains(key), ends(key)) {
                    (false, _) => Role::Main,
                    (true, false) => Role::Sidecar,
                    (true, true) => Role::Task,
                },
            };
            self.members.insert(host, keys.iter().map(member).collect());
        }
    }
}

/// Says what a guest wants otherwise than the pod of its host has it.
pub fn report_guest(guest: &Service, host_key: &str, host: &Service, site: &Site) {
    let of_pod = format!("the pod of `{host_key}` decides");
    let help = format!("set it on `{host_key}`");
    if replicas(guest) != replicas(host) {
        let site = if guest.scale.is_some() {
            site.child("scale")
        } else {
            site.child("deploy").child("replicas")
        };
        site.approximated(
            format!("the service runs in each pod of `{host_key}`, which has {}", replicas(host)),
            help.clone(),
        );
    }
    let (Some(guest), deploy) = (&guest.deploy, host.deploy.as_ref()) else { return };
    let site = site.child("deploy");
    let differing = [
        ("mode", guest.mode.is_some() && guest.mode != deploy.and_then(|it| it.mode)),
        (
            "placement",
            guest.placement != Placement::default()
                && Some(&guest.placement) != deploy.map(|it| &it.placement),
        ),
        (
            "update_config",
            guest.update_config.is_some()
                && guest.update_config.as_ref() != deploy.and_then(|it| it.update_config.as_ref()),
        ),
    ];
    for (attribute, _) in differing.into_iter().filter(|(_, differs)| *differs) {
        site.child(attribute).not_translated(of_pod.clone(), help.clone());
    }
}

/// Who wants to share a namespace with whom, hosts before their guests.
fn wishes<'a>(scope: &Scope<'a>) -> Vec<Wish<'a>> {
    let mut wishes = Vec::new();
    for (key, service) in &scope.project.services {
        let spec = &service.container;
        let modes = [("network_mode", &spec.network_mode), ("ipc", &spec.ipc), ("pid", &spec.pid)];
        for (attribute, mode) in modes {
            let Some(mode) = mode.as_deref() else { continue };
            let site = scope.place(key).child(attribute);
            match shared_with(mode, scope.project) {
                Some(Ok(host)) => wishes.push(Wish { guest: key, host, attribute, site }),
                Some(Err(name)) => site.not_translated(
                    format!("`{name}` is no container of the project"),
                    "name a service of the project: `service:NAME`",
                ),
                None => {}
            }
        }
    }
    wishes.sort_by_key(|wish| scope.waves.of(wish.guest));
    wishes
}

/// The service that is meant by `service:NAME` or `container:NAME`, or the name of none.
fn shared_with<'a>(mode: &'a str, project: &'a Project) -> Option<Result<&'a str, &'a str>> {
    let services = &project.services;
    if let Some(name) = mode.strip_prefix("service:") {
        return Some(services.get_key_value(name).map(|(key, _)| key.as_str()).ok_or(name));
    }
    let name = mode.strip_prefix("container:")?;
    let mut named = services.iter().filter(|(_, it)| it.container_name.as_deref() == Some(name));
    Some(named.next().map(|(key, _)| key.as_str()).ok_or(name))
}

fn ports(service: &Service) -> BTreeSet<Port> {
    let published = service.ports.iter();
    let published = published.map(|it| Port { target: it.target, protocol: it.protocol });
    published.chain(service.expose.iter().copied()).collect()
}

#[cfg(test)]
mod tests;
