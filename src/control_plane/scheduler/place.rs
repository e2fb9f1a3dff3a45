//! Where a pod goes, or why it has to wait.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;
use k8s_openapi::api::core::v1::{Node, Pod, PodCondition, PodStatus};
use k8s_openapi::apimachinery::pkg::apis::meta::v1::Time;
use serde_json::json;

use super::claims::{self, Claims};
use super::filter::{Misfit, misfits};
use super::node_state::{Demand, NodeState, Nodes, allocatable};
use crate::control_plane::controllers::{labels, owner};
use crate::control_plane::runner::{Note, Operation, Plan, Reference};

/// Whether the pod is ours to place, now.
pub(super) fn is_ours(pod: &Pod) -> bool {
    let Some(spec) = &pod.spec else { return false };
    let scheduler = spec.scheduler_name.as_deref().unwrap_or(super::NAME);
    let gated = spec.scheduling_gates.as_ref().is_some_and(|gates| !gates.is_empty());
    scheduler == super::NAME && !gated && pod.metadata.deletion_timestamp.is_none()
}

/// Binds the pod to the emptiest node that it fits; else says what it waits for, and the names of its claims.
pub(super) fn place(
    pod: &Pod,
    nodes: &Nodes,
    claims: &Claims,
    now: Timestamp,
) -> (Plan, Option<BTreeSet<String>>) {
    let standing = claims.standing(pod);
    let names = claims::names(pod);
    let total = nodes.iter().count();
    if total == 0 {
        return (refuse(pod, "no nodes available to schedule pods".to_owned(), now), Some(names));
    }
    if let Some(reason) = standing.refusal {
        let message = message(total, &[reason], "Preemption is not helpful for scheduling", total);
        return (refuse(pod, message, now), Some(names));
    }
    let demand = Demand::of(pod);
    let judged: Vec<(&Node, &NodeState, Vec<Misfit>)> = nodes
        .iter()
        .map(|(node, state)| (node, state, misfits(pod, &demand, node, state)))
        .collect();
    let fitting = judged.iter().filter(|(_, _, misfits)| misfits.is_empty());
    let Some((node, _, _)) = fitting.min_by_key(|(node, state, _)| fullness(node, state)) else {
        let misfits: Vec<&[Misfit]> = judged.iter().map(|(_, _, misfits)| &**misfits).collect();
        return (refuse(pod, unavailable(&misfits), now), Some(names));
    };
    let node = owner::name(*node);
    if standing.unbound.is_empty() {
        return (bind(pod, node), None);
    }
    let mut plan = Plan::default();
    for claim in &standing.unbound {
        let patch = json!({"metadata": {"annotations": {labels::SELECTED_NODE: node}}});
        plan.push(Operation::patch(claim, patch));
    }
    (plan, Some(names))
}

fn bind(pod: &Pod, node: &str) -> Plan {
    let (namespace, name) = (owner::namespace(pod), owner::name(pod));
    let message = format!("Successfully assigned {namespace}/{name} to {node}");
    let scheduled = Note::normal(pod, "Scheduled", message);
    let target = Reference::to(pod);
    let bind = Operation::Bind { target, node: node.to_owned(), note: scheduled };
    Plan { operations: vec![bind], again_at: None }
}

/// How full a node is, in thousandths: the mean of processors and memory, as least-allocated counts.
fn fullness(node: &Node, state: &NodeState) -> (i128, i128) {
    let has = allocatable(node);
    let share = |resource: &str| {
        let has = has.get(resource).copied().filter(|amount| *amount > 0).unwrap_or(1);
        state.used.get(resource).copied().unwrap_or_default() * 1000 / has
    };
    (share("cpu") + share("memory"), state.pods)
}

/// `0/2 nodes are available: 1 Insufficient cpu, 1 node(s) were unschedulable. preemption: …`
fn unavailable(nodes: &[&[Misfit]]) -> String {
    let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
    for misfit in nodes.iter().copied().flatten() {
        *counts.entry(&misfit.reason).or_default() += 1;
    }
    let reasons: Vec<String> =
        counts.into_iter().map(|(reason, count)| format!("{count} {reason}")).collect();
    let full = nodes.iter().filter(|misfits| misfits.iter().any(|misfit| misfit.is_full)).count();
    let (count, why) = if full > 0 {
        (full, "No preemption victims found for incoming pod")
    } else {
        (nodes.len(), "Preemption is not helpful for scheduling")
    };
    message(nodes.len(), &reasons, why, count)
}

fn message(total: usize, reasons: &[String], preemption: &str, count: usize) -> String {
    let reasons = reasons.join(", ");
    format!(
        "0/{total} nodes are available: {reasons}. \
         preemption: 0/{total} nodes are available: {count} {preemption}."
    )
}

/// Says on the pod and in an event why it waits; once for each reason.
fn refuse(pod: &Pod, message: String, now: Timestamp) -> Plan {
    let status = pod.status.clone().unwrap_or_default();
    let mut conditions = status.conditions.clone().unwrap_or_default();
    let before = conditions.iter().find(|condition| condition.type_ == "PodScheduled");
    if before.is_some_and(|before| before.message.as_deref() == Some(&message)) {
        return Plan::default();
    }
    let unchanged = before.filter(|before| before.status == "False");
    let since = unchanged.and_then(|before| before.last_transition_time.clone());
    let condition = PodCondition {
        type_: "PodScheduled".to_owned(),
        status: "False".to_owned(),
        reason: Some("Unschedulable".to_owned()),
        message: Some(message.clone()),
        last_transition_time: Some(since.unwrap_or(Time(now))),
        observed_generation: pod.metadata.generation,
        last_probe_time: None,
    };
    conditions.retain(|condition| condition.type_ != "PodScheduled");
    conditions.push(condition);
    let status = Some(PodStatus { conditions: Some(conditions), ..status });
    let operations = vec![
        Operation::status_of_version(&Pod { status, ..pod.clone() }),
        Operation::Record(Note::warning(pod, "FailedScheduling", message)),
    ];
    Plan { operations, again_at: None }
}
