//! The status of a Service of type `LoadBalancer`.

use std::net::Ipv4Addr;

use jiff::Timestamp;
use k8s_openapi::api::core::v1::Service;
use k8s_openapi::apimachinery::pkg::apis::meta::v1::{Condition, Time};
use serde_json::{Value, json};

use super::super::super::runner::{Operation, Reference};
use super::super::proxy::Listen;
use super::super::table::Protocol;
use crate::kubernetes::labels::PUBLISHED;

/// Where a load balancer listens, and what keeps it from it.
#[derive(Debug)]
pub(super) struct Published {
    pub(super) address: Ipv4Addr,
    pub(super) ports: Vec<(Listen, Option<String>)>,
}

/// The write that makes a Service's status show what is published; none when it does, or when it is
/// no load balancer and shows nothing of one.
pub(super) fn reconcile(
    service: &Service,
    published: Option<&Published>,
    now: Timestamp,
) -> Option<Operation> {
    let status = service.status.clone().unwrap_or_default();
    let conditions = status.conditions.unwrap_or_default();
    let known = conditions.iter().find(|condition| condition.type_ == PUBLISHED);
    let mut wanted = conditions.clone();
    wanted.retain(|condition| condition.type_ != PUBLISHED);
    wanted.extend(published.map(|published| condition(service, published, known, now)));
    let ingress = published.and_then(ingress);
    let observed = status.load_balancer.and_then(|balancer| balancer.ingress);
    let observed = observed.filter(|list| !list.is_empty()).map(|list| json!(list));
    if wanted == conditions && ingress == observed {
        return None;
    }
    let patch = json!({"status": {
        "loadBalancer": {"ingress": ingress},
        "conditions": wanted,
    }});
    Some(Operation::Patch {
        target: Reference::to(service),
        subresource: "status",
        patch,
        note: None,
    })
}

/// The way in, as long as one port listens.
fn ingress(published: &Published) -> Option<Value> {
    let Published { address, ports } = published;
    if ports.iter().all(|(_, problem)| problem.is_some()) {
        return None;
    }
    let ports: Vec<Value> = ports
        .iter()
        .map(|(listen, problem)| {
            let protocol = if listen.protocol == Protocol::Udp { "UDP" } else { "TCP" };
            let mut port = json!({"port": listen.address.port(), "protocol": protocol});
            if let (Some(_), Some(port)) = (problem, port.as_object_mut()) {
                port.insert("error".to_owned(), "PortNotPublished".into());
            }
            port
        })
        .collect();
    Some(json!([{"ip": address.to_string(), "ipMode": "Proxy", "ports": ports}]))
}

fn condition(
    service: &Service,
    published: &Published,
    known: Option<&Condition>,
    now: Timestamp,
) -> Condition {
    let problems: Vec<&str> =
        published.ports.iter().filter_map(|(_, problem)| problem.as_deref()).collect();
    let (status, reason, message) = match problems.as_slice() {
        [] => ("True", "Listening", format!("listening on {}", published.address)),
        problems => ("False", "PortNotPublished", problems.join("; ")),
    };
    let since = known.filter(|known| known.status == status);
    Condition {
        type_: PUBLISHED.to_owned(),
        status: status.to_owned(),
        reason: reason.to_owned(),
        message,
        last_transition_time: since.map_or(Time(now), |known| known.last_transition_time.clone()),
        observed_generation: service.metadata.generation,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn service(status: &Value) -> Service {
        let metadata = json!({"name": "web", "namespace": "shop"});
        serde_json::from_value(json!({"metadata": metadata, "status": status})).unwrap()
    }

    fn published(problem: Option<&str>) -> Published {
        let listen = |at: &str| Listen::new(Protocol::Tcp, at.parse().unwrap());
        Published {
            address: Ipv4Addr::LOCALHOST,
            ports: vec![
                (listen("127.0.0.1:80"), problem.map(str::to_owned)),
                (listen("127.0.0.1:443"), None),
            ],
        }
    }

    fn patch(service: &Service, published: Option<&Published>) -> Option<Value> {
        match reconcile(service, published, "2026-01-02T03:04:05Z".parse().unwrap()) {
            Some(Operation::Patch { patch, .. }) => Some(patch["status"].clone()),
            _ => None,
        }
    }

    #[test]
    fn a_status_shows_the_address_and_is_written_once() {
        let written = patch(&service(&Value::Null), Some(&published(None))).unwrap();
        let ports = json!([{"port": 80, "protocol": "TCP"}, {"port": 443, "protocol": "TCP"}]);
        let ingress = json!([{"ip": "127.0.0.1", "ipMode": "Proxy", "ports": ports}]);
        assert_eq!(written["loadBalancer"]["ingress"], ingress);
        assert_eq!(written["conditions"][0]["status"], "True");
        assert_eq!(patch(&service(&written), Some(&published(None))), None);
        // No load balancer any more.
        let cleared = patch(&service(&written), None).unwrap();
        assert_eq!(cleared, json!({"loadBalancer": {"ingress": null}, "conditions": []}));
        assert_eq!(patch(&service(&Value::Null), None), None);
    }

    #[test]
    fn a_port_that_is_taken_is_told() {
        let problem = "127.0.0.1:80 (TCP) is in use by nginx (pid 7)";
        let written = patch(&service(&Value::Null), Some(&published(Some(problem)))).unwrap();
        let ports = &written["loadBalancer"]["ingress"][0]["ports"];
        assert_eq!(ports[0]["error"], "PortNotPublished");
        assert_eq!(ports[1].get("error"), None);
        assert_eq!(written["conditions"][0]["message"], problem);
    }
}
