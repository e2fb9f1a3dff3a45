//! The kubelet of the simulated node: takes pods to Running and Ready, or to Completed.
//!
//! # Invariants
//! - A pod's status is derived from its `Life`; the kubelet keeps no other truth.
//! - After a restart the lives are read back from the stored statuses: nothing is started twice.
//! - Only the [`Runtime`] knows how containers run.

mod addresses;
mod downward;
#[cfg_attr(not(test), expect(dead_code, reason = "real containers need it"))]
mod environment;
#[cfg_attr(not(test), expect(dead_code, reason = "real containers need it"))]
mod hosts_file;
mod life;
mod mount;
mod node;
mod objects;
mod pod_directory;
mod runtime;
mod script;
mod simulated;
mod status;
mod sync;
#[cfg_attr(not(test), expect(dead_code, reason = "real containers need it"))]
mod termination;
#[cfg_attr(not(test), expect(dead_code, reason = "real containers need it"))]
mod volumes;

pub use mount::{Memory, Mount, RecursiveReadOnly, Source};
pub use runtime::{Ended, Process, Runtime, RuntimeError};

use std::collections::HashMap;
use std::fmt;
use std::net::IpAddr;
use std::sync::Arc;

use futures_util::future::BoxFuture;
use jiff::Timestamp;
use k8s_openapi::api::coordination::v1::Lease;
use k8s_openapi::api::core::v1::{Node, Pod};
use serde::Deserialize;
use tokio::sync::Mutex;
use tokio::task::JoinHandle;

use self::addresses::Addresses;
use self::life::Life;
use self::simulated::Simulated;
use self::sync::Syncer;
use super::cluster_range::{ClusterRange, Subnet};
use super::runner::{Context, Executor, Logic, Outcome, Recorder, is, parse, run};
use super::store::{Change, Event, Stored};

/// One node.
#[derive(Debug, Clone)]
pub struct Settings {
    /// The node's name.
    pub node: String,
    /// The node's address.
    pub address: IpAddr,
    /// The range of pod addresses: base and prefix length.
    pub pod_range: Subnet,
    /// The capacity in processors, as a quantity.
    pub cpu: String,
    /// The capacity in memory, as a quantity.
    pub memory: String,
    /// How many pods the node takes.
    pub pods: String,
}

impl Settings {
    /// The simulated node `longshore-sim`: large, because simulated pods use nothing.
    pub fn simulated(range: ClusterRange) -> Self {
        Self {
            node: "longshore-sim".to_owned(),
            address: IpAddr::V4(range.host()),
            pod_range: range.pods(),
            cpu: "1k".to_owned(),
            memory: "1Ti".to_owned(),
            pods: "30k".to_owned(),
        }
    }
}

/// Registers a simulated node and starts its kubelet; it stops when the context says so.
pub fn spawn(context: Context, settings: Settings) -> JoinHandle<()> {
    let (base, prefix) = settings.pod_range;
    let addresses = Addresses::new(base, prefix);
    let runtime: Arc<dyn Runtime> = Arc::new(Simulated::new(Arc::clone(&context.clock), addresses));
    let recorder = Recorder::start(&context, Some(settings.node.clone()));
    let syncer = Syncer {
        runtime,
        executor: Executor::new(context.verbs.clone(), recorder, "kubelet"),
        clock: Arc::clone(&context.clock),
        host: settings.address,
    };
    let kubelet = Kubelet { settings, syncer, pods: HashMap::new(), node: None, lease: None };
    tokio::spawn(run(kubelet, context))
}

struct Kubelet {
    settings: Settings,
    syncer: Syncer,
    /// The pods of this node, by uid.
    pods: HashMap<String, Assigned>,
    node: Option<Arc<Stored>>,
    lease: Option<Arc<Stored>>,
}

/// A pod of this node, and its life once it was synced.
struct Assigned {
    object: Arc<Stored>,
    /// It is deleted: what runs of it is stopped.
    gone: bool,
    life: Arc<Mutex<Option<Life>>>,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
enum Task {
    /// Register the node, renew its Lease.
    Node,
    /// Sync the pod that has a uid.
    Pod(String),
}

impl fmt::Display for Task {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Node => f.write_str("node"),
            Self::Pod(uid) => write!(f, "pod {uid}"),
        }
    }
}

impl Logic for Kubelet {
    type Task = Task;

    fn name(&self) -> &'static str {
        "kubelet"
    }

    fn reset(&mut self) {
        (self.node, self.lease) = (None, None);
        for pod in self.pods.values_mut() {
            pod.gone = true;
        }
    }

    fn listed(&mut self) -> Vec<Task> {
        let gone = self.pods.iter().filter(|(_, pod)| pod.gone);
        gone.map(|(uid, _)| Task::Pod(uid.clone())).chain([Task::Node]).collect()
    }

    fn observe(&mut self, event: &Event) -> Vec<Task> {
        let object = &event.object;
        let exists = event.change != Change::Deleted;
        let current = exists.then(|| Arc::clone(object));
        if is::<Pod>(object) {
            return self.observe_pod(object, exists).into_iter().collect();
        }
        if is::<Node>(object) && object.name == self.settings.node {
            self.node = current;
            return vec![Task::Node];
        }
        if is::<Lease>(object)
            && object.namespace == node::LEASES
            && object.name == self.settings.node
        {
            self.lease = current;
            return if exists { Vec::new() } else { vec![Task::Node] };
        }
        Vec::new()
    }

    fn start(&mut self, task: &Task, now: Timestamp) -> BoxFuture<'static, Outcome> {
        match task {
            Task::Node => self.sync_node(now),
            Task::Pod(uid) => self.sync_pod(uid),
        }
    }

    fn ended(&mut self, task: &Task, outcome: &Outcome) {
        if let Task::Pod(uid) = task
            && *outcome == Outcome::Done
            && self.pods.get(uid).is_some_and(|pod| pod.gone)
        {
            self.pods.remove(uid);
        }
    }
}

impl Kubelet {
    fn observe_pod(&mut self, object: &Arc<Stored>, exists: bool) -> Option<Task> {
        let uid = &object.uid;
        match self.pods.get_mut(uid) {
            Some(pod) => {
                pod.object = Arc::clone(object);
                pod.gone = !exists;
            }
            None if exists && node_of(object).as_deref() == Some(&*self.settings.node) => {
                let life = Arc::new(Mutex::new(None));
                let pod = Assigned { object: Arc::clone(object), gone: false, life };
                self.pods.insert(uid.clone(), pod);
            }
            None => return None,
        }
        Some(Task::Pod(uid.clone()))
    }

    fn sync_node(&self, now: Timestamp) -> BoxFuture<'static, Outcome> {
        let observed = node::Observed {
            node: self.node.as_deref().and_then(parse),
            lease: self.lease.as_deref().and_then(parse),
        };
        let version = self.syncer.runtime.version();
        let plan = node::reconcile(&self.settings, &version, observed, now);
        let executor = self.syncer.executor.clone();
        Box::pin(async move { executor.execute(plan).await })
    }

    fn sync_pod(&self, uid: &str) -> BoxFuture<'static, Outcome> {
        let assigned = self.pods.get(uid);
        let Some((assigned, pod)) = assigned.and_then(|one| Some((one, parse(&one.object)?)))
        else {
            return Box::pin(std::future::ready(Outcome::Done));
        };
        let (syncer, gone) = (self.syncer.clone(), assigned.gone);
        let life = Arc::clone(&assigned.life);
        Box::pin(async move {
            if gone {
                return syncer.forget(&pod).await;
            }
            let mut life = life.lock().await;
            if life.is_none() {
                match syncer.adopt(&pod).await {
                    Ok(adopted) => *life = Some(adopted),
                    Err(error) => return Outcome::Retry(error.to_string()),
                }
            }
            match life.as_mut() {
                Some(life) => syncer.sync_pod(&pod, life).await,
                None => Outcome::Done,
            }
        })
    }
}

/// `spec.nodeName`, read without the rest.
fn node_of(object: &Stored) -> Option<String> {
    #[derive(Deserialize)]
    struct Bound {
        spec: Spec,
    }
    #[derive(Deserialize)]
    #[serde(rename_all = "camelCase")]
    struct Spec {
        node_name: Option<String>,
    }
    object.parse::<Bound>().ok()?.spec.node_name
}
