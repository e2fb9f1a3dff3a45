use std::net::TcpListener;
use std::panic::AssertUnwindSafe;
use std::path::Path;
use std::process::Output;

use futures_util::FutureExt;
use serde_json::json;
use tokio::process::Command;

use super::machine::Machine;

/// The program, with a data directory of its own.
async fn longshore(data: &Path, arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_longshore"))
        .args(arguments)
        .arg("--data-dir")
        .arg(data)
        .output()
        .await
        .unwrap()
}

async fn kubectl(data: &Path, arguments: &[&str], input: &str) -> Result<String, String> {
    use tokio::io::AsyncWriteExt;
    let mut child = Command::new("kubectl")
        .arg("--kubeconfig")
        .arg(data.join("kubeconfig"))
        .args(arguments)
        .stdin(std::process::Stdio::piped())
        .stdout(std::process::Stdio::piped())
        .stderr(std::process::Stdio::piped())
        .spawn()
        .map_err(|error| error.to_string())?;
    child.stdin.take().unwrap().write_all(input.as_bytes()).await.unwrap();
    let output = child.wait_with_output().await.unwrap();
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    if output.status.success() { Ok(text(&output.stdout)) } else { Err(text(&output.stderr)) }
}

#[tokio::test]
async fn a_published_service_answers_on_this_machine_and_pods_find_the_api_server() {
    let Some(machine) = Machine::find("server").await else { return };
    if Command::new("kubectl").args(["version", "--client"]).output().await.is_err() {
        println!("skipped: needs kubectl");
        return machine.clean().await;
    }
    let directory = tempfile::tempdir().unwrap();
    // What a test leaves behind is somebody else's obstacle.
    let result = AssertUnwindSafe(scenario(&machine, directory.path())).catch_unwind().await;
    longshore(directory.path(), &["cluster", "reset", "--yes"]).await;
    machine.clean().await;
    if let Err(panic) = result {
        std::panic::resume_unwind(panic);
    }
}

async fn scenario(machine: &Machine, data: &Path) {
    let started = longshore(data, &["cluster", "start", "--runtime", "docker"]).await;
    assert!(started.status.success(), "{}", String::from_utf8_lossy(&started.stderr));
    let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let server =
        "busybox mkdir -p /www; echo hi > /www/index.html; exec busybox httpd -f -p 8080 -h /www";
    let pod = |name: &str, script: &str| {
        json!({
            "apiVersion": "v1",
            "kind": "Pod",
            "metadata": {"name": name, "labels": {"app": name}},
            "spec": {
                "restartPolicy": "OnFailure",
                "containers": [{
                    "name": "main",
                    "image": machine.busybox,
                    "command": ["/bin/busybox", "sh", "-c", script],
                }],
            },
        })
    };
    let service = json!({
        "apiVersion": "v1",
        "kind": "Service",
        "metadata": {"name": "web"},
        "spec": {
            "type": "LoadBalancer",
            "selector": {"app": "web"},
            "ports": [{"port": port, "targetPort": 8080}],
        },
    });
    // It ends well once both answer: the Service by its name, the API server at its cluster IP.
    let script = format!(
        "busybox wget -q -O - http://web:{port}/ && busybox nc $KUBERNETES_SERVICE_HOST 443 </dev/null"
    );
    for object in [pod("web", server), service, pod("client", &script)] {
        kubectl(data, &["create", "-f", "-"], &object.to_string()).await.unwrap();
    }
    let succeeded =
        ["wait", "--for=jsonpath={.status.phase}=Succeeded", "pod/client", "--timeout=120s"];
    kubectl(data, &succeeded, "").await.unwrap();
    assert_eq!(kubectl(data, &["logs", "client"], "").await.unwrap(), "hi\n");
    let address = "jsonpath={.status.loadBalancer.ingress[0].ip}";
    let address = kubectl(data, &["get", "service", "web", "-o", address], "").await.unwrap();
    assert_eq!(address, "127.0.0.1");
    let answer = get(port).await;
    assert!(answer.ends_with("hi\n"), "{answer}");
}

async fn get(port: u16) -> String {
    use tokio::io::{AsyncReadExt, AsyncWriteExt};
    let mut stream = tokio::net::TcpStream::connect(("127.0.0.1", port)).await.unwrap();
    stream.write_all(b"GET / HTTP/1.0\r\n\r\n").await.unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await.unwrap();
    answer
}
