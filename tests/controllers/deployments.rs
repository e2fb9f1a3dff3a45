use serde_json::{Value, json};

use crate::cluster::{Cluster, deployment};

const WEB: &str = "
apiVersion: apps/v1
kind: Deployment
metadata: {name: web}
spec:
  replicas: 3
  selector: {matchLabels: {app: web}}
  template:
    metadata: {labels: {app: web}}
    spec: {containers: [{name: web, image: 'web:1'}]}
";

#[tokio::test]
async fn three_replicas_become_available() {
    let cluster = Cluster::start().await;
    cluster.create(WEB).await;
    let web = deployment("web");
    cluster.shows(&web, "/status/availableReplicas", json!(3)).await;
    cluster
        .eventually("NewReplicaSetAvailable", |cluster| {
            condition(&cluster.get(&web).unwrap(), "Progressing") == "True NewReplicaSetAvailable"
        })
        .await;
    let object = cluster.get(&web).unwrap();
    assert_eq!(object["status"]["observedGeneration"], object["metadata"]["generation"]);
    assert_eq!(condition(&object, "Available"), "True MinimumReplicasAvailable");
    assert_eq!(object["metadata"]["annotations"]["deployment.kubernetes.io/revision"], "1");
}

fn condition(object: &Value, kind: &str) -> String {
    let conditions = object["status"]["conditions"].as_array().cloned().unwrap_or_default();
    let condition = conditions.iter().find(|condition| condition["type"] == kind);
    let text = |field: &str| {
        condition.and_then(|condition| condition[field].as_str()).unwrap_or("-").to_owned()
    };
    format!("{} {}", text("status"), text("reason"))
}
