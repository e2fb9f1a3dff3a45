use std::collections::{BTreeMap, BTreeSet};

use indexmap::IndexMap;
use k8s_openapi::api::networking::v1::{
    NetworkPolicyEgressRule, NetworkPolicyIngressRule, NetworkPolicyPeer, NetworkPolicyPort,
};
use k8s_openapi::apimachinery::pkg::apis::meta::v1::LabelSelector;
use k8s_openapi::apimachinery::pkg::util::intstr::IntOrString;

use crate::kubernetes::labels;
use crate::model::{Container as ContainerSpec, Network};

use super::context::NetworkPolicy;
use super::label::{self, is_label_value, translate_labels};
use super::name::{dns_label, unique};
use super::options::Compat;
use super::scope::Scope;

/// The port of a container, with its protocol.
pub type OpenPort = (u16, String);

/// Docker's own network, which `network_mode: bridge` means; no network of a project is called so,
/// because Compose keys have no space.
const BRIDGE: &str = "the bridge";

/// The labels by which the pods of a network are known.
#[derive(Debug, Default)]
pub struct NetworkLabels {
    /// By network.
    labels: BTreeMap<String, String>,
}

impl NetworkLabels {
    /// One label for each network of the project.
    pub fn new(networks: &IndexMap<String, Network>) -> Self {
        let mut taken = BTreeSet::new();
        let mut labels = BTreeMap::new();
        for (key, network) in networks {
            let (prefix, name) = if network.external.0 {
                // The same in every project that uses the network.
                (labels::EXTERNAL_NETWORK_PREFIX, label_name(&network.name))
            } else {
                (labels::NETWORK_PREFIX, label_name(key))
            };
            let label = format!("{prefix}{name}");
            let label = if taken.insert(label.clone()) {
                label
            } else {
                format!("{prefix}{}", unique(&mut taken, &name))
            };
            labels.insert(key.clone(), label);
        }
        let bridge = unique(&mut taken, "docker-bridge");
        labels.insert(BRIDGE.to_owned(), format!("{}{bridge}", labels::NETWORK_PREFIX));
        Self { labels }
    }

    fn of(&self, network: &str) -> Option<(String, String)> {
        Some((self.labels.get(network)?.clone(), "true".to_owned()))
    }
}

/// The networks of all services in a pod.
pub fn networks_of<'a>(host: &str, scope: &Scope<'a>) -> BTreeSet<&'a str> {
    let members = scope.pods.members_of(host);
    members.iter().flat_map(|member| own_networks(&scope.service(&member.key).container)).collect()
}

/// Whether the policies keep the pods of a service from all that is not on its networks.
pub fn is_confined(host: &str, scope: &Scope) -> bool {
    let networks = networks_of(host, scope);
    let is_internal = |key: &&str| scope.project.networks.get(*key).is_some_and(|it| it.internal);
    scope.options.network_policies && !networks.is_empty() && networks.iter().all(is_internal)
}

fn own_networks(spec: &ContainerSpec) -> Vec<&str> {
    match spec.network_mode.as_deref() {
        Some("bridge" | "default") => vec![BRIDGE],
        _ => spec.networks.keys().map(String::as_str).collect(),
    }
}

/// What the pods of a service are labelled with, by their networks.
pub fn network_labels(host: &str, scope: &Scope) -> impl Iterator<Item = (String, String)> {
    let networks =
        if scope.options.network_policies { networks_of(host, scope) } else { BTreeSet::new() };
    networks.into_iter().filter_map(|network| scope.network_labels.of(network))
}

/// The policies of the networks: a pod is reached by those that it shares a network with, and one
/// that has internal networks alone reaches only these.
pub fn translate_networks(scope: &Scope) -> Vec<(String, NetworkPolicy)> {
    if !scope.options.network_policies {
        return Vec::new();
    }
    let used: BTreeSet<&str> = scope
        .project
        .services
        .iter()
        .filter(|(_, service)| service.provider.is_none())
        .flat_map(|(_, service)| own_networks(&service.container))
        .collect();
    let bridge = Network::default();
    let networks: Vec<(&str, &Network)> = scope
        .project
        .networks
        .iter()
        .map(|(key, network)| (key.as_str(), network))
        .chain([(BRIDGE, &bridge)])
        .filter(|(key, _)| used.contains(key))
        .collect();
    let limits_egress = networks.iter().any(|(_, network)| network.internal);
    // Those of the services have their names already.
    let mut taken: BTreeSet<String> = scope
        .project
        .services
        .keys()
        .flat_map(|key| [published_name(key, scope), isolated_name(key, scope)])
        .collect();
    let mut policies = Vec::new();
    for (key, network) in networks {
        let Some((label, value)) = scope.network_labels.of(key) else { continue };
        let part = label.rsplit('/').next().unwrap_or(&label).to_owned();
        let wanted = match scope.options.compat {
            // With its project in front, as Compose calls it.
            Compat::Kompose if !network.name.is_empty() => network.name.clone(),
            _ => format!("network-{part}"),
        };
        let name = unique(&mut taken, &wanted);
        let pods = pods_of(network, label, value, scope);
        let peer = peer(network, pods.clone());
        let egress = match (limits_egress, network.internal) {
            (false, _) => None,
            (true, false) => Some(vec![NetworkPolicyEgressRule::default()]),
            (true, true) => Some(vec![
                NetworkPolicyEgressRule { to: Some(vec![peer.clone()]), ports: None },
                name_server(),
            ]),
        };
        let mut metadata = scope.metadata(&name, &dns_label(&part));
        let site = scope.site(format!("networks.{key}.labels"));
        let label::Metadata { labels, annotations } = translate_labels(&network.labels, &[], &site);
        metadata.labels.extend(labels);
        metadata.annotations = annotations;
        let policy = NetworkPolicy {
            metadata,
            pod_selector: pods,
            policy_types: if limits_egress { vec!["Ingress", "Egress"] } else { vec!["Ingress"] },
            ingress: vec![NetworkPolicyIngressRule { from: Some(vec![peer]), ports: None }],
            egress: egress.unwrap_or_default(),
        };
        policies.push((key.to_owned(), policy));
    }
    policies
}

/// The policy of the pods of a service: they are reached at what they publish, and with
/// `network_mode: none` not at all.
pub fn translate_pod_policy(
    host: &str,
    open: &BTreeSet<OpenPort>,
    scope: &Scope,
) -> Option<NetworkPolicy> {
    let mode = scope.service(host).container.network_mode.as_deref();
    let policy = |name: String, policy_types, ingress| NetworkPolicy {
        metadata: scope.metadata(&name, name_of(host, scope)),
        pod_selector: scope.selector(name_of(host, scope)),
        policy_types,
        ingress,
        egress: Vec::new(),
    };
    if mode == Some("none") {
        return Some(policy(isolated_name(host, scope), vec!["Ingress", "Egress"], Vec::new()));
    }
    // The node has no policies of pods.
    if !scope.options.network_policies || open.is_empty() || mode == Some("host") {
        return None;
    }
    let port = |(port, protocol): &OpenPort| NetworkPolicyPort {
        port: Some(IntOrString::Int(i32::from(*port))),
        protocol: Some(protocol.clone()),
        end_port: None,
    };
    let ports = open.iter().map(port).collect();
    let rule = NetworkPolicyIngressRule { from: None, ports: Some(ports) };
    Some(policy(published_name(host, scope), vec!["Ingress"], vec![rule]))
}

fn published_name(service: &str, scope: &Scope) -> String {
    format!("{}-published", name_of(service, scope))
}

fn isolated_name(service: &str, scope: &Scope) -> String {
    format!("{}-isolated", name_of(service, scope))
}

fn name_of<'s>(service: &str, scope: &'s Scope) -> &'s str {
    &scope.names.service(service).workload
}

/// The pods of a network, for the policy in this namespace.
fn pods_of(
    network: &Network,
    label: String,
    value: String,
    scope: &Scope,
) -> IndexMap<String, String> {
    let mut pods = IndexMap::new();
    if !network.external.0 {
        pods.insert(labels::INSTANCE.to_owned(), scope.instance.clone());
    }
    pods.insert(label, value);
    pods
}

/// An external network reaches into other projects, and so into other namespaces.
fn peer(network: &Network, pods: IndexMap<String, String>) -> NetworkPolicyPeer {
    NetworkPolicyPeer {
        ip_block: None,
        namespace_selector: network.external.0.then(LabelSelector::default),
        pod_selector: Some(selector(pods)),
    }
}

fn selector(labels: impl IntoIterator<Item = (String, String)>) -> LabelSelector {
    LabelSelector { match_labels: Some(labels.into_iter().collect()), match_expressions: None }
}

/// The name server of the cluster, as all distributions of Kubernetes label it.
fn name_server() -> NetworkPolicyEgressRule {
    let labelled = |key: &str, value: &str| selector([(key.to_owned(), value.to_owned())]);
    let port = |protocol: &str| NetworkPolicyPort {
        port: Some(IntOrString::Int(53)),
        protocol: Some(protocol.to_owned()),
        end_port: None,
    };
    NetworkPolicyEgressRule {
        to: Some(vec![NetworkPolicyPeer {
            ip_block: None,
            namespace_selector: Some(labelled("kubernetes.io/metadata.name", "kube-system")),
            pod_selector: Some(labelled("k8s-app", "kube-dns")),
        }]),
        ports: Some(vec![port("UDP"), port("TCP")]),
    }
}

/// What a label can be called: the name, or the nearest one.
fn label_name(name: &str) -> String {
    if !name.is_empty() && is_label_value(name) { name.to_owned() } else { dns_label(name) }
}

#[cfg(test)]
mod tests;
