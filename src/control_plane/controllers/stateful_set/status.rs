//! The status of a `StatefulSet`.

use jiff::Timestamp;
use k8s_openapi::api::apps::v1::{StatefulSet, StatefulSetSpec, StatefulSetStatus};
use k8s_openapi::api::core::v1::Pod;

use super::identity;
use crate::control_plane::controllers::history::History;
use crate::control_plane::controllers::{owner, pods};

/// Counts the pods by readiness and revision; a finished rolling update makes its revision the current one.
pub(super) fn derive(
    set: &StatefulSet,
    spec: &StatefulSetSpec,
    history: &History,
    pods: &[Pod],
    now: Timestamp,
) -> StatefulSetStatus {
    let before = set.status.clone().unwrap_or_default();
    let update = owner::name(&history.update).to_owned();
    let known = |name: &String| history.revisions.iter().any(|one| owner::name(one) == name);
    let current = before.current_revision.clone().filter(known).unwrap_or_else(|| update.clone());
    let mine: Vec<&Pod> = pods.iter().filter(|pod| identity::ordinal(set, pod).is_some()).collect();
    let count = |wanted: &dyn Fn(&Pod) -> bool| {
        i32::try_from(mine.iter().filter(|pod| wanted(pod)).count()).unwrap_or(i32::MAX)
    };
    let some = |number: i32| Some(number).filter(|number| *number != 0);
    let of = |revision: &str| {
        count(&|pod| !pods::is_terminating(pod) && identity::revision(pod) == Some(revision))
    };
    let min_ready = spec.min_ready_seconds.unwrap_or(0);
    let (replicas, ready) = (count(&|_| true), count(&pods::is_ready));
    let (updated, available) = (of(&update), count(&|pod| pods::is_available(pod, min_ready, now)));
    let strategy = spec.update_strategy.as_ref().and_then(|strategy| strategy.type_.as_deref());
    let rolls = strategy != Some("OnDelete");
    let is_done = rolls && updated == replicas && ready == replicas;
    StatefulSetStatus {
        observed_generation: set.metadata.generation,
        replicas,
        ready_replicas: some(ready),
        available_replicas: Some(available),
        current_replicas: some(if is_done { updated } else { of(&current) }),
        updated_replicas: some(updated),
        current_revision: Some(if is_done { update.clone() } else { current }),
        update_revision: Some(update),
        collision_count: Some(before.collision_count.unwrap_or(0)),
        conditions: before.conditions,
    }
}
