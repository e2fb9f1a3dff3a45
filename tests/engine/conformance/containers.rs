use serde_json::{Value, json};

use crate::engine::cluster::{namespace, script, task};
use crate::engine::image::BUSYBOX;

/// A container of the image's own command, with these fields besides.
fn spec(fields: &Value) -> Value {
    let mut container = json!({"name": "main", "image": BUSYBOX});
    for (name, value) in fields.as_object().unwrap() {
        container[name] = value.clone();
    }
    json!({"restartPolicy": "Never", "containers": [container]})
}

#[tokio::test]
async fn containers_use_the_image_defaults_if_command_and_args_are_blank() {
    let Some(namespace) = namespace().await else { return };
    // The image's command is a shell, which finds its input at the end.
    assert_eq!(namespace.output("defaults", spec(&json!({}))).await, "");
}

#[tokio::test]
async fn containers_override_the_default_arguments() {
    let Some(namespace) = namespace().await else { return };
    let fields = json!({"args": ["echo", "override", "arguments"]});
    assert_eq!(namespace.output("args", spec(&fields)).await, "override arguments\n");
}

#[tokio::test]
async fn containers_override_the_default_command() {
    let Some(namespace) = namespace().await else { return };
    let fields = json!({"command": ["echo"]});
    assert_eq!(namespace.output("command", spec(&fields)).await, "\n");
}

#[tokio::test]
async fn containers_override_the_default_command_and_arguments() {
    let Some(namespace) = namespace().await else { return };
    let fields = json!({"command": ["echo"], "args": ["override", "both"]});
    assert_eq!(namespace.output("both", spec(&fields)).await, "override both\n");
}

#[tokio::test]
async fn kubelet_prints_the_output_of_a_command_to_logs() {
    let Some(namespace) = namespace().await else { return };
    assert_eq!(
        namespace.output("hello", task("echo Hello World; sleep 0.1")).await,
        "Hello World\n"
    );
}

#[tokio::test]
async fn kubelet_deletes_a_pod_whose_command_always_fails() {
    let Some(namespace) = namespace().await else { return };
    namespace.pod("fails", json!({"containers": [script("main", "false")]})).await;
    let failed = |pod: &Value| {
        pod["status"]["containerStatuses"][0]["lastState"]["terminated"]["exitCode"] == 1
    };
    namespace.shows("Pod", "fails", failed).await;
    namespace.delete("Pod", "fails", None).await;
    namespace.gone("Pod", "fails").await;
}

#[tokio::test]
async fn kubelet_writes_host_aliases_to_etc_hosts() {
    let Some(namespace) = namespace().await else { return };
    let mut spec = task("cat /etc/hosts");
    spec["hostAliases"] = json!([{"ip": "123.45.67.89", "hostnames": ["foo", "bar"]}]);
    let hosts = namespace.output("aliases", spec).await;
    assert!(hosts.contains("123.45.67.89\tfoo\tbar\n"), "{hosts}");
}

#[tokio::test]
async fn a_replica_set_serves_the_image_on_each_replica() {
    let Some(namespace) = namespace().await else { return };
    let serve = "hostname > /www/index.html; exec httpd -f -p 9376 -h /www";
    let mut server = script("serve", serve);
    server["readinessProbe"] =
        json!({"httpGet": {"path": "/index.html", "port": 9376}, "periodSeconds": 1});
    namespace
        .apply(json!({
            "apiVersion": "apps/v1",
            "kind": "ReplicaSet",
            "metadata": {"name": "basic"},
            "spec": {
                "replicas": 2,
                "selector": {"matchLabels": {"name": "basic"}},
                "template": {
                    "metadata": {"labels": {"name": "basic"}},
                    "spec": {"containers": [server], "terminationGracePeriodSeconds": 0},
                },
            },
        }))
        .await;
    namespace.shows("ReplicaSet", "basic", |set| set["status"]["readyReplicas"] == 2).await;
    let pods: kube::Api<k8s_openapi::api::core::v1::Pod> =
        kube::Api::namespaced(namespace.client.clone(), &namespace.name);
    for pod in pods.list(&kube::api::ListParams::default()).await.unwrap() {
        let name = pod.metadata.name.unwrap();
        let address = pod.status.unwrap().pod_ip.unwrap();
        let fetch = format!("wget -qO- http://{address}:9376/index.html");
        assert_eq!(namespace.output(&format!("ask-{name}"), task(&fetch)).await.trim(), name);
    }
}

#[tokio::test]
async fn a_job_completes_when_tasks_sometimes_fail_and_are_locally_restarted() {
    let Some(namespace) = namespace().await else { return };
    // A container that is started again has the pod's volume as it left it.
    let mut container =
        script("main", "if test -e /data/once; then exit 0; fi; touch /data/once; false");
    container["volumeMounts"] = json!([{"name": "data", "mountPath": "/data"}]);
    namespace
        .apply(json!({
            "apiVersion": "batch/v1",
            "kind": "Job",
            "metadata": {"name": "fail-once-local"},
            "spec": {
                "parallelism": 2,
                "completions": 4,
                "backoffLimit": 6,
                "template": {"spec": {
                    "restartPolicy": "OnFailure",
                    "volumes": [{"name": "data", "emptyDir": {}}],
                    "containers": [container],
                }},
            },
        }))
        .await;
    namespace.shows("Job", "fail-once-local", |job| job["status"]["succeeded"] == 4).await;
}
