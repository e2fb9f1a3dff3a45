//! Which endpoints of a Service get traffic.

use std::net::{Ipv4Addr, SocketAddrV4};

use k8s_openapi::api::core::v1::ServicePort;
use k8s_openapi::api::discovery::v1::{Endpoint, EndpointSlice};

use super::{Host, Protocol};

/// A traffic policy.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in super::super) enum Policy<'a> {
    /// All endpoints.
    Cluster,
    /// Those on a node.
    Local(&'a str),
}

/// The endpoints behind a Service's port: the ready ones, else those that end and still serve.
pub(super) fn of_port(
    slices: &[&EndpointSlice],
    port: &ServicePort,
    policy: Policy<'_>,
) -> Vec<SocketAddrV4> {
    let protocol = Protocol::parse(port.protocol.as_deref());
    let name = port.name.as_deref().unwrap_or_default();
    let (mut ready, mut ending) = (Vec::new(), Vec::new());
    for slice in slices {
        let same = slice.ports.iter().flatten().find(|candidate| {
            candidate.name.as_deref().unwrap_or_default() == name
                && Protocol::parse(candidate.protocol.as_deref()) == protocol
        });
        let Some(number) = same.and_then(|port| u16::try_from(port.port?).ok()) else { continue };
        for endpoint in slice.endpoints.iter().filter(|endpoint| policy.admits(endpoint)) {
            let state = State::of(endpoint);
            let addresses = addresses(endpoint).map(|ip| SocketAddrV4::new(ip, number));
            if state.ready {
                ready.extend(addresses);
            } else if state.serving && state.terminating {
                ending.extend(addresses);
            }
        }
    }
    let mut chosen = if ready.is_empty() { ending } else { ready };
    chosen.sort();
    chosen.dedup();
    chosen
}

/// The ready endpoints and their names.
pub(super) fn hosts(slices: &[&EndpointSlice]) -> Vec<Host> {
    let endpoints = slices.iter().flat_map(|slice| &slice.endpoints);
    let ready = endpoints.filter(|endpoint| State::of(endpoint).ready);
    let mut hosts: Vec<Host> = ready
        .flat_map(|endpoint| {
            addresses(endpoint).map(|address| Host {
                address,
                name: endpoint.hostname.clone().unwrap_or_else(|| dashed(address)),
            })
        })
        .collect();
    hosts.sort();
    hosts.dedup();
    hosts
}

/// `10-88-0-5`.
fn dashed(address: Ipv4Addr) -> String {
    address.to_string().replace('.', "-")
}

/// Only the first address of an endpoint counts, as for kube-proxy.
fn addresses(endpoint: &Endpoint) -> impl Iterator<Item = Ipv4Addr> {
    endpoint.addresses.first().and_then(|text| text.parse().ok()).into_iter()
}

impl Policy<'_> {
    fn admits(self, endpoint: &Endpoint) -> bool {
        match self {
            Self::Cluster => true,
            Self::Local(node) => endpoint.node_name.as_deref() == Some(node),
        }
    }
}

/// The conditions of an endpoint; what is not said counts as for kube-proxy.
struct State {
    ready: bool,
    serving: bool,
    terminating: bool,
}

impl State {
    fn of(endpoint: &Endpoint) -> Self {
        let said = endpoint.conditions.as_ref();
        let ready = said.and_then(|said| said.ready).unwrap_or(true);
        Self {
            ready,
            serving: said.and_then(|said| said.serving).unwrap_or(ready),
            terminating: said.and_then(|said| said.terminating).unwrap_or(false),
        }
    }
}
