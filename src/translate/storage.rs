use std::collections::{BTreeMap, BTreeSet};

use k8s_openapi::api::core::v1::{EmptyDirVolumeSource, NFSVolumeSource};
use k8s_openapi::apimachinery::pkg::api::resource::Quantity;
use serde_json::{Value, json};

use crate::diagnostic::{Loss, codes};
use crate::kubernetes::labels;
use crate::model::{DeployMode, External, Mount, MountSource, Service, Volume};

use super::bind::host_path;
use super::context::PersistentVolumeClaim;
use super::findings::Site;
use super::label::{self, report_labels_without_object, settings, translate_labels};
use super::scope::Scope;
use super::setting::{Setting, Settings};
use super::volume::{parse_size, plain};

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
    /// A path of the node.
    HostPath {
        /// The path.
        path: String,
    },
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
        _ if mount_options.contains_key("bind") && device.starts_with('/') => {
            Backing::HostPath { path: device.to_owned() }
        }
        _ => Backing::Claim,
    }
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
        Some(Backing::HostPath { path }) => host_path(&path, false),
        Some(Backing::Claim | Backing::External) | None => {
            json!({ "persistentVolumeClaim": { "claimName": scope.names.volume(key) } })
        }
    }
}

/// Whether a named volume can only be read, whoever mounts it.
pub fn is_read_only(key: &str, scope: &Scope) -> bool {
    scope.project.volumes.get(key).is_some_and(|volume| {
        !volume.external.0 && mount_options(volume).any(|(option, _)| option == "ro")
    })
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
        Backing::HostPath { path } => {
            site.child("driver_opts").warn(
                codes::BIND_MOUNT,
                Loss::Approximated,
                format!("`{path}` is a path of the node that runs the pod, not of this machine"),
                "remove `driver_opts` to get storage from the cluster",
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
        Backing::Nfs { .. } => return None,
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
    let storage = storage(wanted, &scope.options.volume_size, &site);
    if is_filled_by_image(key, scope) {
        site.note(
            codes::EMPTY_VOLUME,
            Loss::Approximated,
            "the volume starts empty; Docker would fill it with what the image has where it is mounted",
            "if the application needs it, copy it in an init container in the template of the pod",
        );
    }
    let access_mode = access_mode(key, scope, &site);
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
    let services = scope.project.services.iter();
    let mut users =
        services.filter(|(_, it)| it.container.volumes.iter().any(|it| mounts(it, volume)));
    users.find_map(|(key, service)| {
        let site = scope.site(format!("services.{key}.labels"));
        Settings::new(&service.container.labels, site).get(keys)
    })
}

/// Whether one service alone mounts a volume.
pub fn has_one_user(volume: &str, scope: &Scope) -> bool {
    let services = scope.project.services.values();
    let users = services.filter(|it| it.container.volumes.iter().any(|it| mounts(it, volume)));
    users.count() == 1
        && scope.project.services.values().all(|it| it.container.volumes_from.is_empty())
}

/// Says which words about a volume are lost.
fn report_options(backing: &Backing, volume: &Volume, site: &Site) {
    let (known, known_options): (&[&str], &[&str]) = match backing {
        Backing::Claim => (&["size"], &[]),
        Backing::External => (&[], &[]),
        Backing::Nfs { .. } => (&["type", "o", "device"], &["addr", "ro", "rw"]),
        Backing::Memory { .. } => (&["type", "o", "device"], &["size", "ro", "rw"]),
        Backing::HostPath { .. } => (&["type", "o", "device"], &["bind", "rbind", "ro", "rw"]),
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

/// `ReadWriteOnce` where one pod has the volume; else what lets all pods have it, which is reported.
fn access_mode(key: &str, scope: &Scope, site: &Site) -> &'static str {
    if !is_shared(key, scope) {
        return "ReadWriteOnce";
    }
    if is_only_read(key, scope) {
        site.warn(
            codes::SHARED_VOLUME,
            Loss::Approximated,
            "several pods read the volume and none writes to it, so it asks for ReadOnlyMany: something else must fill it",
            "mount it without `read_only` where it is filled, or put what is small into a config",
        );
        return "ReadOnlyMany";
    }
    site.warn(
        codes::SHARED_VOLUME,
        Loss::Approximated,
        "several pods use the volume, so it asks for ReadWriteMany, which not every StorageClass offers",
        "choose a StorageClass that offers it, or let one service own the volume",
    );
    "ReadWriteMany"
}

/// Whether a mount is that of the named volume.
fn mounts(mount: &Mount, volume: &str) -> bool {
    match &mount.source {
        MountSource::Volume { name, options: _ } | MountSource::Cluster { volume: name } => {
            name.as_deref() == Some(volume)
        }
        MountSource::Bind { .. }
        | MountSource::Tmpfs { .. }
        | MountSource::Image { .. }
        | MountSource::NamedPipe { .. } => false,
    }
}

/// Whether no service may write to a volume.
fn is_only_read(volume: &str, scope: &Scope) -> bool {
    let mut all = scope.project.services.values().flat_map(|it| &it.container.volumes);
    all.all(|mount| !mounts(mount, volume) || mount.read_only)
}

/// Whether a service holds a volume that only one pod can hold.
pub fn holds_exclusively(service: &Service, scope: &Scope) -> bool {
    service.container.volumes.iter().any(|mount| match &mount.source {
        MountSource::Volume { name: Some(name), .. } => {
            let volume = scope.project.volumes.get(name);
            volume.is_some_and(|volume| backing(volume) == Backing::Claim)
                && !is_shared(name, scope)
        }
        _ => false,
    })
}

/// Whether Docker would copy into a new volume what an image has where it is mounted.
fn is_filled_by_image(volume: &str, scope: &Scope) -> bool {
    scope.project.services.values().flat_map(|service| &service.container.volumes).any(|mount| {
        let MountSource::Volume { name: Some(name), options } = &mount.source else { return false };
        name == volume && !options.nocopy
    })
}

fn storage(wanted: Option<&str>, default: &str, site: &Site) -> String {
    let Some(wanted) = wanted else {
        site.note(
            codes::VOLUME_SIZE,
            Loss::Approximated,
            format!("the volume says no size and asks for {default}"),
            format!(
                "set the label `{}`, e.g. `10Gi`",
                settings::VOLUME_SIZE.first().unwrap_or(&"")
            ),
        );
        return default.to_owned();
    };
    if is_quantity(wanted) {
        return wanted.to_owned();
    }
    if let Some(bytes) = parse_size(wanted).filter(|bytes| *bytes > 0) {
        return super::resources::bytes(bytes);
    }
    site.invalid(format!("`{wanted}` is not an amount of storage"), "write e.g. `10Gi`");
    default.to_owned()
}

/// Whether the text is an amount of storage as Kubernetes writes it, e.g. `10Gi`.
pub fn is_quantity(text: &str) -> bool {
    let number = text.trim_end_matches(|character: char| character.is_ascii_alphabetic());
    let unit = text.get(number.len()..).unwrap_or_default();
    ["", "Ki", "Mi", "Gi", "Ti", "Pi", "k", "M", "G", "T", "P"].contains(&unit)
        && number.parse::<f64>().is_ok_and(|number| number > 0.0)
}

/// Whether several pods use a volume; services that share a pod are one.
fn is_shared(volume: &str, scope: &Scope) -> bool {
    let uses =
        |service: &Service| service.container.volumes.iter().any(|mount| mounts(mount, volume));
    let pods = |service: &Service| {
        let deploy = service.deploy.as_ref();
        // Each of its pods has storage of its own: `stateful_set`.
        let is_set = label::setting(&service.container.labels, settings::CONTROLLER)
            .is_some_and(|(_, kind)| kind.eq_ignore_ascii_case("statefulset"));
        if is_set {
            return 1;
        }
        let everywhere = deploy.is_some_and(|deploy| deploy.mode == Some(DeployMode::Global));
        if everywhere { 2 } else { super::workload::replicas(service).max(1) }
    };
    let services = scope.project.services.iter();
    let hosts: BTreeSet<&str> = services
        .filter(|(_, service)| uses(service))
        .map(|(key, _)| scope.pods.host_of(key))
        .collect();
    hosts.into_iter().map(|host| pods(scope.service(host))).fold(0_u32, u32::saturating_add) > 1
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
        assert_eq!(
            of(&[("type", "none"), ("o", "bind"), ("device", "/srv")]),
            Backing::HostPath { path: "/srv".into() }
        );
    }

    #[test]
    fn quantities() {
        for text in ["1Gi", "1.5Ti", "500M", "10"] {
            assert!(is_quantity(text), "{text}");
        }
        for text in ["", "Gi", "1GB", "-1Gi", "1g"] {
            assert!(!is_quantity(text), "{text}");
        }
    }
}
