//! The kubelet of a node: takes pods to Running and Ready, or to Completed.
//!
//! ```text
//!  event ring, engine events, works ──▶ sync_pod: inspect ─▶ Life ─▶ one step at a time ─▶ Runtime
//!                                                              │
//!                                                              └─▶ status, events
//! ```
//!
//! # Invariants
//! - A pod's status is derived from its `Life`; the kubelet keeps no other truth.
//! - What the runtime sees wins over what was believed, so that after a restart containers that run are taken
//!   over, none is started twice, and none is left behind.
//! - Only the [`Runtime`] knows how containers run.
//! - A sync waits for nothing that takes long: pulls, hooks and probes go on beside it, as works.

mod configuration;
mod docker;
mod downward;
mod environment;
mod hook;
mod hosts_file;
mod life;
mod mount;
mod node;
mod objects;
mod pod_directory;
mod probe;
mod request;
mod runtime;
mod runtimes;
mod simulated;
mod status;
mod sync;
mod termination;
mod volumes;
mod wakes;
mod works;

pub(crate) use docker::pod_network;
pub use docker::{Docker, DockerError};
pub use mount::{Memory, Mount, RecursiveReadOnly, Source};
pub use node::Machine;
pub use runtime::*;
pub use runtimes::Runtimes;
pub use simulated::Simulated;

use std::collections::{HashMap, HashSet};
use std::fmt;
use std::net::IpAddr;
use std::path::PathBuf;
use std::sync::Arc;

use futures_util::future::BoxFuture;
use jiff::Timestamp;
use k8s_openapi::api::coordination::v1::Lease;
use k8s_openapi::api::core::v1::{
    ConfigMap, Node, PersistentVolume, PersistentVolumeClaim, Pod, Secret,
};
use serde::Deserialize;
use tokio::sync::Mutex;
use tokio::task::JoinHandle;

use self::configuration::Configurations;
use self::life::Life;
use self::sync::{Running, Syncer};
use self::volumes::Volumes;
use self::volumes::reclaim::{Reclaim, reclaim};
use self::volumes::shown::Shown;
use self::wakes::Wakes;
use self::works::Works;
use super::cluster_range::{ClusterRange, Subnet};
use super::controllers::owner;
use super::runner::{Context, Executor, Logic, Outcome, Recorder, is, parse, run};
use super::store::{Change, Event, Key, Stored};

/// How many pods are synced at a time: most syncs wait for the engine.
const CONCURRENCY: usize = 256;

/// One node.
#[derive(Debug, Clone)]
pub struct Settings {
    /// The node's name.
    pub node: String,
    /// The node's address.
    pub address: IpAddr,
    /// The range of pod addresses: base and prefix length.
    pub pod_range: Subnet,
    /// What the node runs on.
    pub machine: Machine,
    /// Where the files of pods are; none when nothing is prepared for containers, because none runs.
    pub pods: Option<PathBuf>,
    /// Where the data of claims is.
    pub claims: PathBuf,
}

impl Settings {
    /// The simulated node `longshore-sim`: large, because simulated pods use nothing.
    pub fn simulated(range: ClusterRange, claims: PathBuf) -> Self {
        Self {
            node: "longshore-sim".to_owned(),
            address: IpAddr::V4(range.host()),
            pod_range: range.pods(),
            machine: Machine::simulated(),
            pods: None,
            claims,
        }
    }
}

/// Registers a node and starts its kubelet; it stops when the context says so.
pub fn spawn(context: Context, settings: Settings, runtime: Arc<dyn Runtime>) -> JoinHandle<()> {
    let recorder = Recorder::start(&context, Some(settings.node.clone()));
    let wakes = Wakes::new();
    let follow = tokio::spawn(wakes::follow(runtime.events(), wakes.sender()));
    let syncer = Syncer {
        configurations: settings.pods.clone().map(|pods| Configurations {
            volumes: Volumes {
                pods,
                claims: settings.claims.clone(),
                objects: Arc::new(context.verbs.clone()),
            },
            host: settings.address,
            allocatable: Arc::new(settings.machine.resources()),
        }),
        runtime,
        executor: Executor::new(context.verbs.clone(), recorder, "kubelet"),
        clock: Arc::clone(&context.clock),
        host: settings.address,
    };
    let kubelet = Kubelet {
        settings,
        syncer,
        wakes,
        pods: HashMap::new(),
        shown: Shown::default(),
        leaving: HashMap::new(),
        node: None,
        lease: None,
    };
    tokio::spawn(async move {
        run(kubelet, context).await;
        follow.abort();
    })
}

struct Kubelet {
    settings: Settings,
    syncer: Syncer,
    wakes: Wakes,
    /// The pods of this node, by uid.
    pods: HashMap<String, Assigned>,
    /// Which of them show which objects.
    shown: Shown,
    /// Volumes that are being deleted, by name.
    leaving: HashMap<String, Arc<Stored>>,
    node: Option<Arc<Stored>>,
    lease: Option<Arc<Stored>>,
}

/// A pod of this node, and how it runs once it was synced.
struct Assigned {
    object: Arc<Stored>,
    /// It is deleted: what runs of it is removed.
    gone: bool,
    running: Arc<Mutex<Option<Running>>>,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
enum Task {
    /// Register the node, renew its Lease.
    Node,
    /// Sync the pod that has a uid.
    Pod(String),
    /// Remove the data of the volume that has a name, and let it go.
    Reclaim(String),
    /// Remove what runs of pods that are not there any more.
    Orphans,
}

impl fmt::Display for Task {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Node => f.write_str("node"),
            Self::Pod(uid) => write!(f, "pod {uid}"),
            Self::Reclaim(name) => write!(f, "volume {name}"),
            Self::Orphans => f.write_str("orphans"),
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
        self.leaving.clear();
        for pod in self.pods.values_mut() {
            pod.gone = true;
        }
    }

    fn listed(&mut self) -> Vec<Task> {
        let gone = self.pods.iter().filter(|(_, pod)| pod.gone);
        gone.map(|(uid, _)| Task::Pod(uid.clone())).chain([Task::Node, Task::Orphans]).collect()
    }

    fn observe(&mut self, event: &Event) -> Vec<Task> {
        let object = &event.object;
        let exists = event.change != Change::Deleted;
        let current = exists.then(|| Arc::clone(object));
        if is::<Pod>(object) {
            return self.observe_pod(object, exists).into_iter().collect();
        }
        if is::<ConfigMap>(object) || is::<Secret>(object) || is::<PersistentVolumeClaim>(object) {
            return self.shown.by(&Key::from(&**object)).cloned().map(Task::Pod).collect();
        }
        if is::<PersistentVolume>(object) {
            return self.observe_volume(object, exists).into_iter().collect();
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
            Task::Reclaim(name) => self.reclaim(name),
            Task::Orphans => self.remove_orphans(),
        }
    }

    async fn woken(&mut self) -> Vec<Task> {
        match self.wakes.next().await {
            Some(uid) => vec![Task::Pod(uid)],
            None => self.pods.keys().cloned().map(Task::Pod).collect(),
        }
    }

    fn concurrency(&self) -> usize {
        CONCURRENCY
    }

    fn ended(&mut self, task: &Task, outcome: &Outcome) {
        if let Task::Pod(uid) = task
            && *outcome == Outcome::Done
            && self.pods.get(uid).is_some_and(|pod| pod.gone)
        {
            self.pods.remove(uid);
            self.shown.remove(uid);
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
                let running = Arc::new(Mutex::new(None));
                let pod = Assigned { object: Arc::clone(object), gone: false, running };
                self.pods.insert(uid.clone(), pod);
                if let Some(pod) = parse(object) {
                    self.shown.insert(&pod);
                }
            }
            None => return None,
        }
        Some(Task::Pod(uid.clone()))
    }

    fn observe_volume(&mut self, object: &Arc<Stored>, exists: bool) -> Option<Task> {
        if !exists || !object.deleting {
            self.leaving.remove(&object.name);
            return None;
        }
        self.leaving.insert(object.name.clone(), Arc::clone(object));
        Some(Task::Reclaim(object.name.clone()))
    }

    /// Removes the data of a volume before the object goes.
    fn reclaim(&self, name: &str) -> BoxFuture<'static, Outcome> {
        let volume: Option<PersistentVolume> = self.leaving.get(name).and_then(|one| parse(one));
        let reclaim = volume.and_then(|volume| reclaim(&volume, &self.settings.claims));
        let syncer = self.syncer.clone();
        Box::pin(async move {
            let Some(Reclaim { directory, plan }) = reclaim else { return Outcome::Done };
            if let Some(directory) = directory
                && let Err(error) = syncer.runtime.remove_directory(&directory).await
            {
                return Outcome::Retry(error.to_string());
            }
            syncer.executor.execute(plan).await
        })
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
        let running = Arc::clone(&assigned.running);
        let wake = self.wakes.of(uid);
        Box::pin(async move {
            let mut running = running.lock().await;
            if gone {
                *running = None;
                return syncer.forget(owner::uid(&pod)).await;
            }
            let running = running
                .get_or_insert_with(|| Running { life: Life::of(&pod), works: Works::new(wake) });
            syncer.sync_pod(&pod, running).await
        })
    }

    /// What an engine runs for pods of this cluster that no one knows any more.
    fn remove_orphans(&self) -> BoxFuture<'static, Outcome> {
        let known: HashSet<String> = self.pods.keys().cloned().collect();
        let syncer = self.syncer.clone();
        Box::pin(async move {
            let there = match syncer.runtime.pods().await {
                Ok(there) => there,
                Err(error) => return Outcome::Retry(error.to_string()),
            };
            let with_files = match syncer.configurations.as_ref().map(|all| all.volumes.pods()) {
                Some(Err(error)) => return Outcome::Retry(error.to_string()),
                Some(Ok(uids)) => uids,
                None => Vec::new(),
            };
            for uid in there.iter().chain(&with_files).filter(|uid| !known.contains(*uid)) {
                if let Outcome::Retry(error) = syncer.forget(uid).await {
                    return Outcome::Retry(error);
                }
            }
            Outcome::Done
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
