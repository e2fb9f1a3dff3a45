use std::sync::atomic::{AtomicBool, Ordering};

use longshore::control_plane::verbs::{Patch, WriteOptions};
use serde_json::{Value, json};

use crate::cluster::{Cluster, condition, deployment, key};

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

async fn with_web() -> Cluster {
    let cluster = Cluster::start().await;
    cluster.create(WEB).await;
    complete(&cluster).await;
    cluster
}

/// What `kubectl rollout status` waits for.
async fn complete(cluster: &Cluster) {
    cluster
        .eventually("the rollout is complete", |cluster| {
            let object = cluster.get(&deployment("web")).unwrap();
            let (status, replicas) = (&object["status"], &object["spec"]["replicas"]);
            let count = |field: &str| status.get(field).cloned().unwrap_or(json!(0));
            status["observedGeneration"] == object["metadata"]["generation"]
                && count("updatedReplicas") == *replicas
                && count("replicas") == *replicas
                && count("availableReplicas") == *replicas
                && condition(&object, "Progressing") == "True NewReplicaSetAvailable"
        })
        .await;
}

fn images(cluster: &Cluster) -> Vec<String> {
    let image = |pod: &Value| pod["spec"]["containers"][0]["image"].as_str().unwrap().to_owned();
    cluster.list("v1", "Pod", "default").iter().map(image).collect()
}

#[tokio::test]
async fn three_replicas_become_available() {
    let cluster = with_web().await;
    let object = cluster.get(&deployment("web")).unwrap();
    assert_eq!(condition(&object, "Available"), "True MinimumReplicasAvailable");
    assert_eq!(object["metadata"]["annotations"]["deployment.kubernetes.io/revision"], "1");
    assert_eq!(object["status"]["readyReplicas"], 3);
    assert_eq!(images(&cluster), ["web:1", "web:1", "web:1"]);
    let set = cluster.list("apps/v1", "ReplicaSet", "default").remove(0);
    let name = set["metadata"]["name"].as_str().unwrap();
    let hash = set["metadata"]["labels"]["pod-template-hash"].as_str().unwrap();
    assert_eq!(name, format!("web-{hash}"));
    cluster
        .eventually("the events that describe shows", |cluster| {
            cluster.events("default", "ScalingReplicaSet")
                == [format!("Scaled up replica set {name} from 0 to 3")]
                && cluster.events("default", "SuccessfulCreate").len() == 3
                && cluster.events("default", "Started").len() == 3
        })
        .await;
}

#[tokio::test]
async fn a_rolling_update_keeps_the_availability() {
    let cluster = with_web().await;
    let too_few = AtomicBool::new(false);
    let template = json!({"spec": {"containers": [{"name": "web", "image": "web:2"}]}});
    cluster.patch(&deployment("web"), json!({"spec": {"template": template}})).await;
    cluster
        .eventually("all pods are new", |cluster| {
            let pods = cluster.list("v1", "Pod", "default");
            let ready = pods.iter().filter(|pod| condition(pod, "Ready").starts_with("True"));
            // 25 % of three, rounded down, may be missing: none.
            too_few.fetch_or(ready.count() < 3, Ordering::Relaxed);
            images(cluster) == ["web:2", "web:2", "web:2"]
        })
        .await;
    assert!(!too_few.load(Ordering::Relaxed), "fewer than three pods were ready");
    complete(&cluster).await;
    let sets = cluster.list("apps/v1", "ReplicaSet", "default");
    let mut sizes: Vec<_> = sets.iter().map(|set| set["spec"]["replicas"].clone()).collect();
    sizes.sort_by_key(Value::as_i64);
    assert_eq!(sizes, [json!(0), json!(3)], "the old one stays for a rollback");
}

#[tokio::test]
async fn recreate_has_no_two_versions_at_a_time() {
    let cluster = with_web().await;
    let mixed = AtomicBool::new(false);
    let template = json!({"spec": {"containers": [{"name": "web", "image": "web:2"}]}});
    let patch = json!({"spec": {
        "strategy": {"type": "Recreate", "rollingUpdate": null}, "template": template,
    }});
    cluster.patch(&deployment("web"), patch).await;
    cluster
        .eventually("all pods are new", |cluster| {
            let mut images = images(cluster);
            images.dedup();
            mixed.fetch_or(images.len() > 1, Ordering::Relaxed);
            images == ["web:2"]
        })
        .await;
    complete(&cluster).await;
    assert!(!mixed.load(Ordering::Relaxed), "both versions ran");
}

#[tokio::test]
async fn a_rollback_uses_the_old_replica_set_under_a_new_revision() {
    let cluster = with_web().await;
    let first = cluster.list("apps/v1", "ReplicaSet", "default").remove(0);
    for image in ["web:2", "web:1"] {
        let template = json!({"spec": {"containers": [{"name": "web", "image": image}]}});
        cluster.patch(&deployment("web"), json!({"spec": {"template": template}})).await;
        complete(&cluster).await;
    }
    let sets = cluster.list("apps/v1", "ReplicaSet", "default");
    assert_eq!(sets.len(), 2);
    let again = sets.iter().find(|set| set["metadata"]["uid"] == first["metadata"]["uid"]).unwrap();
    let annotations = &again["metadata"]["annotations"];
    assert_eq!(again["spec"]["replicas"], 3);
    assert_eq!(annotations["deployment.kubernetes.io/revision"], "3");
    assert_eq!(annotations["deployment.kubernetes.io/revision-history"], "1");
    let object = cluster.get(&deployment("web")).unwrap();
    assert_eq!(object["metadata"]["annotations"]["deployment.kubernetes.io/revision"], "3");
}

#[tokio::test]
async fn scaling_to_zero_and_back() {
    let cluster = with_web().await;
    let web = deployment("web");
    let options = WriteOptions { manager: "test".to_owned(), ..WriteOptions::default() };
    let scale = |replicas: i32| Patch::Merge(json!({"spec": {"replicas": replicas}}));
    cluster.verbs.patch(&web, "scale", scale(0), &options).await.unwrap();
    cluster.eventually("no pod is left", |cluster| images(cluster).is_empty()).await;
    complete(&cluster).await;
    cluster.verbs.patch(&web, "scale", scale(2), &options).await.unwrap();
    complete(&cluster).await;
    assert_eq!(images(&cluster).len(), 2);
    assert_eq!(cluster.list("apps/v1", "ReplicaSet", "default").len(), 1);
}

#[tokio::test]
async fn a_rollout_that_stands_still_exceeds_its_deadline() {
    let cluster = with_web().await;
    let template = json!({"metadata": {"annotations": {"longshore.dev/sim-ready": "false"}}});
    let patch = json!({"spec": {"progressDeadlineSeconds": 60, "template": template}});
    cluster.patch(&deployment("web"), patch).await;
    let web = deployment("web");
    cluster
        .eventually("the new pod runs", |cluster| {
            cluster.list("v1", "Pod", "default").len() == 4
                && cluster.get(&web).unwrap()["status"]["updatedReplicas"] == 1
        })
        .await;
    cluster.advance(62);
    cluster
        .eventually("ProgressDeadlineExceeded", |cluster| {
            let progressing = condition(&cluster.get(&web).unwrap(), "Progressing");
            progressing == "False ProgressDeadlineExceeded"
        })
        .await;
    assert_eq!(cluster.get(&web).unwrap()["status"]["availableReplicas"], 3);
}

#[tokio::test]
async fn a_lost_pod_is_replaced_and_an_orphan_adopted() {
    let cluster = with_web().await;
    let pod = cluster.list("v1", "Pod", "default").remove(0);
    let lost = key("v1", "Pod", "default", pod["metadata"]["name"].as_str().unwrap());
    // Without the label it is no replica any more, but goes on running.
    cluster.patch(&lost, json!({"metadata": {"labels": {"app": "debug"}}})).await;
    cluster
        .eventually("a fourth pod", |cluster| cluster.list("v1", "Pod", "default").len() == 4)
        .await;
    let released = cluster.get(&lost).unwrap();
    assert_eq!(released["metadata"].get("ownerReferences"), None);
    complete(&cluster).await;
    // With the label again it is one too many: it is adopted, and one of them goes.
    cluster.patch(&lost, json!({"metadata": {"labels": {"app": "web"}}})).await;
    cluster
        .eventually("three pods again", |cluster| cluster.list("v1", "Pod", "default").len() == 3)
        .await;
}
