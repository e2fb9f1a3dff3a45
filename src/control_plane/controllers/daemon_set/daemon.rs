//! The pod of a `DaemonSet` on one node.

use k8s_openapi::api::apps::v1::{DaemonSet, DaemonSetSpec};
use k8s_openapi::api::core::v1::{
    Affinity, Node, NodeAffinity, NodeSelector, NodeSelectorRequirement, NodeSelectorTerm, Pod,
    Toleration,
};

use crate::control_plane::controllers::{labels, owner, pods};
use crate::control_plane::scheduler::{affinity, filter};

/// Taints that keep no daemon away.
const TOLERATED: &[(&str, &str)] = &[
    ("node.kubernetes.io/not-ready", "NoExecute"),
    ("node.kubernetes.io/unreachable", "NoExecute"),
    ("node.kubernetes.io/disk-pressure", "NoSchedule"),
    ("node.kubernetes.io/memory-pressure", "NoSchedule"),
    ("node.kubernetes.io/pid-pressure", "NoSchedule"),
    ("node.kubernetes.io/unschedulable", "NoSchedule"),
];

/// The pod for a node; the scheduler binds it there.
pub(super) fn pod(set: &DaemonSet, spec: &DaemonSetSpec, hash: &str, node: &str) -> Pod {
    let mut pod = template(set, spec);
    let labels = pod.metadata.labels.get_or_insert_default();
    labels.insert(labels::CONTROLLER_REVISION_HASH.to_owned(), hash.to_owned());
    pod.metadata.namespace.clone_from(&set.metadata.namespace);
    pod.metadata.generate_name = Some(format!("{}-", owner::name(set)));
    let affinity = pod.spec.get_or_insert_default().affinity.get_or_insert_default();
    let required = NodeSelector {
        node_selector_terms: vec![NodeSelectorTerm {
            match_fields: Some(vec![NodeSelectorRequirement {
                key: "metadata.name".to_owned(),
                operator: "In".to_owned(),
                values: Some(vec![node.to_owned()]),
            }]),
            match_expressions: None,
        }],
    };
    let node_affinity = affinity.node_affinity.get_or_insert_default();
    node_affinity.required_during_scheduling_ignored_during_execution = Some(required);
    pod
}

/// Whether a daemon shall start on a node, and whether one that is there may stay.
pub(super) fn belongs(set: &DaemonSet, spec: &DaemonSetSpec, node: &Node) -> (bool, bool) {
    let pod = template(set, spec);
    if !affinity::matches(&pod, node) {
        return (false, false);
    }
    let taints = node.spec.iter().flat_map(|spec| spec.taints.iter().flatten());
    let kept_away: Vec<&str> = taints
        .filter(|taint| taint.effect != "PreferNoSchedule" && !filter::tolerates(&pod, taint))
        .map(|taint| taint.effect.as_str())
        .collect();
    (kept_away.is_empty(), !kept_away.contains(&"NoExecute"))
}

/// The node that a pod is on, or is for.
pub(super) fn node_of(pod: &Pod) -> Option<&str> {
    let spec = pod.spec.as_ref()?;
    if let Some(node) = &spec.node_name {
        return Some(node);
    }
    let Affinity { node_affinity, .. } = spec.affinity.as_ref()?;
    let NodeAffinity { required_during_scheduling_ignored_during_execution: required, .. } =
        node_affinity.as_ref()?;
    let fields = required.as_ref()?.node_selector_terms.first()?.match_fields.as_ref()?;
    fields.first()?.values.as_ref()?.first().map(String::as_str)
}

/// The hash of the template that a pod was made from.
pub(super) fn hash_of(pod: &Pod) -> Option<&str> {
    let labels = pod.metadata.labels.as_ref()?;
    labels.get(labels::CONTROLLER_REVISION_HASH).map(String::as_str)
}

fn template(set: &DaemonSet, spec: &DaemonSetSpec) -> Pod {
    let mut pod = pods::from_template(&spec.template, owner::controller_reference(set));
    let spec = pod.spec.get_or_insert_default();
    let host_network = spec.host_network == Some(true);
    let network = ("node.kubernetes.io/network-unavailable", "NoSchedule");
    let tolerations = spec.tolerations.get_or_insert_default();
    for (key, effect) in TOLERATED.iter().chain(host_network.then_some(&network)) {
        tolerations.push(Toleration {
            key: Some((*key).to_owned()),
            operator: Some("Exists".to_owned()),
            effect: Some((*effect).to_owned()),
            ..Toleration::default()
        });
    }
    pod
}
