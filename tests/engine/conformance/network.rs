use serde_json::{Value, json};

use crate::engine::cluster::{Namespace, namespace, script, task};

/// A pod that serves its name on ports, with a label, once it is ready.
async fn server(namespace: &Namespace, name: &str, ports: &[u16]) {
    let serve = |port: &u16| format!("httpd -p {port} -h /www; ");
    let text = format!(
        "hostname > /www/index.html; {} trap 'exit 0' TERM; while true; do sleep 0.1; done",
        ports.iter().map(serve).collect::<String>()
    );
    let mut container = script("serve", &text);
    container["ports"] = ports.iter().map(|port| json!({"containerPort": port})).collect();
    container["readinessProbe"] =
        json!({"httpGet": {"path": "/", "port": ports[0]}, "periodSeconds": 1});
    namespace
        .apply(json!({
            "apiVersion": "v1",
            "kind": "Pod",
            "metadata": {"name": name, "labels": {"serves": "yes"}},
            "spec": {"hostname": name, "subdomain": "headless", "containers": [container]},
        }))
        .await;
    namespace.ready(name).await;
}

async fn service(namespace: &Namespace, name: &str, fields: Value) {
    let mut spec = json!({"selector": {"serves": "yes"}});
    for (field, value) in fields.as_object().unwrap() {
        spec[field] = value.clone();
    }
    let metadata = json!({"name": name});
    namespace
        .apply(json!({"apiVersion": "v1", "kind": "Service", "metadata": metadata, "spec": spec}))
        .await;
}

/// A script that waits until its first argument's answer is there: names and ways spread in a moment.
fn eventually(command: &str) -> String {
    format!("until {command}; do sleep 0.1; done")
}

#[tokio::test]
async fn services_serve_a_basic_endpoint_from_pods() {
    let Some(namespace) = namespace().await else { return };
    service(&namespace, "basic", json!({"ports": [{"port": 80, "targetPort": 8080}]})).await;
    server(&namespace, "pod1", &[8080]).await;
    let text = eventually("wget -qO- http://basic/");
    assert_eq!(namespace.output("asks", task(&text)).await, "pod1\n");
    namespace.delete("Pod", "pod1", Some(0)).await;
    namespace.gone("Pod", "pod1").await;
    let text = "while wget -qO- http://basic/; do sleep 0.1; done; echo refused";
    assert!(namespace.output("asks-again", task(text)).await.ends_with("refused\n"));
}

#[tokio::test]
async fn services_serve_multiport_endpoints_from_pods() {
    let Some(namespace) = namespace().await else { return };
    let ports = json!([
        {"name": "portname1", "port": 80, "targetPort": 8100},
        {"name": "portname2", "port": 81, "targetPort": 8101},
    ]);
    service(&namespace, "multi", json!({"ports": ports})).await;
    server(&namespace, "pod1", &[8100, 8101]).await;
    let text = eventually("wget -qO- http://multi:80/ && wget -qO- http://multi:81/");
    assert_eq!(namespace.output("asks", task(&text)).await, "pod1\npod1\n");
}

#[tokio::test]
async fn dns_is_provided_for_the_cluster() {
    let Some(namespace) = namespace().await else { return };
    let text = eventually("nslookup kubernetes.default.svc.cluster.local > /tmp/answer")
        + "; grep -c Address /tmp/answer; cat /etc/resolv.conf";
    let output = namespace.output("asks", task(&text)).await;
    let search =
        format!("search {}.svc.cluster.local svc.cluster.local cluster.local", namespace.name);
    assert!(output.contains(&search) && output.contains("ndots:5"), "{output}");
}

#[tokio::test]
async fn dns_is_provided_for_services() {
    let Some(namespace) = namespace().await else { return };
    service(
        &namespace,
        "normal",
        json!({"ports": [{"name": "http", "port": 80, "targetPort": 8080}]}),
    )
    .await;
    service(
        &namespace,
        "headless",
        json!({"clusterIP": "None", "ports": [{"name": "http", "port": 8080}]}),
    )
    .await;
    server(&namespace, "pod1", &[8080]).await;
    let name = &namespace.name;
    let asks: Vec<String> = [
        "http://normal/".to_owned(),
        format!("http://normal.{name}/"),
        format!("http://normal.{name}.svc/"),
        format!("http://normal.{name}.svc.cluster.local/"),
        "http://headless:8080/".to_owned(),
        format!("http://pod1.headless.{name}.svc.cluster.local:8080/"),
    ]
    .iter()
    .map(|url| eventually(&format!("wget -qO- {url}")))
    .collect();
    assert_eq!(namespace.output("asks", task(&asks.join("; "))).await, "pod1\n".repeat(6));
}
