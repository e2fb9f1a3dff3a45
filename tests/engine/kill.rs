//! A control plane that is killed, again and again, in the middle of `up`: everything converges.

use std::collections::{BTreeMap, HashMap};
use std::process::{Command, Stdio};

use bollard::models::ContainerSummary;
use bollard::query_parameters::{EventsOptions, ListContainersOptions};
use futures_util::StreamExt;
use futures_util::stream::BoxStream;
use longshore::engine::{Engine, labels};
use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;

use super::cluster::Cluster;
use super::image::BUSYBOX;

const KILLS: usize = 10;

#[tokio::test(flavor = "multi_thread")]
async fn what_runs_is_taken_over_and_nothing_runs_twice() {
    let Some(cluster) = Cluster::new().await else { return };
    let engine = Engine::connect().await.unwrap();
    let project = tempfile::tempdir().unwrap();
    std::fs::write(project.path().join("compose.yaml"), compose()).unwrap();
    let file = project.path().join("compose.yaml");
    let up = ["-f", file.to_str().unwrap(), "up", "-d"];
    for round in 0..KILLS {
        cluster.start();
        let mut events = containers_starting(&engine, &cluster.id());
        let mut running = Command::new(env!("CARGO_BIN_EXE_longshore"))
            .args(up)
            .env("LONGSHORE_DATA_DIR", cluster.directory())
            .env("LONGSHORE_RUNTIME", "docker")
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        // Each round dies a little later; a round in which nothing is left to be started dies at once.
        for _ in 0..round {
            let next = tokio::time::timeout(std::time::Duration::from_secs(1), events.next());
            if next.await.is_err() {
                break;
            }
        }
        kill(Pid::from_raw(cluster.pid()), Signal::SIGKILL).unwrap();
        let _ = running.wait().unwrap();
    }
    cluster.start();
    cluster.succeed(&up);
    let there = containers(&engine, &cluster.id()).await;
    let running = there.iter().filter(|one| is_running(one));
    let mut count: BTreeMap<String, usize> = BTreeMap::new();
    for one in running.filter(|one| label(one, labels::ROLE) != labels::GATEWAY) {
        *count.entry(name(one)).or_default() += 1;
    }
    let expected: BTreeMap<String, usize> =
        [("a", 2), ("b", 1), ("c", 1), ("sandbox", 4)].map(|(name, n)| (name.into(), n)).into();
    assert_eq!(count, expected, "{there:#?}");
    cluster.succeed(&["-f", file.to_str().unwrap(), "down"]);
    let left = containers(&engine, &cluster.id()).await;
    let left: Vec<String> = left.iter().map(name).filter(|name| name != labels::GATEWAY).collect();
    assert_eq!(left, Vec::<String>::new(), "`down` leaves no container behind");
}

fn compose() -> String {
    let service = |name: &str, more: &str| {
        format!(
            "  {name}:\n    image: {BUSYBOX}\n    command: [\"sh\", \"-c\", \"trap 'exit 0' TERM; \
             while true; do sleep 0.1; done\"]\n{more}"
        )
    };
    format!(
        "name: killed\nservices:\n{}{}{}",
        service("a", "    deploy: {replicas: 2}\n"),
        service("b", "    depends_on: [a]\n"),
        service("c", "    depends_on: [b]\n"),
    )
}

async fn containers(engine: &Engine, cluster: &str) -> Vec<ContainerSummary> {
    let options =
        ListContainersOptions { all: true, filters: Some(of(cluster)), ..Default::default() };
    engine.docker().list_containers(Some(options)).await.unwrap()
}

fn containers_starting(engine: &Engine, cluster: &str) -> BoxStream<'static, ()> {
    let mut filters = of(cluster);
    filters.insert("event".to_owned(), vec!["start".to_owned(), "create".to_owned()]);
    let options = EventsOptions { filters: Some(filters), ..Default::default() };
    engine.docker().events(Some(options)).map(drop).boxed()
}

fn of(cluster: &str) -> HashMap<String, Vec<String>> {
    HashMap::from([("label".to_owned(), vec![format!("{}={cluster}", labels::CLUSTER)])])
}

fn label<'a>(container: &'a ContainerSummary, key: &str) -> &'a str {
    container.labels.as_ref().and_then(|labels| labels.get(key)).map_or("", String::as_str)
}

/// A container's name in its pod, else its role.
fn name(container: &ContainerSummary) -> String {
    match label(container, labels::CONTAINER_NAME) {
        "" => label(container, labels::ROLE).to_owned(),
        name => name.to_owned(),
    }
}

fn is_running(container: &ContainerSummary) -> bool {
    container.state.as_ref().is_some_and(|state| state.to_string() == "running")
}
