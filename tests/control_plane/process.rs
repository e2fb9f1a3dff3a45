//! The real program: started, asked, stopped and reset.

use std::process::{Command, Output};
use std::time::Duration;

use longshore::control_plane::{self, DataDirectory};
use serde_json::Value;

pub const PATIENCE: Duration = Duration::from_mins(1);

/// Runs `longshore` to its end, with nothing of this machine's in its environment.
fn longshore(data: &DataDirectory, arguments: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_longshore"));
    command.args(arguments).env_clear().env("LONGSHORE_DATA_DIR", data.root());
    command.env("LONGSHORE_RUNTIME", "simulated");
    command.output().unwrap()
}

fn stderr(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

/// Starts the real program in the background and waits until it is ready.
pub async fn start(data: &DataDirectory) {
    let mut server = Command::new(env!("CARGO_BIN_EXE_longshore"));
    server.args(["cluster", "run", "--data-dir"]).arg(data.root()).env_clear();
    server.args(["--runtime", "simulated"]);
    control_plane::ensure_started(data, server, PATIENCE).await.unwrap();
}

/// Waits until nobody serves the directory.
pub async fn gone(data: &DataDirectory) {
    while data.server().unwrap().is_some() {
        tokio::task::yield_now().await;
    }
}

#[test]
fn a_control_plane_is_started_asked_stopped_and_reset() {
    let directory = tempfile::tempdir().unwrap();
    let data = DataDirectory::resolve(Some(&directory.path().join("data"))).unwrap();
    let run = |arguments: &[&str]| longshore(&data, arguments);
    let code = |output: &Output| output.status.code().unwrap();

    assert_eq!(code(&run(&["cluster", "status"])), 3);
    assert_eq!(code(&run(&["cluster", "kubeconfig"])), 3);
    let started = run(&["cluster", "start"]);
    assert!(started.status.success(), "{started:?}");
    assert!(started.stdout.is_empty(), "stdout is for the product: {started:?}");
    let status = run(&["cluster", "status", "--format", "json"]);
    let first: Value = serde_json::from_slice(&status.stdout).unwrap();
    assert_eq!((code(&status), &first["state"]), (0, &Value::from("ready")));
    assert!(run(&["cluster", "start"]).status.success(), "starting twice is starting once");

    let second = run(&["cluster", "run"]);
    assert_eq!(code(&second), 3);
    let message = stderr(&second);
    assert!(message.contains("is served by another process"), "{message}");

    let path = run(&["cluster", "kubeconfig", "--path"]).stdout;
    let path = String::from_utf8(path).unwrap();
    assert_eq!(std::path::Path::new(path.trim()), data.kubeconfig());
    let before = run(&["cluster", "kubeconfig"]).stdout;
    assert_eq!(before, std::fs::read(data.kubeconfig()).unwrap());

    assert!(run(&["cluster", "stop"]).status.success());
    assert_eq!(code(&run(&["cluster", "status"])), 3);
    assert!(run(&["cluster", "stop"]).status.success(), "stopping twice is stopping once");
    assert!(run(&["cluster", "start"]).status.success());
    let status = run(&["cluster", "status", "--format", "json"]);
    let again: Value = serde_json::from_slice(&status.stdout).unwrap();
    assert_eq!(first["endpoint"], again["endpoint"], "a kubeconfig stays valid");

    assert_eq!(code(&run(&["cluster", "reset"])), 2, "it cannot ask");
    let reset = run(&["cluster", "reset", "--yes"]);
    assert!(reset.status.success(), "{reset:?}");
    assert!(!data.root().exists());
}

#[test]
fn a_damaged_store_is_told_with_its_remedy() {
    let directory = tempfile::tempdir().unwrap();
    let data = DataDirectory::resolve(Some(directory.path())).unwrap();
    std::fs::write(data.store(), "this is not a store").unwrap();
    let run = longshore(&data, &["cluster", "run"]);
    let message = stderr(&run);
    assert_eq!(run.status.code(), Some(3), "{message}");
    assert!(message.contains("error: the store `"), "{message}");
    assert!(message.contains("help: `longshore cluster reset`"), "{message}");
    let start = longshore(&data, &["cluster", "start"]);
    let message = stderr(&start);
    assert_eq!(start.status.code(), Some(3), "{message}");
    assert!(message.contains("is damaged"), "the log is shown: {message}");
}

#[test]
fn a_taken_port_is_told() {
    let directory = tempfile::tempdir().unwrap();
    let data = DataDirectory::resolve(Some(directory.path())).unwrap();
    let taken = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let port = taken.local_addr().unwrap().port().to_string();
    let run = longshore(&data, &["cluster", "run", "--port", &port]);
    let message = stderr(&run);
    assert_eq!(run.status.code(), Some(3), "{message}");
    assert!(message.contains(&format!("cannot listen on 127.0.0.1:{port}")), "{message}");
}
