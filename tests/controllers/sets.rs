//! `StatefulSet`s and `DaemonSet`s.

use serde_json::{Value, json};

use crate::cluster::{Cluster, key};
use longshore::control_plane::store::Key;

const DB: &str = "
apiVersion: apps/v1
kind: StatefulSet
metadata: {name: db}
spec:
  replicas: 3
  serviceName: db
  selector: {matchLabels: {app: db}}
  template:
    metadata: {labels: {app: db}}
    spec: {containers: [{name: db, image: 'db:1', volumeMounts: [{name: data, mountPath: /data}]}]}
  volumeClaimTemplates:
  - metadata: {name: data}
    spec: {storageClassName: local, accessModes: [ReadWriteOnce], resources: {requests: {storage: 1Gi}}}
";

const CLASS: &str = "{apiVersion: storage.k8s.io/v1, kind: StorageClass, metadata: {name: local},
    provisioner: longshore.dev/local-path}";

const AGENT: &str = "
apiVersion: apps/v1
kind: DaemonSet
metadata: {name: agent}
spec:
  selector: {matchLabels: {app: agent}}
  template:
    metadata: {labels: {app: agent}}
    spec: {containers: [{name: agent, image: 'agent:1'}]}
";

fn db() -> Key {
    key("apps/v1", "StatefulSet", "default", "db")
}

fn names(cluster: &Cluster, api_version: &str, kind: &str) -> Vec<String> {
    let objects = cluster.list(api_version, kind, "default");
    objects.iter().map(|one| one["metadata"]["name"].as_str().unwrap().to_owned()).collect()
}

fn images(cluster: &Cluster) -> Vec<Value> {
    let pods = cluster.list("v1", "Pod", "default");
    pods.iter().map(|pod| pod["spec"]["containers"][0]["image"].clone()).collect()
}

async fn rolled_out(cluster: &Cluster, replicas: i64) {
    cluster
        .eventually("the set is complete", |cluster| {
            let object = cluster.get(&db()).unwrap();
            let status = &object["status"];
            status["observedGeneration"] == object["metadata"]["generation"]
                && status["updatedReplicas"] == replicas
                && status["readyReplicas"] == replicas
                && status["currentRevision"] == status["updateRevision"]
        })
        .await;
}

#[tokio::test]
async fn pods_start_in_order_with_their_own_volumes() {
    let cluster = Cluster::start().await;
    cluster.create(CLASS).await;
    let annotated = "template:\n    metadata: {annotations: {longshore.dev/sim-delay: 5s}, labels";
    cluster.create(&DB.replace("template:\n    metadata: {labels", annotated)).await;
    for ready in 0..3 {
        cluster
            .eventually("the next one runs, and no other", |cluster| {
                let pods = cluster.list("v1", "Pod", "default");
                assert!(pods.len() <= ready + 1, "a pod came before its turn");
                pods.len() == ready + 1 && pods[ready]["status"]["phase"] == "Running"
            })
            .await;
        cluster.advance(5);
    }
    rolled_out(&cluster, 3).await;
    assert_eq!(names(&cluster, "v1", "Pod"), ["db-0", "db-1", "db-2"]);
    let claims = names(&cluster, "v1", "PersistentVolumeClaim");
    assert_eq!(claims, ["data-db-0", "data-db-1", "data-db-2"]);
    let pod = cluster.get(&key("v1", "Pod", "default", "db-1")).unwrap();
    assert_eq!(pod["spec"]["hostname"], "db-1");
    assert_eq!(pod["spec"]["subdomain"], "db");
    assert_eq!(pod["metadata"]["labels"]["apps.kubernetes.io/pod-index"], "1");
}

#[tokio::test]
async fn an_update_goes_from_the_end_and_stops_at_the_partition() {
    let cluster = Cluster::start().await;
    cluster.create(CLASS).await;
    cluster.create(DB).await;
    rolled_out(&cluster, 3).await;
    let template = json!({"spec": {"containers": [{"name": "db", "image": "db:2"}]}});
    let strategy = json!({"type": "RollingUpdate", "rollingUpdate": {"partition": 2}});
    let patch = json!({"spec": {"template": template, "updateStrategy": strategy}});
    cluster.patch(&db(), patch).await;
    cluster.shows(&db(), "/status/updatedReplicas", json!(1)).await;
    cluster.shows(&db(), "/status/readyReplicas", json!(3)).await;
    assert_eq!(images(&cluster), ["db:1", "db:1", "db:2"]);
    let strategy = json!({"rollingUpdate": {"partition": 0}});
    cluster.patch(&db(), json!({"spec": {"updateStrategy": strategy}})).await;
    rolled_out(&cluster, 3).await;
    assert_eq!(images(&cluster), ["db:2", "db:2", "db:2"]);
    let revisions = cluster.list("apps/v1", "ControllerRevision", "default");
    let mut numbers: Vec<_> = revisions.iter().map(|one| one["revision"].as_i64()).collect();
    numbers.sort_unstable();
    assert_eq!(numbers, [Some(1), Some(2)]);
}

#[tokio::test]
async fn scaling_down_takes_the_last_and_keeps_the_claims() {
    let cluster = Cluster::start().await;
    cluster.create(CLASS).await;
    let parallel = "spec:\n  podManagementPolicy: Parallel\n  replicas";
    cluster.create(&DB.replacen("spec:\n  replicas", parallel, 1)).await;
    rolled_out(&cluster, 3).await;
    cluster.patch(&db(), json!({"spec": {"replicas": 1}})).await;
    rolled_out(&cluster, 1).await;
    assert_eq!(names(&cluster, "v1", "Pod"), ["db-0"]);
    assert_eq!(names(&cluster, "v1", "PersistentVolumeClaim").len(), 3);
}

#[tokio::test]
async fn a_daemon_runs_on_each_node_that_fits_and_is_updated() {
    let cluster = Cluster::start().await;
    let agent = key("apps/v1", "DaemonSet", "default", "agent");
    cluster.create(AGENT).await;
    cluster.shows(&agent, "/status/numberAvailable", json!(1)).await;
    let tainted = "{apiVersion: v1, kind: Node, metadata: {name: other}, spec: {
        taints: [{key: dedicated, effect: NoSchedule}]}, status: {allocatable: {pods: '10'}}}";
    cluster.create(tainted).await;
    let other = key("v1", "Node", "", "other");
    cluster.patch(&other, json!({"spec": {"taints": null}})).await;
    cluster.shows(&agent, "/status/desiredNumberScheduled", json!(2)).await;
    cluster.shows(&agent, "/status/currentNumberScheduled", json!(2)).await;
    cluster.delete(&other).await;
    cluster.shows(&agent, "/status/desiredNumberScheduled", json!(1)).await;
    cluster.eventually("its pod goes with the node", |cluster| images(cluster).len() == 1).await;
    let template = json!({"spec": {"containers": [{"name": "agent", "image": "agent:2"}]}});
    cluster.patch(&agent, json!({"spec": {"template": template}})).await;
    cluster
        .eventually("the new one", |cluster| {
            let status = cluster.get(&agent).unwrap()["status"].clone();
            images(cluster) == ["agent:2"]
                && status["updatedNumberScheduled"] == 1
                && status["numberAvailable"] == 1
        })
        .await;
}
