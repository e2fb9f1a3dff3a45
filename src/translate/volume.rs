use std::collections::BTreeSet;

use k8s_openapi::api::core::v1::{EmptyDirVolumeSource, HostPathVolumeSource};
use k8s_openapi::apimachinery::pkg::api::resource::Quantity;
use serde::Serialize;
use serde_json::{Value, json};

use crate::diagnostic::{Loss, codes};
use crate::model::{BindOptions, Mount, MountSource, TmpfsOptions, VolumeOptions};

use super::context::{Volume, VolumeMount};
use super::findings::Site;
use super::name::unique;
use super::resources::bytes;
use super::scope::Scope;
use super::storage::{Backing, backing};

/// Where the node has what it has: files as well as directories, and nothing to create.
const OF_THE_NODE: &[&str] =
    &["/boot/", "/dev/", "/etc/", "/proc/", "/run/", "/sys/", "/usr/", "/var/run/"];

/// The volumes of a pod and where the container has them that is being made.
#[derive(Debug, Default)]
pub struct Volumes {
    list: Vec<Volume>,
    mounts: Vec<VolumeMount>,
    taken: BTreeSet<String>,
}

impl Volumes {
    /// Adds the entries of `volumes`.
    pub fn add_mounts(&mut self, mounts: &[Mount], scope: &Scope, site: &Site) {
        for (index, mount) in mounts.iter().enumerate() {
            self.add_mount(mount, scope, &site.item(index));
        }
    }

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
            self.add_memory(limit, Place { path, sub_path: None, read_only, site: &site });
        }
    }

    /// Adds `shm_size`.
    pub fn add_shared_memory(&mut self, shm_size: Option<i64>, site: &Site) {
        if shm_size.is_some_and(|size| size > 0) {
            self.add_memory(
                shm_size,
                Place { path: "/dev/shm", sub_path: None, read_only: false, site },
            );
        }
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

    /// What was mounted since the last time, which is for one container.
    pub fn take_mounts(&mut self) -> Vec<VolumeMount> {
        std::mem::take(&mut self.mounts)
    }

    /// The volumes.
    pub fn into_list(self) -> Vec<Volume> {
        self.list
    }

    fn add_mount(&mut self, mount: &Mount, scope: &Scope, site: &Site) {
        let Mount { source, target, read_only, consistency: _, extensions: _ } = mount;
        let place = Place { path: target, sub_path: None, read_only: *read_only, site };
        match source {
            MountSource::Volume { name: Some(name), options } => {
                let VolumeOptions { labels: _, nocopy: _, subpath, extensions: _ } = options;
                let leaves =
                    |path: &&str| path.starts_with('/') || path.split('/').any(|it| it == "..");
                if let Some(path) = subpath.as_deref().filter(leaves) {
                    site.child("volume").child("subpath").invalid(
                        format!("`{path}` is not below the volume"),
                        "write a path without `/` in front and without `..`",
                    );
                }
                let place = Place { sub_path: subpath.clone(), ..place };
                self.mount(name, named_source(name, scope), place);
            }
            MountSource::Volume { name: None, options: _ } => {
                site.approximated(
                    "a volume without a name lives as long as its pod",
                    "give the volume a name to keep its content",
                );
                self.add_unshared(&EmptyDirVolumeSource::default(), place);
            }
            MountSource::Bind { path, is_file, options } => {
                let BindOptions {
                    create_host_path,
                    propagation: _,
                    recursive: _,
                    selinux: _,
                    extensions: _,
                } = options;
                report_bind(path, site);
                let source = host_path(path, *create_host_path && !is_file);
                self.mount(last_part(target), source, place);
            }
            MountSource::Tmpfs { options } => {
                let TmpfsOptions { size, mode: _, extensions: _ } = options;
                self.add_memory(*size, place);
            }
            // Reported as a whole: `untranslated`.
            MountSource::Image { .. }
            | MountSource::NamedPipe { .. }
            | MountSource::Cluster { .. } => {}
        }
    }

    fn add_memory(&mut self, size: Option<i64>, place: Place) {
        let source = EmptyDirVolumeSource {
            medium: Some("Memory".to_owned()),
            size_limit: size.filter(|size| *size > 0).map(|size| Quantity(bytes(size))),
        };
        self.add_unshared(&source, place);
    }

    /// Two empty directories that look alike are still two.
    fn add_unshared(&mut self, source: &EmptyDirVolumeSource, place: Place) {
        let name = unique(&mut self.taken, last_part(place.path));
        self.list.push(Volume { name: name.clone(), source: json!({ "emptyDir": plain(source) }) });
        self.add_place(name, place);
    }

    fn add_place(&mut self, name: String, place: Place) {
        let Place { path, sub_path, read_only, site } = place;
        if self.mounts.iter().any(|mount| mount.mount_path == path) {
            site.conflict(
                format!("something else is mounted at `{path}`"),
                "a path has one volume: remove one of the two, or mount it elsewhere",
            );
        }
        self.mounts.push(VolumeMount { name, mount_path: path.to_owned(), sub_path, read_only });
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
    /// Where the compose file says so.
    pub site: &'a Site<'a>,
}

fn named_source(key: &str, scope: &Scope) -> Value {
    let claim = || json!({ "persistentVolumeClaim": { "claimName": scope.names.volume(key) } });
    match scope.project.volumes.get(key).map(backing) {
        Some(Backing::Nfs { server, path }) => json!({ "nfs": { "server": server, "path": path } }),
        Some(Backing::Memory { size }) => json!({ "emptyDir": plain(&EmptyDirVolumeSource {
            medium: Some("Memory".to_owned()),
            size_limit: size.map(|size| Quantity(bytes(size))),
        }) }),
        Some(Backing::HostPath { path }) => host_path(&path, false),
        Some(Backing::Claim | Backing::External) | None => claim(),
    }
}

fn host_path(path: &str, create: bool) -> Value {
    // A path that names a file must not become a directory; Compose itself would make one.
    let is_file = last_part(path).trim_start_matches('.').contains('.');
    let is_of_the_node = OF_THE_NODE.iter().any(|start| path.starts_with(start));
    let directory = create && !is_file && !is_of_the_node;
    let source = HostPathVolumeSource {
        path: path.to_owned(),
        type_: directory.then(|| "DirectoryOrCreate".to_owned()),
    };
    json!({ "hostPath": plain(&source) })
}

fn report_bind(path: &str, site: &Site) {
    if path.ends_with("/docker.sock") {
        site.warn(
            codes::BIND_MOUNT,
            Loss::Approximated,
            "the socket of the container engine is mounted from the node, which may have none",
            "use the Kubernetes API and a ServiceAccount instead",
        );
    } else {
        site.warn(
            codes::BIND_MOUNT,
            Loss::Approximated,
            format!("`{path}` is mounted from the node that runs the pod, not from this machine"),
            "use a config or secret for files, a named volume for data, or copy the content into the image",
        );
    }
}

fn last_part(path: &str) -> &str {
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

fn plain(source: &impl Serialize) -> Value {
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

    /// `/etc/localtime` was to be a directory, so that pods did not start where it is a file.
    #[test]
    fn what_the_node_has_is_not_created() {
        assert_eq!(
            host_path("/etc/localtime", true),
            json!({"hostPath": {"path": "/etc/localtime"}})
        );
    }

    #[test]
    fn a_path_that_looks_like_a_file_is_not_created_as_a_directory() {
        assert_eq!(
            host_path("/a/nginx.conf", true),
            json!({"hostPath": {"path": "/a/nginx.conf"}})
        );
        assert_eq!(
            host_path("/a/.cache", true),
            json!({"hostPath": {"path": "/a/.cache", "type": "DirectoryOrCreate"}})
        );
    }
}
