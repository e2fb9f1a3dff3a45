use http::Method;
use serde_json::json;

use crate::cluster::{CONFIG_MAPS, Cluster};

#[tokio::test]
async fn an_object_lives_through_all_verbs() {
    let cluster = Cluster::start().await;
    let client = &cluster.client;
    let mut object = client.config_map("a", json!({})).await;
    let path = format!("{CONFIG_MAPS}/a");
    assert_eq!(client.get(&path).await.json(), object);
    let again = client.post(CONFIG_MAPS, &json!({"metadata": {"name": "a"}})).await;
    assert_eq!(again.error(), "409 AlreadyExists: configmaps \"a\" already exists");
    assert_eq!(again.json()["details"], json!({"name": "a", "kind": "configmaps"}));

    object["data"]["k"] = json!("2");
    assert_eq!(client.put(&path, &object).await.code, 200);
    let stale = client.put(&path, &object).await;
    assert!(stale.error().starts_with("409 Conflict: Operation cannot be fulfilled"), "{stale:?}");

    let json_patch = json!([{"op": "replace", "path": "/data/k", "value": "3"}]);
    for (form, patch, expected) in [
        ("json-patch+json", &json_patch, "3"),
        ("merge-patch+json", &json!({"data": {"k": "4"}}), "4"),
        ("strategic-merge-patch+json", &json!({"data": {"k": "5"}}), "5"),
    ] {
        let patched = client.patch(&path, form, patch).await;
        assert_eq!(patched.json()["data"]["k"], expected, "{form}");
    }
    let unknown = client.patch(&path, "json", &json!({})).await;
    assert_eq!(unknown.code, 415, "{unknown:?}");

    let deleted = client.delete(&path).await.json();
    assert_eq!((&deleted["status"], &deleted["details"]["name"]), (&json!("Success"), &json!("a")));
    assert_eq!(client.get(&path).await.code, 404);
}

#[tokio::test]
async fn apply_takes_yaml_and_creates_or_changes() {
    let cluster = Cluster::start().await;
    let client = &cluster.client;
    let path = format!("{CONFIG_MAPS}/a?fieldManager=test");
    let yaml = "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: a\ndata:\n  k: 'yes'\n";
    let headers = [("content-type", "application/apply-patch+yaml")];
    let made = client.send(Method::PATCH, &path, &headers, yaml).await;
    assert_eq!((made.code, &made.json()["data"]["k"]), (201, &json!("yes")));
    let same = client.send(Method::PATCH, &path, &headers, yaml).await;
    assert_eq!((same.code, same.json()), (200, made.json()));
    let unnamed = client.send(Method::PATCH, &format!("{CONFIG_MAPS}/a"), &headers, yaml).await;
    assert_eq!(unnamed.code, 422, "{unnamed:?}");
    let forced = client.patch(&format!("{path}&force=true"), "merge-patch+json", &json!({})).await;
    assert_eq!(forced.code, 422, "{forced:?}");
}

#[tokio::test]
async fn fields_that_do_not_exist_are_dropped_warned_of_or_refused() {
    let cluster = Cluster::start().await;
    let client = &cluster.client;
    let body = |name: &str| {
        format!(
            r#"{{"metadata":{{"name":"{name}"}},"data":{{"k":"1","k":"2"}},"dat":{{"x":"y"}}}}"#
        )
    };
    let create = async |name: &str, mode: &str| {
        let path = format!("{CONFIG_MAPS}?fieldValidation={mode}");
        let headers = [("content-type", "application/json")];
        client.send(Method::POST, &path, &headers, body(name)).await
    };
    let strict = create("a", "Strict").await;
    assert_eq!(
        strict.error(),
        "400 BadRequest: strict decoding error: duplicate field \"data.k\", unknown field \"dat\""
    );
    let warned = create("b", "Warn").await;
    assert_eq!(warned.code, 201);
    let warnings: Vec<_> = warned.headers.get_all("warning").iter().collect();
    assert_eq!(
        warnings,
        [r#"299 - "duplicate field \"data.k\"""#, r#"299 - "unknown field \"dat\"""#]
    );
    assert!(warned.json().get("dat").is_none());
    assert_eq!(warned.json()["data"]["k"], "2");
    let ignored = create("c", "Ignore").await;
    assert_eq!((ignored.code, ignored.header("warning")), (201, ""));
    assert_eq!(create("d", "Sometimes").await.code, 422);
    let mistyped = json!({"metadata": {"name": "e"}, "data": ["x"]});
    assert_eq!(client.post(CONFIG_MAPS, &mistyped).await.code, 400);
}

#[tokio::test]
async fn bodies_that_cannot_be_read_are_refused() {
    let cluster = Cluster::start().await;
    let client = &cluster.client;
    let post = async |content_type: &str, body: Vec<u8>| {
        let headers = [("content-type", content_type)];
        client.send(Method::POST, CONFIG_MAPS, &headers, body).await
    };
    let cbor = post("application/cbor", b"\xa0".to_vec()).await;
    assert!(cbor.error().starts_with("415 UnsupportedMediaType"), "{cbor:?}");
    assert_eq!(post("application/json", b"{".to_vec()).await.code, 400);
    assert_eq!(post("application/json", b"[]".to_vec()).await.code, 400);
    assert_eq!(post("application/yaml", b"a: [".to_vec()).await.code, 400);
    let large = post("application/json", vec![b' '; (3 << 20) + 1]).await;
    assert!(large.error().starts_with("413 RequestEntityTooLarge"), "{large:?}");
    let yaml = b"metadata: {name: yaml}\ndata: {k: v}\n".to_vec();
    assert_eq!(post("application/yaml", yaml).await.code, 201);
}

#[tokio::test]
async fn a_dry_run_changes_nothing() {
    let cluster = Cluster::start().await;
    let client = &cluster.client;
    let object = json!({"metadata": {"name": "a"}});
    let made = client.post(&format!("{CONFIG_MAPS}?dryRun=All"), &object).await;
    assert_eq!((made.code, &made.json()["metadata"]["name"]), (201, &json!("a")));
    assert_eq!(client.get(&format!("{CONFIG_MAPS}/a")).await.code, 404);
    assert_eq!(client.post(&format!("{CONFIG_MAPS}?dryRun=Some"), &object).await.code, 422);
}

#[tokio::test]
async fn a_collection_is_deleted_by_selector() {
    let cluster = Cluster::start().await;
    let client = &cluster.client;
    for (name, app) in [("a", "web"), ("b", "web"), ("c", "db")] {
        client.config_map(name, json!({"app": app})).await;
    }
    let answer = client.delete(&format!("{CONFIG_MAPS}?labelSelector=app%3Dweb")).await;
    assert_eq!(answer.json()["status"], "Success");
    for (name, code) in [("a", 404), ("b", 404), ("c", 200)] {
        assert_eq!(client.get(&format!("{CONFIG_MAPS}/{name}")).await.code, code, "{name}");
    }
}

#[tokio::test]
async fn replicas_are_read_and_set_through_scale() {
    let cluster = Cluster::start().await;
    let client = &cluster.client;
    let deployments = "/apis/apps/v1/namespaces/default/deployments";
    let labels = json!({"app": "web"});
    let object = json!({
        "metadata": {"name": "web"},
        "spec": {
            "replicas": 0,
            "selector": {"matchLabels": labels},
            "template": {
                "metadata": {"labels": labels},
                "spec": {"containers": [{"name": "web", "image": "nginx"}]},
            },
        },
    });
    assert_eq!(client.post(deployments, &object).await.code, 201);
    let path = format!("{deployments}/web/scale");
    let mut scale = client.get(&path).await.json();
    assert_eq!((&scale["kind"], &scale["spec"]["replicas"]), (&json!("Scale"), &json!(0)));
    assert_eq!(scale["status"]["selector"], "app=web");
    let patched = client.patch(&path, "merge-patch+json", &json!({"spec": {"replicas": 1}})).await;
    assert_eq!(patched.json()["spec"]["replicas"], 1);
    let old = client.put(&path, &scale).await;
    assert_eq!(old.code, 409, "{old:?}");
    scale["metadata"] = json!({"name": "web"});
    scale["spec"]["replicas"] = json!(2);
    assert_eq!(client.put(&path, &scale).await.json()["spec"]["replicas"], 2);
    let deployment = client.get(&format!("{deployments}/web")).await.json();
    assert_eq!(deployment["spec"]["replicas"], 2);
}

#[tokio::test]
async fn a_pod_is_logged_and_evicted() {
    let cluster = Cluster::start().await;
    let client = &cluster.client;
    let pods = "/api/v1/namespaces/default/pods";
    let object = json!({
        "metadata": {"name": "p", "annotations": {"longshore.dev/sim-logs": "one\ntwo\nthree"}},
        "spec": {"containers": [{"name": "main", "image": "busybox"}]},
    });
    let mut frames =
        client.watch(&format!("{pods}?watch=true&fieldSelector=metadata.name%3Dp")).await;
    assert_eq!(client.post(pods, &object).await.code, 201);
    while frames.next().await.unwrap()["object"]["status"]["phase"] != "Running" {}
    let log = async |query: &str| client.get(&format!("{pods}/p/log?{query}")).await;
    assert_eq!(log("").await.body, "one\ntwo\nthree\n");
    assert_eq!(log("container=main&tailLines=1").await.body, "three\n");
    let other = log("container=other").await;
    assert_eq!(other.error(), "400 BadRequest: container other is not valid for pod p");
    let eviction = json!({"metadata": {"name": "p"}, "deleteOptions": {"gracePeriodSeconds": 0}});
    assert_eq!(client.post(&format!("{pods}/p/eviction"), &eviction).await.code, 201);
    while frames.next().await.unwrap()["type"] != "DELETED" {}
    assert_eq!(client.get(&format!("{pods}/p")).await.code, 404);
}
