use serde_json::json;

use crate::harness::{Cluster, key};

#[tokio::test]
async fn a_policy_is_said_not_to_be_enforced_once() {
    let cluster = Cluster::start().await;
    let policy = |name: &str| {
        json!({
            "apiVersion": "networking.k8s.io/v1",
            "kind": "NetworkPolicy",
            "metadata": {"name": name, "namespace": "default"},
            "spec": {"podSelector": {}},
        })
    };
    cluster.create(policy("first")).await;
    let touched = json!({"metadata": {"annotations": {"touched": "yes"}}});
    cluster.patch(&key("networking.k8s.io/v1", "NetworkPolicy", "first"), touched).await;
    cluster.create(policy("second")).await;
    cluster.eventually("an event for each", |_| cluster.messages("NotEnforced").len() == 2).await;
    assert_eq!(
        cluster.messages("NotEnforced")[0],
        "this cluster does not enforce network policies: all pods reach each other"
    );
}
