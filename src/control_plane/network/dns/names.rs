//! What a name below the cluster's domain, or an address, stands for.

use std::net::Ipv4Addr;
use std::sync::Arc;

use hickory_proto::ProtoError;
use hickory_proto::rr::Name;

use super::super::table::{Address, Host, Port, Service, Table};
use super::{DOMAIN, Zone};

/// What a name stands for.
#[derive(Debug)]
pub(super) enum Meaning<'a> {
    /// Nothing of the cluster.
    Foreign,
    /// It would be of the cluster, but there is no such name.
    Nothing,
    /// There are names below it.
    Branch,
    /// The domain itself.
    Apex,
    /// The server of the domain.
    Server,
    /// The version of the specification.
    Version,
    /// A Service, with all its ports or one.
    Service(&'a Service, Vec<&'a Port>),
    /// Endpoints of one name.
    Hosts(Vec<&'a Host>),
    /// A pod, by its address.
    Pod(Ipv4Addr),
}

/// The labels of a name, in lower case and in reverse: `local`, `cluster`, `svc`, …
fn labels(name: &Name) -> Vec<String> {
    name.iter().rev().map(|label| String::from_utf8_lossy(label).to_ascii_lowercase()).collect()
}

/// Finds out what a name stands for.
pub(super) fn meaning<'a>(zone: &'a Zone, name: &Name) -> Meaning<'a> {
    let labels = labels(name);
    let mut labels: Vec<&str> = labels.iter().map(String::as_str).collect();
    for part in DOMAIN.rsplit('.') {
        if labels.first() != Some(&part) {
            return Meaning::Foreign;
        }
        labels.remove(0);
    }
    match labels.as_slice() {
        [] => Meaning::Apex,
        ["dns-version"] => Meaning::Version,
        ["svc" | "pod" | "dns"] => Meaning::Branch,
        ["dns", "ns"] => Meaning::Server,
        ["svc" | "pod", namespace] if zone.table.namespaces.contains(*namespace) => Meaning::Branch,
        ["pod", namespace, address] if zone.table.namespaces.contains(*namespace) => {
            let address = address.replace('-', ".").parse();
            address.map_or(Meaning::Nothing, Meaning::Pod)
        }
        ["svc", namespace, name, rest @ ..] => match zone.table.service(namespace, name) {
            Some(service) => of_service(service, rest),
            None => Meaning::Nothing,
        },
        _ => Meaning::Nothing,
    }
}

fn of_service<'a>(service: &'a Service, below: &[&str]) -> Meaning<'a> {
    // As in CoreDNS, a headless Service without endpoints has no name.
    let is_empty = service.address == Address::Headless && service.hosts.is_empty();
    match below {
        _ if is_empty => Meaning::Nothing,
        [] => Meaning::Service(service, service.ports.iter().collect()),
        [protocol @ ("_tcp" | "_udp" | "_sctp")] => {
            let has_any = service.ports.iter().any(|port| port.protocol.label() == *protocol);
            if has_any { Meaning::Branch } else { Meaning::Nothing }
        }
        [protocol, port] => {
            let is_asked = |candidate: &&Port| {
                let named = port.strip_prefix('_') == Some(candidate.name.as_str());
                named && !candidate.name.is_empty() && candidate.protocol.label() == *protocol
            };
            let ports: Vec<&Port> = service.ports.iter().filter(is_asked).collect();
            if ports.is_empty() { Meaning::Nothing } else { Meaning::Service(service, ports) }
        }
        [host] => {
            let hosts: Vec<&Host> =
                service.hosts.iter().filter(|candidate| candidate.name == *host).collect();
            if hosts.is_empty() { Meaning::Nothing } else { Meaning::Hosts(hosts) }
        }
        _ => Meaning::Nothing,
    }
}

/// The address that a name of the form `4.3.2.1.in-addr.arpa` is about.
pub(super) fn reversed(name: &Name) -> Option<Ipv4Addr> {
    let labels = labels(name);
    let [arpa, in_addr, octets @ ..] = labels.as_slice() else { return None };
    if arpa != "arpa" || in_addr != "in-addr" || octets.len() != 4 {
        return None;
    }
    octets.join(".").parse().ok()
}

/// The names of an address: of a Service, else of the endpoint that has it.
pub(super) fn names_of(table: &Table, address: Ipv4Addr) -> Result<Vec<Name>, ProtoError> {
    let services = || table.services.values();
    let at = |service: &&Arc<Service>| service.address == Address::ClusterIp(address);
    if let Some(service) = services().find(at) {
        return Ok(vec![service_name(service)?]);
    }
    let hosts = services().flat_map(|service| {
        let hosts = service.hosts.iter().filter(|host| host.address == address);
        hosts.map(move |host| host_name(service, host))
    });
    hosts.collect()
}

/// `web.shop.svc.cluster.local`.
pub(super) fn service_name(service: &Service) -> Result<Name, ProtoError> {
    Name::from_ascii(format!("{}.{}.svc.{DOMAIN}.", service.name, service.namespace))
}

/// `web-0.web.shop.svc.cluster.local`.
pub(super) fn host_name(service: &Service, host: &Host) -> Result<Name, ProtoError> {
    service_name(service)?.prepend_label(host.name.as_str())
}

/// The endpoints of a headless Service that have a port, with its number there.
pub(super) fn endpoints<'a>(
    service: &'a Service,
    port: &'a Port,
) -> impl Iterator<Item = (&'a Host, u16)> {
    service.hosts.iter().filter_map(|host| {
        let at = port.internal.iter().find(|at| *at.ip() == host.address)?;
        Some((host, at.port()))
    })
}
