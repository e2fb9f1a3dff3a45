//! What scheduler and kubelet do with single pods.

use serde_json::{Value, json};

use crate::cluster::{Cluster, condition, key};

fn pod(spec: &Value, annotations: &Value) -> Value {
    json!({
        "apiVersion": "v1",
        "kind": "Pod",
        "metadata": {"name": "pod", "annotations": annotations},
        "spec": spec,
    })
}

fn container(command: &[&str]) -> Value {
    json!({"name": "main", "image": "main:1", "command": command})
}

fn the_pod() -> longshore::control_plane::store::Key {
    key("v1", "Pod", "default", "pod")
}

#[tokio::test]
async fn a_pod_becomes_ready() {
    let cluster = Cluster::start().await;
    let spec = json!({
        "initContainers": [{"name": "wait", "image": "wait:1", "command": ["true"]}],
        "containers": [container(&["server"])],
    });
    cluster.try_create(pod(&spec, &json!({}))).await.unwrap();
    cluster.shows(&the_pod(), "/status/phase", json!("Running")).await;
    let object = cluster.get(&the_pod()).unwrap();
    for kind in ["PodScheduled", "Initialized", "ContainersReady", "Ready"] {
        assert!(condition(&object, kind).starts_with("True"), "{kind}");
    }
    let status = &object["status"];
    assert_eq!(object["spec"]["nodeName"], "longshore-sim");
    assert_eq!(status["initContainerStatuses"][0]["state"]["terminated"]["exitCode"], 0);
    assert!(status["containerStatuses"][0]["state"]["running"]["startedAt"].is_string());
    assert_eq!(status["podIP"], "10.88.0.2");
    cluster
        .eventually("the events", |cluster| {
            let reasons = ["Scheduled", "Pulled", "Created", "Started"];
            reasons.iter().all(|reason| !cluster.events("default", reason).is_empty())
        })
        .await;
    let scheduled = "Successfully assigned default/pod to longshore-sim";
    assert_eq!(cluster.events("default", "Scheduled"), [scheduled]);
}

#[tokio::test]
async fn a_failing_container_is_restarted_ever_later() {
    let cluster = Cluster::start().await;
    let spec = json!({"containers": [container(&["false"])]});
    cluster.try_create(pod(&spec, &json!({}))).await.unwrap();
    let reason = "/status/containerStatuses/0/state/waiting/reason";
    let restarts = "/status/containerStatuses/0/restartCount";
    cluster.shows(&the_pod(), reason, json!("CrashLoopBackOff")).await;
    cluster.shows(&the_pod(), restarts, json!(1)).await;
    cluster.advance(10);
    cluster.shows(&the_pod(), restarts, json!(2)).await;
    cluster.advance(19);
    let object = cluster.get(&the_pod()).unwrap();
    assert_eq!(object.pointer(restarts), Some(&json!(2)), "the delay has doubled");
    cluster.advance(1);
    cluster.shows(&the_pod(), restarts, json!(3)).await;
    let object = cluster.get(&the_pod()).unwrap();
    assert_eq!(object["status"]["phase"], "Running");
    assert_eq!(condition(&object, "Ready"), "False ContainersNotReady");
    cluster.eventually("BackOff", |cluster| !cluster.events("default", "BackOff").is_empty()).await;
}

#[tokio::test]
async fn an_image_that_cannot_be_pulled_is_tried_again() {
    let cluster = Cluster::start().await;
    let annotations = json!({"longshore.dev/sim-pull-error": "manifest unknown"});
    let spec = json!({"containers": [container(&["server"])]});
    cluster.try_create(pod(&spec, &annotations)).await.unwrap();
    let waiting = "/status/containerStatuses/0/state/waiting/reason";
    cluster.shows(&the_pod(), waiting, json!("ErrImagePull")).await;
    cluster.advance(10);
    cluster.shows(&the_pod(), waiting, json!("ImagePullBackOff")).await;
    assert_eq!(cluster.get(&the_pod()).unwrap()["status"]["phase"], "Pending");
    let patch = json!({"metadata": {"annotations": {"longshore.dev/sim-pull-error": null}}});
    cluster.patch(&the_pod(), patch).await;
    cluster.advance(20);
    cluster.shows(&the_pod(), "/status/phase", json!("Running")).await;
}

#[tokio::test]
async fn annotations_delay_and_end_containers() {
    let cluster = Cluster::start().await;
    let annotations = json!({"longshore.dev/sim-delay": "5s", "longshore.dev/sim-exit": "7"});
    let spec = json!({"restartPolicy": "Never", "containers": [container(&["server"])]});
    cluster.try_create(pod(&spec, &annotations)).await.unwrap();
    cluster.shows(&the_pod(), "/status/phase", json!("Running")).await;
    cluster.advance(5);
    cluster.shows(&the_pod(), "/status/phase", json!("Failed")).await;
    let code = "/status/containerStatuses/0/state/terminated/exitCode";
    assert_eq!(cluster.get(&the_pod()).unwrap().pointer(code), Some(&json!(7)));
}

#[tokio::test]
async fn a_failing_init_container_keeps_the_pod_from_starting() {
    let cluster = Cluster::start().await;
    let spec = json!({
        "restartPolicy": "Never",
        "initContainers": [{"name": "migrate", "image": "m:1", "command": ["sh", "-c", "exit 4"]}],
        "containers": [container(&["server"])],
    });
    cluster.try_create(pod(&spec, &json!({}))).await.unwrap();
    cluster.shows(&the_pod(), "/status/phase", json!("Failed")).await;
    let object = cluster.get(&the_pod()).unwrap();
    let reason = "/status/containerStatuses/0/state/waiting/reason";
    assert_eq!(object.pointer(reason), Some(&json!("PodInitializing")));
}

#[tokio::test]
async fn a_pod_that_fits_nowhere_says_why_and_starts_when_it_fits() {
    let cluster = Cluster::start().await;
    let mut main = container(&["server"]);
    main["resources"] = json!({"requests": {"cpu": "2k"}});
    let spec = json!({"containers": [main]});
    cluster.try_create(pod(&spec, &json!({}))).await.unwrap();
    let message = "0/1 nodes are available: 1 Insufficient cpu. preemption: 0/1 nodes are \
                   available: 1 No preemption victims found for incoming pod.";
    cluster
        .eventually("FailedScheduling", |cluster| {
            cluster.events("default", "FailedScheduling").contains(&message.to_owned())
        })
        .await;
    let object = cluster.get(&the_pod()).unwrap();
    assert_eq!(condition(&object, "PodScheduled"), "False Unschedulable");
    cluster
        .create(
            "{apiVersion: v1, kind: Node, metadata: {name: large}, status: {
              allocatable: {cpu: 4k, memory: 1Ti, pods: '10'},
              conditions: [{type: Ready, status: 'True'}]}}",
        )
        .await;
    cluster.shows(&the_pod(), "/spec/nodeName", json!("large")).await;
}

#[tokio::test]
async fn node_selectors_and_taints_hold() {
    let cluster = Cluster::start().await;
    cluster
        .create(
            "{apiVersion: v1, kind: Node, metadata: {name: special, labels: {disk: ssd}},
              spec: {taints: [{key: dedicated, value: db, effect: NoSchedule}]}, status: {
              allocatable: {cpu: '4', memory: 1Ti, pods: '10'},
              conditions: [{type: Ready, status: 'True'}]}}",
        )
        .await;
    let selector = json!({"disk": "ssd"});
    let spec = json!({"nodeSelector": selector, "containers": [container(&["server"])]});
    cluster.try_create(pod(&spec, &json!({}))).await.unwrap();
    let expected = "0/2 nodes are available: 1 node(s) didn't match Pod's node \
                    affinity/selector, 1 node(s) had untolerated taint {dedicated: db}.";
    cluster
        .eventually("FailedScheduling", |cluster| {
            cluster.events("default", "FailedScheduling").iter().any(|m| m.starts_with(expected))
        })
        .await;
    cluster.delete(&the_pod()).await;
    let mut spec = spec;
    spec["tolerations"] = json!([{"key": "dedicated", "operator": "Exists"}]);
    cluster.try_create(pod(&spec, &json!({}))).await.unwrap();
    cluster.shows(&the_pod(), "/spec/nodeName", json!("special")).await;
}

#[tokio::test]
async fn a_deleted_pod_ends_at_once() {
    let cluster = Cluster::start().await;
    let spec = json!({"containers": [container(&["server"])]});
    cluster.try_create(pod(&spec, &json!({}))).await.unwrap();
    cluster.shows(&the_pod(), "/status/phase", json!("Running")).await;
    cluster.delete(&the_pod()).await;
    cluster.gone(&the_pod()).await;
    cluster.eventually("Killing", |cluster| cluster.events("default", "Killing").len() == 1).await;
}

#[tokio::test]
async fn the_node_is_ready_and_renews_its_lease() {
    let cluster = Cluster::start().await;
    let node = key("v1", "Node", "", "longshore-sim");
    let lease = key("coordination.k8s.io/v1", "Lease", "kube-node-lease", "longshore-sim");
    cluster.eventually("the lease", |cluster| cluster.get(&lease).is_some()).await;
    assert_eq!(condition(&cluster.get(&node).unwrap(), "Ready"), "True KubeletReady");
    let before = cluster.get(&lease).unwrap()["spec"]["renewTime"].clone();
    cluster.advance(10);
    cluster
        .eventually("a new time", |cluster| {
            cluster.get(&lease).unwrap()["spec"]["renewTime"] != before
        })
        .await;
}

#[tokio::test]
async fn hooks_of_a_simulated_pod_do_not_fail() {
    // They were run in a container that is not there, failed, and ended it.
    let cluster = Cluster::start().await;
    let mut container = container(&["server"]);
    let hook = json!({"exec": {"command": ["true"]}});
    container["lifecycle"] = json!({"postStart": hook, "preStop": hook});
    cluster.try_create(pod(&json!({"containers": [container]}), &json!({}))).await.unwrap();
    cluster.shows(&the_pod(), "/status/containerStatuses/0/ready", json!(true)).await;
    let object = cluster.get(&the_pod()).unwrap();
    assert_eq!(object["status"]["containerStatuses"][0]["restartCount"], 0);
}
