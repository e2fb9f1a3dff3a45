use serde_json::json;

use crate::cluster::{Cluster, key};
use longshore::control_plane::store::Key;

const CLAIM: &str = "
apiVersion: v1
kind: PersistentVolumeClaim
metadata: {name: data}
spec:
  storageClassName: local
  accessModes: [ReadWriteOnce]
  resources: {requests: {storage: 2Gi}}
";

const POD: &str = "
apiVersion: v1
kind: Pod
metadata: {name: db}
spec:
  containers: [{name: db, image: 'db:1', volumeMounts: [{name: data, mountPath: /data}]}]
  volumes: [{name: data, persistentVolumeClaim: {claimName: data}}]
";

fn class(mode: &str) -> String {
    format!(
        "{{apiVersion: storage.k8s.io/v1, kind: StorageClass, metadata: {{name: local}},
          provisioner: longshore.dev/local-path, volumeBindingMode: {mode}}}"
    )
}

fn claim() -> Key {
    key("v1", "PersistentVolumeClaim", "default", "data")
}

fn pod() -> Key {
    key("v1", "Pod", "default", "db")
}

#[tokio::test]
async fn a_claim_gets_a_volume_that_goes_with_it() {
    let cluster = Cluster::start().await;
    cluster.create(CLAIM).await;
    cluster
        .eventually("it says what is missing", |cluster| {
            cluster.events("default", "ProvisioningFailed")
                == ["storageclass.storage.k8s.io \"local\" not found"]
        })
        .await;
    cluster.create(&class("Immediate")).await;
    cluster.shows(&claim(), "/status/phase", json!("Bound")).await;
    let object = cluster.get(&claim()).unwrap();
    let name = object["spec"]["volumeName"].as_str().unwrap().to_owned();
    assert_eq!(name, format!("pvc-{}", object["metadata"]["uid"].as_str().unwrap()));
    assert_eq!(object["status"]["capacity"]["storage"], "2Gi");
    let volume = key("v1", "PersistentVolume", "", &name);
    cluster.shows(&volume, "/status/phase", json!("Bound")).await;
    let path = cluster.get(&volume).unwrap()["spec"]["hostPath"]["path"].clone();
    assert_eq!(path, json!(format!("/data/volumes/{name}_default_data")));
    cluster.delete(&claim()).await;
    cluster.gone(&claim()).await;
    cluster.gone(&volume).await;
}

#[tokio::test]
async fn a_pod_waits_for_its_claim_and_the_claim_for_its_pod() {
    let cluster = Cluster::start().await;
    cluster.create(POD).await;
    cluster
        .eventually("FailedScheduling", |cluster| {
            let expected = "0/1 nodes are available: persistentvolumeclaim \"data\" not found.";
            cluster.events("default", "FailedScheduling").iter().any(|m| m.starts_with(expected))
        })
        .await;
    cluster.create(&class("Immediate")).await;
    cluster.create(CLAIM).await;
    cluster.shows(&pod(), "/status/phase", json!("Running")).await;
    cluster.delete(&claim()).await;
    let object = cluster.get(&claim()).unwrap();
    assert_eq!(object["metadata"]["finalizers"], json!(["kubernetes.io/pvc-protection"]));
    cluster.delete(&pod()).await;
    cluster.gone(&claim()).await;
}

#[tokio::test]
async fn a_class_may_wait_for_the_first_pod() {
    let cluster = Cluster::start().await;
    cluster.create(&class("WaitForFirstConsumer")).await;
    cluster.create(CLAIM).await;
    cluster
        .eventually("it waits", |cluster| {
            !cluster.events("default", "WaitForFirstConsumer").is_empty()
        })
        .await;
    assert_eq!(cluster.get(&claim()).unwrap()["status"]["phase"], "Pending");
    cluster.create(POD).await;
    cluster.shows(&claim(), "/status/phase", json!("Bound")).await;
    cluster.shows(&pod(), "/status/phase", json!("Running")).await;
}

#[tokio::test]
async fn a_volume_that_fits_is_used_and_kept() {
    let cluster = Cluster::start().await;
    for (name, size) in [("small", "1Gi"), ("large", "9Gi"), ("right", "3Gi")] {
        let volume = format!(
            "{{apiVersion: v1, kind: PersistentVolume, metadata: {{name: {name}}}, spec: {{
              storageClassName: local, accessModes: [ReadWriteOnce],
              capacity: {{storage: {size}}}, hostPath: {{path: /x}}}}}}"
        );
        cluster.create(&volume).await;
    }
    cluster.create(CLAIM).await;
    cluster.shows(&claim(), "/spec/volumeName", json!("right")).await;
    let right = key("v1", "PersistentVolume", "", "right");
    cluster.shows(&right, "/status/phase", json!("Bound")).await;
    cluster.delete(&claim()).await;
    cluster.shows(&right, "/status/phase", json!("Released")).await;
    let large = key("v1", "PersistentVolume", "", "large");
    cluster.shows(&large, "/status/phase", json!("Available")).await;
}

#[tokio::test]
async fn a_volume_is_bound_to_one_claim_only() {
    // Two claims that waited when a volume came both chose it, and both said that they have it.
    let cluster = Cluster::start().await;
    let claims = ["one", "two"].map(|name| key("v1", "PersistentVolumeClaim", "default", name));
    for claim in &claims {
        cluster.create(&CLAIM.replace("name: data", &format!("name: {}", claim.name))).await;
        cluster
            .eventually("it waits", |cluster| {
                !cluster.events("default", "ProvisioningFailed").is_empty()
            })
            .await;
    }
    for name in ["a", "b"] {
        let volume = format!(
            "{{apiVersion: v1, kind: PersistentVolume, metadata: {{name: {name}}}, spec: {{
              storageClassName: local, accessModes: [ReadWriteOnce],
              capacity: {{storage: 3Gi}}, hostPath: {{path: /x}}}}}}"
        );
        cluster.create(&volume).await;
        let volume = key("v1", "PersistentVolume", "", name);
        cluster.shows(&volume, "/status/phase", json!("Bound")).await;
    }
    for claim in &claims {
        cluster.shows(claim, "/status/phase", json!("Bound")).await;
        let object = cluster.get(claim).unwrap();
        let volume =
            key("v1", "PersistentVolume", "", object["spec"]["volumeName"].as_str().unwrap());
        assert_eq!(cluster.get(&volume).unwrap()["spec"]["claimRef"]["name"], json!(claim.name));
    }
}
