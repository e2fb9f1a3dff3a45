use indexmap::IndexMap;

use crate::model::{EndpointMode, Service};

use super::alias::{Giver, Name};
use super::context::{self, ServicePort};
use super::label::{setting, settings};
use super::options::Publish;
use super::scope::Scope;

/// The ports that Kubernetes gives to Services of type `NodePort`, unless the cluster says otherwise.
const NODE_PORTS: std::ops::RangeInclusive<u16> = 30000..=32767;

/// A service as its Services see it.
pub struct Endpoint<'a> {
    /// The key in `services`.
    pub key: &'a str,
    /// The ports that other services use.
    pub internal: &'a [ServicePort],
    /// The ports that the outside uses.
    pub published: &'a [ServicePort],
    /// Whether its names lead to its pods one by one.
    pub headless: bool,
    /// How the outside reaches it.
    pub publish: Publish,
    /// Whether others expect to find it.
    pub is_found: bool,
    /// Further names.
    pub aliases: &'a [String],
    /// `deploy.labels`.
    pub labels: &'a IndexMap<String, String>,
}

/// The Services of a service: the internal one, its aliases, and the published one.
pub fn translate_endpoint(endpoint: &Endpoint, scope: &Scope) -> Vec<context::Service> {
    let Endpoint { key, internal, published, headless, publish, is_found, aliases, labels } =
        endpoint;
    let names = scope.names.service(key);
    let pod = &scope.names.service(scope.pods.host_of(key)).name;
    let service = |name: &str, service_type, headless, ports: Vec<ServicePort>| {
        let mut metadata = scope.metadata(name, pod);
        metadata.labels.extend((*labels).clone());
        context::Service { metadata, service_type, headless, selector: scope.selector(pod), ports }
    };
    let headless = internal.is_empty() || *headless;
    let own = is_found.then_some(&names.name);
    let mut services: Vec<_> = own
        .into_iter()
        .chain(*aliases)
        .map(|name| service(name, "ClusterIP", headless, internal.to_vec()))
        .collect();
    if let Some(service_type) = publish.service_type().filter(|_| !published.is_empty()) {
        let mut ports = published.to_vec();
        for port in ports.iter_mut().filter(|port| NODE_PORTS.contains(&port.port)) {
            port.node_port = (*publish == Publish::NodePort).then_some(port.port);
        }
        services.push(service(&names.published, service_type, false, ports));
    }
    services
}

/// How the outside reaches a service, and whether its names lead to its pods one by one: its label,
/// or the option and `deploy.endpoint_mode`.
pub fn translate_reach(key: &str, mode: Option<EndpointMode>, scope: &Scope) -> (Publish, bool) {
    let labels = &scope.service(key).container.labels;
    let headless = mode == Some(EndpointMode::Dnsrr);
    let Some((label, value)) = setting(labels, settings::SERVICE_TYPE) else {
        return (scope.options.publish, headless);
    };
    match value.to_ascii_lowercase().as_str() {
        "loadbalancer" => (Publish::LoadBalancer, headless),
        "nodeport" => (Publish::NodePort, headless),
        "clusterip" | "none" | "" => (Publish::None, headless),
        "headless" => (Publish::None, true),
        _ => {
            scope.site(format!("services.{key}.labels.{label}")).invalid(
                format!("`{value}` is no way to publish a service"),
                "use `loadbalancer`, `nodeport`, `none` or `headless`",
            );
            (scope.options.publish, headless)
        }
    }
}

/// The aliases of a service on its networks.
pub fn network_names<'a>(key: &str, service: &Service, scope: &Scope<'a>) -> Vec<Name<'a>> {
    let mut names = Vec::new();
    for (network, attachment) in &service.container.networks {
        let site = scope.site(format!("services.{key}.networks.{network}.aliases"));
        for (index, alias) in attachment.aliases.iter().enumerate() {
            let giver = Giver::Network(network.clone());
            names.push(Name { text: alias.clone(), site: site.item(index), giver });
        }
    }
    names
}
