//! Who may listen where on this machine: decided from the table alone.

use std::collections::BTreeMap;
use std::fmt;
use std::net::{Ipv4Addr, SocketAddrV4};

use super::super::proxy::{Backends, Listen};
use super::super::table::{Service, Table};

/// Whose port it is.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Owner {
    /// A Service, by its key.
    Service(String),
    /// A pod, by its key.
    Pod(String),
}

/// A port of this machine, and what is behind it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Claim {
    pub(super) owner: Owner,
    pub(super) backends: Backends,
}

/// All ports that are asked for.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Claims {
    pub(super) granted: BTreeMap<Listen, Claim>,
    /// Where, to whom, and who has it.
    pub(super) refused: Vec<(Listen, Owner, Owner)>,
}

/// Decides who gets a port: who has it already, else the first one by name.
pub(super) fn of(table: &Table, address: Ipv4Addr, held: &BTreeMap<Listen, Owner>) -> Claims {
    let services = table.services.values().flat_map(|service| of_service(service, address));
    let pods = table.pods.iter().flat_map(|(key, ports)| {
        ports.iter().map(|port| {
            let listen = Listen::new(
                port.protocol,
                SocketAddrV4::new(port.address.unwrap_or(address), port.number),
            );
            let backends = Backends { endpoints: vec![port.endpoint], affinity: None };
            (listen, Claim { owner: Owner::Pod(key.clone()), backends })
        })
    });
    let mut claims = Claims::default();
    for (listen, claim) in services.chain(pods) {
        match claims.granted.get(&listen) {
            None => {
                claims.granted.insert(listen, claim);
            }
            // The same port twice is one port.
            Some(first) if first.owner == claim.owner => {}
            Some(_) if held.get(&listen) == Some(&claim.owner) => {
                let owner = claim.owner.clone();
                if let Some(first) = claims.granted.insert(listen, claim) {
                    claims.refused.push((listen, first.owner, owner));
                }
            }
            Some(first) => claims.refused.push((listen, claim.owner, first.owner.clone())),
        }
    }
    claims
}

fn of_service(service: &Service, address: Ipv4Addr) -> impl Iterator<Item = (Listen, Claim)> {
    service.proxied_ports().flat_map(move |port| {
        let on_nodes = port.on_nodes.map(|number| SocketAddrV4::new(address, number));
        let balanced = service.load_balancer.then(|| SocketAddrV4::new(address, port.number));
        let external = service.external_addresses.iter();
        let external = external.map(|address| SocketAddrV4::new(*address, port.number));
        on_nodes.into_iter().chain(balanced).chain(external).map(|at| {
            let owner = Owner::Service(service.key());
            let backends = Backends::of(service, &port.external);
            (Listen::new(port.protocol, at), Claim { owner, backends })
        })
    })
}

impl fmt::Display for Owner {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Service(key) => write!(f, "the Service `{key}`"),
            Self::Pod(key) => write!(f, "the pod `{key}`"),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use serde_json::{Value, json};

    use super::*;
    use crate::control_plane::network::table::HostPort;

    fn service(name: &str, patch: &Value) -> (String, Arc<Service>) {
        let mut service = json!({
            "namespace": "shop",
            "name": name,
            "address": {"ClusterIp": "10.88.129.1"},
            "ports": [{"number": 80, "protocol": "TCP", "internal": [], "external": ["10.88.0.2:8080"]}],
        });
        json_patch::merge(&mut service, patch);
        let service: Service = serde_json::from_value(service).unwrap();
        (service.key(), Arc::new(service))
    }

    fn described(claims: &Claims) -> Vec<String> {
        let granted = claims.granted.iter().map(|(listen, claim)| {
            format!("{listen}: {} -> {:?}", claim.owner, claim.backends.endpoints)
        });
        let refused = claims.refused.iter();
        let refused =
            refused.map(|(listen, owner, holder)| format!("{listen}: not {owner}, but {holder}"));
        granted.chain(refused).collect()
    }

    #[test]
    fn services_and_pods_are_published_on_this_machine() {
        let node_port = json!({"ports": [{
            "number": 53, "protocol": "UDP", "on_nodes": 30053, "internal": [], "external": [],
        }]});
        let services = [
            service("web", &json!({"load_balancer": true})),
            service("dns", &node_port),
            service("far", &json!({"external_addresses": ["192.0.2.1"]})),
            service("inside", &json!({})),
        ];
        let port = |address: Option<Ipv4Addr>, number| HostPort {
            protocol: crate::control_plane::network::table::Protocol::Tcp,
            address,
            number,
            endpoint: "10.88.0.9:9000".parse().unwrap(),
        };
        let pods = vec![port(None, 9000), port(Some(Ipv4Addr::new(127, 0, 0, 2)), 9001)];
        let table = Table {
            services: Arc::new(services.into()),
            pods: Arc::new([("shop/web-1".to_owned(), pods)].into()),
            ..Table::default()
        };
        let claims = of(&table, Ipv4Addr::LOCALHOST, &BTreeMap::new());
        let expected = [
            "127.0.0.1:80 (TCP): the Service `shop/web` -> [10.88.0.2:8080]",
            "127.0.0.1:9000 (TCP): the pod `shop/web-1` -> [10.88.0.9:9000]",
            "127.0.0.2:9001 (TCP): the pod `shop/web-1` -> [10.88.0.9:9000]",
            "192.0.2.1:80 (TCP): the Service `shop/far` -> [10.88.0.2:8080]",
            "127.0.0.1:30053 (UDP): the Service `shop/dns` -> []",
        ];
        similar_asserts::assert_eq!(described(&claims), expected);
    }

    #[test]
    fn who_has_a_port_keeps_it() {
        let balancer = json!({"load_balancer": true});
        let table = Table {
            services: Arc::new([service("a", &balancer), service("b", &balancer)].into()),
            ..Table::default()
        };
        let at: SocketAddrV4 = "127.0.0.1:80".parse().unwrap();
        let listen = Listen::new(crate::control_plane::network::table::Protocol::Tcp, at);
        let refused = |held: &BTreeMap<Listen, Owner>| {
            described(&of(&table, Ipv4Addr::LOCALHOST, held)).pop().unwrap()
        };
        assert_eq!(
            refused(&BTreeMap::new()),
            "127.0.0.1:80 (TCP): not the Service `shop/b`, but the Service `shop/a`"
        );
        assert_eq!(
            refused(&BTreeMap::from([(listen, Owner::Service("shop/b".to_owned()))])),
            "127.0.0.1:80 (TCP): not the Service `shop/a`, but the Service `shop/b`"
        );
    }
}
