//! How the options about the network change what `convert` writes.

use super::place::Place;

const WEB: &str = "services:\n  web:\n    image: nginx:1.29\n    ports: [\"30080:80\", \"8443:443\", \"127.0.0.1:9000:9000\"]\n";

/// `type` and ports of the Services, as `NAME TYPE PORT:NODEPORT …`.
fn services(place: &Place, arguments: &[&str]) -> Vec<String> {
    let mut all = vec!["convert", "--format", "json"];
    all.extend(arguments);
    let ran = place.run(&all);
    assert_eq!(ran.code, Some(0), "{}", ran.stderr);
    let list: serde_json::Value = serde_json::from_str(&ran.stdout).unwrap();
    let services = list["items"].as_array().unwrap().iter().filter(|it| it["kind"] == "Service");
    services
        .map(|service| {
            let ports = service["spec"]["ports"].as_array().unwrap().iter();
            let ports: Vec<String> = ports
                .map(|port| match port["nodePort"].as_i64() {
                    Some(node) => format!("{}:{node}", port["port"]),
                    None => port["port"].to_string(),
                })
                .collect();
            let name = service["metadata"]["name"].as_str().unwrap();
            let cluster_ip = service["spec"]["clusterIP"].as_str().unwrap_or_default();
            let kind = service["spec"]["type"].as_str().unwrap();
            format!("{name} {kind}{cluster_ip} {}", ports.join(" "))
        })
        .collect()
}

#[test]
fn published_ports_by_option() {
    let place = Place::with(WEB);
    let own = "web ClusterIP 80 443 9000";
    let published = |kind, ports| format!("web-published {kind} {ports}");
    assert_eq!(services(&place, &[]), [own, &published("LoadBalancer", "30080 8443")]);
    assert_eq!(
        services(&place, &["--publish", "nodeport"]),
        [own, &published("NodePort", "30080:30080 8443")]
    );
    assert_eq!(services(&place, &["--publish", "none"]), [own]);
}

#[test]
fn published_ports_by_label() {
    let label = |value: &str| format!("{WEB}    labels: {{kompose.service.type: {value}}}\n");
    let place = Place::with(&label("NodePort"));
    assert_eq!(services(&place, &["--publish", "none"]).len(), 2);
    place.file("compose.yaml", &label("headless"));
    assert_eq!(services(&place, &[]), ["web ClusterIPNone 80 443 9000"]);
    place.file("compose.yaml", &label("somehow"));
    let ran = place.run(&["convert"]);
    assert_eq!(ran.code, Some(2));
    assert!(ran.stderr.contains("`somehow` is no way to publish a service"), "{}", ran.stderr);
    assert!(ran.stderr.contains("compose.yaml:5:"), "{}", ran.stderr);
}

#[test]
fn a_port_of_this_machine_alone_is_not_published() {
    let ran = Place::with(WEB).run(&["convert"]);
    assert!(ran.stderr.contains("is for this machine alone, so it is not published"));
}
