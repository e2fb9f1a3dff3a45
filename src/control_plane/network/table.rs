//! What every address of a Service leads to, and under which names it is known: all that proxies and
//! DNS work by, decided from Services and `EndpointSlice`s alone.

mod endpoints;
mod host_ports;

use std::collections::{BTreeMap, BTreeSet};
use std::net::{Ipv4Addr, SocketAddrV4};
use std::sync::Arc;

use k8s_openapi::api::core::v1::{self, ServicePort};
use k8s_openapi::api::discovery::v1::EndpointSlice;
use serde::{Deserialize, Serialize};

pub(super) use endpoints::Policy;

/// The table of a cluster; cheap to clone.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Table {
    /// The names of all namespaces.
    pub(super) namespaces: Arc<BTreeSet<String>>,
    /// The Services, by `namespace/name`.
    pub(super) services: Arc<BTreeMap<String, Arc<Service>>>,
    /// The host ports of pods, by `namespace/name`; they are no business of the gateway.
    #[serde(skip)]
    pub(super) pods: Arc<BTreeMap<String, Vec<HostPort>>>,
}

/// A port of a pod that is published on its node.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct HostPort {
    pub(super) protocol: Protocol,
    /// The address of the node, when it is a particular one.
    pub(super) address: Option<Ipv4Addr>,
    pub(super) number: u16,
    pub(super) endpoint: SocketAddrV4,
}

/// One Service.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Service {
    pub(super) namespace: String,
    pub(super) name: String,
    /// Tells a Service from a later one of the same name; the gateway does not care.
    #[serde(skip)]
    pub(super) uid: String,
    pub(super) address: Address,
    /// `spec.externalIPs`.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(super) external_addresses: Vec<Ipv4Addr>,
    /// Whether it is of type `LoadBalancer`, and of no class.
    #[serde(default)]
    pub(super) load_balancer: bool,
    /// For so many seconds a client keeps its endpoint.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) affinity_seconds: Option<u32>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(super) ports: Vec<Port>,
    /// The endpoints that DNS knows.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(super) hosts: Vec<Host>,
}

/// How a Service is reached from within the cluster.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) enum Address {
    /// At an address of its own.
    ClusterIp(Ipv4Addr),
    /// At the addresses of its endpoints.
    Headless,
    /// It is another name for something elsewhere.
    ExternalName(String),
}

/// A port of a Service.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Port {
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub(super) name: String,
    pub(super) number: u16,
    pub(super) protocol: Protocol,
    /// The same port on each node.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) on_nodes: Option<u16>,
    /// Where connections to the cluster IP go.
    pub(super) internal: Vec<SocketAddrV4>,
    /// Where connections to node ports, load balancers and external addresses go.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(super) external: Vec<SocketAddrV4>,
}

/// The protocol of a port.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "UPPERCASE")]
pub(super) enum Protocol {
    Tcp,
    Udp,
    /// Known to DNS, and not proxied.
    Sctp,
}

/// An endpoint that has a name.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub(super) struct Host {
    pub(super) address: Ipv4Addr,
    /// Its host name, else its address with dashes.
    pub(super) name: String,
}

impl Table {
    /// The key of a Service.
    pub(super) fn key(namespace: &str, name: &str) -> String {
        format!("{namespace}/{name}")
    }

    /// A Service by its name.
    pub(super) fn service(&self, namespace: &str, name: &str) -> Option<&Arc<Service>> {
        self.services.get(&Self::key(namespace, name))
    }
}

impl Service {
    /// Decides what a Service leads to, as seen from a node.
    pub(super) fn of(service: &v1::Service, slices: &[EndpointSlice], node: &str) -> Option<Self> {
        let spec = service.spec.as_ref()?;
        let (kind, address) = (spec.type_.as_deref(), spec.cluster_ip.as_deref());
        let address = match (kind, address) {
            (Some("ExternalName"), _) => {
                let name = spec.external_name.clone().unwrap_or_default();
                Address::ExternalName(name.trim_end_matches('.').to_owned())
            }
            (_, Some("None")) => Address::Headless,
            (_, address) => Address::ClusterIp(address?.parse().ok()?),
        };
        // One of another class is somebody else's to balance.
        let load_balancer = kind == Some("LoadBalancer") && spec.load_balancer_class.is_none();
        let external_addresses: Vec<Ipv4Addr> =
            spec.external_ips.iter().flatten().filter_map(|ip| ip.parse().ok()).collect();
        let is_external =
            load_balancer || kind == Some("NodePort") || !external_addresses.is_empty();
        let slices: Vec<&EndpointSlice> =
            slices.iter().filter(|slice| slice.address_type == "IPv4").collect();
        let local = |policy: Option<&str>| match policy {
            Some("Local") => Policy::Local(node),
            _ => Policy::Cluster,
        };
        let internal = local(spec.internal_traffic_policy.as_deref());
        let external = local(spec.external_traffic_policy.as_deref());
        let ports = match &address {
            Address::ExternalName(_) => Vec::new(),
            // DNS tells the ports of the endpoints themselves.
            Address::Headless => headless_ports(&slices),
            Address::ClusterIp(_) => spec
                .ports
                .iter()
                .flatten()
                .filter_map(|port| {
                    let mut decided = Port::of(port)?;
                    decided.internal = endpoints::of_port(&slices, port, internal);
                    if is_external {
                        decided.external = endpoints::of_port(&slices, port, external);
                    }
                    Some(decided)
                })
                .collect(),
        };
        let hosts = match &address {
            Address::ExternalName(_) => Vec::new(),
            _ => endpoints::hosts(&slices),
        };
        Some(Self {
            namespace: service.metadata.namespace.clone()?,
            name: service.metadata.name.clone()?,
            uid: service.metadata.uid.clone().unwrap_or_default(),
            address,
            external_addresses,
            load_balancer,
            affinity_seconds: affinity(spec),
            ports,
            hosts,
        })
    }

    /// The ports that are proxied.
    pub(super) fn proxied_ports(&self) -> impl Iterator<Item = &Port> {
        self.ports.iter().filter(|port| port.protocol != Protocol::Sctp)
    }

    /// The key of the Service in the table.
    pub(super) fn key(&self) -> String {
        Table::key(&self.namespace, &self.name)
    }
}

impl Port {
    /// A port without endpoints.
    fn of(port: &ServicePort) -> Option<Self> {
        Some(Self {
            name: port.name.clone().unwrap_or_default(),
            number: u16::try_from(port.port).ok()?,
            protocol: Protocol::parse(port.protocol.as_deref())?,
            on_nodes: port.node_port.and_then(|port| u16::try_from(port).ok()),
            internal: Vec::new(),
            external: Vec::new(),
        })
    }
}

impl Protocol {
    /// The protocol of a port, by its name in Kubernetes; TCP without one.
    pub(super) fn parse(name: Option<&str>) -> Option<Self> {
        match name {
            None | Some("TCP") => Some(Self::Tcp),
            Some("UDP") => Some(Self::Udp),
            Some("SCTP") => Some(Self::Sctp),
            Some(_) => None,
        }
    }

    /// Its label in DNS.
    pub(super) fn label(self) -> &'static str {
        match self {
            Self::Tcp => "_tcp",
            Self::Udp => "_udp",
            Self::Sctp => "_sctp",
        }
    }
}

fn affinity(spec: &v1::ServiceSpec) -> Option<u32> {
    /// What the API fills in, too.
    const THREE_HOURS: u32 = 10_800;
    (spec.session_affinity.as_deref() == Some("ClientIP")).then(|| {
        let config = spec.session_affinity_config.as_ref();
        let client_ip = config.and_then(|config| config.client_ip.as_ref());
        let seconds = client_ip.and_then(|client_ip| client_ip.timeout_seconds);
        seconds.and_then(|seconds| u32::try_from(seconds).ok()).unwrap_or(THREE_HOURS)
    })
}

fn headless_ports(slices: &[&EndpointSlice]) -> Vec<Port> {
    let mut ports: BTreeMap<(String, Protocol, u16), Port> = BTreeMap::new();
    for slice in slices {
        for port in slice.ports.iter().flatten() {
            let number = port.port.and_then(|port| u16::try_from(port).ok());
            let (Some(number), Some(protocol)) =
                (number, Protocol::parse(port.protocol.as_deref()))
            else {
                continue;
            };
            let name = port.name.clone().unwrap_or_default();
            let known = ports.entry((name.clone(), protocol, number)).or_insert_with(|| Port {
                name,
                number,
                protocol,
                on_nodes: None,
                internal: Vec::new(),
                external: Vec::new(),
            });
            let hosts = endpoints::hosts(&[*slice]);
            known.internal.extend(hosts.iter().map(|host| SocketAddrV4::new(host.address, number)));
        }
    }
    let mut ports: Vec<Port> = ports.into_values().collect();
    for port in &mut ports {
        port.internal.sort();
        port.internal.dedup();
    }
    ports
}

#[cfg(test)]
mod tests;
