use super::*;
use crate::control_plane::store::Change;
use crate::kubernetes::Reason;

async fn delete(verbs: &Verbs, key: &Key, options: DeleteOptions) -> Deleted {
    verbs.delete(key, &options).await.unwrap()
}

#[tokio::test]
async fn a_plain_object_goes_at_once_with_its_last_state_in_the_event() {
    let verbs = Verbs::ephemeral().await;
    create(&verbs, kind("v1", "ConfigMap"), json!({"metadata": {"name": "a"}})).await;
    let mut cursor = verbs.watch(verbs.list(kind("v1", "ConfigMap"), None).1).unwrap();
    let gone = delete(&verbs, &config_map("a"), DeleteOptions::default()).await;
    assert!(matches!(gone, Deleted::Gone(_)), "{gone:?}");
    let event = cursor.next().await.unwrap();
    assert_eq!((event.change, event.object.name.as_str()), (Change::Deleted, "a"));
    assert_eq!(event.object.value()["metadata"]["resourceVersion"], event.revision.to_string());
    let again = verbs.delete(&config_map("a"), &DeleteOptions::default()).await.unwrap_err();
    assert_eq!(again.message, "configmaps \"a\" not found");
}

#[tokio::test]
async fn finalizers_hold_an_object_until_the_last_is_gone() {
    let verbs = Verbs::ephemeral().await;
    let key = config_map("a");
    let object = json!({"metadata": {"name": "a", "finalizers": ["x/y"]}});
    create(&verbs, key.kind, object).await;
    let pending = delete(&verbs, &key, DeleteOptions::default()).await;
    assert!(matches!(&pending, Deleted::Pending(object) if object.deleting), "{pending:?}");
    let more = Patch::Merge(json!({"metadata": {"finalizers": ["x/y", "z/z"]}}));
    assert_eq!(verbs.patch(&key, "", more, &options()).await.unwrap_err().code, 422);
    let none = Patch::Merge(json!({"metadata": {"finalizers": null}}));
    verbs.patch(&key, "", none, &options()).await.unwrap();
    assert!(verbs.get(&key).is_err());
}

#[tokio::test]
async fn propagation_is_written_as_finalizers() {
    let verbs = Verbs::ephemeral().await;
    let key = config_map("a");
    let finalizers = || verbs.get(&key).unwrap().value()["metadata"]["finalizers"].clone();
    create(&verbs, key.kind, json!({"metadata": {"name": "a"}})).await;
    let with = |propagation| DeleteOptions { propagation: Some(propagation), ..Default::default() };
    delete(&verbs, &key, with(Propagation::Foreground)).await;
    assert_eq!(finalizers(), json!(["foregroundDeletion"]));
    delete(&verbs, &key, with(Propagation::Orphan)).await;
    assert_eq!(finalizers(), json!(["orphan"]));
    let gone = delete(&verbs, &key, with(Propagation::Background)).await;
    assert!(matches!(gone, Deleted::Gone(_)), "{gone:?}");
}

#[tokio::test]
async fn a_running_pod_gets_its_grace_period_which_only_shrinks() {
    let verbs = Verbs::ephemeral().await;
    create(&verbs, kind("v1", "Pod"), pod_object("a")).await;
    let binding = json!({"target": {"name": "n1"}});
    verbs.bind(&pod("a"), &binding, &options()).await.unwrap();
    let grace = |seconds| DeleteOptions { grace_period: Some(seconds), ..Default::default() };
    let left =
        || verbs.get(&pod("a")).unwrap().value()["metadata"]["deletionGracePeriodSeconds"].clone();
    delete(&verbs, &pod("a"), grace(20)).await;
    assert_eq!(left(), 20);
    delete(&verbs, &pod("a"), grace(40)).await;
    assert_eq!(left(), 20);
    delete(&verbs, &pod("a"), grace(5)).await;
    assert_eq!(left(), 5);
    let gone = delete(&verbs, &pod("a"), grace(0)).await;
    assert!(matches!(gone, Deleted::Gone(_)), "{gone:?}");
}

#[tokio::test]
async fn a_pod_without_a_node_goes_at_once() {
    let verbs = Verbs::ephemeral().await;
    create(&verbs, kind("v1", "Pod"), pod_object("a")).await;
    let gone = delete(&verbs, &pod("a"), DeleteOptions::default()).await;
    assert!(matches!(gone, Deleted::Gone(_)), "{gone:?}");
}

#[tokio::test]
async fn preconditions_must_hold() {
    let verbs = Verbs::ephemeral().await;
    create(&verbs, kind("v1", "ConfigMap"), json!({"metadata": {"name": "a"}})).await;
    for options in [
        DeleteOptions { uid: Some("other".to_owned()), ..Default::default() },
        DeleteOptions { resource_version: Some("1".to_owned()), ..Default::default() },
    ] {
        let status = verbs.delete(&config_map("a"), &options).await.unwrap_err();
        assert_eq!(status.reason, Reason::Conflict);
    }
}

#[tokio::test]
async fn a_namespace_waits_for_its_finalizer_and_takes_nothing_new() {
    let verbs = Verbs::ephemeral().await;
    let key = Key::new(kind("v1", "Namespace"), "", "shop");
    let object = json!({"metadata": {"name": "shop"}, "spec": {"finalizers": ["kubernetes"]}});
    verbs.create(key.kind, "", object, &options()).await.unwrap();
    let pending = delete(&verbs, &key, DeleteOptions::default()).await;
    let Deleted::Pending(object) = pending else { panic!("{pending:?}") };
    assert_eq!(object.value()["status"]["phase"], "Terminating");
    let kind = kind("v1", "ConfigMap");
    let new = json!({"metadata": {"name": "a"}});
    let status = verbs.create(kind, "shop", new, &options()).await.unwrap_err();
    assert_eq!((status.code, status.causes[0].reason), (403, "NamespaceTerminating"));
    let mut finalized = object.value();
    finalized["spec"]["finalizers"] = json!([]);
    verbs.update(&key, "finalize", finalized, &options()).await.unwrap();
    assert!(verbs.get(&key).is_err());
    let default = Key::new(key.kind, "", "default");
    assert_eq!(verbs.delete(&default, &DeleteOptions::default()).await.unwrap_err().code, 403);
}
