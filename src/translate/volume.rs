use std::collections::BTreeSet;

use k8s_openapi::api::core::v1::{EmptyDirVolumeSource, HostPathVolumeSource};
use k8s_openapi::apimachinery::pkg::api::resource::Quantity;
use serde::Serialize;
use serde_json::{Value, json};

use super::context::{Volume, VolumeMount};
use super::device::DevicePath;
use super::findings::Site;
use super::name::unique;
use super::resources::bytes;

/// The volumes of a pod and where the container has them that is being made.
#[derive(Debug, Default)]
pub struct Volumes {
    list: Vec<Volume>,
    mounts: Vec<VolumeMount>,
    taken: BTreeSet<String>,
}

impl Volumes {
    /// Adds the entries of `tmpfs`.
    pub fn add_tmpfs(&mut self, entries: &[String], site: &Site) {
        for (index, entry) in entries.iter().enumerate() {
            let site = site.item(index);
            let (path, options) = entry.split_once(':').unwrap_or((entry, ""));
            let mut limit = None;
            let mut read_only = false;
            for option in options.split(',').filter(|option| !option.is_empty()) {
                match option.split_once('=').unwrap_or((option, "")) {
                    ("size", value) => limit = parse_size(value),
                    ("ro", "") => read_only = true,
                    ("rw" | "noexec" | "nosuid" | "nodev" | "exec" | "suid" | "dev", "")
                    | ("mode", "1777" | "0777" | "777") => {}
                    _ => site.not_translated(
                        format!("the option `{option}` is left out"),
                        "a volume in memory belongs to root and everyone may write to it",
                    ),
                }
            }
            self.mount_memory(limit, Place::new(path, read_only, &site));
        }
    }

    /// Adds `shm_size`.
    pub fn add_shared_memory(&mut self, shm_size: Option<i64>, site: &Site) {
        if shm_size.is_some_and(|size| size > 0) {
            self.mount_memory(shm_size, Place::new("/dev/shm", false, site));
        }
    }

    /// Adds a device of the node.
    pub fn add_device(&mut self, device: &DevicePath, site: &Site) {
        let DevicePath { source, target, kind, index: _ } = device;
        let volume =
            HostPathVolumeSource { path: (*source).to_owned(), type_: kind.map(str::to_owned) };
        let place = Place::new(target, false, site);
        self.mount(last_part(target), json!({ "hostPath": plain(&volume) }), place);
    }

    /// Adds a volume, once, and mounts it.
    pub fn mount(&mut self, wanted: &str, source: Value, place: Place) {
        let known = self.list.iter().find(|volume| volume.source == source);
        let name = if let Some(volume) = known {
            volume.name.clone()
        } else {
            let name = unique(&mut self.taken, wanted);
            self.list.push(Volume { name: name.clone(), source });
            name
        };
        self.add_place(name, place);
    }

    /// Whether the container being made has all of a claim at this path.
    pub fn has_claim_at(&self, path: &str) -> bool {
        let is_claim = |name: &str| {
            let volume = self.list.iter().find(|volume| volume.name == name);
            volume.is_some_and(|volume| volume.source.get("persistentVolumeClaim").is_some())
        };
        let mut mounts = self.mounts.iter().filter(|mount| mount.mount_path == path);
        mounts.any(|mount| mount.sub_path.is_none() && is_claim(&mount.name))
    }

    /// What was mounted since the last time, which is for one container.
    pub fn take_mounts(&mut self) -> Vec<VolumeMount> {
        std::mem::take(&mut self.mounts)
    }

    /// The volumes.
    pub fn into_list(self) -> Vec<Volume> {
        self.list
    }

    /// Adds a volume in memory, and mounts it.
    pub fn mount_memory(&mut self, size: Option<i64>, place: Place) {
        let source = EmptyDirVolumeSource {
            medium: Some("Memory".to_owned()),
            size_limit: size.filter(|size| *size > 0).map(|size| Quantity(bytes(size))),
        };
        self.mount_unshared(&source, place);
    }

    /// Adds an empty directory, and mounts it: two that look alike are still two.
    pub fn mount_unshared(&mut self, source: &EmptyDirVolumeSource, place: Place) {
        let name = unique(&mut self.taken, last_part(place.path));
        self.list.push(Volume { name: name.clone(), source: json!({ "emptyDir": plain(source) }) });
        self.add_place(name, place);
    }

    fn add_place(&mut self, name: String, place: Place) {
        let Place { path, sub_path, read_only, recursive_read_only, propagation, site } = place;
        if self.mounts.iter().any(|mount| mount.mount_path == path) {
            site.conflict(
                format!("something else is mounted at `{path}`"),
                "a path has one volume: remove one of the two, or mount it elsewhere",
            );
        }
        self.mounts.push(VolumeMount {
            name,
            mount_path: path.to_owned(),
            sub_path,
            read_only,
            recursive_read_only,
            mount_propagation: propagation,
        });
    }
}

/// Where a volume is mounted.
pub struct Place<'a> {
    /// The path in the container.
    pub path: &'a str,
    /// The part of the volume that is mounted.
    pub sub_path: Option<String>,
    /// Whether the container may only read.
    pub read_only: bool,
    /// Whether what is mounted below is read-only, too.
    pub recursive_read_only: Option<&'static str>,
    /// Who sees what is mounted below later.
    pub propagation: Option<&'static str>,
    /// Where the compose file says so.
    pub site: &'a Site<'a>,
}

impl<'a> Place<'a> {
    /// A whole volume at a path.
    pub fn new(path: &'a str, read_only: bool, site: &'a Site<'a>) -> Self {
        Self { path, sub_path: None, read_only, recursive_read_only: None, propagation: None, site }
    }
}

/// The name at the end of a path.
pub fn last_part(path: &str) -> &str {
    path.trim_end_matches('/').rsplit('/').next().unwrap_or_default()
}

/// Bytes with an optional binary unit, e.g. `64m`.
pub fn parse_size(text: &str) -> Option<i64> {
    let text = text.trim().to_ascii_lowercase();
    let text = text.strip_suffix('b').unwrap_or(&text);
    let (number, unit) = match text.chars().last()? {
        'k' => (text.strip_suffix('k')?, 1_i64 << 10),
        'm' => (text.strip_suffix('m')?, 1 << 20),
        'g' => (text.strip_suffix('g')?, 1 << 30),
        't' => (text.strip_suffix('t')?, 1 << 40),
        _ => (text, 1),
    };
    number.parse::<i64>().ok()?.checked_mul(unit)
}

/// A volume source in Kubernetes' own form.
pub fn plain(source: &impl Serialize) -> Value {
    serde_json::to_value(source).expect("volume sources are plain data")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Origins;
    use crate::translate::findings::Findings;

    #[test]
    fn sizes() {
        for (text, size) in [
            ("64m", Some(64 << 20)),
            ("1GB", Some(1 << 30)),
            ("10", Some(10)),
            ("x", None),
            ("", None),
        ] {
            assert_eq!(parse_size(text), size, "{text}");
        }
    }

    #[test]
    fn tmpfs_options() {
        let origins = Origins::default();
        let findings = Findings::new(&origins);
        let mut volumes = Volumes::default();
        let entries = ["/run:size=64m,mode=1777,noexec", "/tmp", "/a/run:uid=5"].map(str::to_owned);
        volumes.add_tmpfs(&entries, &findings.site("services.a.tmpfs"));
        let mounts = volumes.take_mounts();
        let text = serde_json::to_string(&(volumes.into_list(), mounts.len())).unwrap();
        assert_eq!(
            text,
            r#"[[{"name":"run","source":{"emptyDir":{"medium":"Memory","sizeLimit":"64Mi"}}},{"name":"tmp","source":{"emptyDir":{"medium":"Memory"}}},{"name":"run-2","source":{"emptyDir":{"medium":"Memory"}}}],3]"#
        );
        assert_eq!(findings.into_report().iter().count(), 1);
    }

    #[test]
    fn a_path_has_one_volume() {
        let origins = Origins::default();
        let findings = Findings::new(&origins);
        let mut volumes = Volumes::default();
        volumes.add_tmpfs(&["/a".to_owned(), "/a".to_owned()], &findings.site("services.a.tmpfs"));
        let report = findings.into_report();
        assert_eq!(report.iter().next().unwrap().path, "services.a.tmpfs[1]");
        assert!(report.has_errors());
    }
}
