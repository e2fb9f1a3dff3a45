//! The server is killed in the middle of writes: what it had acknowledged must be there after a
//! restart, and revisions must never go back.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use longshore::control_plane::DataDirectory;
use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use serde_json::json;

use crate::cluster::{Client, config};
use crate::process::{gone, start};

const WRITERS: usize = 8;
const ROUNDS: usize = 3;
/// Acknowledged writes after which the server is killed.
const WRITES: usize = 100;

#[tokio::test(flavor = "multi_thread")]
async fn every_acknowledged_write_survives_sigkill() {
    let directory = tempfile::tempdir().unwrap();
    let data = DataDirectory::resolve(Some(directory.path())).unwrap();
    // Name to the revision of the last acknowledged write; none when a delete was acknowledged.
    let mut acknowledged: BTreeMap<String, Option<u64>> = BTreeMap::new();
    for round in 0..ROUNDS {
        start(&data).await;
        check(&data, &acknowledged).await;
        let count = Arc::new(AtomicUsize::new(0));
        let mut writers = Vec::new();
        for writer in 0..WRITERS {
            let (config, count) = (config(&data).await, Arc::clone(&count));
            writers.push(tokio::spawn(async move {
                write(Client::new(config), format!("r{round}w{writer}"), count).await
            }));
        }
        while count.load(Ordering::Relaxed) < WRITES {
            tokio::task::yield_now().await;
        }
        let pid = data.server().unwrap().unwrap();
        kill(Pid::from_raw(pid), Signal::SIGKILL).unwrap();
        for writer in writers {
            acknowledged.extend(writer.await.unwrap());
        }
        gone(&data).await;
    }
    start(&data).await;
    check(&data, &acknowledged).await;
    longshore::control_plane::stop(&data, crate::process::PATIENCE).await.unwrap();
}

/// Creates, changes and deletes until the server is gone; returns what was acknowledged.
async fn write(
    client: Client,
    prefix: String,
    count: Arc<AtomicUsize>,
) -> BTreeMap<String, Option<u64>> {
    let mut acknowledged = BTreeMap::new();
    for number in 0.. {
        let name = format!("{prefix}-{number}");
        let path = format!("/api/v1/namespaces/default/configmaps/{name}");
        let object = json!({"metadata": {"name": name}, "data": {"k": "1"}});
        let Some(revision) = client.try_write("POST", &path, &object).await else { break };
        acknowledged.insert(name.clone(), Some(revision));
        count.fetch_add(1, Ordering::Relaxed);
        if number % 3 == 1 {
            let change = json!({"metadata": {"name": name}, "data": {"k": "2"}});
            // Not acknowledged: it may be there or not.
            acknowledged.remove(&name);
            let Some(revision) = client.try_write("PUT", &path, &change).await else { break };
            acknowledged.insert(name.clone(), Some(revision));
        }
        if number % 3 == 2 {
            acknowledged.remove(&name);
            if client.try_write("DELETE", &path, &json!({})).await.is_none() {
                break;
            }
            acknowledged.insert(name, None);
        }
    }
    acknowledged
}

async fn check(data: &DataDirectory, acknowledged: &BTreeMap<String, Option<u64>>) {
    let client = Client::new(config(data).await);
    let list = client.get("/api/v1/namespaces/default/configmaps").await.json();
    let number = |text: &serde_json::Value| text.as_str().unwrap().parse::<u64>().unwrap();
    let found: BTreeMap<&str, u64> = list["items"]
        .as_array()
        .unwrap()
        .iter()
        .map(|item| {
            let metadata = &item["metadata"];
            (metadata["name"].as_str().unwrap(), number(&metadata["resourceVersion"]))
        })
        .collect();
    for (name, revision) in acknowledged {
        assert_eq!(found.get(name.as_str()), revision.as_ref(), "{name}");
    }
    let newest = acknowledged.values().flatten().max();
    assert!(
        Some(&number(&list["metadata"]["resourceVersion"])) >= newest,
        "the revision went back"
    );
}
