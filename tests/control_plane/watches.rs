use serde_json::{Value, json};

use crate::cluster::{CONFIG_MAPS, Cluster};

fn revision(object: &Value) -> &str {
    object["metadata"]["resourceVersion"].as_str().unwrap()
}

#[tokio::test]
async fn a_watch_shows_the_present_and_then_every_change() {
    let cluster = Cluster::start().await;
    let client = &cluster.client;
    client.config_map("a", json!({"ours": "yes"})).await;
    let mut frames =
        client.watch(&format!("{CONFIG_MAPS}?watch=true&labelSelector=ours%3Dyes")).await;
    assert_eq!(frames.line().await, "ADDED a");
    client.config_map("b", json!({"ours": "yes"})).await;
    assert_eq!(frames.line().await, "ADDED b");
    let patch = json!({"data": {"k": "w"}});
    client.patch(&format!("{CONFIG_MAPS}/a"), "merge-patch+json", &patch).await;
    assert_eq!(frames.line().await, "MODIFIED a");
    client.delete(&format!("{CONFIG_MAPS}/a")).await;
    let deleted = frames.next().await.unwrap();
    assert_eq!(
        (&deleted["type"], &deleted["object"]["data"]["k"]),
        (&json!("DELETED"), &json!("w"))
    );
}

#[tokio::test]
async fn a_watch_goes_on_from_a_revision_without_loss_or_doubles() {
    let cluster = Cluster::start().await;
    let client = &cluster.client;
    let first = client.config_map("a", json!({})).await;
    for name in ["b", "c"] {
        client.config_map(name, json!({})).await;
    }
    let from = |revision: &str| format!("{CONFIG_MAPS}?watch=true&resourceVersion={revision}");
    let mut frames = client.watch(&from(revision(&first))).await;
    let second = frames.next().await.unwrap();
    assert_eq!(second["object"]["metadata"]["name"], "b");
    drop(frames);
    let mut frames = client.watch(&from(revision(&second["object"]))).await;
    assert_eq!(frames.line().await, "ADDED c");
}

#[tokio::test]
async fn objects_come_and_go_with_the_selector() {
    let cluster = Cluster::start().await;
    let client = &cluster.client;
    let mut frames =
        client.watch(&format!("{CONFIG_MAPS}?watch=true&labelSelector=app%3Dweb")).await;
    let path = format!("{CONFIG_MAPS}/a");
    let label = async |value: &str| {
        let change = json!({"metadata": {"labels": {"app": value}}});
        client.patch(&path, "merge-patch+json", &change).await.json()
    };
    client.config_map("a", json!({"app": "db"})).await;
    label("web").await;
    assert_eq!(frames.line().await, "ADDED a");
    let left = label("db").await;
    let frame = frames.next().await.unwrap();
    assert_eq!(frame["type"], "DELETED");
    assert_eq!(frame["object"]["metadata"]["labels"]["app"], "web", "the last state that matched");
    assert_eq!(revision(&frame["object"]), revision(&left), "with the new revision");
    label("web").await;
    assert_eq!(frames.line().await, "ADDED a");
    client.delete(&path).await;
    assert_eq!(frames.line().await, "DELETED a");
}

#[tokio::test]
async fn a_streaming_list_ends_with_its_bookmark_and_goes_on() {
    let cluster = Cluster::start().await;
    let client = &cluster.client;
    client.config_map("a", json!({"ours": "yes"})).await;
    let query = "watch=true&labelSelector=ours%3Dyes&sendInitialEvents=true\
                 &resourceVersionMatch=NotOlderThan";
    let mut frames = client.watch(&format!("{CONFIG_MAPS}?{query}&allowWatchBookmarks=true")).await;
    assert_eq!(frames.line().await, "ADDED a");
    let bookmark = frames.next().await.unwrap();
    assert_eq!(bookmark["type"], "BOOKMARK");
    assert_eq!(bookmark["object"]["kind"], "ConfigMap");
    assert_eq!(bookmark["object"]["metadata"]["annotations"]["k8s.io/initial-events-end"], "true");
    client.config_map("b", json!({"ours": "yes"})).await;
    assert_eq!(frames.line().await, "ADDED b");
    let wrong = client.get(&format!("{CONFIG_MAPS}?{query}")).await;
    assert_eq!(wrong.code, 422, "{wrong:?}");
}

#[tokio::test]
async fn a_watch_ends_when_it_said_it_would_after_a_last_bookmark() {
    let cluster = Cluster::start().await;
    let client = &cluster.client;
    let made = client.config_map("a", json!({})).await;
    let after = revision(&made);
    let query = format!("watch=true&timeoutSeconds=1&resourceVersion={after}");
    let mut frames =
        client.watch(&format!("/api/v1/secrets?{query}&allowWatchBookmarks=true")).await;
    let bookmark = frames.next().await.unwrap();
    assert_eq!(bookmark["type"], "BOOKMARK");
    let number = |text: &str| text.parse::<u64>().unwrap();
    assert!(number(revision(&bookmark["object"])) >= number(after));
    assert_eq!(frames.next().await, None);
}

#[tokio::test]
async fn a_revision_from_before_the_history_is_an_error_event() {
    let cluster = Cluster::start().await;
    let client = &cluster.client;
    // One config map of a megabyte fills the ring over and over.
    let object = json!({"metadata": {"name": "big"}, "data": {"k": "v".repeat(900_000)}});
    client.post(CONFIG_MAPS, &object).await;
    for step in 0..45 {
        let patch = json!({"metadata": {"labels": {"step": step.to_string()}}});
        client.patch(&format!("{CONFIG_MAPS}/big"), "merge-patch+json", &patch).await;
    }
    let mut frames = client.watch(&format!("{CONFIG_MAPS}?watch=true&resourceVersion=1")).await;
    let error = frames.next().await.unwrap();
    assert_eq!((&error["type"], &error["object"]["code"]), (&json!("ERROR"), &json!(410)));
    assert_eq!(error["object"]["reason"], "Expired");
    assert_eq!(frames.next().await, None);
}

#[tokio::test]
async fn tables_are_watched_with_their_columns_once() {
    let cluster = Cluster::start().await;
    let client = &cluster.client;
    let accept = "application/json;as=Table;v=v1;g=meta.k8s.io";
    let path = format!("{CONFIG_MAPS}?watch=true&labelSelector=ours%3Dyes");
    let mut frames = client.watch_as(&path, accept).await;
    let mut columns = Vec::new();
    for name in ["a", "b"] {
        client.config_map(name, json!({"ours": "yes"})).await;
        let frame = frames.next().await.unwrap();
        assert_eq!(frame["object"]["rows"][0]["object"]["metadata"]["name"], name);
        columns.push(frame["object"]["columnDefinitions"].as_array().unwrap().len());
    }
    assert_eq!(columns[1], 0);
    assert!(columns[0] > 0);
}
