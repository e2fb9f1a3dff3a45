use std::collections::BTreeMap;
use std::fmt;

use std::time::Duration;

use futures_util::stream::{self, StreamExt as _, TryStreamExt as _};
use serde::Serialize;
use serde_json::Value;
use tokio::time::Instant;

use super::board::{Board, News};
use super::fields::{items, member, text};
use super::kinds::{WORKLOADS, known};
use super::observe::CONCURRENCY;
use super::workload::{Phase, workload_state};
use super::{Cluster, Error, Id, Target};
use crate::kubernetes::{Kind, Object, labels};

/// The runtime of a node that only pretends to run pods.
const SIMULATED: &str = "simulated";
/// How long the bundled cluster may take to say whether a port listens, and how often it is asked.
const SAID: Duration = Duration::from_secs(5);
const LOOK: Duration = Duration::from_millis(50);

/// How a Compose service is doing in the cluster: one workload.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ServiceStatus {
    /// The Compose service.
    pub service: String,
    /// `kind` of its workload.
    pub kind: String,
    /// `metadata.name` of its workload.
    pub name: String,
    /// How many pods are ready (of a Job: how many have succeeded).
    pub ready: i64,
    /// How many there shall be.
    pub desired: i64,
    /// `running`, `starting`, `completed`, `failed`, `scheduled` or `stopped`.
    pub state: &'static str,
    /// Why it is not running, in the cluster's words; empty when there is nothing to say.
    pub reason: String,
    /// What can be reached from outside.
    pub ports: Vec<PublishedPort>,
}

/// A port that can be reached from outside.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct PublishedPort {
    /// The address, empty when every address of the nodes has it.
    pub address: String,
    /// The port outside.
    pub published: i64,
    /// The port of the container: a number or a name.
    pub target: String,
    /// `tcp`, `udp` or `sctp`.
    pub protocol: String,
    /// Why it cannot be reached after all.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub problem: Option<String>,
    /// A load balancer is asked for, and has no address yet.
    #[serde(skip)]
    pub is_awaited: bool,
}

impl fmt::Display for PublishedPort {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { address, published, target, protocol, .. } = self;
        let address = if address.is_empty() { "*" } else { address };
        write!(f, "{address}:{published}->{target}/{protocol}")
    }
}

/// The services of a project, by name.
pub async fn services(cluster: &Cluster, target: &Target) -> Result<Vec<ServiceStatus>, Error> {
    let own = target.selector();
    let pods = target.pod_selector();
    let lists =
        WORKLOADS.iter().map(|(version, kind)| (known(version, kind), own.as_str())).chain([
            (known("v1", "Service"), own.as_str()),
            (known("apps/v1", "ReplicaSet"), pods.as_str()),
            (known("v1", "Pod"), pods.as_str()),
        ]);
    let listed: Vec<(&'static Kind, Vec<Object>)> = stream::iter(lists)
        .map(|(kind, selector)| async move {
            let objects = cluster.list(kind, &target.namespace, selector).await?;
            Ok::<_, Error>((kind, objects))
        })
        .buffered(CONCURRENCY)
        .try_collect()
        .await?;
    let now = Instant::now();
    let mut board = Board::default();
    for (kind, objects) in listed {
        for object in objects {
            board.take(kind.kind, News::Changed(object), now);
        }
    }
    Ok(statuses(&board, now))
}

/// The nodes that only pretend to run pods.
pub async fn simulated_nodes(cluster: &Cluster) -> Result<Vec<String>, Error> {
    let selector = format!("{}={SIMULATED}", labels::RUNTIME);
    let nodes = cluster.list(known("v1", "Node"), "", &selector).await?;
    Ok(nodes.iter().map(|node| node.name().to_owned()).collect())
}

/// The nodes of a bundled cluster that really run pods.
async fn real_nodes(cluster: &Cluster) -> Result<usize, Error> {
    let selector = format!("{0},{0}!={SIMULATED}", labels::RUNTIME);
    Ok(cluster.list(known("v1", "Node"), "", &selector).await?.len())
}

/// As [`services`], once the bundled cluster has said of each published port whether it listens: it does so within
/// a moment. Other clusters are not waited for; their load balancers may take minutes.
pub async fn published_services(
    cluster: &Cluster,
    target: &Target,
) -> Result<Vec<ServiceStatus>, Error> {
    let listens = real_nodes(cluster).await.unwrap_or_default() > 0;
    let end = Instant::now() + SAID;
    loop {
        let services = services(cluster, target).await?;
        let waits = services.iter().flat_map(|service| &service.ports).any(|port| port.is_awaited);
        if !listens || !waits || Instant::now() > end {
            return Ok(services);
        }
        tokio::time::sleep(LOOK).await;
    }
}

fn statuses(board: &Board, now: Instant) -> Vec<ServiceStatus> {
    let mut ports: BTreeMap<&str, Vec<PublishedPort>> = BTreeMap::new();
    for service in board.of_kind("Service") {
        let of = service.label(labels::NAME).unwrap_or(service.name());
        ports.entry(of).or_default().extend(published_ports(service));
    }
    let workloads = WORKLOADS.iter().flat_map(|(_, kind)| board.of_kind(kind));
    // The Jobs of a CronJob are told by the CronJob.
    let own = workloads.filter(|object| super::observe::owners(object).next().is_none());
    let mut rows: Vec<ServiceStatus> = own
        .map(|object| {
            let service = object.label(labels::NAME).unwrap_or(object.name());
            let state = workload_state(object);
            let trouble = board.trouble_of(&Id::of(object), now).map(|trouble| trouble.reason);
            let (word, reason) = match state.phase {
                Phase::Failed { reason, .. } => ("failed", reason),
                Phase::Progressing(_) => ("starting", trouble.unwrap_or_default()),
                Phase::Complete => ("completed", String::new()),
                Phase::Ready if object.kind() == "CronJob" => ("scheduled", String::new()),
                Phase::Ready if state.desired == 0 => ("stopped", String::new()),
                Phase::Ready => ("running", String::new()),
            };
            let mut ports = ports.get(service).cloned().unwrap_or_default();
            ports.sort();
            ServiceStatus {
                service: service.to_owned(),
                kind: object.kind().to_owned(),
                name: object.name().to_owned(),
                ready: state.ready,
                desired: state.desired,
                state: word,
                reason,
                ports,
            }
        })
        .collect();
    rows.sort_by(|a, b| (&a.service, &a.kind, &a.name).cmp(&(&b.service, &b.kind, &b.name)));
    rows
}

fn published_ports(service: &Object) -> Vec<PublishedPort> {
    let (field, addresses) = match text(service, "spec.type") {
        "LoadBalancer" => {
            let ingress = items(service, "status.loadBalancer.ingress");
            let addresses = ingress.map(|ingress| match member(ingress, "ip") {
                "" => member(ingress, "hostname"),
                ip => ip,
            });
            ("port", addresses.collect())
        }
        "NodePort" => ("nodePort", Vec::new()),
        _ => return Vec::new(),
    };
    let addresses = if addresses.is_empty() { vec![""] } else { addresses };
    let of_port = |port: &Value, address: &str| {
        let published = port.get(field)?.as_i64()?;
        let target = match port.get("targetPort") {
            Some(Value::String(name)) => name.clone(),
            Some(number) => number.to_string(),
            None => member_number(port, "port"),
        };
        let protocol = match member(port, "protocol") {
            "" => "tcp".to_owned(),
            protocol => protocol.to_lowercase(),
        };
        let problem = problem(service, published);
        Some(PublishedPort {
            address: address.to_owned(),
            published,
            target,
            protocol,
            is_awaited: field == "port" && address.is_empty() && problem.is_none(),
            problem,
        })
    };
    items(service, "spec.ports")
        .flat_map(|port| addresses.iter().filter_map(move |address| of_port(port, address)))
        .collect()
}

/// What the bundled cluster says of a port that it cannot listen on.
fn problem(service: &Object, port: i64) -> Option<String> {
    let mut conditions = items(service, "status.conditions");
    let condition = conditions.find(|one| member(one, "type") == labels::PUBLISHED)?;
    let mut ingress = items(service, "status.loadBalancer.ingress").peekable();
    let none_listens = ingress.peek().is_none();
    let mut ports = ingress.filter_map(|one| one.get("ports")?.as_array()).flatten();
    let failed = ports.any(|one| {
        one.get("port").and_then(Value::as_i64) == Some(port) && one.get("error").is_some()
    });
    let is_false = member(condition, "status") == "False";
    (is_false && (none_listens || failed)).then(|| member(condition, "message").to_owned())
}

fn member_number(value: &Value, key: &str) -> String {
    value.get(key).map(Value::to_string).unwrap_or_default()
}

#[cfg(test)]
mod tests;
