//! The control plane as a scenario: start, writes, watches, a large project, a killed server.
//!
//! Prints one line per figure; durable throughout (no `--ephemeral`), over TLS as any client has it.

#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::print_stdout,
    clippy::panic,
    missing_docs,
    reason = "a benchmark that cannot go on has nothing better to do than to stop"
)]

use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use futures_util::{StreamExt, TryStreamExt};
use k8s_openapi::api::apps::v1::Deployment;
use k8s_openapi::api::core::v1::{ConfigMap, Node};
use kube::api::{Api, ListParams, PostParams, WatchParams};
use kube::{Client, Config};

const CLIENTS: usize = 64;
const CREATES: usize = 4_000;
const DEPLOYMENTS: usize = 600;

#[tokio::main]
async fn main() {
    if std::env::args().any(|argument| argument == "--test") {
        return;
    }
    let directory = tempfile::tempdir().unwrap();

    let begin = Instant::now();
    let mut server = start(directory.path());
    let client = connect(directory.path()).await;
    node_ready(&client).await;
    figure("start to node Ready", format!("{:.0} ms", millis(begin)));
    figure("memory after start", format!("{:.1} MiB", resident(&server)));

    let begin = Instant::now();
    create(&client, "one", 0, CREATES / 4).await;
    figure("creates, 1 client", format!("{:.0} /s", per_second(CREATES / 4, begin)));

    let begin = Instant::now();
    let tasks: Vec<_> = (0..CLIENTS)
        .map(|number| {
            let directory = directory.path().to_owned();
            tokio::spawn(async move {
                let client = connect(&directory).await;
                create(&client, "many", number * CREATES, CREATES / CLIENTS * 2).await;
            })
        })
        .collect();
    for task in tasks {
        task.await.unwrap();
    }
    let created = CREATES / CLIENTS * 2 * CLIENTS;
    figure("creates, 64 clients", format!("{:.0} /s", per_second(created, begin)));

    let mut delays = watch_delays(&client).await;
    delays.sort();
    let p99 = delays[delays.len() * 99 / 100];
    figure("write to watch event", format!("p50 {:?}, p99 {p99:?}", delays[delays.len() / 2]));

    let begin = Instant::now();
    deployments_ready(&client).await;
    figure("600 Deployments ready", format!("{:.2} s", begin.elapsed().as_secs_f64()));
    figure("memory with all of it", format!("{:.1} MiB", resident(&server)));

    settled(&server).await;
    let before = cpu(&server);
    tokio::time::sleep(Duration::from_secs(10)).await;
    figure("idle processor time", format!("{:.2} % of a core", (cpu(&server) - before) * 10.0));

    server.kill().unwrap();
    server.wait().unwrap();
    let begin = Instant::now();
    let mut server = start(directory.path());
    let client = connect(directory.path()).await;
    figure("killed to serving", format!("{:.0} ms", millis(begin)));
    let kept = Api::<ConfigMap>::namespaced(client, "default")
        .list(&ListParams::default().labels("app=bench"))
        .await
        .unwrap()
        .items
        .len();
    figure("objects after the kill", format!("{kept} of {}", created + CREATES / 4 + DELAYS));
    server.kill().unwrap();
    server.wait().unwrap();
}

fn figure(name: &str, value: impl std::fmt::Display) {
    println!("{name:<24} {value}");
}

fn millis(begin: Instant) -> f64 {
    begin.elapsed().as_secs_f64() * 1e3
}

#[expect(clippy::cast_precision_loss, reason = "a few thousand")]
fn per_second(count: usize, begin: Instant) -> f64 {
    count as f64 / begin.elapsed().as_secs_f64()
}

fn start(directory: &Path) -> Child {
    Command::new(env!("CARGO_BIN_EXE_longshore"))
        .args(["cluster", "run", "--runtime", "simulated", "--data-dir"])
        .arg(directory)
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .unwrap()
}

async fn connect(directory: &Path) -> Client {
    loop {
        if let Ok(client) = try_connect(directory).await {
            return client;
        }
        tokio::time::sleep(Duration::from_millis(2)).await;
    }
}

async fn try_connect(directory: &Path) -> anyhow::Result<Client> {
    let kubeconfig = kube::config::Kubeconfig::read_from(directory.join("kubeconfig"))?;
    let config =
        Config::from_custom_kubeconfig(kubeconfig, &kube::config::KubeConfigOptions::default())
            .await?;
    let client = Client::try_from(config)?;
    client.apiserver_version().await?;
    Ok(client)
}

async fn node_ready(client: &Client) {
    let nodes: Api<Node> = Api::all(client.clone());
    loop {
        let ready = nodes.list(&ListParams::default()).await.unwrap().items.iter().any(|node| {
            let conditions = node.status.as_ref().and_then(|status| status.conditions.as_ref());
            conditions.is_some_and(|all| {
                all.iter().any(|one| one.type_ == "Ready" && one.status == "True")
            })
        });
        if ready {
            return;
        }
        tokio::time::sleep(Duration::from_millis(2)).await;
    }
}

async fn create(client: &Client, prefix: &str, first: usize, count: usize) {
    let api: Api<ConfigMap> = Api::namespaced(client.clone(), "default");
    for number in first..first + count {
        let object = config_map(&format!("{prefix}-{number}"));
        api.create(&PostParams::default(), &object).await.unwrap();
    }
}

/// About 2 KiB, as usual for objects of a project.
fn config_map(name: &str) -> ConfigMap {
    serde_json::from_value(serde_json::json!({
        "metadata": {"name": name, "labels": {"app": "bench"}},
        "data": {"text": "x".repeat(1900)},
    }))
    .unwrap()
}

const DELAYS: usize = 1_000;

/// From the start of a create to its event on another connection.
async fn watch_delays(client: &Client) -> Vec<Duration> {
    let api: Api<ConfigMap> = Api::namespaced(client.clone(), "default");
    let version =
        api.list(&ListParams::default().limit(1)).await.unwrap().metadata.resource_version;
    let mut events = api.watch(&WatchParams::default(), &version.unwrap()).await.unwrap().boxed();
    let mut delays = Vec::new();
    for number in 0..DELAYS {
        let begin = Instant::now();
        let object = config_map(&format!("watched-{number}"));
        let (created, event) = tokio::join!(
            async { api.create(&PostParams::default(), &object).await },
            events.try_next()
        );
        created.unwrap();
        event.unwrap().unwrap();
        delays.push(begin.elapsed());
    }
    delays
}

async fn deployments_ready(client: &Client) {
    let api: Api<Deployment> = Api::namespaced(client.clone(), "default");
    for number in 0..DEPLOYMENTS {
        let name = format!("deployment-{number}");
        let deployment = serde_json::from_value(serde_json::json!({
            "metadata": {"name": name},
            "spec": {
                "selector": {"matchLabels": {"app": name}},
                "template": {
                    "metadata": {"labels": {"app": name}},
                    "spec": {"containers": [{"name": "main", "image": "example/main:1"}]},
                },
            },
        }))
        .unwrap();
        api.create(&PostParams::default(), &deployment).await.unwrap();
    }
    loop {
        let ready =
            api.list(&ListParams::default()).await.unwrap().items.iter().all(|deployment| {
                deployment.status.as_ref().and_then(|status| status.available_replicas) == Some(1)
            });
        if ready {
            return;
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

/// Waits until the last events and status writes are through.
async fn settled(server: &Child) {
    let mut before = cpu(server);
    loop {
        tokio::time::sleep(Duration::from_secs(1)).await;
        let now = cpu(server);
        if now - before < 0.01 {
            return;
        }
        before = now;
    }
}

/// Resident memory in MiB.
fn resident(server: &Child) -> f64 {
    let status = std::fs::read_to_string(format!("/proc/{}/status", server.id())).unwrap();
    let line = status.lines().find(|line| line.starts_with("VmRSS:")).unwrap();
    line.split_whitespace().nth(1).unwrap().parse::<f64>().unwrap() / 1024.0
}

/// Processor time so far in seconds (at 100 ticks a second, as Linux has it everywhere).
fn cpu(server: &Child) -> f64 {
    let stat = std::fs::read_to_string(format!("/proc/{}/stat", server.id())).unwrap();
    let fields: Vec<&str> = stat.rsplit(')').next().unwrap().split_whitespace().collect();
    (fields[11].parse::<f64>().unwrap() + fields[12].parse::<f64>().unwrap()) / 100.0
}
