mod options;

use k8s_openapi::api::core::v1::HostPathVolumeSource;
use serde_json::{Value, json};

use crate::diagnostic::{Loss, codes};
use crate::model::{BindOptions, Bound};

use super::bind_policy::{BindPolicy, Holder};
use super::binds::BoundPath;
use super::config_files::{ConfigFiles, volume_source};
use super::findings::Site;
use super::mount::mount_empty;
use super::scope::Scope;
use super::service_mounts::ServiceMount;
use super::volume::{Place, Volumes, last_part, plain};

use options::{report_bind_options, report_selinux, translate_bind_options};

/// Where the node has what it has: files as well as directories, and nothing to create.
const OF_THE_NODE: &[&str] =
    &["/boot/", "/dev/", "/etc/", "/proc/", "/run/", "/sys/", "/usr/", "/var/run/"];

/// What is mounted because it is that of the node, whichever it is; so is all below `/dev`, `/proc` and `/sys`.
const EVERY_NODE_HAS: &[&str] = &[
    "",
    "/boot",
    "/dev",
    "/etc/group",
    "/etc/hostname",
    "/etc/localtime",
    "/etc/machine-id",
    "/etc/os-release",
    "/etc/passwd",
    "/etc/timezone",
    "/lib/modules",
    "/proc",
    "/run",
    "/sys",
    "/usr/src",
    "/var/log",
    "/var/run",
];

/// How much `kubectl apply` can write, which keeps the whole object in one annotation.
const MAX_ANNOTATION: usize = 256 << 10;

/// A bind mount, or a mount of a volume that is nothing else.
pub struct Bind<'a> {
    /// The path of this machine.
    pub path: BoundPath<'a>,
    /// The mount.
    pub mount: &'a ServiceMount,
    /// `bind`.
    pub options: Option<&'a BindOptions>,
    /// `selinux`, where a volume has no other options.
    pub selinux: Option<&'a str>,
    /// The part of it that is mounted.
    pub sub_path: Option<String>,
    /// What becomes of bind mounts.
    pub policy: BindPolicy,
    /// Whether the container is privileged.
    pub privileged: bool,
}

/// Mounts a path of this machine as its holder has it.
pub fn mount_bind(bind: Bind, place: &Place, scope: &Scope, volumes: &mut Volumes) {
    let Bind { path: bound, mount, options, selinux, sub_path, policy, privileged } = bind;
    let BoundPath { path, is_file, read_only } = bound;
    let Place { path: target, site, .. } = *place;
    let place = Place { sub_path, ..Place::new(target, read_only, site) };
    match bound.holder(policy, scope.contents) {
        Holder::Node(reason) => {
            report_node(path, reason.as_deref(), site);
            let create = options.is_some_and(|options| options.create_host_path);
            report_selinux(selinux, site);
            let place = match options {
                Some(options) => translate_bind_options(options, privileged, place),
                None => place,
            };
            volumes.mount(last_part(target), host_path(path, create && !is_file), place);
        }
        Holder::ConfigMaps => {
            let named = scope.binds.config_maps(mount, scope);
            report_files(&named, read_only, site);
            report_bind_options(options, "files in a ConfigMap", site);
            let is_alone = matches!(scope.contents.bound.get(path), Some(Bound::File(_)));
            mount_files(&named, is_alone, place, volumes);
        }
        Holder::Claim => {
            let claim = scope.binds.claim(mount, scope.project).unwrap_or_default();
            site.warn(
                codes::BIND_MOUNT,
                Loss::Approximated,
                format!("`{path}` becomes the claim `{claim}`, which starts empty"),
                "copy into it what the application needs, or choose otherwise with `longshore.bind`",
            );
            report_bind_options(options, "a claim", site);
            let source = json!({ "persistentVolumeClaim": { "claimName": claim } });
            volumes.mount(claim, source, place);
        }
        Holder::Pod => mount_empty(place, volumes),
        Holder::Nobody(reason) => site.invalid(
            format!("`{path}` is mounted from this machine: {reason}"),
            "put it into the image, a config or a volume, or choose otherwise with `--bind` or the label `longshore.bind`",
        ),
    }
}

fn mount_files(named: &[(&str, ConfigFiles)], is_alone: bool, place: Place, volumes: &mut Volumes) {
    let Some((name, files)) = named.first() else { return };
    // A single file is mounted alone, so that what the image has beside it stays visible.
    let key = files.first_key().filter(|_| is_alone).map(str::to_owned);
    let sub_path = key.or(place.sub_path);
    volumes.mount(name, volume_source(named), Place { sub_path, read_only: true, ..place });
}

/// Says that files are copied, and what follows from it.
fn report_files(named: &[(&str, ConfigFiles)], read_only: bool, site: &Site) {
    let all: Vec<&str> = named.iter().map(|(name, _)| *name).collect();
    let all = all.join("`, `");
    if read_only {
        site.approximated_closely(
            format!("the ConfigMap `{all}` has a copy of what is mounted"),
            "convert again when the files change",
        );
    } else {
        site.approximated(
            format!("the ConfigMap `{all}` has a copy of what is mounted, to which the container cannot write"),
            "mount it with `:ro` if that is right, or choose otherwise with the label `longshore.bind`",
        );
    }
    if named.iter().any(|(_, files)| files.size() > MAX_ANNOTATION) {
        site.approximated_closely(
            "`kubectl apply` refuses a ConfigMap of this size",
            "use `kubectl apply --server-side`, or `longshore up`",
        );
    }
}

/// Whether the node has the path of its own accord.
pub fn is_of_the_node(path: &str) -> bool {
    OF_THE_NODE.iter().any(|start| path.starts_with(start))
}

fn every_node_has(path: &str) -> bool {
    let path = path.trim_end_matches('/');
    EVERY_NODE_HAS.contains(&path)
        || ["/dev/", "/proc/", "/sys/"].iter().any(|start| path.starts_with(start))
}

/// A path of the node; `create` makes a directory where nothing is.
pub fn host_path(path: &str, create: bool) -> Value {
    // A path that names a file must not become a directory; Compose itself would make one.
    let is_file = last_part(path).trim_start_matches('.').contains('.');
    let directory = create && !is_file && !is_of_the_node(path);
    let source = HostPathVolumeSource {
        path: path.to_owned(),
        type_: directory.then(|| "DirectoryOrCreate".to_owned()),
    };
    json!({ "hostPath": plain(&source) })
}

fn report_node(path: &str, reason: Option<&str>, site: &Site) {
    let because = reason.map(|reason| format!(": {reason}")).unwrap_or_default();
    if path.ends_with("/docker.sock") {
        site.warn(
            codes::BIND_MOUNT,
            Loss::Approximated,
            "the socket of the container engine is mounted from the node, which may have none",
            "use the Kubernetes API and a ServiceAccount instead",
        );
    } else if every_node_has(path) {
        site.note(
            codes::BIND_MOUNT,
            Loss::Approximated,
            format!("`{path}` is that of the node that runs the pod"),
            "nothing to do, unless the cluster forbids `hostPath` volumes",
        );
    } else {
        site.warn(
            codes::BIND_MOUNT,
            Loss::Approximated,
            format!("`{path}` is mounted from the node that runs the pod, not from this machine{because}"),
            "use a config or secret for files, a named volume for data, or copy the content into the image",
        );
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// `/etc/localtime` was to be a directory, so that pods did not start where it is a file.
    #[test]
    fn what_the_node_has_is_not_created() {
        assert_eq!(
            host_path("/etc/localtime", true),
            json!({"hostPath": {"path": "/etc/localtime"}})
        );
    }

    /// Whoever mounted `/proc` was told to use a config or a named volume instead.
    #[test]
    fn what_every_node_has_is_meant() {
        for path in ["/", "/proc", "/sys/", "/etc/localtime", "/dev/dri", "/var/log"] {
            assert!(every_node_has(path), "{path}");
        }
        for path in ["/etc/pihole/", "/srv", "/var/lib/docker", "/etc", "/procs"] {
            assert!(!every_node_has(path), "{path}");
        }
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
