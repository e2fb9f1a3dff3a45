use futures_util::{AsyncBufReadExt as _, TryStreamExt as _};
use k8s_openapi::api::core::v1::Pod;
use kube::api::{Api, AttachParams, LogParams};
use serde_json::json;
use tokio::io::AsyncReadExt as _;

use crate::engine::cluster::{namespace, script};

#[tokio::test]
async fn kubectl_logs_retrieves_and_filters_logs() {
    let Some(namespace) = namespace().await else { return };
    let text = "for line in $(seq 1 5); do echo line $line; done; touch /tmp/written; sleep 1000";
    let mut container = script("main", text);
    container["readinessProbe"] =
        json!({"exec": {"command": ["test", "-e", "/tmp/written"]}, "periodSeconds": 1});
    let spec = json!({"terminationGracePeriodSeconds": 0, "containers": [container]});
    namespace.pod("writes", spec).await;
    namespace.ready("writes").await;
    let pods: Api<Pod> = Api::namespaced(namespace.client.clone(), &namespace.name);
    let logs = async |parameters: LogParams| pods.logs("writes", &parameters).await.unwrap();
    let all = logs(LogParams::default()).await;
    assert_eq!(all, "line 1\nline 2\nline 3\nline 4\nline 5\n");
    let last = logs(LogParams { tail_lines: Some(1), ..LogParams::default() }).await;
    assert_eq!(last, "line 5\n");
    let first = logs(LogParams { limit_bytes: Some(1), ..LogParams::default() }).await;
    assert_eq!(first, "l");
    let timed =
        logs(LogParams { timestamps: true, tail_lines: Some(1), ..LogParams::default() }).await;
    let (time, line) = timed.split_once(' ').unwrap();
    assert!(time.parse::<jiff::Timestamp>().is_ok() && line == "line 5\n", "{timed}");
    let recent = logs(LogParams { since_seconds: Some(3600), ..LogParams::default() }).await;
    assert_eq!(recent, all);
    let follow = LogParams { follow: true, ..LogParams::default() };
    let mut lines = pods.log_stream("writes", &follow).await.unwrap().lines();
    assert_eq!(lines.try_next().await.unwrap().as_deref(), Some("line 1"));
}

#[tokio::test]
async fn pods_support_remote_command_execution_over_websockets() {
    let Some(namespace) = namespace().await else { return };
    let spec =
        json!({"terminationGracePeriodSeconds": 0, "containers": [script("main", "sleep 1000")]});
    namespace.pod("runs", spec).await;
    namespace.ready("runs").await;
    let pods: Api<Pod> = Api::namespaced(namespace.client.clone(), &namespace.name);
    let command = ["sh", "-c", "echo remote execution test; echo and its errors >&2; exit 3"];
    let parameters = AttachParams::default().stdin(false);
    let mut running = pods.exec("runs", command, &parameters).await.unwrap();
    let (mut output, mut errors) = (String::new(), String::new());
    running.stdout().unwrap().read_to_string(&mut output).await.unwrap();
    running.stderr().unwrap().read_to_string(&mut errors).await.unwrap();
    let status = running.take_status().unwrap().await.unwrap();
    assert_eq!((output.as_str(), errors.as_str()), ("remote execution test\n", "and its errors\n"));
    assert_eq!(status.reason.as_deref(), Some("NonZeroExitCode"), "{status:?}");
}
