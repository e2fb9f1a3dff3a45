//! Binds pods to nodes.
//!
//! # Invariants
//! - One pod at a time: what was bound is counted before the next pod is placed.
//! - A pod that fits nowhere waits for what could change that (nodes, claims, pods that end); it is never polled.

pub(crate) mod affinity;
mod claims;
pub(crate) mod filter;
mod node_state;
mod place;
pub(crate) mod quantity;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use futures_util::future::BoxFuture;
use jiff::Timestamp;
use k8s_openapi::api::core::v1::{Node, PersistentVolumeClaim, Pod};
use k8s_openapi::api::storage::v1::StorageClass;
use tokio::task::JoinHandle;

use self::claims::Claims;
use self::node_state::Nodes;
use super::controllers::pods;
use super::runner::{Context, Executor, Logic, Outcome, Recorder, is, parse, run};
use super::store::{Change, Event, Key, Stored};

const NAME: &str = "default-scheduler";

/// Starts the scheduler; it stops when the context says so.
pub fn spawn(context: Context) -> JoinHandle<()> {
    let executor = Executor::new(context.verbs.clone(), Recorder::start(&context, None), NAME);
    let scheduler = Scheduler {
        executor,
        nodes: Nodes::default(),
        claims: Claims::default(),
        pending: BTreeMap::new(),
    };
    tokio::spawn(run(scheduler, context))
}

struct Scheduler {
    executor: Executor,
    nodes: Nodes,
    claims: Claims,
    /// Pods without a node.
    pending: BTreeMap<Key, Pending>,
}

struct Pending {
    object: Arc<Stored>,
    /// The claims that it waits for, when it was tried and had to wait.
    blocked_on: Option<BTreeSet<String>>,
}

impl Logic for Scheduler {
    type Task = Key;

    fn name(&self) -> &'static str {
        NAME
    }

    fn reset(&mut self) {
        (self.nodes, self.claims) = (Nodes::default(), Claims::default());
        self.pending.clear();
    }

    fn observe(&mut self, event: &Event) -> Vec<Key> {
        let object = &event.object;
        let exists = event.change != Change::Deleted;
        if is::<Pod>(object) {
            self.observe_pod(object, exists)
        } else if is::<Node>(object) {
            let changed = self.nodes.observe_node(object, exists);
            if changed { self.blocked() } else { Vec::new() }
        } else if is::<PersistentVolumeClaim>(object) {
            self.claims.observe_claim(object, exists);
            let waits = |pending: &Pending| {
                let claims = pending.blocked_on.as_ref();
                claims.is_some_and(|claims| claims.contains(&object.name))
            };
            let same = |key: &Key| key.namespace == object.namespace;
            let waiting = self.pending.iter().filter(|(key, one)| same(key) && waits(one));
            waiting.map(|(key, _)| key.clone()).collect()
        } else {
            if is::<StorageClass>(object) {
                self.claims.observe_class(object, exists);
            }
            Vec::new()
        }
    }

    fn start(&mut self, task: &Key, now: Timestamp) -> BoxFuture<'static, Outcome> {
        let pod = self.pending.get(task).and_then(|pending| parse::<Pod>(&pending.object));
        let Some(pod) = pod else { return Box::pin(std::future::ready(Outcome::Done)) };
        let (plan, blocked_on) = place::place(&pod, &self.nodes, &self.claims, now);
        if let Some(pending) = self.pending.get_mut(task) {
            pending.blocked_on = blocked_on;
        }
        let executor = self.executor.clone();
        Box::pin(async move { executor.execute(plan).await })
    }

    fn concurrency(&self) -> usize {
        1
    }
}

impl Scheduler {
    fn observe_pod(&mut self, object: &Arc<Stored>, exists: bool) -> Vec<Key> {
        let key = Key::from(&**object);
        let Some(pod) = parse::<Pod>(object) else { return Vec::new() };
        let has_node = pod.spec.as_ref().is_some_and(|spec| spec.node_name.is_some());
        let runs = exists && !pods::is_finished(&pod);
        if has_node || !runs {
            self.pending.remove(&key);
            let freed = self.nodes.observe_pod(&pod, runs);
            return if freed { self.blocked() } else { Vec::new() };
        }
        if !place::is_ours(&pod) {
            self.pending.remove(&key);
            return Vec::new();
        }
        // Our own writes about a pod that has to wait are no reason to try it again.
        let before = self.pending.get(&key);
        let same = before.is_some_and(|before| {
            before.blocked_on.is_some()
                && parse::<Pod>(&before.object).is_some_and(|old| old.spec == pod.spec)
        });
        let blocked_on = before.and_then(|before| before.blocked_on.clone()).filter(|_| same);
        self.pending.insert(key.clone(), Pending { object: Arc::clone(object), blocked_on });
        if same { Vec::new() } else { vec![key] }
    }

    fn blocked(&self) -> Vec<Key> {
        let blocked = self.pending.iter().filter(|(_, pending)| pending.blocked_on.is_some());
        blocked.map(|(key, _)| key.clone()).collect()
    }
}
