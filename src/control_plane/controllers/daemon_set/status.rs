//! The status of a `DaemonSet`: it counts nodes, not pods.

use jiff::Timestamp;
use k8s_openapi::api::apps::v1::{DaemonSet, DaemonSetSpec, DaemonSetStatus};
use k8s_openapi::api::core::v1::{Node, Pod};

use super::{ByNode, daemon};
use crate::control_plane::controllers::{owner, pods};

/// Counts the nodes by what runs on them.
pub(super) fn derive(
    set: &DaemonSet,
    spec: &DaemonSetSpec,
    (hash, nodes, by_node): (&str, &[Node], &ByNode),
    now: Timestamp,
) -> DaemonSetStatus {
    let min_ready = spec.min_ready_seconds.unwrap_or(0);
    let (mut desired, mut current, mut astray) = (0, 0, 0);
    let (mut ready, mut available, mut updated) = (0, 0, 0);
    for node in nodes {
        let pods = by_node.get(owner::name(node)).map(Vec::as_slice).unwrap_or_default();
        let (run, _) = daemon::belongs(set, spec, node);
        if !run {
            astray += i32::from(!pods.is_empty());
            continue;
        }
        desired += 1;
        let alive = |pod: &&Pod| !pods::is_terminating(pod);
        let Some(pod) = pods.iter().find(alive).or(pods.first()) else { continue };
        current += 1;
        ready += i32::from(pods::is_ready(pod));
        available += i32::from(pods::is_available(pod, min_ready, now));
        updated += i32::from(daemon::hash_of(pod) == Some(hash));
    }
    let some = |number: i32| Some(number).filter(|number| *number != 0);
    let before = set.status.clone().unwrap_or_default();
    DaemonSetStatus {
        observed_generation: set.metadata.generation,
        desired_number_scheduled: desired,
        current_number_scheduled: current,
        number_misscheduled: astray,
        number_ready: ready,
        number_available: some(available),
        number_unavailable: some(desired - available),
        updated_number_scheduled: some(updated),
        collision_count: before.collision_count,
        conditions: before.conditions,
    }
}
