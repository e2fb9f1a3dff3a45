//! By the client of kube: channels over `WebSocket`.

use futures_util::{AsyncBufReadExt, TryStreamExt};
use k8s_openapi::api::core::v1::Pod;
use kube::Api;
use kube::api::{AttachParams, AttachedProcess, LogParams, TerminalSize};
use tokio::io::{AsyncReadExt, AsyncWriteExt};

use super::served::{Served, echo};

async fn pods(served: &Served) -> Api<Pod> {
    Api::namespaced(served.client().await, "default")
}

fn streams() -> AttachParams {
    AttachParams::default().container("web").stdout(true).stderr(true)
}

/// All that a command writes, and how it ended.
async fn ended(mut process: AttachedProcess) -> (String, String, String) {
    let (mut out, mut error) = (String::new(), String::new());
    let status = process.take_status().unwrap();
    let (stdout, stderr) = (process.stdout(), process.stderr());
    tokio::join!(
        async {
            if let Some(mut stdout) = stdout {
                stdout.read_to_string(&mut out).await.unwrap();
            }
        },
        async {
            if let Some(mut stderr) = stderr {
                stderr.read_to_string(&mut error).await.unwrap();
            }
        },
    );
    let status = status.await.unwrap();
    process.join().await.unwrap();
    let causes = status.details.and_then(|details| details.causes).unwrap_or_default();
    let causes: Vec<_> = causes.into_iter().filter_map(|cause| cause.message).collect();
    (out, error, format!("{} {}", status.status.unwrap_or_default(), causes.join(",")))
}

#[tokio::test]
async fn a_command_is_run() {
    let served = Served::start().await;
    let command = ["sh", "-c", "echo out; echo err >&2; exit 7"];
    let process = pods(&served).await.exec("web", command, &streams()).await.unwrap();
    let expected = ("out\n".to_owned(), "err\n".to_owned(), "Failure 7".to_owned());
    assert_eq!(ended(process).await, expected);
}

#[tokio::test]
async fn a_command_reads_until_the_client_says_no_more() {
    let served = Served::start().await;
    let params = streams().stdin(true);
    let mut process = pods(&served).await.exec("web", ["cat"], &params).await.unwrap();
    let mut stdin = process.stdin().unwrap();
    let sent = "0123456789abcdef".repeat(1 << 16);
    let feed = async {
        stdin.write_all(sent.as_bytes()).await.unwrap();
        stdin.shutdown().await.unwrap();
    };
    let ((), (out, _, status)) = tokio::join!(feed, ended(process));
    assert!(out == sent, "{} bytes", out.len());
    assert_eq!(status, "Success ");
}

#[tokio::test]
async fn a_terminal_has_a_size() {
    let served = Served::start().await;
    let params = streams().stderr(false).tty(true).stdin(true);
    let mut process = pods(&served).await.exec("web", ["cat"], &params).await.unwrap();
    let mut sizes = process.terminal_size().unwrap();
    let size = TerminalSize { width: 132, height: 43 };
    futures_util::SinkExt::send(&mut sizes, size).await.unwrap();
    let mut stdin = process.stdin().unwrap();
    stdin.write_all(b"x").await.unwrap();
    stdin.shutdown().await.unwrap();
    let (out, ..) = ended(process).await;
    assert_eq!(out, "x");
    served.runtime.sizes.subscribe().wait_for(|sizes| *sizes == [(132, 43)]).await.unwrap();
}

#[tokio::test]
async fn what_cannot_be_run_says_why() {
    let served = Served::start().await;
    let pods = pods(&served).await;
    let process = pods.exec("web", ["/no/such/program"], &streams()).await.unwrap();
    assert_eq!(ended(process).await.2, "Failure ");
    let refused = async |pod: &str, params: AttachParams| {
        let error = pods.exec(pod, ["true"], &params).await.err().unwrap();
        error.to_string()
    };
    assert!(refused("web", streams().container("side")).await.contains("404"));
    assert!(refused("web", streams().container("none")).await.contains("400"));
    assert!(refused("lost", streams()).await.contains("503"));
    assert!(refused("none", streams()).await.contains("404"));
}

#[tokio::test]
async fn a_container_is_attached() {
    let served = Served::start().await;
    let process = pods(&served).await.attach("web", &streams()).await.unwrap();
    let (out, _, status) = ended(process).await;
    assert_eq!((out.as_str(), status.as_str()), ("attached\n", "Success "));
}

#[tokio::test]
async fn ports_are_forwarded() {
    let served = Served::start().await;
    let port = echo().await;
    let mut forwarder = pods(&served).await.portforward("web", &[port, 1]).await.unwrap();
    let error = forwarder.take_error(1).unwrap().await.unwrap();
    assert!(error.starts_with("error forwarding port 1 to pod web, uid "), "{error}");
    assert!(error.ends_with(": cannot connect: connection refused"), "{error}");
    let stream = forwarder.take_stream(port).unwrap();
    let (mut read, mut write) = tokio::io::split(stream);
    let sent = "0123456789abcdef".repeat(1 << 16);
    let mut heard = vec![0; sent.len()];
    let (sending, hearing) =
        tokio::join!(write.write_all(sent.as_bytes()), read.read_exact(&mut heard));
    sending.unwrap();
    hearing.unwrap();
    assert!(heard == sent.to_ascii_uppercase().as_bytes());
}

#[tokio::test]
async fn logs_come_as_they_are_written() {
    let served = Served::start().await;
    let pods = pods(&served).await;
    let params = LogParams { container: Some("web".to_owned()), ..LogParams::default() };
    let previous = LogParams { previous: true, ..params.clone() };
    assert_eq!(pods.logs("web", &params).await.unwrap(), "one\ntwo\n");
    assert_eq!(pods.logs("web", &previous).await.unwrap(), "one\ntwo\n");
    let ids =
        served.runtime.asked.lock().unwrap().iter().map(|(id, _)| id.clone()).collect::<Vec<_>>();
    assert_eq!(ids, ["here://web", "here://before"]);
    let mut lines =
        pods.log_stream("web", &LogParams { follow: true, ..params }).await.unwrap().lines();
    assert_eq!(lines.try_next().await.unwrap().as_deref(), Some("one"));
    assert_eq!(lines.try_next().await.unwrap().as_deref(), Some("two"));
    served.runtime.last_line.notify_one();
    assert_eq!(lines.try_next().await.unwrap().as_deref(), Some("three"));
    assert_eq!(lines.try_next().await.unwrap(), None, "it ends with the container");
}

#[tokio::test]
async fn a_closing_server_ends_what_is_followed() {
    let served = Served::start().await;
    let pods = pods(&served).await;
    let params =
        LogParams { container: Some("web".to_owned()), follow: true, ..LogParams::default() };
    let mut lines = pods.log_stream("web", &params).await.unwrap().lines();
    assert_eq!(lines.try_next().await.unwrap().as_deref(), Some("one"));
    served.health.set_closing();
    assert_eq!(lines.try_next().await.unwrap().as_deref(), Some("two"));
    assert_eq!(lines.try_next().await.unwrap(), None);
}
