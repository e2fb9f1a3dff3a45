use std::collections::BTreeMap;

use k8s_openapi::api::core::v1::{EmptyDirVolumeSource, NFSVolumeSource};
use k8s_openapi::apimachinery::pkg::api::resource::Quantity;
use serde_json::{Value, json};

use crate::kubernetes::labels;
use crate::model::{External, MountSource, Volume};

use super::bind_policy::BindPolicy;
use super::claim::{access_mode, hosts, storage_request};
use super::context::PersistentVolumeClaim;
use super::findings::Site;
use super::label::{self, report_labels_without_object, settings, translate_labels};
use super::scope::Scope;
use super::seed::{is_asked_for, report_empty, seeder};
use super::service_mounts::{Mounted, ServiceMount};
use super::setting::{Setting, Settings};
use super::volume::{parse_size, plain};
use super::volume_group::report_groups;

/// What holds the content of a named volume.
#[derive(Debug, PartialEq, Eq)]
pub enum Backing {
    /// A claim that is part of the project.
    Claim,
    /// A claim that must be there already.
    External,
    /// An NFS server.
    Nfs {
        /// Its address.
        server: String,
        /// The exported path.
        path: String,
        /// Whether nobody may write.
        read_only: bool,
    },
    /// Memory of the node.
    Memory {
        /// In bytes.
        size: Option<i64>,
    },
    /// A path of this machine: [`bound_device`].
    Bound,
}

/// What holds the content of a volume, by its `driver_opts`.
pub fn backing(volume: &Volume) -> Backing {
    if volume.external.0 {
        return Backing::External;
    }
    let option = |key: &str| volume.driver_opts.get(key).map(String::as_str);
    let mount_options: BTreeMap<&str, &str> = mount_options(volume).collect();
    let device = option("device").unwrap_or_default();
    match option("type") {
        Some("nfs" | "nfs4") if mount_options.contains_key("addr") => Backing::Nfs {
            server: mount_options.get("addr").copied().unwrap_or_default().to_owned(),
            path: device.trim_start_matches(':').to_owned(),
            read_only: mount_options.contains_key("ro"),
        },
        Some("tmpfs") => {
            Backing::Memory { size: mount_options.get("size").and_then(|size| parse_size(size)) }
        }
        _ if bound_device(volume).is_some() => Backing::Bound,
        _ => Backing::Claim,
    }
}

/// The path of this machine that a volume is, as with a bind mount.
pub fn bound_device(volume: &Volume) -> Option<&str> {
    let device = volume.driver_opts.get("device").filter(|device| device.starts_with('/'))?;
    let is_bound = mount_options(volume).any(|(option, _)| ["bind", "rbind"].contains(&option));
    (is_bound && !volume.external.0).then_some(device)
}

/// The options of `mount` in `driver_opts.o`, each with its value.
fn mount_options(volume: &Volume) -> impl Iterator<Item = (&str, &str)> {
    let options = volume.driver_opts.get("o").map(String::as_str).unwrap_or_default();
    let options = options.split(',').map(str::trim).filter(|option| !option.is_empty());
    options.map(|option| option.split_once('=').unwrap_or((option, "")))
}

/// The volume of a pod that has the content of a named volume.
pub fn named_source(key: &str, scope: &Scope) -> Value {
    match scope.project.volumes.get(key).map(backing) {
        Some(Backing::Nfs { server, path, read_only }) => {
            let read_only = read_only.then_some(true);
            json!({ "nfs": plain(&NFSVolumeSource { server, path, read_only }) })
        }
        Some(Backing::Memory { size }) => json!({ "emptyDir": plain(&EmptyDirVolumeSource {
            medium: Some("Memory".to_owned()),
            size_limit: size.map(|size| Quantity(super::resources::bytes(size))),
        }) }),
        // What is bound is mounted as such: `bind`.
        Some(Backing::Claim | Backing::External | Backing::Bound) | None => {
            json!({ "persistentVolumeClaim": { "claimName": scope.names.volume(key) } })
        }
    }
}

/// Whether a volume can only be read, whoever mounts it.
pub fn is_read_only(volume: &Volume) -> bool {
    !volume.external.0 && mount_options(volume).any(|(option, _)| option == "ro")
}

/// The claim of a volume, none when something else holds its content; reports what is left out.
pub fn translate_volume(
    key: &str,
    volume: &Volume,
    scope: &Scope,
) -> Option<PersistentVolumeClaim> {
    let Volume { name, external: External(_), driver, driver_opts, labels, extensions: _ } = volume;
    let site = scope.site(format!("volumes.{key}"));
    let backing = backing(volume);
    report_options(&backing, volume, &site);
    match backing {
        Backing::Claim => {}
        Backing::External => {
            let claim = scope.names.volume(key).unwrap_or(name);
            site.child("external").approximated_closely(
                format!("the PersistentVolumeClaim `{claim}` must be there already"),
                "create it in the same namespace",
            );
            return None;
        }
        Backing::Memory { .. } => {
            site.child("driver_opts").approximated_closely(
                "each pod has a volume in memory of its own, which lives as long as the pod",
                "remove `driver_opts` if pods must share the content",
            );
            return None;
        }
        Backing::Nfs { .. } | Backing::Bound => return None,
    }
    if is_emptied(key, scope) {
        return None;
    }
    let name = scope.names.volume(key).unwrap_or(key);
    if let Some(driver) = driver.as_deref().filter(|driver| !["local", "default"].contains(driver))
    {
        site.child("driver").not_translated(
            format!("the volume driver `{driver}` has no meaning in Kubernetes; the default StorageClass is used"),
            "name a StorageClass with `--storage-class`",
        );
    }
    let own = Settings::new(labels, site.child("labels"));
    let wanted = own
        .get(settings::VOLUME_SIZE)
        .or_else(|| of_users(key, settings::VOLUME_SIZE, scope))
        .map(|size| size.value)
        .or(driver_opts.get("size").map(String::as_str));
    let storage = storage_request(wanted, &scope.options.volume_size, &site);
    if is_filled_by_image(key, scope) && seeder(key, scope).is_none() {
        let mut users = scope.mounts.users_of(key).iter();
        report_empty(users.any(|user| is_asked_for(user, scope)), &site);
    }
    let mounts = scope.mounts.of_volume(key);
    let access_mode = access_mode(&mounts, scope, &site);
    report_groups(&hosts(&mounts, scope), &site, scope);
    let mut metadata = scope.metadata(name, name);
    let label::Metadata { labels, annotations } =
        translate_labels(labels, settings::OF_VOLUMES, &site.child("labels"));
    metadata.labels.extend(labels);
    metadata.annotations = annotations;
    let class = own
        .get(settings::STORAGE_CLASS)
        .or_else(|| of_users(key, settings::STORAGE_CLASS, scope))
        .and_then(|class| class.text().map(str::to_owned));
    let selector = own.get(settings::VOLUME_SELECTOR).and_then(|it| it.text());
    Some(PersistentVolumeClaim {
        metadata,
        access_mode,
        storage_class: class.or_else(|| scope.options.storage_class.clone()),
        selector: selector
            .map(|value| (labels::KOMPOSE.to_owned(), value.to_owned()))
            .into_iter()
            .collect(),
        storage,
    })
}

/// What the first service that mounts a volume says of its volumes.
fn of_users<'a>(volume: &str, keys: &[&'static str], scope: &Scope<'a>) -> Option<Setting<'a>> {
    scope.mounts.users_of(volume).iter().find_map(|key| {
        let site = scope.site(format!("services.{key}.labels"));
        Settings::new(&scope.service(key).container.labels, site).get(keys)
    })
}

/// Whether all that mount a volume have an empty directory in its place.
fn is_emptied(volume: &str, scope: &Scope) -> bool {
    let users = scope.mounts.users_of(volume);
    let policy = |key: &String| BindPolicy::of(scope.service(key), scope.options.bind);
    !users.is_empty() && users.iter().all(|key| policy(key) == BindPolicy::EmptyDir)
}

/// The claim that a mount has, and all mounts that have it.
pub fn claim_of<'s>(
    mount: &'s ServiceMount,
    scope: &'s Scope,
) -> Option<(&'s str, Vec<Mounted<'s>>)> {
    if let Some(claim) = scope.binds.claim(mount, scope.project) {
        return Some((claim, scope.binds.mounts_of_same(mount, scope)));
    }
    let volume = mount.named_volume()?;
    Some((scope.names.volume(volume)?, scope.mounts.of_volume(volume)))
}

/// Says which words about a volume are lost.
fn report_options(backing: &Backing, volume: &Volume, site: &Site) {
    let (known, known_options): (&[&str], &[&str]) = match backing {
        Backing::Claim => (&["size"], &[]),
        Backing::External => (&[], &[]),
        Backing::Nfs { .. } => (&["type", "o", "device"], &["addr", "ro", "rw"]),
        Backing::Memory { .. } => (&["type", "o", "device"], &["size", "ro", "rw"]),
        Backing::Bound => (&["type", "o", "device"], &["bind", "rbind", "ro", "rw"]),
    };
    let site_of_options = site.child("driver_opts");
    for option in volume.driver_opts.keys().filter(|option| !known.contains(&option.as_str())) {
        site_of_options.child(option).not_translated(
            format!("the option `{option}` is left out"),
            "the StorageClass decides how the volume is made",
        );
    }
    if known.contains(&"o") {
        let left_out: Vec<&str> = mount_options(volume)
            .map(|(option, _)| option)
            .filter(|option| !known_options.contains(option))
            .collect();
        if !left_out.is_empty() {
            site_of_options.child("o").not_translated(
                format!("a pod cannot say how to mount: `{}` is left out", left_out.join("`, `")),
                "write a PersistentVolume with `mountOptions` and a claim for it, and use `external: true`",
            );
        }
        report_labels_without_object(&volume.labels, &site.child("labels"));
    }
}

/// Whether Docker would copy into a new volume what an image has where it is mounted.
fn is_filled_by_image(volume: &str, scope: &Scope) -> bool {
    scope.mounts.of_volume(volume).iter().any(|(_, it)| match &it.mount.source {
        MountSource::Volume { name: _, selinux: _, options } => !options.nocopy,
        _ => false,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn backings() {
        let of = |options: &[(&str, &str)]| {
            backing(&Volume {
                driver_opts: options.iter().map(|(k, v)| ((*k).into(), (*v).into())).collect(),
                ..Volume::default()
            })
        };
        assert_eq!(of(&[]), Backing::Claim);
        assert_eq!(
            of(&[("type", "nfs"), ("o", "addr=10.0.0.1,ro"), ("device", ":/data")]),
            Backing::Nfs { server: "10.0.0.1".into(), path: "/data".into(), read_only: true }
        );
        assert_eq!(
            of(&[("type", "tmpfs"), ("o", "size=1m")]),
            Backing::Memory { size: Some(1 << 20) }
        );
        assert_eq!(of(&[("type", "none"), ("o", "bind"), ("device", "/srv")]), Backing::Bound);
    }
}
