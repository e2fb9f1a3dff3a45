use super::*;

fn service(name: &str) -> Key {
    Key::new(kind("v1", "Service"), "default", name)
}

fn object(name: &str, spec: Value) -> Value {
    let mut spec = spec;
    spec["ports"] = json!([{"port": 80, "protocol": "TCP"}]);
    spec["selector"] = json!({"app": name});
    json!({"metadata": {"name": name}, "spec": spec})
}

#[tokio::test]
async fn a_service_gets_an_address_of_its_own_and_keeps_it() {
    let verbs = Verbs::ephemeral().await;
    let kind = service("").kind;
    let first = create(&verbs, kind, object("a", json!({}))).await;
    let second = create(&verbs, kind, object("b", json!({}))).await;
    let address = first["spec"]["clusterIP"].as_str().unwrap();
    assert!(address.starts_with("10.88."), "{address}");
    assert_eq!(first["spec"]["clusterIPs"], json!([address]));
    assert_ne!(first["spec"]["clusterIP"], second["spec"]["clusterIP"]);
    // As `kubectl replace` sends it: without what the server chose.
    let replaced =
        verbs.update(&service("a"), "", object("a", json!({})), &options()).await.unwrap();
    assert_eq!(replaced.value()["spec"]["clusterIP"], address);
    let wanted = object("c", json!({"clusterIP": address}));
    let status = verbs.create(kind, "default", wanted.clone(), &options()).await.unwrap_err();
    assert!(status.message.contains("provided IP is already allocated"), "{status}");
    verbs.delete(&service("a"), &DeleteOptions::default()).await.unwrap();
    verbs.create(kind, "default", wanted, &options()).await.unwrap();
    let outside = object("d", json!({"clusterIP": "192.168.0.1"}));
    assert_eq!(verbs.create(kind, "default", outside, &options()).await.unwrap_err().code, 422);
    let headless = create(&verbs, kind, object("e", json!({"clusterIP": "None"}))).await;
    assert_eq!(headless["spec"]["clusterIPs"], json!(["None"]));
}

#[tokio::test]
async fn node_ports_come_and_go_with_the_type() {
    let verbs = Verbs::ephemeral().await;
    let kind = service("").kind;
    let made = create(&verbs, kind, object("a", json!({"type": "NodePort"}))).await;
    let port = made["spec"]["ports"][0]["nodePort"].as_u64().unwrap();
    assert!((30000..=32767).contains(&port), "{port}");
    let mut taken = object("b", json!({"type": "NodePort"}));
    taken["spec"]["ports"][0]["nodePort"] = json!(port);
    let status = verbs.create(kind, "default", taken.clone(), &options()).await.unwrap_err();
    assert_eq!(status.causes[0].field, "spec.ports[0].nodePort");
    let plain = Patch::Merge(json!({"spec": {"type": "ClusterIP"}}));
    let plain = verbs.patch(&service("a"), "", plain, &options()).await.unwrap().value();
    assert!(plain["spec"]["ports"][0].get("nodePort").is_none(), "{plain}");
    verbs.create(kind, "default", taken, &options()).await.unwrap();
}

#[tokio::test]
async fn a_refused_service_gives_back_what_it_took() {
    let verbs = Verbs::ephemeral().await;
    let kind = service("").kind;
    let wanted = json!({"clusterIP": "10.88.200.1"});
    create(&verbs, kind, object("a", json!({}))).await;
    let status = verbs.create(kind, "default", object("a", wanted.clone()), &options()).await;
    assert_eq!(status.unwrap_err().code, 409);
    create(&verbs, kind, object("b", wanted)).await;
}
