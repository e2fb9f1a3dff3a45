//! Whether a pod fits a node, and why not, in upstream's words.

use k8s_openapi::api::core::v1::{Node, Pod, Taint, Toleration};

use super::affinity;
use super::node_state::{Demand, NodeState, allocatable};

/// Why a pod does not fit a node.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Misfit {
    pub(super) reason: String,
    /// Whether the end of other pods could change it.
    pub(super) is_full: bool,
}

/// All that keeps a pod from a node.
pub(super) fn misfits(pod: &Pod, demand: &Demand, node: &Node, state: &NodeState) -> Vec<Misfit> {
    let unresolvable = |reason: String| vec![Misfit { reason, is_full: false }];
    let full = |reason: String| Misfit { reason, is_full: true };
    let is_cordoned = node.spec.as_ref().and_then(|spec| spec.unschedulable) == Some(true);
    if is_cordoned && !tolerates(pod, &unschedulable_taint()) {
        return unresolvable("node(s) were unschedulable".to_owned());
    }
    let taints = node.spec.iter().flat_map(|spec| spec.taints.iter().flatten());
    let hard = taints.filter(|taint| taint.effect != "PreferNoSchedule");
    if let Some(taint) = hard.into_iter().find(|taint| !tolerates(pod, taint)) {
        let value = taint.value.as_deref().unwrap_or_default();
        return unresolvable(format!("node(s) had untolerated taint {{{}: {value}}}", taint.key));
    }
    if !is_ready(node) {
        return unresolvable("node(s) were not ready".to_owned());
    }
    if !affinity::matches(pod, node) {
        return unresolvable("node(s) didn't match Pod's node affinity/selector".to_owned());
    }
    let mut misfits = Vec::new();
    if demand.ports.iter().any(|port| state.ports.get(port).is_some_and(|users| *users > 0)) {
        let reason = "node(s) didn't have free ports for the requested pod ports";
        misfits.push(full(reason.to_owned()));
    }
    let has = allocatable(node);
    if has.get("pods").is_some_and(|pods| (state.pods + 1) * 1000 > *pods) {
        misfits.push(full("Too many pods".to_owned()));
    }
    for (resource, amount) in demand.amounts.iter().filter(|(_, amount)| **amount > 0) {
        let free = has.get(resource).copied().unwrap_or_default()
            - state.used.get(resource).copied().unwrap_or_default();
        if *amount > free {
            misfits.push(full(format!("Insufficient {resource}")));
        }
    }
    misfits
}

/// Whether the node's kubelet says that it is ready.
pub(super) fn is_ready(node: &Node) -> bool {
    let conditions = node.status.as_ref().and_then(|status| status.conditions.as_ref());
    let mut ready = conditions.into_iter().flatten().filter(|condition| condition.type_ == "Ready");
    ready.any(|condition| condition.status == "True")
}

/// Whether the pod tolerates a taint.
pub(crate) fn tolerates(pod: &Pod, taint: &Taint) -> bool {
    let tolerations = pod.spec.iter().flat_map(|spec| spec.tolerations.iter().flatten());
    tolerations.into_iter().any(|toleration| is_for(toleration, taint))
}

fn is_for(toleration: &Toleration, taint: &Taint) -> bool {
    let given = |text: &Option<String>| text.clone().filter(|text| !text.is_empty());
    let key = given(&toleration.key).is_none_or(|key| key == taint.key);
    let effect = given(&toleration.effect).is_none_or(|effect| effect == taint.effect);
    let exists = toleration.operator.as_deref() == Some("Exists");
    let equal = toleration.value.as_deref().unwrap_or_default()
        == taint.value.as_deref().unwrap_or_default();
    key && effect && (exists || equal && given(&toleration.key).is_some())
}

fn unschedulable_taint() -> Taint {
    Taint {
        key: "node.kubernetes.io/unschedulable".to_owned(),
        effect: "NoSchedule".to_owned(),
        ..Taint::default()
    }
}
