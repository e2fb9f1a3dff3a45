//! What new namespaces get, and how owners, dependents and namespaces go.

use longshore::control_plane::verbs::{DeleteOptions, Propagation};
use serde_json::json;

use crate::cluster::{Cluster, deployment, key};

const WEB: &str = "
apiVersion: apps/v1
kind: Deployment
metadata: {name: web}
spec:
  replicas: 2
  selector: {matchLabels: {app: web}}
  template:
    metadata: {labels: {app: web}}
    spec: {containers: [{name: web, image: 'web:1'}]}
";

async fn ready(cluster: &Cluster, namespace: &str) {
    let web = key("apps/v1", "Deployment", namespace, "web");
    cluster.shows(&web, "/status/readyReplicas", json!(2)).await;
}

fn count(cluster: &Cluster) -> (usize, usize) {
    (
        cluster.list("apps/v1", "ReplicaSet", "default").len(),
        cluster.list("v1", "Pod", "default").len(),
    )
}

#[tokio::test]
async fn a_namespace_gets_an_account_and_the_ca() {
    let cluster = Cluster::start().await;
    for namespace in ["default", "shop"] {
        if namespace == "shop" {
            cluster.create("{apiVersion: v1, kind: Namespace, metadata: {name: shop}}").await;
        }
        let account = key("v1", "ServiceAccount", namespace, "default");
        let ca = key("v1", "ConfigMap", namespace, "kube-root-ca.crt");
        cluster.eventually("the account", |cluster| cluster.get(&account).is_some()).await;
        cluster.shows(&ca, "/data/ca.crt", json!("CERTIFICATE")).await;
        cluster.delete(&ca).await;
        cluster.shows(&ca, "/data/ca.crt", json!("CERTIFICATE")).await;
    }
}

#[tokio::test]
async fn a_deleted_namespace_is_emptied_and_goes() {
    let cluster = Cluster::start().await;
    cluster.create("{apiVersion: v1, kind: Namespace, metadata: {name: shop}}").await;
    cluster.create(&WEB.replace("{name: web}", "{name: web, namespace: shop}")).await;
    cluster.create("{apiVersion: v1, kind: ConfigMap, metadata: {name: c, namespace: shop}}").await;
    ready(&cluster, "shop").await;
    let shop = key("v1", "Namespace", "", "shop");
    cluster.delete(&shop).await;
    cluster.gone(&shop).await;
    for (api_version, kind) in
        [("v1", "Pod"), ("apps/v1", "Deployment"), ("v1", "ConfigMap"), ("v1", "Event")]
    {
        assert!(cluster.list(api_version, kind, "shop").is_empty(), "a {kind} is left");
    }
}

#[tokio::test]
async fn a_namespace_waits_for_finalizers_and_says_so() {
    let cluster = Cluster::start().await;
    cluster.create("{apiVersion: v1, kind: Namespace, metadata: {name: shop}}").await;
    cluster
        .create(
            "{apiVersion: v1, kind: ConfigMap,
              metadata: {name: kept, namespace: shop, finalizers: [example.com/keep]}}",
        )
        .await;
    let shop = key("v1", "Namespace", "", "shop");
    cluster.delete(&shop).await;
    cluster
        .eventually("the condition", |cluster| {
            let status = cluster.get(&shop).unwrap()["status"].to_string();
            status.contains("Some content in the namespace has finalizers remaining: example.com/keep in 1 resource instances")
        })
        .await;
    let kept = key("v1", "ConfigMap", "shop", "kept");
    cluster.patch(&kept, json!({"metadata": {"finalizers": null}})).await;
    cluster.gone(&shop).await;
}

#[tokio::test]
async fn dependents_go_after_their_owner() {
    let cluster = Cluster::start().await;
    cluster.create(WEB).await;
    ready(&cluster, "default").await;
    cluster.delete(&deployment("web")).await;
    cluster.eventually("all is gone", |cluster| count(cluster) == (0, 0)).await;
}

#[tokio::test]
async fn in_the_foreground_the_owner_goes_last() {
    let cluster = Cluster::start().await;
    cluster.create(WEB).await;
    ready(&cluster, "default").await;
    let propagation = Some(Propagation::Foreground);
    let options = DeleteOptions { propagation, ..DeleteOptions::default() };
    cluster.delete_with(&deployment("web"), options).await;
    cluster
        .eventually("the owner is gone", |cluster| {
            let owner_is_there = cluster.get(&deployment("web")).is_some();
            assert!(owner_is_there || count(cluster) == (0, 0), "it went before its dependents");
            !owner_is_there
        })
        .await;
}

#[tokio::test]
async fn in_the_foreground_a_dependent_may_leave_its_owner() {
    // The owner heard of dependents that were deleted only: it waited for this one for ever.
    let cluster = Cluster::start().await;
    cluster.create("{apiVersion: v1, kind: ConfigMap, metadata: {name: owner}}").await;
    let owner = key("v1", "ConfigMap", "default", "owner");
    let uid = cluster.get(&owner).unwrap()["metadata"]["uid"].as_str().unwrap().to_owned();
    let dependent = format!(
        "{{apiVersion: v1, kind: ConfigMap, metadata: {{name: dependent,
          finalizers: [example.com/keep], ownerReferences: [{{apiVersion: v1, kind: ConfigMap,
          name: owner, uid: {uid}, blockOwnerDeletion: true}}]}}}}"
    );
    cluster.create(&dependent).await;
    let propagation = Some(Propagation::Foreground);
    cluster.delete_with(&owner, DeleteOptions { propagation, ..DeleteOptions::default() }).await;
    let dependent = key("v1", "ConfigMap", "default", "dependent");
    cluster
        .eventually("the dependent is deleted", |cluster| {
            let object = cluster.get(&dependent).unwrap();
            object.pointer("/metadata/deletionTimestamp").is_some()
        })
        .await;
    assert!(cluster.get(&owner).is_some());
    cluster.patch(&dependent, json!({"metadata": {"ownerReferences": null}})).await;
    cluster.gone(&owner).await;
}

#[tokio::test]
async fn orphans_stay() {
    let cluster = Cluster::start().await;
    cluster.create(WEB).await;
    ready(&cluster, "default").await;
    let propagation = Some(Propagation::Orphan);
    let options = DeleteOptions { propagation, ..DeleteOptions::default() };
    cluster.delete_with(&deployment("web"), options).await;
    cluster.gone(&deployment("web")).await;
    let set = cluster.list("apps/v1", "ReplicaSet", "default").remove(0);
    assert_eq!(set["metadata"].get("ownerReferences"), None);
    assert_eq!(count(&cluster), (1, 2));
    // A new Deployment with the same selector takes them over.
    cluster.create(WEB).await;
    ready(&cluster, "default").await;
    cluster
        .eventually("adoption", |cluster| {
            let set = cluster.list("apps/v1", "ReplicaSet", "default").remove(0);
            set["metadata"]["ownerReferences"][0]["name"] == "web"
        })
        .await;
    assert_eq!(count(&cluster), (1, 2));
}

#[tokio::test]
async fn an_object_whose_owner_never_was_is_collected() {
    let cluster = Cluster::start().await;
    cluster
        .create(
            "{apiVersion: v1, kind: ConfigMap, metadata: {name: lost, ownerReferences:
              [{apiVersion: v1, kind: ConfigMap, name: nobody, uid: 0-0-0}]}}",
        )
        .await;
    cluster.gone(&key("v1", "ConfigMap", "default", "lost")).await;
}

#[tokio::test]
async fn after_a_restart_everything_goes_on_as_it_was() {
    let cluster = Cluster::start().await;
    cluster.create(WEB).await;
    ready(&cluster, "default").await;
    let ids = |cluster: &Cluster| -> Vec<_> {
        let pods = cluster.list("v1", "Pod", "default");
        let status = |pod: &serde_json::Value| pod["status"]["containerStatuses"][0].clone();
        pods.iter().map(|pod| (pod["metadata"]["uid"].clone(), status(pod))).collect()
    };
    let before = ids(&cluster);
    let cluster = cluster.restart().await;
    cluster.patch(&deployment("web"), json!({"spec": {"replicas": 3}})).await;
    let web = deployment("web");
    cluster.shows(&web, "/status/readyReplicas", json!(3)).await;
    let after = ids(&cluster);
    assert!(before.iter().all(|pod| after.contains(pod)), "nothing was started anew");
    let addresses: std::collections::BTreeSet<String> = cluster
        .list("v1", "Pod", "default")
        .iter()
        .map(|pod| pod["status"]["podIP"].to_string())
        .collect();
    assert_eq!(addresses.len(), 3, "no address is given twice");
}
