//! `DaemonSet`s: one pod on every node that fits.
//!
//! Left out so far: `maxSurge`; an update replaces pods in place.

mod daemon;
mod status;

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;
use k8s_openapi::api::apps::v1::{ControllerRevision, DaemonSet, DaemonSetSpec};
use k8s_openapi::api::core::v1::{Node, Pod};
use k8s_openapi::apimachinery::pkg::util::intstr::IntOrString;

use super::deployment::scaled;
use super::history::History;
use super::{Controller, labels, owner, pods};
use crate::control_plane::runner::{Index, Note, Operation, Plan, is, kind_of, parse};
use crate::control_plane::store::{Change, Event, Key};

/// The `DaemonSet` controller.
pub(super) struct DaemonSets;

/// What a `DaemonSet` controls, and the nodes.
pub(crate) struct Observed {
    /// Its pods.
    pub(crate) pods: Vec<Pod>,
    /// Its revisions.
    pub(crate) revisions: Vec<ControllerRevision>,
    /// All nodes.
    pub(crate) nodes: Vec<Node>,
}

/// The pods of one node, those that are not being deleted first.
type ByNode = BTreeMap<String, Vec<Pod>>;

impl Controller for DaemonSets {
    fn name(&self) -> &'static str {
        "daemonset-controller"
    }

    fn concerns(&self, event: &Event, index: &Index) -> Vec<Key> {
        let object = &event.object;
        if is::<Node>(object) {
            let sets = index.all(kind_of::<DaemonSet>());
            return sets.filter(|_| is_news(event)).map(|set| Key::from(&**set)).collect();
        }
        if is::<ControllerRevision>(object) {
            return index.owners::<DaemonSet>(object);
        }
        owner::concerned::<DaemonSet, Pod>(event, index)
    }

    fn plan(&mut self, key: &Key, index: &Index, now: Timestamp) -> Plan {
        let Some(set) = index.get::<DaemonSet>(&key.namespace, &key.name) else {
            return Plan::default();
        };
        let Some(spec) = &set.spec else { return Plan::default() };
        let claimed = owner::claim::<_, Pod>(&set, &spec.selector, index);
        if !claimed.operations.is_empty() {
            return Plan { operations: claimed.operations, again_at: Some(now) };
        }
        let observed = Observed {
            pods: claimed.owned,
            revisions: index.owned(owner::uid(&set)),
            nodes: index.all(kind_of::<Node>()).filter_map(|node| parse(node)).collect(),
        };
        reconcile(&set, spec, observed, now)
    }
}

/// One step of a `DaemonSet` towards one pod on each node.
pub(crate) fn reconcile(
    set: &DaemonSet,
    spec: &DaemonSetSpec,
    observed: Observed,
    now: Timestamp,
) -> Plan {
    let mut plan = Plan::default();
    if set.metadata.deletion_timestamp.is_some() {
        return plan;
    }
    let Observed { pods, revisions, nodes } = observed;
    let collisions = set.status.as_ref().and_then(|status| status.collision_count);
    let history = History::of(set, &spec.template, revisions, collisions, &mut plan);
    let hash = history.update.metadata.labels.as_ref();
    let hash = hash.and_then(|labels| labels.get(labels::REVISION_DATA_HASH)).cloned();
    let hash = hash.unwrap_or_default();
    let mut by_node = ByNode::new();
    for pod in pods {
        let node = daemon::node_of(&pod).unwrap_or_default().to_owned();
        by_node.entry(node).or_default().push(pod);
    }
    let status = status::derive(set, spec, (&hash, &nodes, &by_node), now);
    let live = by_node.values().flatten().filter_map(daemon::hash_of);
    let live = live.map(|hash| format!("{}-{hash}", owner::name(set))).collect();
    let min_ready = spec.min_ready_seconds.unwrap_or(0);
    let coming = by_node.values().flatten().filter_map(|pod| pods::available_at(pod, min_ready));
    if let Some(at) = coming.filter(|at| *at > now).min() {
        plan.look_again(at);
    }
    let busy = place(set, spec, (&hash, &nodes, &by_node), &mut plan);
    roll(set, spec, (&hash, &nodes, &by_node), &busy, now, &mut plan);
    history.clean_up(spec.revision_history_limit.unwrap_or(10), &live, &mut plan);
    if set.status.as_ref() != Some(&status) {
        plan.push(Operation::status(&DaemonSet { status: Some(status), ..set.clone() }));
    }
    plan
}

/// Starts and stops pods so that each node has what it shall have; returns the nodes where that happens.
fn place(
    set: &DaemonSet,
    spec: &DaemonSetSpec,
    (hash, nodes, by_node): (&str, &[Node], &ByNode),
    plan: &mut Plan,
) -> BTreeSet<String> {
    let mut busy = BTreeSet::new();
    let known: BTreeSet<&str> = nodes.iter().map(owner::name).collect();
    let none = Vec::new();
    for node in nodes {
        let name = owner::name(node);
        let here = by_node.get(name).unwrap_or(&none);
        let (run, stay) = daemon::belongs(set, spec, node);
        let mut running = Vec::new();
        for pod in here.iter().filter(|pod| !pods::is_terminating(pod)) {
            if !stay {
                delete(set, pod, plan);
            } else if pods::is_finished(pod) {
                let place = format!("{}/{}", owner::namespace(pod), owner::name(pod));
                let phase = pods::phase(pod);
                let (reason, word) = match phase {
                    "Failed" => ("FailedDaemonPod", "failed"),
                    _ => ("SucceededDaemonPod", "succeeded"),
                };
                let message =
                    format!("Found {word} daemon pod {place} on node {name}, will try to kill it");
                plan.push(Operation::Record(Note::warning(set, reason, message)));
                delete(set, pod, plan);
                busy.insert(name.to_owned());
            } else {
                running.push(pod);
            }
        }
        // The oldest of several stays.
        running.sort_by_key(|pod| (pod.metadata.creation_timestamp.clone(), owner::name(*pod)));
        for pod in running.iter().skip(1) {
            delete(set, pod, plan);
        }
        if run && here.is_empty() {
            let created = Note::normal(set, "SuccessfulCreate", "Created pod: {}");
            plan.push(Operation::create(&daemon::pod(set, spec, hash, name), Some(created)));
            busy.insert(name.to_owned());
        }
    }
    let lost = by_node.iter().filter(|(node, _)| !known.contains(node.as_str()));
    for pod in lost.flat_map(|(_, pods)| pods).filter(|pod| !pods::is_terminating(pod)) {
        delete(set, pod, plan);
    }
    busy
}

/// `RollingUpdate`: replaces old pods as far as `maxUnavailable` allows.
fn roll(
    set: &DaemonSet,
    spec: &DaemonSetSpec,
    (hash, nodes, by_node): (&str, &[Node], &ByNode),
    busy: &BTreeSet<String>,
    now: Timestamp,
    plan: &mut Plan,
) {
    let strategy = spec.update_strategy.as_ref();
    if strategy.and_then(|strategy| strategy.type_.as_deref()) == Some("OnDelete") {
        return;
    }
    let rolling = strategy.and_then(|strategy| strategy.rolling_update.as_ref());
    let one = IntOrString::Int(1);
    let limit = rolling.and_then(|rolling| rolling.max_unavailable.as_ref()).unwrap_or(&one);
    let desired = nodes.iter().filter(|node| daemon::belongs(set, spec, node).0);
    let desired: Vec<&str> = desired.map(owner::name).collect();
    let total = i32::try_from(desired.len()).unwrap_or(i32::MAX);
    let mut allowed = scaled(limit, total, true).max(1);
    let min_ready = spec.min_ready_seconds.unwrap_or(0);
    let is_available =
        |pod: &&Pod| !pods::is_terminating(pod) && pods::is_available(pod, min_ready, now);
    let mut replaceable = Vec::new();
    for node in desired {
        let pods = by_node.get(node).map(Vec::as_slice).unwrap_or_default();
        let is_old = |pod: &&Pod| pods::is_active(pod) && daemon::hash_of(pod) != Some(hash);
        let old = pods.iter().find(is_old).filter(|_| !busy.contains(node));
        match (pods.iter().any(|pod| is_available(&pod)), old) {
            (true, Some(pod)) => replaceable.push(pod),
            (true, None) => {}
            (false, old) => {
                allowed -= 1;
                // It is of no use to anybody.
                if let Some(pod) = old {
                    delete(set, pod, plan);
                }
            }
        }
    }
    for pod in replaceable.into_iter().take(usize::try_from(allowed).unwrap_or_default()) {
        delete(set, pod, plan);
    }
}

fn delete(set: &DaemonSet, pod: &Pod, plan: &mut Plan) {
    let message = format!("Deleted pod: {}", owner::name(pod));
    let note = Note::normal(set, "SuccessfulDelete", message);
    plan.push(Operation::delete(pod, Some(note)));
}

/// Whether a node event can change where daemons run: heartbeats cannot.
fn is_news(event: &Event) -> bool {
    if event.change != Change::Modified {
        return true;
    }
    let before = event.previous.as_deref().and_then(parse::<Node>);
    match (before, parse::<Node>(&event.object)) {
        (Some(before), Some(after)) => {
            before.metadata.labels != after.metadata.labels || before.spec != after.spec
        }
        _ => true,
    }
}
