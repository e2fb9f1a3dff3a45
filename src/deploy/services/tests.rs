use serde_json::{Value, json};

use super::published_ports;
use crate::kubernetes::Object;

fn check(service: &Value, expected: &[&str]) {
    let mut fields = service.as_object().unwrap().clone();
    fields.insert("apiVersion".to_owned(), json!("v1"));
    fields.insert("kind".to_owned(), json!("Service"));
    fields.insert("metadata".to_owned(), json!({"name": "web-published"}));
    let ports = published_ports(&Object::new(fields).unwrap());
    let ports: Vec<String> = ports.iter().map(ToString::to_string).collect();
    assert_eq!(ports, expected);
}

#[test]
fn published_ports_are_those_that_are_reached_from_outside() {
    let ports = || json!([{"port": 80, "targetPort": "http"}, {"port": 53, "protocol": "UDP", "nodePort": 30053}]);
    check(&json!({"spec": {"ports": ports()}}), &[]);
    check(
        &json!({"spec": {"type": "LoadBalancer", "ports": ports()}}),
        &["*:80->http/tcp", "*:53->53/udp"],
    );
    check(
        &json!({"spec": {"type": "LoadBalancer", "ports": [{"port": 80, "targetPort": 8080}]},
               "status": {"loadBalancer": {"ingress": [{"ip": "127.0.0.1"}, {"hostname": "lb"}]}}}),
        &["127.0.0.1:80->8080/tcp", "lb:80->8080/tcp"],
    );
    check(&json!({"spec": {"type": "NodePort", "ports": ports()}}), &["*:30053->53/udp"]);
}
