use std::collections::BTreeMap;

use crate::diagnostic::{Loss, codes};
use crate::model::{DeployMode, External, MountSource, Service, Volume};

use super::context::PersistentVolumeClaim;
use super::findings::Site;
use super::label::{self, settings, translate_labels};
use super::scope::Scope;
use super::volume::parse_size;

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
    let mount_options: BTreeMap<&str, &str> = option("o")
        .unwrap_or_default()
        .split(',')
        .map(|option| option.split_once('=').unwrap_or((option, "")))
        .collect();
    let device = option("device").unwrap_or_default();
    match option("type") {
        Some("nfs" | "nfs4") if mount_options.contains_key("addr") => Backing::Nfs {
            server: mount_options.get("addr").copied().unwrap_or_default().to_owned(),
            path: device.trim_start_matches(':').to_owned(),
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

/// The claim of a volume, none when something else holds its content; reports what is left out.
pub fn translate_volume(
    key: &str,
    volume: &Volume,
    scope: &Scope,
) -> Option<PersistentVolumeClaim> {
    let Volume { name, external: External(_), driver, driver_opts, labels, extensions: _ } = volume;
    let site = scope.site(format!("volumes.{key}"));
    match backing(volume) {
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
        Backing::Nfs { .. } | Backing::Memory { .. } => return None,
    }
    let name = scope.names.volume(key).unwrap_or(key);
    if let Some(driver) = driver.as_deref().filter(|driver| !["local", "default"].contains(driver))
    {
        site.child("driver").not_translated(
            format!("the volume driver `{driver}` has no meaning in Kubernetes; the default StorageClass is used"),
            "name a StorageClass with `--storage-class`",
        );
    }
    for option in driver_opts.keys().filter(|option| *option != "size") {
        site.child("driver_opts").child(option).not_translated(
            format!("the option `{option}` is left out"),
            "the StorageClass decides how the volume is made",
        );
    }
    let wanted = label::setting(labels, settings::VOLUME_SIZE)
        .map(|(_, size)| size)
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
    let access_mode = if is_shared(key, scope) {
        site.warn(
            codes::SHARED_VOLUME,
            Loss::Approximated,
            "several pods use the volume, so it asks for ReadWriteMany, which not every StorageClass offers",
            "choose a StorageClass that offers it, or let one service own the volume",
        );
        "ReadWriteMany"
    } else {
        "ReadWriteOnce"
    };
    let mut metadata = scope.metadata(name, name);
    let label::Metadata { labels, annotations } =
        translate_labels(labels, settings::OF_VOLUMES, &site.child("labels"));
    metadata.labels.extend(labels);
    metadata.annotations = annotations;
    let storage_class = scope.options.storage_class.clone();
    Some(PersistentVolumeClaim { metadata, access_mode, storage_class, storage })
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

fn is_shared(volume: &str, scope: &Scope) -> bool {
    let pods = |service: &Service| {
        let uses = service.container.volumes.iter().any(
            |mount| matches!(&mount.source, MountSource::Volume { name: Some(name), .. } if name == volume),
        );
        let deploy = service.deploy.as_ref();
        let everywhere = deploy.is_some_and(|deploy| deploy.mode == Some(DeployMode::Global));
        match uses {
            false => 0,
            true if everywhere => 2,
            true => super::workload::replicas(service).max(1),
        }
    };
    scope.project.services.values().map(pods).fold(0_u32, u32::saturating_add) > 1
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
            of(&[("type", "nfs"), ("o", "addr=10.0.0.1,rw"), ("device", ":/data")]),
            Backing::Nfs { server: "10.0.0.1".into(), path: "/data".into() }
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
