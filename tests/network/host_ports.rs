use std::net::SocketAddrV4;

use serde_json::{Value, json};
use tokio::net::TcpListener;

use crate::harness::{Cluster, ask, key, named, until};

#[tokio::test]
async fn a_load_balancer_and_a_node_port_answer_on_this_machine() {
    let cluster = Cluster::start().await;
    cluster.endpoints("web", &[named("one", "127.0.0.1:0").await]).await;
    let ports = json!([{"name": "main", "port": 8080, "nodePort": 30080}]);
    cluster.service("web", &json!({"type": "LoadBalancer", "ports": ports})).await;
    for port in [8080, 30080] {
        let at = SocketAddrV4::new(cluster.address, port);
        assert_eq!(until("an answer", || ask(at)).await, "one: hello");
    }
    let web = key("v1", "Service", "web");
    let ingress = json!([{
        "ip": cluster.address.to_string(),
        "ipMode": "Proxy",
        "ports": [{"port": 8080, "protocol": "TCP"}],
    }]);
    cluster.shows(&web, "/status/loadBalancer/ingress", &ingress).await;
    // A Service that is published no more leaves the port, and its status.
    cluster.patch(&web, json!({"spec": {"type": "ClusterIP"}})).await;
    cluster.shows(&web, "/status/loadBalancer/ingress", &Value::Null).await;
    until("a refusal", async || match ask(SocketAddrV4::new(cluster.address, 8080)).await {
        Err(error) => Ok(error),
        Ok(answer) => Err(answer),
    })
    .await;
}

#[tokio::test]
async fn a_port_that_is_taken_is_told_with_its_holder_and_tried_again() {
    let cluster = Cluster::start().await;
    let at = SocketAddrV4::new(cluster.address, 8080);
    let holder = TcpListener::bind(at).await.unwrap();
    cluster.endpoints("web", &[named("one", "127.0.0.1:0").await]).await;
    cluster.service("web", &json!({"type": "LoadBalancer"})).await;
    let web = key("v1", "Service", "web");
    cluster.shows(&web, "/status/conditions/0/reason", &json!("PortNotPublished")).await;
    cluster.eventually("an event", |_| !cluster.messages("PortNotPublished").is_empty()).await;
    let message = cluster.messages("PortNotPublished").remove(0);
    assert!(message.starts_with(&format!("{at} (TCP) is in use by ")), "{message}");
    if cfg!(target_os = "linux") {
        assert!(message.contains(&format!("(pid {})", std::process::id())), "{message}");
    }
    assert_eq!(cluster.get(&web).pointer("/status/conditions/0/message"), Some(&json!(message)));
    drop(holder);
    cluster.shows(&web, "/status/conditions/0/reason", &json!("Listening")).await;
    assert_eq!(ask(at).await.unwrap(), "one: hello");
    cluster.eventually("good news", |_| !cluster.messages("PortPublished").is_empty()).await;
}

#[tokio::test]
async fn the_port_of_a_service_is_not_given_to_another_one() {
    let cluster = Cluster::start().await;
    cluster.endpoints("second", &[named("second", "127.0.0.1:0").await]).await;
    cluster.service("second", &json!({"type": "LoadBalancer"})).await;
    let at = SocketAddrV4::new(cluster.address, 8080);
    until("an answer", || ask(at)).await;
    cluster.service("first", &json!({"type": "LoadBalancer"})).await;
    let first = key("v1", "Service", "first");
    let message = format!("{at} (TCP) is published by the Service `default/second` already");
    cluster.shows(&first, "/status/conditions/0/message", &json!(message)).await;
    assert_eq!(ask(at).await.unwrap(), "second: hello");
}

#[tokio::test]
async fn a_host_port_leads_to_its_pod() {
    let cluster = Cluster::start().await;
    let server = named("pod", "127.0.0.1:0").await;
    let port = json!({"containerPort": server.port(), "hostPort": 9090});
    cluster
        .create(json!({
            "apiVersion": "v1",
            "kind": "Pod",
            "metadata": {"name": "web", "namespace": "default"},
            "spec": {
                "nodeName": "here",
                "containers": [{"name": "web", "image": "web", "ports": [port]}],
            },
        }))
        .await;
    let status = json!({"status": {"phase": "Running", "podIP": "127.0.0.1"}});
    cluster.patch_status(&key("v1", "Pod", "web"), status).await;
    let at = SocketAddrV4::new(cluster.address, 9090);
    assert_eq!(until("an answer", || ask(at)).await, "pod: hello");
}
