use super::*;
use crate::kubernetes::Reason;

#[tokio::test]
async fn a_create_stamps_identity_and_a_second_one_is_refused() {
    let verbs = Verbs::ephemeral().await;
    let object = json!({"metadata": {"name": "a", "deletionTimestamp": "2020-01-01T00:00:00Z"}});
    let made = create(&verbs, kind("v1", "ConfigMap"), object.clone()).await;
    let metadata = &made["metadata"];
    assert_eq!(metadata["namespace"], "default");
    assert_eq!(metadata["uid"].as_str().unwrap().len(), 36);
    assert!(metadata["creationTimestamp"].as_str().unwrap().ends_with('Z'));
    assert!(metadata.get("deletionTimestamp").is_none());
    assert_eq!((&made["apiVersion"], &made["kind"]), (&json!("v1"), &json!("ConfigMap")));
    let again = verbs.create(kind("v1", "ConfigMap"), "default", object, &options()).await;
    let status = again.unwrap_err();
    assert_eq!(status.message, "configmaps \"a\" already exists");
    assert_eq!(status.reason, Reason::AlreadyExists);
}

#[tokio::test]
async fn generated_names_differ_and_keep_the_prefix() {
    let verbs = Verbs::ephemeral().await;
    let mut names = std::collections::BTreeSet::new();
    for _ in 0..20 {
        let object = json!({"metadata": {"generateName": "web-"}});
        let made = create(&verbs, kind("v1", "ConfigMap"), object).await;
        let name = made["metadata"]["name"].as_str().unwrap().to_owned();
        assert!(name.starts_with("web-") && name.len() == 9, "{name}");
        names.insert(name);
    }
    assert_eq!(names.len(), 20);
}

#[tokio::test]
async fn what_cannot_be_created_says_why() {
    let verbs = Verbs::ephemeral().await;
    let refused = async |namespace: &str, object: Value| {
        let kind = kind("v1", "ConfigMap");
        verbs.create(kind, namespace, object, &options()).await.unwrap_err()
    };
    let status = refused("nowhere", json!({"metadata": {"name": "a"}})).await;
    assert_eq!((status.code, status.message.as_str()), (404, "namespaces \"nowhere\" not found"));
    let status = refused("default", json!({"metadata": {"name": "a", "namespace": "x"}})).await;
    assert_eq!(status.code, 400, "{status}");
    let status =
        refused("default", json!({"metadata": {"name": "a", "resourceVersion": "1"}})).await;
    assert_eq!(status.code, 400, "{status}");
    let status = refused("default", json!({"kind": "Secret", "metadata": {"name": "a"}})).await;
    assert_eq!(status.code, 400, "{status}");
    let status = refused("default", json!({"metadata": {}})).await;
    assert_eq!(status.code, 422, "{status}");
    let status = refused("default", json!([])).await;
    assert_eq!(status.code, 400, "{status}");
}

#[tokio::test]
async fn a_stale_update_conflicts_and_an_equal_one_writes_nothing() {
    let verbs = Verbs::ephemeral().await;
    let key = config_map("a");
    let first =
        create(&verbs, key.kind, json!({"metadata": {"name": "a"}, "data": {"x": "1"}})).await;
    let same = verbs.update(&key, "", first.clone(), &options()).await.unwrap();
    assert_eq!(same.value(), first);
    let mut second = first.clone();
    second["data"]["x"] = json!("2");
    let second = verbs.update(&key, "", second, &options()).await.unwrap();
    let status = verbs.update(&key, "", first, &options()).await.unwrap_err();
    assert_eq!(status.reason, Reason::Conflict);
    assert!(status.message.starts_with("Operation cannot be fulfilled on configmaps \"a\""));
    assert_eq!(verbs.get(&key).unwrap().revision, second.revision);
    let without_revision = json!({"metadata": {"name": "a"}, "data": {"x": "3"}});
    let third = verbs.update(&key, "", without_revision, &options()).await.unwrap();
    assert_eq!(third.uid, second.uid);
    let other_uid = json!({"metadata": {"name": "a", "uid": "other"}});
    assert_eq!(verbs.update(&key, "", other_uid, &options()).await.unwrap_err().code, 409);
}

#[tokio::test]
async fn status_and_spec_are_written_apart_and_only_the_spec_counts_generations() {
    let verbs = Verbs::ephemeral().await;
    let key = Key::new(kind("apps/v1", "ReplicaSet"), "default", "web");
    let object = json!({
        "metadata": {"name": "web"},
        "spec": {
            "replicas": 1,
            "selector": {"matchLabels": {"app": "web"}},
            "template": {
                "metadata": {"labels": {"app": "web"}},
                "spec": {"containers": [{"name": "web", "image": "nginx"}]},
            },
        },
        "status": {"replicas": 9},
    });
    let made = create(&verbs, key.kind, object).await;
    assert_ne!(made["status"]["replicas"], 9);
    assert_eq!(made["metadata"]["generation"], 1);

    let mut both = made.clone();
    both["status"] = json!({"replicas": 1});
    both["spec"]["replicas"] = json!(2);
    both["metadata"]["labels"] = json!({"x": "y"});
    let status = verbs.update(&key, "status", both.clone(), &options()).await.unwrap().value();
    assert_eq!(status["status"]["replicas"], 1);
    assert_eq!(status["spec"]["replicas"], 1);
    assert_eq!(status["metadata"]["generation"], 1);

    both["metadata"]["resourceVersion"] = status["metadata"]["resourceVersion"].clone();
    both["status"] = json!({"replicas": 7});
    let spec = verbs.update(&key, "", both, &options()).await.unwrap().value();
    assert_eq!(spec["status"]["replicas"], 1);
    assert_eq!(spec["spec"]["replicas"], 2);
    assert_eq!(spec["metadata"]["generation"], 2);

    let scale = json!({"kind": "Scale", "metadata": {"name": "web"}, "spec": {"replicas": 5}});
    let scaled = verbs.update(&key, "scale", scale, &options()).await.unwrap().value();
    assert_eq!(scaled["spec"]["replicas"], 5);
    let patch = Patch::Merge(json!({"spec": {"replicas": 6}}));
    let scaled = verbs.patch(&key, "scale", patch, &options()).await.unwrap().value();
    assert_eq!(scaled["spec"]["replicas"], 6);
    let scale = scale_of(key.kind, &scaled).unwrap();
    assert_eq!(scale["status"]["selector"], "app=web");
}

#[tokio::test]
async fn concurrent_patches_without_a_revision_all_arrive() {
    let verbs = Verbs::ephemeral().await;
    let key = config_map("a");
    create(&verbs, key.kind, json!({"metadata": {"name": "a"}})).await;
    let patches: Vec<_> = (0..16)
        .map(|i| {
            let (verbs, key) = (verbs.clone(), key.clone());
            tokio::spawn(async move {
                let patch = Patch::Merge(json!({"data": {format!("k{i}"): "v"}}));
                verbs.patch(&key, "", patch, &options()).await.unwrap();
            })
        })
        .collect();
    for patch in patches {
        patch.await.unwrap();
    }
    assert_eq!(verbs.get(&key).unwrap().value()["data"].as_object().unwrap().len(), 16);
}

#[tokio::test]
async fn json_patches_fail_with_their_reason() {
    let verbs = Verbs::ephemeral().await;
    let key = config_map("a");
    create(&verbs, key.kind, json!({"metadata": {"name": "a"}, "data": {"x": "1"}})).await;
    let patch =
        async |operations: Value| verbs.patch(&key, "", Patch::Json(operations), &options()).await;
    let replaced =
        patch(json!([{"op": "replace", "path": "/data/x", "value": "2"}])).await.unwrap();
    assert_eq!(replaced.value()["data"]["x"], "2");
    let test = json!([{"op": "test", "path": "/data/x", "value": "1"}]);
    assert_eq!(patch(test).await.unwrap_err().code, 422);
    assert_eq!(patch(json!({"op": "add"})).await.unwrap_err().code, 400);
    let stale = Patch::Merge(json!({"metadata": {"resourceVersion": "1"}, "data": {"x": "3"}}));
    assert_eq!(verbs.patch(&key, "", stale, &options()).await.unwrap_err().code, 409);
}

#[tokio::test]
async fn apply_creates_and_then_changes() {
    let verbs = Verbs::ephemeral().await;
    let key = config_map("a");
    let apply = async |config: Value| {
        verbs.patch_written(&key, "", Patch::Apply { config, force: false }, &options()).await
    };
    let config = json!({"apiVersion": "v1", "kind": "ConfigMap", "data": {"x": "1"}});
    assert!(apply(config.clone()).await.unwrap().created);
    let again = apply(config).await.unwrap();
    assert!(!again.created);
    let managed = json!({"metadata": {"managedFields": []}});
    assert_eq!(apply(managed).await.unwrap_err().code, 400);
    let other = json!({"metadata": {"name": "b"}});
    assert_eq!(apply(other).await.unwrap_err().code, 400);
}

#[tokio::test]
async fn a_dry_run_answers_and_leaves_no_trace() {
    let verbs = Verbs::ephemeral().await;
    let dry = WriteOptions { dry_run: true, ..options() };
    let before = verbs.list(kind("v1", "ConfigMap"), None).1;
    let object = json!({"metadata": {"name": "a"}});
    let made = verbs.create(kind("v1", "ConfigMap"), "default", object, &dry).await.unwrap();
    assert_eq!(made.name, "a");
    let delete = DeleteOptions { dry_run: true, ..DeleteOptions::default() };
    create(&verbs, kind("v1", "ConfigMap"), json!({"metadata": {"name": "b"}})).await;
    verbs.delete(&config_map("b"), &delete).await.unwrap();
    assert!(verbs.get(&config_map("a")).is_err());
    assert!(verbs.get(&config_map("b")).is_ok());
    assert_eq!(verbs.list(kind("v1", "ConfigMap"), None).1, before + 1);
}

#[tokio::test]
async fn a_pod_is_admitted_and_bound_once() {
    let verbs = Verbs::ephemeral().await;
    let made = create(&verbs, kind("v1", "Pod"), pod_object("a")).await;
    assert_eq!(made["spec"]["serviceAccountName"], "default");
    assert_eq!(made["spec"]["priority"], 0);
    assert_eq!(made["spec"]["tolerations"].as_array().unwrap().len(), 2);
    let binding = json!({"target": {"kind": "Node", "name": "n1"}});
    let bound = verbs.bind(&pod("a"), &binding, &options()).await.unwrap().object.value();
    assert_eq!(bound["spec"]["nodeName"], "n1");
    assert_eq!(bound["status"]["conditions"][0]["type"], "PodScheduled");
    assert_eq!(verbs.bind(&pod("a"), &binding, &options()).await.unwrap_err().code, 409);
    let mut other = pod_object("b");
    other["spec"]["priorityClassName"] = json!("none");
    let status = verbs.create(kind("v1", "Pod"), "default", other, &options()).await.unwrap_err();
    assert_eq!(status.code, 403, "{status}");
}
