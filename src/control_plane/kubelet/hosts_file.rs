//! `/etc/hosts` of a pod.

use std::fmt::Write as _;
use std::fs;
use std::net::IpAddr;
use std::path::Path;

use k8s_openapi::api::core::v1::{Container, Pod, PodSpec};

use super::mount::Mount;
use super::pod_directory::{self, FileError, PodDirectory};
use crate::control_plane::controllers::owner;

const TARGET: &str = "/etc/hosts";
/// The longest host name that Linux takes.
const LONGEST_NAME: usize = 63;

/// Writes the file of a pod that has an address; none for a container that mounts one of its own.
pub(super) fn prepare(
    directory: &PodDirectory,
    pod: &Pod,
    container: &Container,
    address: IpAddr,
) -> Result<Option<Mount>, FileError> {
    if container.volume_mounts.iter().flatten().any(|mount| mount.mount_path == TARGET) {
        return Ok(None);
    }
    let of_host = if is_on_host_network(pod) {
        // A host without the file has no names to add.
        Some(fs::read_to_string(Path::new(TARGET)).unwrap_or_default())
    } else {
        None
    };
    let text = hosts_file(pod, address, of_host.as_deref());
    let file = directory.hosts();
    if fs::read_to_string(&file).ok().as_ref() != Some(&text) {
        pod_directory::create(directory.path())?;
        pod_directory::write(&file, text.as_bytes(), 0o644)?;
    }
    Ok(Some(Mount::of_file(file, TARGET)))
}

/// The text of the file, from the host's own for a pod on its network.
fn hosts_file(pod: &Pod, address: IpAddr, of_host: Option<&str>) -> String {
    let mut text = match of_host {
        Some(of_host) => format!("# Kubernetes-managed hosts file (host network).\n{of_host}"),
        None => own_part(pod, address),
    };
    let spec = pod.spec.as_ref();
    let mut aliases = spec.and_then(|spec| spec.host_aliases.as_ref()).into_iter().flatten();
    if let Some(first) = aliases.next() {
        text.push_str("\n# Entries added by HostAliases.\n");
        for alias in std::iter::once(first).chain(aliases) {
            let names = alias.hostnames.as_deref().unwrap_or_default().join("\t");
            let _ = writeln!(text, "{}\t{names}", alias.ip);
        }
    }
    text
}

fn own_part(pod: &Pod, address: IpAddr) -> String {
    let name = host_name(pod);
    let names = match domain(pod) {
        Some(domain) => format!("{name}.{domain}\t{name}"),
        None => name,
    };
    format!(
        "# Kubernetes-managed hosts file.\n\
         127.0.0.1\tlocalhost\n\
         ::1\tlocalhost ip6-localhost ip6-loopback\n\
         fe00::0\tip6-localnet\n\
         fe00::0\tip6-mcastprefix\n\
         fe00::1\tip6-allnodes\n\
         fe00::2\tip6-allrouters\n\
         {address}\t{names}\n"
    )
}

/// The host name of a pod: `hostname`, else its own name, as long as Linux takes it.
pub(super) fn host_name(pod: &Pod) -> String {
    let spec = pod.spec.as_ref();
    let given = |field: fn(&PodSpec) -> Option<&String>| {
        spec.and_then(field).filter(|name| !name.is_empty()).map(String::as_str)
    };
    let name = given(|spec| spec.hostname_override.as_ref())
        .or_else(|| given(|spec| spec.hostname.as_ref()))
        .unwrap_or_else(|| owner::name(pod));
    let end = name.floor_char_boundary(LONGEST_NAME);
    name.get(..end).unwrap_or(name).trim_end_matches(['-', '.']).to_owned()
}

/// What follows the host name in the pod's full name, for a pod with a `subdomain`.
pub(super) fn domain(pod: &Pod) -> Option<String> {
    let spec = pod.spec.as_ref()?;
    if spec.hostname_override.as_ref().is_some_and(|name| !name.is_empty()) {
        return None;
    }
    let subdomain = spec.subdomain.as_ref().filter(|subdomain| !subdomain.is_empty())?;
    Some(format!("{subdomain}.{}.svc.cluster.local", owner::namespace(pod)))
}

fn is_on_host_network(pod: &Pod) -> bool {
    pod.spec.as_ref().and_then(|spec| spec.host_network) == Some(true)
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    fn pod(spec: &Value) -> Pod {
        let metadata = json!({"name": "web-0", "namespace": "shop"});
        let mut pod = json!({"metadata": metadata, "spec": {"containers": []}});
        pod["spec"].as_object_mut().unwrap().extend(spec.as_object().unwrap().clone());
        serde_json::from_value(pod).unwrap()
    }

    #[test]
    fn the_pod_and_its_aliases_are_named() {
        let address = "10.88.0.5".parse().unwrap();
        let last_lines = |spec: &Value| {
            let text = hosts_file(&pod(spec), address, None);
            let common = "# Kubernetes-managed hosts file.\n127.0.0.1\tlocalhost\n\
                ::1\tlocalhost ip6-localhost ip6-loopback\nfe00::0\tip6-localnet\n\
                fe00::0\tip6-mcastprefix\nfe00::1\tip6-allnodes\nfe00::2\tip6-allrouters\n";
            text.strip_prefix(common).unwrap().to_owned()
        };
        assert_eq!(last_lines(&json!({})), "10.88.0.5\tweb-0\n");
        assert_eq!(last_lines(&json!({"hostname": "box"})), "10.88.0.5\tbox\n");
        assert_eq!(
            last_lines(&json!({"subdomain": "web"})),
            "10.88.0.5\tweb-0.web.shop.svc.cluster.local\tweb-0\n"
        );
        assert_eq!(
            last_lines(&json!({"subdomain": "web", "hostnameOverride": "a.example.com"})),
            "10.88.0.5\ta.example.com\n"
        );
        let aliases =
            json!([{"ip": "1.2.3.4", "hostnames": ["a", "b"]}, {"ip": "::2", "hostnames": ["c"]}]);
        assert_eq!(
            last_lines(&json!({"hostAliases": aliases})),
            "10.88.0.5\tweb-0\n\n# Entries added by HostAliases.\n1.2.3.4\ta\tb\n::2\tc\n"
        );
    }

    #[test]
    fn a_pod_on_the_host_network_has_the_hosts_own_names() {
        let aliases = json!([{"ip": "1.2.3.4", "hostnames": ["a"]}]);
        let pod = pod(&json!({"hostNetwork": true, "hostAliases": aliases}));
        let text = hosts_file(&pod, "10.0.0.1".parse().unwrap(), Some("127.0.0.1 localhost\n"));
        assert_eq!(
            text,
            "# Kubernetes-managed hosts file (host network).\n127.0.0.1 localhost\n\n\
             # Entries added by HostAliases.\n1.2.3.4\ta\n"
        );
    }

    #[test]
    fn long_names_are_cut_where_a_name_may_end() {
        let mut pod = pod(&json!({}));
        pod.metadata.name = Some(format!("{}-{}", "a".repeat(62), "b".repeat(9)));
        assert_eq!(host_name(&pod), "a".repeat(62));
    }

    #[test]
    fn the_file_is_written_once_and_not_for_those_who_bring_their_own() {
        let pods = tempfile::tempdir().unwrap();
        let directory = PodDirectory::of(pods.path(), "u-1");
        let address = "10.88.0.5".parse().unwrap();
        let mount = prepare(&directory, &pod(&json!({})), &Container::default(), address);
        assert_eq!(mount.unwrap().unwrap().target, TARGET);
        let written = fs::metadata(directory.hosts()).unwrap().modified().unwrap();
        prepare(&directory, &pod(&json!({})), &Container::default(), address).unwrap();
        assert_eq!(fs::metadata(directory.hosts()).unwrap().modified().unwrap(), written);
        let own = json!({"name": "c", "volumeMounts": [{"name": "v", "mountPath": "/etc/hosts"}]});
        let own: Container = serde_json::from_value(own).unwrap();
        assert_eq!(prepare(&directory, &pod(&json!({})), &own, address).unwrap(), None);
    }
}
