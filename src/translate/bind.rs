use k8s_openapi::api::core::v1::HostPathVolumeSource;
use serde_json::{Value, json};

use crate::diagnostic::{Loss, codes};
use crate::model::BindOptions;

use super::findings::Site;
use super::volume::{Place, last_part, plain};

/// Where the node has what it has: files as well as directories, and nothing to create.
const OF_THE_NODE: &[&str] =
    &["/boot/", "/dev/", "/etc/", "/proc/", "/run/", "/sys/", "/usr/", "/var/run/"];

/// A path of the node; `create` makes a directory where nothing is.
pub fn host_path(path: &str, create: bool) -> Value {
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

/// `bind`, as the node that has the path can do it.
pub fn translate_bind_options<'a>(
    options: &BindOptions,
    is_privileged: bool,
    place: Place<'a>,
) -> Place<'a> {
    let BindOptions { create_host_path: _, propagation, recursive, selinux, extensions: _ } =
        options;
    let site = place.site.child("bind");
    if selinux.is_some() {
        site.child("selinux").not_translated(
            "Kubernetes does not label a path of the node",
            "label it on the node, or set `seLinuxOptions` in the template of the pod",
        );
    }
    let propagation = mount_propagation(propagation.as_deref(), is_privileged, &site);
    let recursive_read_only = recursive_read_only(
        recursive.as_deref(),
        place.read_only && propagation.is_none(),
        &site.child("recursive"),
    );
    Place { recursive_read_only, propagation, ..place }
}

fn mount_propagation(
    propagation: Option<&str>,
    is_privileged: bool,
    site: &Site,
) -> Option<&'static str> {
    match propagation? {
        // What Kubernetes does anyway.
        "" | "private" | "rprivate" => None,
        "slave" | "rslave" => Some("HostToContainer"),
        "shared" | "rshared" if is_privileged => Some("Bidirectional"),
        "shared" | "rshared" => {
            site.child("propagation").approximated(
                "Kubernetes lets only privileged containers hand mounts on to the node; the other way is kept",
                "set `privileged: true` if the node must see what the container mounts",
            );
            Some("HostToContainer")
        }
        other => {
            site.child("propagation").invalid(
                format!("`{other}` is not a propagation"),
                "use `private`, `rprivate`, `slave`, `rslave`, `shared` or `rshared`",
            );
            None
        }
    }
}

fn recursive_read_only(
    recursive: Option<&str>,
    is_possible: bool,
    site: &Site,
) -> Option<&'static str> {
    match recursive? {
        "readonly" if is_possible => Some("Enabled"),
        "readonly" => {
            site.not_translated(
                "Kubernetes keeps what is mounted below read-only only for a mount that is read-only and private",
                "set `read_only: true`, and leave `propagation` out",
            );
            None
        }
        "disabled" => {
            site.not_translated(
                "what the node has mounted below the path is part of it",
                "mount the parts that are needed one by one",
            );
            None
        }
        // `enabled` and `writable` are what Kubernetes does anyway.
        _ => None,
    }
}

/// Says that a path is that of a node.
pub fn report_bind(path: &str, site: &Site) {
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{Extensions, Origins};
    use crate::translate::findings::Findings;

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

    #[test]
    fn options_of_a_mount() {
        let origins = Origins::default();
        // propagation, recursive, privileged, read-only: both fields of the mount, and findings
        for (propagation, recursive, privileged, read_only, expected, count) in [
            (None, None, false, false, [None, None], 0),
            (Some("rprivate"), Some("enabled"), false, true, [None, None], 0),
            (Some("rslave"), Some("writable"), false, true, [Some("HostToContainer"), None], 0),
            (Some("shared"), None, true, false, [Some("Bidirectional"), None], 0),
            (Some("rshared"), None, false, false, [Some("HostToContainer"), None], 1),
            (None, Some("readonly"), false, true, [None, Some("Enabled")], 0),
            (None, Some("readonly"), false, false, [None, None], 1),
            (Some("slave"), Some("readonly"), false, true, [Some("HostToContainer"), None], 1),
            (None, Some("disabled"), false, true, [None, None], 1),
            (Some("upwards"), None, false, false, [None, None], 1),
        ] {
            let findings = Findings::new(&origins);
            let options = BindOptions {
                create_host_path: true,
                propagation: propagation.map(str::to_owned),
                recursive: recursive.map(str::to_owned),
                selinux: None,
                extensions: Extensions::default(),
            };
            let site = findings.site("services.a.volumes[0]");
            let place = Place::new("/a", read_only, &site);
            let place = translate_bind_options(&options, privileged, place);
            let case = format!("{propagation:?} {recursive:?} {privileged} {read_only}");
            assert_eq!([place.propagation, place.recursive_read_only], expected, "{case}");
            assert_eq!(findings.into_report().iter().count(), count, "{case}");
        }
    }
}
