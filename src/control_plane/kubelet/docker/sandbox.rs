use std::collections::HashMap;
use std::net::IpAddr;

use bollard::models::{ContainerCreateBody, HostConfig};
use bollard::query_parameters::CreateContainerOptions;
use k8s_openapi::api::core::v1::{Pod, PodSpec};

use super::{Docker, failed, label};
use crate::control_plane::controllers::owner;
use crate::control_plane::kubelet::runtime::RuntimeError;
use crate::engine::{labels, own_image, status_code};

/// The longest name that a system takes for itself.
const HOSTNAME: usize = 63;
const CLUSTER_DOMAIN: &str = "cluster.local";

impl Docker {
    /// Makes the container that holds a pod's network, or finds the one that does already.
    pub(super) async fn make_sandbox(&self, pod: &Pod) -> Result<IpAddr, RuntimeError> {
        let uid = owner::uid(pod);
        let there = self.list(&[(labels::POD_UID, uid), (labels::ROLE, labels::SANDBOX)]).await?;
        let attempt =
            there.iter().filter_map(|one| label(one, labels::ATTEMPT)?.parse().ok()).max();
        let attempt = attempt.map_or(0, |last: u32| last + 1);
        // Those that hold no network any more.
        for id in there.iter().filter_map(|one| one.id.as_deref()) {
            self.remove_container(id).await?;
        }
        let body = self.sandbox(pod, attempt);
        let name = container_name(pod, "POD", attempt);
        let options = CreateContainerOptions { name: Some(name.clone()), ..Default::default() };
        let docker = self.engine.docker();
        let mut made = docker.create_container(Some(options.clone()), body.clone()).await;
        if made.as_ref().is_err_and(|error| status_code(error) == Some(404)) {
            // Somebody has tidied the engine up.
            own_image(&self.engine).await.map_err(|error| RuntimeError::Engine {
                action: "make a sandbox".to_owned(),
                reason: error.to_string(),
            })?;
            made = docker.create_container(Some(options), body).await;
        }
        match made {
            // Made by us, a moment before we were killed.
            Err(error) if status_code(&error) == Some(409) => {}
            other => drop(other.map_err(failed("make a sandbox"))?),
        }
        if let Err(error) = docker.start_container(&name, None).await {
            // It must not keep an address.
            self.remove_container(&name).await?;
            return Err(failed("start a sandbox")(error));
        }
        let seen = self.look(uid).await?;
        seen.address.ok_or_else(|| RuntimeError::Engine {
            action: "start a sandbox".to_owned(),
            reason: "it has no address".to_owned(),
        })
    }

    fn sandbox(&self, pod: &Pod, attempt: u32) -> ContainerCreateBody {
        let default = PodSpec::default();
        let spec = pod.spec.as_ref().unwrap_or(&default);
        let on_host = spec.host_network == Some(true);
        let names = if on_host { Names::default() } else { Names::of(pod, spec, self.dns) };
        let sysctls = spec.security_context.as_ref().and_then(|context| context.sysctls.as_ref());
        let sysctls = sysctls.into_iter().flatten();
        let network = if on_host { "host".to_owned() } else { self.network.name() };
        ContainerCreateBody {
            image: Some(self.own_image.clone()),
            cmd: Some(vec!["pause".to_owned()]),
            hostname: (!on_host).then(|| hostname(pod, spec)),
            labels: Some(pod_labels(pod, &self.network.cluster, labels::SANDBOX, attempt)),
            host_config: Some(HostConfig {
                network_mode: Some(network),
                ipc_mode: Some(
                    if spec.host_ipc == Some(true) { "host" } else { "shareable" }.into(),
                ),
                pid_mode: (spec.host_pid == Some(true)).then(|| "host".to_owned()),
                dns: Some(names.servers).filter(|servers| !servers.is_empty()),
                dns_search: Some(names.search).filter(|search| !search.is_empty()),
                dns_options: Some(names.options).filter(|options| !options.is_empty()),
                mounts: Some(self.sandbox_mounts(pod)),
                sysctls: Some(sysctls.map(|one| (one.name.clone(), one.value.clone())).collect()),
                security_opt: Some(vec!["no-new-privileges".to_owned()]),
                cap_drop: Some(vec!["ALL".to_owned()]),
                ..HostConfig::default()
            }),
            ..ContainerCreateBody::default()
        }
    }
}

/// The name of a container on the engine: one for each start.
pub(super) fn container_name(pod: &Pod, container: &str, attempt: u32) -> String {
    let (name, namespace, uid) = (owner::name(pod), owner::namespace(pod), owner::uid(pod));
    format!("k8s_{container}_{name}_{namespace}_{uid}_{attempt}")
}

/// The labels by which a container is found again.
pub(super) fn pod_labels(
    pod: &Pod,
    cluster: &str,
    role: &str,
    attempt: u32,
) -> HashMap<String, String> {
    let labels = [
        (labels::CLUSTER, cluster.to_owned()),
        (labels::ROLE, role.to_owned()),
        (labels::ATTEMPT, attempt.to_string()),
        (labels::POD_NAME, owner::name(pod).to_owned()),
        (labels::POD_NAMESPACE, owner::namespace(pod).to_owned()),
        (labels::POD_UID, owner::uid(pod).to_owned()),
    ];
    labels.into_iter().map(|(key, value)| (key.to_owned(), value)).collect()
}

/// `spec.hostname`, else the pod's name, as long as a host name may be.
pub(super) fn hostname(pod: &Pod, spec: &PodSpec) -> String {
    let name = spec.hostname.as_deref().unwrap_or_else(|| owner::name(pod));
    let end = name.len().min(HOSTNAME);
    name.get(..end).unwrap_or(name).trim_end_matches(['-', '.']).to_owned()
}

/// How a pod resolves names: `dnsPolicy` and `dnsConfig`.
#[derive(Debug, Default, PartialEq, Eq)]
struct Names {
    servers: Vec<String>,
    search: Vec<String>,
    options: Vec<String>,
}

impl Names {
    fn of(pod: &Pod, spec: &PodSpec, dns: IpAddr) -> Self {
        let mut names = Self::default();
        if !matches!(spec.dns_policy.as_deref(), Some("Default" | "None")) {
            let namespace = owner::namespace(pod);
            names.servers.push(dns.to_string());
            names.search = vec![
                format!("{namespace}.svc.{CLUSTER_DOMAIN}"),
                format!("svc.{CLUSTER_DOMAIN}"),
                CLUSTER_DOMAIN.to_owned(),
            ];
            names.options.push("ndots:5".to_owned());
        }
        let Some(config) = &spec.dns_config else { return names };
        names.servers.extend(config.nameservers.iter().flatten().cloned());
        names.search.extend(config.searches.iter().flatten().cloned());
        for option in config.options.iter().flatten() {
            let Some(name) = &option.name else { continue };
            let value = option.value.as_ref().map(|value| format!(":{value}")).unwrap_or_default();
            names.options.retain(|one| one.split(':').next() != Some(name));
            names.options.push(format!("{name}{value}"));
        }
        names
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn names(spec: &serde_json::Value) -> String {
        let pod = json!({"metadata": {"name": "web", "namespace": "shop"}, "spec": spec});
        let pod: Pod = serde_json::from_value(pod).unwrap();
        let Names { servers, search, options } =
            Names::of(&pod, pod.spec.as_ref().unwrap(), "10.88.128.10".parse().unwrap());
        format!("{} | {} | {}", servers.join(" "), search.join(" "), options.join(" "))
    }

    #[test]
    fn names_are_resolved_as_the_pod_says() {
        let cluster =
            "10.88.128.10 | shop.svc.cluster.local svc.cluster.local cluster.local | ndots:5";
        assert_eq!(names(&json!({"containers": []})), cluster);
        let spec = json!({"containers": [], "dnsPolicy": "None", "dnsConfig": {
            "nameservers": ["1.1.1.1"], "searches": ["corp"], "options": [{"name": "rotate"}]}});
        assert_eq!(names(&spec), "1.1.1.1 | corp | rotate");
        let spec =
            json!({"containers": [], "dnsConfig": {"options": [{"name": "ndots", "value": "1"}]}});
        assert!(names(&spec).ends_with("| ndots:1"));
    }

    #[test]
    fn a_host_name_is_not_too_long() {
        let long = format!("{}-b", "a".repeat(62));
        let pod = json!({"metadata": {"name": long}, "spec": {"containers": []}});
        let pod: Pod = serde_json::from_value(pod).unwrap();
        assert_eq!(hostname(&pod, pod.spec.as_ref().unwrap()), "a".repeat(62));
    }
}
