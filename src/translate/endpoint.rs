use indexmap::IndexMap;

use crate::model::EndpointMode;

use super::context::{self, ServicePort};
use super::findings::Site;
use super::ip_family::IpFamilies;
use super::label::{setting, settings};
use super::options::{Compat, Publish};
use super::scope::Scope;
use super::workload::Workload;

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
    /// How it is reached.
    pub exposure: Exposure,
    /// Whether others expect to find it.
    pub is_found: bool,
    /// Further names.
    pub aliases: &'a [String],
    /// `deploy.labels`.
    pub labels: &'a IndexMap<String, String>,
}

/// How a service is reached.
#[derive(Debug, Clone, Copy)]
pub struct Exposure {
    /// From outside.
    pub publish: Publish,
    /// From inside: whether its names lead to its pods one by one.
    pub headless: bool,
    /// Whether a label says so, in the sense of kompose.
    is_by_label: bool,
    /// The port of the nodes for the one published port.
    node_port: Option<u16>,
    external_traffic_policy: Option<&'static str>,
}

/// The Services of a service: the internal one, its aliases, and the published one.
pub fn translate_endpoint(endpoint: &Endpoint, scope: &Scope) -> Vec<context::Service> {
    let Endpoint { key, internal, published, exposure, is_found, aliases, labels } = endpoint;
    let names = scope.names.service(key);
    let host = scope.pods.host_of(key);
    let pod = &scope.names.service(host).workload;
    let ip_families = IpFamilies::of(host, scope);
    let service = |name: &str, service_type, headless, ports: Vec<ServicePort>| {
        let mut metadata = scope.metadata(name, pod);
        metadata.labels.extend((*labels).clone());
        context::Service {
            metadata,
            service_type,
            external_name: None,
            headless,
            ip_families,
            external_traffic_policy: None,
            selector: scope.selector(pod),
            ports,
        }
    };
    let headless = internal.is_empty() || exposure.headless;
    let own = is_found.then_some(&names.name);
    let aliases =
        aliases.iter().map(|name| service(name, "ClusterIP", headless, internal.to_vec()));
    // Kompose publishes what is only exposed, too, where a label says how.
    let published = if published.is_empty() && exposure.is_by_label { internal } else { published };
    let service_type = exposure.publish.service_type().filter(|_| !published.is_empty());
    let on_node = |ports: &[ServicePort]| -> Vec<ServicePort> {
        ports.iter().map(|port| exposure.on_node(port, published)).collect()
    };
    // Kompose has one Service, but for load balancers.
    let is_one = scope.options.compat == Compat::Kompose && service_type != Some("LoadBalancer");
    if is_one {
        let ports = on_node(&one_list(internal, published));
        let one = context::Service {
            external_traffic_policy: exposure.external_traffic_policy,
            ..service(&names.name, service_type.unwrap_or("ClusterIP"), headless, ports)
        };
        return own.map(|_| one).into_iter().chain(aliases).collect();
    }
    let ports = match scope.options.compat {
        Compat::Longshore => internal.to_vec(),
        Compat::Kompose => one_list(internal, published),
    };
    let own = own.map(|name| service(name, "ClusterIP", headless, ports));
    let mut services: Vec<_> = own.into_iter().chain(aliases).collect();
    if let Some(service_type) = service_type {
        for (name, ports) in by_name(&names.published, published) {
            services.push(context::Service {
                external_traffic_policy: exposure.external_traffic_policy,
                ..service(name, service_type, false, on_node(&ports))
            });
        }
    }
    services
}

/// The published ports by the Service that has them.
fn by_name<'n>(
    [tcp, udp]: &'n [String; 2],
    published: &[ServicePort],
) -> IndexMap<&'n str, Vec<ServicePort>> {
    let mut all: IndexMap<&str, Vec<ServicePort>> = IndexMap::new();
    for port in published {
        let name = if port.protocol == "UDP" { udp } else { tcp };
        all.entry(name).or_default().push(port.clone());
    }
    all
}

/// The published ports behind those of the containers, as far as they differ.
fn one_list(internal: &[ServicePort], published: &[ServicePort]) -> Vec<ServicePort> {
    let mut all = internal.to_vec();
    for port in published {
        if all.iter().any(|it| (it.port, &it.protocol) == (port.port, &port.protocol)) {
            continue;
        }
        let name = format!("{}-{}", port.protocol.to_ascii_lowercase(), port.port);
        all.push(ServicePort { name, ..port.clone() });
    }
    all
}

/// Whether the name of a service leads to its pods one by one: as Compose says it, or since only such a
/// Service gives the pods of a `StatefulSet` names of their own. kompose makes none, and an address that
/// a Service has cannot be taken from it.
pub fn leads_to_pods(
    mode: Option<EndpointMode>,
    workload: Option<&Workload>,
    scope: &Scope,
) -> bool {
    let governs = matches!(workload, Some(Workload::StatefulSet));
    mode == Some(EndpointMode::Dnsrr) || (governs && scope.options.compat != Compat::Kompose)
}

impl Exposure {
    /// What the labels of a service, the options and `deploy.endpoint_mode` say.
    pub fn new(
        key: &str,
        mode: Option<EndpointMode>,
        published: usize,
        workload: Option<&Workload>,
        scope: &Scope,
    ) -> Self {
        let labels = &scope.service(key).container.labels;
        let site = scope.place(key).child("labels");
        let (publish, headless) = publish(labels, mode, &site, scope);
        let is_kompose = scope.options.compat == Compat::Kompose;
        let exposure = Self {
            publish,
            headless: headless || leads_to_pods(mode, workload, scope),
            is_by_label: is_kompose && setting(labels, settings::SERVICE_TYPE).is_some(),
            node_port: None,
            external_traffic_policy: None,
        };
        Self {
            node_port: exposure.node_port(labels, published, &site),
            external_traffic_policy: exposure.external_traffic_policy(labels, published, &site),
            ..exposure
        }
    }

    fn on_node(self, port: &ServicePort, published: &[ServicePort]) -> ServicePort {
        let same = NODE_PORTS.contains(&port.port).then_some(port.port);
        let chosen = self.node_port.filter(|_| published.len() == 1).or(same);
        let node_port = chosen.filter(|_| self.publish == Publish::NodePort);
        ServicePort { node_port, ..port.clone() }
    }

    fn node_port(
        self,
        labels: &IndexMap<String, String>,
        published: usize,
        site: &Site,
    ) -> Option<u16> {
        let (label, value) = setting(labels, settings::NODE_PORT)?;
        let site = site.child(label);
        let port = value.parse().ok().filter(|port| *port > 0);
        if port.is_none() {
            site.invalid(format!("`{value}` is no port"), "write a number, e.g. `30080`");
        } else if self.publish != Publish::NodePort || published != 1 {
            site.invalid(
                "a port of the nodes is for a service that publishes one port as `nodeport`",
                format!(
                    "set `{}: nodeport`; several ports are published as they are called",
                    settings::SERVICE_TYPE.first().unwrap_or(&"")
                ),
            );
        }
        port
    }

    fn external_traffic_policy(
        self,
        labels: &IndexMap<String, String>,
        published: usize,
        site: &Site,
    ) -> Option<&'static str> {
        let (label, value) = setting(labels, settings::EXTERNAL_TRAFFIC)?;
        let site = site.child(label);
        if self.publish.service_type().is_none() || published == 0 {
            site.not_translated(
                "the service publishes no port",
                "publish one, or remove the label",
            );
        }
        match value.to_ascii_lowercase().as_str() {
            "local" => Some("Local"),
            "cluster" | "" => Some("Cluster"),
            _ => {
                site.invalid(
                    format!("`{value}` is no policy for traffic from outside"),
                    "use `Local` or `Cluster`",
                );
                None
            }
        }
    }
}

/// How a service is published, and whether it is to be headless.
fn publish(
    labels: &IndexMap<String, String>,
    mode: Option<EndpointMode>,
    site: &Site,
    scope: &Scope,
) -> (Publish, bool) {
    let is_kompose = scope.options.compat == Compat::Kompose;
    let by_option = match scope.options.publish {
        Publish::None if is_kompose && mode == Some(EndpointMode::Vip) => Publish::NodePort,
        publish => publish,
    };
    let Some((label, value)) = setting(labels, settings::SERVICE_TYPE) else {
        return (by_option, false);
    };
    match value.to_ascii_lowercase().as_str() {
        "loadbalancer" => (Publish::LoadBalancer, false),
        "nodeport" => (Publish::NodePort, false),
        "clusterip" | "none" | "" => (Publish::None, false),
        "headless" => (Publish::None, true),
        _ => {
            site.child(label).invalid(
                format!("`{value}` is no way to publish a service"),
                "use `loadbalancer`, `nodeport`, `none` or `headless`",
            );
            (by_option, false)
        }
    }
}
