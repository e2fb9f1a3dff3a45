use serde_json::{Value, json};

use crate::engine::cluster::{Namespace, namespace, script, task};

async fn object(namespace: &Namespace, kind: &str) {
    let field = if kind == "Secret" { "stringData" } else { "data" };
    let data = json!({"data-1": "value-1", "data-2": "value-2"});
    let metadata = json!({"name": "files"});
    namespace
        .apply(json!({"apiVersion": "v1", "kind": kind, "metadata": metadata, (field): data}))
        .await;
}

/// A task that has a volume at `/etc/files`.
fn reading(volume: &Value, text: &str) -> Value {
    let mut spec = task(text);
    spec["volumes"] = json!([volume]);
    spec["containers"][0]["volumeMounts"] = json!([{"name": "files", "mountPath": "/etc/files"}]);
    spec
}

#[tokio::test]
async fn config_map_is_consumable_from_pods_in_volume() {
    let Some(namespace) = namespace().await else { return };
    object(&namespace, "ConfigMap").await;
    let volume = json!({"name": "files", "configMap": {"name": "files"}});
    assert_eq!(namespace.output("pod", reading(&volume, "cat /etc/files/data-1")).await, "value-1");
}

#[tokio::test]
async fn config_map_is_consumable_from_pods_in_volume_with_mappings() {
    let Some(namespace) = namespace().await else { return };
    object(&namespace, "ConfigMap").await;
    let items = json!([{"key": "data-2", "path": "path/to/data-2"}]);
    let volume = json!({"name": "files", "configMap": {"name": "files", "items": items}});
    let spec = reading(&volume, "cat /etc/files/path/to/data-2; ls /etc/files");
    assert_eq!(namespace.output("pod", spec).await, "value-2path\n");
}

#[tokio::test]
async fn secrets_are_consumable_from_pods_in_volume() {
    let Some(namespace) = namespace().await else { return };
    object(&namespace, "Secret").await;
    let volume = json!({"name": "files", "secret": {"secretName": "files"}});
    assert_eq!(namespace.output("pod", reading(&volume, "cat /etc/files/data-1")).await, "value-1");
}

#[tokio::test]
async fn secrets_are_consumable_from_pods_in_volume_with_mappings() {
    let Some(namespace) = namespace().await else { return };
    object(&namespace, "Secret").await;
    let items = json!([{"key": "data-1", "path": "new-path-data-1", "mode": 0o400}]);
    let volume = json!({"name": "files", "secret": {"secretName": "files", "items": items}});
    let text = "cat /etc/files/new-path-data-1; echo; stat -Lc %a /etc/files/new-path-data-1";
    assert_eq!(namespace.output("pod", reading(&volume, text)).await, "value-1\n400\n");
}

#[tokio::test]
async fn empty_dir_supports_root_0644_default() {
    let Some(namespace) = namespace().await else { return };
    let volume = json!({"name": "files", "emptyDir": {}});
    let text = "umask 022; echo content > /etc/files/file; stat -c '%a %u' /etc/files/file; \
                stat -c %a /etc/files; cat /etc/files/file";
    assert_eq!(namespace.output("pod", reading(&volume, text)).await, "644 0\n777\ncontent\n");
}

#[tokio::test]
async fn empty_dir_is_shared_between_containers() {
    let Some(namespace) = namespace().await else { return };
    let mount = json!([{"name": "shared", "mountPath": "/shared"}]);
    let mut writes = script(
        "writes",
        "echo Hello from the other one > /shared/new; mv /shared/new /shared/file",
    );
    writes["volumeMounts"] = mount.clone();
    let mut reads =
        script("main", "until test -e /shared/file; do sleep 0.05; done; cat /shared/file");
    reads["volumeMounts"] = mount;
    let spec = json!({
        "restartPolicy": "Never",
        "volumes": [{"name": "shared", "emptyDir": {}}],
        "containers": [reads, writes],
    });
    namespace.pod("shared", spec).await;
    namespace.phase("shared", "Succeeded").await;
    assert_eq!(namespace.logs_of("shared", "main").await, "Hello from the other one\n");
}
