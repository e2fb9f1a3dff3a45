use serde_json::{Value, json};

use super::*;

const WEB: &str = "
metadata: {name: web, namespace: shop}
spec:
  clusterIP: 10.88.129.1
  ports: [{name: http, port: 80, targetPort: 8080}]
";

fn yaml<T: serde::de::DeserializeOwned>(text: &str) -> T {
    serde_yaml::from_str(text).unwrap()
}

fn with(service: &str, patch: &Value) -> v1::Service {
    let mut value: Value = yaml(service);
    json_patch::merge(&mut value, patch);
    serde_json::from_value(value).unwrap()
}

/// One line per way in, as `kubectl describe` would have it.
fn described(service: &v1::Service, slices: &[&str]) -> String {
    let slices: Vec<EndpointSlice> = slices.iter().map(|slice| yaml(slice)).collect();
    let Some(service) = Service::of(service, &slices, "here") else { return "nothing".to_owned() };
    let list =
        |list: &[SocketAddrV4]| list.iter().map(ToString::to_string).collect::<Vec<_>>().join(" ");
    let mut lines = vec![format!("{:?}", service.address)];
    lines.extend(service.external_addresses.iter().map(|ip| format!("external {ip}")));
    lines.extend(service.affinity_seconds.map(|seconds| format!("affinity {seconds} s")));
    for port in &service.ports {
        let Port { name, number, protocol, on_nodes, internal, external } = port;
        lines.push(format!("{name} {number}/{protocol:?} -> {}", list(internal)));
        if let Some(node_port) = on_nodes {
            lines.push(format!("node port {node_port} -> {}", list(external)));
        }
    }
    lines.extend(service.hosts.iter().map(|host| format!("host {} {}", host.name, host.address)));
    lines.join("\n")
}

fn check(service: &v1::Service, slices: &[&str], expected: &[&str]) {
    similar_asserts::assert_eq!(described(service, slices), expected.join("\n"));
}

const SLICE: &str = "
metadata: {name: web-1, namespace: shop}
addressType: IPv4
ports: [{name: http, port: 8080, protocol: TCP}]
endpoints:
- {addresses: [10.88.0.3], nodeName: here}
- {addresses: [10.88.0.2], nodeName: elsewhere, conditions: {ready: true}}
- {addresses: [10.88.0.4], nodeName: here, conditions: {ready: false, serving: true, terminating: true}}
- {addresses: [10.88.0.5], nodeName: here, conditions: {ready: false, serving: false}}
";

const ENDING: &str = "
metadata: {name: web-2, namespace: shop}
addressType: IPv4
ports: [{name: http, port: 8080}]
endpoints:
- {addresses: [10.88.0.4], nodeName: elsewhere, conditions: {ready: false, serving: true, terminating: true}}
- {addresses: [10.88.0.5], nodeName: here, conditions: {ready: false, serving: true, terminating: false}}
";

#[test]
fn ready_endpoints_of_all_slices_get_the_traffic() {
    let other = SLICE.replace("10.88.0.", "10.88.1.").replace("8080", "9090");
    let ipv6 = SLICE.replace("IPv4", "IPv6");
    check(
        &with(WEB, &json!({})),
        &[SLICE, &other, &ipv6],
        &[
            "ClusterIp(10.88.129.1)",
            "http 80/Tcp -> 10.88.0.2:8080 10.88.0.3:8080 10.88.1.2:9090 10.88.1.3:9090",
            "host 10-88-0-2 10.88.0.2",
            "host 10-88-0-3 10.88.0.3",
            "host 10-88-1-2 10.88.1.2",
            "host 10-88-1-3 10.88.1.3",
        ],
    );
}

#[test]
fn when_none_is_ready_those_that_end_and_serve_get_it() {
    let expected = ["ClusterIp(10.88.129.1)", "http 80/Tcp -> 10.88.0.4:8080"];
    check(&with(WEB, &json!({})), &[ENDING], &expected);
}

#[test]
fn local_policies_look_at_the_node() {
    let local = with(
        WEB,
        &json!({"spec": {
            "type": "NodePort", "externalTrafficPolicy": "Local",
            "ports": [{"name": "http", "port": 80, "nodePort": 30080}],
        }}),
    );
    check(
        &local,
        &[SLICE],
        &[
            "ClusterIp(10.88.129.1)",
            "http 80/Tcp -> 10.88.0.2:8080 10.88.0.3:8080",
            "node port 30080 -> 10.88.0.3:8080",
            "host 10-88-0-2 10.88.0.2",
            "host 10-88-0-3 10.88.0.3",
        ],
    );
    let local = with(WEB, &json!({"spec": {"internalTrafficPolicy": "Local"}}));
    check(&local, &[ENDING], &["ClusterIp(10.88.129.1)", "http 80/Tcp -> "]);
}

#[test]
fn affinity_and_external_addresses() {
    let service = with(
        WEB,
        &json!({"spec": {
            "sessionAffinity": "ClientIP",
            "sessionAffinityConfig": {"clientIP": {"timeoutSeconds": 60}},
            "externalIPs": ["192.0.2.7", "2001:db8::1"],
        }}),
    );
    let expected =
        ["ClusterIp(10.88.129.1)", "external 192.0.2.7", "affinity 60 s", "http 80/Tcp -> "];
    check(&service, &[], &expected);
}

#[test]
fn a_headless_service_is_known_by_its_hosts() {
    let headless = with(WEB, &json!({"spec": {"clusterIP": "None"}}));
    let slice = SLICE.replace("10.88.0.3]", "10.88.0.3], hostname: web-0");
    check(
        &headless,
        &[&slice],
        &[
            "Headless",
            "http 8080/Tcp -> 10.88.0.2:8080 10.88.0.3:8080",
            "host 10-88-0-2 10.88.0.2",
            "host web-0 10.88.0.3",
        ],
    );
}

#[test]
fn an_external_name_has_nothing_behind_it() {
    let external =
        with(WEB, &json!({"spec": {"type": "ExternalName", "externalName": "example.org."}}));
    check(&external, &[SLICE], &["ExternalName(\"example.org\")"]);
}

#[test]
fn without_an_address_there_is_no_way_in() {
    check(&with(WEB, &json!({"spec": {"clusterIP": null}})), &[SLICE], &["nothing"]);
}

#[test]
fn a_table_of_a_thousand_services_survives_its_way_as_json() {
    let services = (0..1000).map(|number| {
        let service = with(WEB, &json!({"metadata": {"name": format!("web-{number}")}}));
        let service = Service::of(&service, &[yaml(SLICE)], "here").unwrap();
        (service.key(), Arc::new(service))
    });
    let table = Table {
        namespaces: Arc::new(BTreeSet::from(["shop".to_owned()])),
        services: Arc::new(services.collect()),
        ..Table::default()
    };
    let text = serde_json::to_string(&table).unwrap();
    assert!(text.len() < 400_000, "{} bytes", text.len());
    assert_eq!(serde_json::from_str::<Table>(&text).unwrap(), table);
}
