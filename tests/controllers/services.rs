use serde_json::{Value, json};

use crate::cluster::{Cluster, key};

const WEB: &str = "
apiVersion: apps/v1
kind: Deployment
metadata: {name: web}
spec:
  replicas: 2
  selector: {matchLabels: {app: web}}
  template:
    metadata: {labels: {app: web}}
    spec: {containers: [{name: web, image: 'web:1', ports: [{name: http, containerPort: 8080}]}]}
";

const SERVICE: &str = "
apiVersion: v1
kind: Service
metadata: {name: web, labels: {tier: front}}
spec:
  selector: {app: web}
  ports: [{name: http, port: 80, targetPort: http}]
";

fn slices(cluster: &Cluster) -> Vec<Value> {
    cluster.list("discovery.k8s.io/v1", "EndpointSlice", "default")
}

fn ready(slice: &Value) -> Vec<&str> {
    let endpoints = slice["endpoints"].as_array().map(Vec::as_slice).unwrap_or_default();
    let ready = endpoints.iter().filter(|endpoint| endpoint["conditions"]["ready"] == true);
    ready.map(|endpoint| endpoint["addresses"][0].as_str().unwrap()).collect()
}

#[tokio::test]
async fn a_service_has_the_addresses_of_its_pods() {
    let cluster = Cluster::start().await;
    cluster.create(SERVICE).await;
    cluster.eventually("an empty slice", |cluster| slices(cluster).len() == 1).await;
    cluster.create(WEB).await;
    cluster
        .eventually("two endpoints", |cluster| {
            let slices = slices(cluster);
            slices.len() == 1 && ready(&slices[0]).len() == 2
        })
        .await;
    let slice = slices(&cluster).remove(0);
    assert_eq!(slice["ports"], json!([{"name": "http", "port": 8080, "protocol": "TCP"}]));
    assert_eq!(slice["metadata"]["labels"]["kubernetes.io/service-name"], "web");
    assert_eq!(slice["metadata"]["labels"]["tier"], "front");
    assert_eq!(slice["endpoints"][0]["targetRef"]["kind"], "Pod");
    let web = key("apps/v1", "Deployment", "default", "web");
    cluster.patch(&web, json!({"spec": {"replicas": 1}})).await;
    cluster.eventually("one is left", |cluster| ready(&slices(cluster)[0]).len() == 1).await;
    cluster.delete(&key("v1", "Service", "default", "web")).await;
    cluster.eventually("none is left", |cluster| slices(cluster).is_empty()).await;
}

#[tokio::test]
async fn pods_that_are_not_ready_are_shown_as_such() {
    let cluster = Cluster::start().await;
    let annotated = "metadata: {annotations: {longshore.dev/sim-ready: 'false'}, labels";
    cluster.create(&WEB.replace("    metadata: {labels", &format!("    {annotated}"))).await;
    cluster.create(&SERVICE.replace("spec:", "spec:\n  clusterIP: None")).await;
    cluster
        .eventually("two endpoints", |cluster| {
            slices(cluster)
                .first()
                .is_some_and(|slice| slice["endpoints"].to_string().contains("10.88.0.3"))
        })
        .await;
    let slice = slices(&cluster).remove(0);
    assert_eq!(slice["endpoints"].as_array().unwrap().len(), 2);
    assert_eq!(ready(&slice), Vec::<&str>::new());
    assert_eq!(slice["metadata"]["labels"]["service.kubernetes.io/headless"], "");
}
