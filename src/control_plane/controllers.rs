//! Controllers: `reconcile` functions on a keyed queue, woken by events.
//!
//! Each controller is an index (the shared `Index`) + a pure `reconcile(desired, observed)` that
//! returns the writes to be made + `runner`, which makes them.
//!
//! # Invariants
//! - A plan depends on the index and the time alone; nothing is read while it is made.
//! - Statuses are written only when they differ, so that a cluster at rest writes nothing.
//! - Every object type has one controller that writes its status.

mod cron_job;
mod daemon_set;
mod deployment;
mod endpoint_slice;
mod endpoints;
mod event_expiry;
mod garbage;
mod history;
mod job;
pub(crate) mod labels;
mod namespace;
pub(crate) mod owner;
pub(crate) mod pods;
mod replica_set;
pub(crate) mod selector;
mod stateful_set;
mod template_hash;
mod volumes;

use std::fmt;
use std::path::PathBuf;

use futures_util::future::BoxFuture;
use jiff::Timestamp;
use tokio::task::JoinHandle;

pub(crate) use volumes::is_provisioned_here;

pub use super::runner::{Clock, Context, ManualClock, SystemClock};
use super::runner::{Executor, Index, Logic, Outcome, Plan, Recorder, run};
use super::store::{Event, Key};

/// What controllers need to know besides objects.
#[derive(Debug, Clone)]
pub struct Settings {
    /// The certificate of the cluster's CA in PEM: the `kube-root-ca.crt` of every namespace.
    pub ca_certificate: String,
    /// Where the volumes of the provisioner `longshore.dev/local-path` lie.
    pub volumes: PathBuf,
}

/// Starts all controllers; they stop when the context says so.
pub fn spawn(context: Context, settings: Settings) -> JoinHandle<()> {
    let recorder = Recorder::start(&context, None);
    let executor = Executor::new(context.verbs.clone(), recorder, "controller-manager");
    let controllers = Controllers { index: Index::default(), all: all(settings), executor };
    tokio::spawn(run(controllers, context))
}

/// One controller.
trait Controller: Send {
    /// Its name, as upstream's controller is called in events and managed fields.
    fn name(&self) -> &'static str;

    /// What an event concerns; the index has taken it in already.
    fn concerns(&self, event: &Event, index: &Index) -> Vec<Key>;

    /// Decides what is to be done about an object.
    fn plan(&mut self, key: &Key, index: &Index, now: Timestamp) -> Plan;

    /// Hears how the last plan for an object went.
    fn ended(&mut self, _key: &Key, _failure: Option<&str>) {}
}

fn all(settings: Settings) -> Vec<Box<dyn Controller>> {
    let Settings { ca_certificate, volumes } = settings;
    vec![
        Box::new(deployment::Deployments),
        Box::new(replica_set::ReplicaSets::default()),
        Box::new(stateful_set::StatefulSets),
        Box::new(daemon_set::DaemonSets),
        Box::new(job::Jobs),
        Box::new(cron_job::CronJobs),
        Box::new(endpoint_slice::EndpointSlices),
        Box::new(endpoints::AllEndpoints),
        Box::new(namespace::Namespaces { ca_certificate }),
        Box::new(volumes::Claims { volumes }),
        Box::new(volumes::Volumes),
        Box::new(event_expiry::EventExpiry),
        Box::new(garbage::Garbage),
    ]
}

struct Controllers {
    index: Index,
    all: Vec<Box<dyn Controller>>,
    executor: Executor,
}

/// An object to be looked at by a controller.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
struct Task {
    controller: usize,
    key: Key,
}

impl fmt::Display for Task {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.key.fmt(f)
    }
}

impl Logic for Controllers {
    type Task = Task;

    fn name(&self) -> &'static str {
        "controllers"
    }

    fn reset(&mut self) {
        self.index = Index::default();
    }

    fn observe(&mut self, event: &Event) -> Vec<Task> {
        self.index.apply(event);
        let mut tasks = Vec::new();
        for (controller, one) in self.all.iter().enumerate() {
            let keys = one.concerns(event, &self.index);
            tasks.extend(keys.into_iter().map(|key| Task { controller, key }));
        }
        tasks
    }

    fn start(&mut self, task: &Task, now: Timestamp) -> BoxFuture<'static, Outcome> {
        let Some(controller) = self.all.get_mut(task.controller) else {
            return Box::pin(std::future::ready(Outcome::Done));
        };
        let plan = controller.plan(&task.key, &self.index, now);
        let executor = self.executor.named(controller.name());
        Box::pin(async move { executor.execute(plan).await })
    }

    fn ended(&mut self, task: &Task, outcome: &Outcome) {
        if let Some(controller) = self.all.get_mut(task.controller) {
            let failure = match outcome {
                Outcome::Retry(message) => Some(message.as_str()),
                Outcome::Done | Outcome::Again(_) => None,
            };
            controller.ended(&task.key, failure);
        }
    }
}
