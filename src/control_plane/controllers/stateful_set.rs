//! `StatefulSet`s: pods with names and volumes that stay, started and updated in order.
//!
//! A port of upstream's `stateful_set_control.go`. Left out so far: `maxUnavailable`, and `whenScaled: Delete` of the
//! claim retention policy.

mod identity;
mod status;
mod update;

use jiff::Timestamp;
use k8s_openapi::api::apps::v1::{ControllerRevision, StatefulSet, StatefulSetSpec};
use k8s_openapi::api::core::v1::{PersistentVolumeClaim, Pod};

use self::update::Update;
use super::history::History;
use super::{Controller, owner};
use crate::control_plane::runner::{Index, Operation, Plan, is};
use crate::control_plane::store::{Event, Key};

/// The `StatefulSet` controller.
pub(super) struct StatefulSets;

/// What a `StatefulSet` controls, and what it must know of others.
pub(crate) struct Observed<'a> {
    /// Its pods.
    pub(crate) pods: Vec<Pod>,
    /// Its revisions.
    pub(crate) revisions: Vec<ControllerRevision>,
    /// Whether the namespace has a claim of this name.
    pub(crate) has_claim: &'a dyn Fn(&str) -> bool,
}

impl Controller for StatefulSets {
    fn name(&self) -> &'static str {
        "statefulset-controller"
    }

    fn concerns(&self, event: &Event, index: &Index) -> Vec<Key> {
        if is::<ControllerRevision>(&event.object) {
            return index.owners::<StatefulSet>(&event.object);
        }
        owner::concerned::<StatefulSet, Pod>(event, index)
    }

    fn plan(&mut self, key: &Key, index: &Index, now: Timestamp) -> Plan {
        let Some(set) = index.get::<StatefulSet>(&key.namespace, &key.name) else {
            return Plan::default();
        };
        let Some(spec) = &set.spec else { return Plan::default() };
        let claimed = owner::claim::<_, Pod>(&set, &spec.selector, index);
        if !claimed.operations.is_empty() {
            return Plan { operations: claimed.operations, again_at: Some(now) };
        }
        let has_claim =
            |name: &str| index.get::<PersistentVolumeClaim>(&key.namespace, name).is_some();
        let observed = Observed {
            pods: claimed.owned,
            revisions: index.owned(owner::uid(&set)),
            has_claim: &has_claim,
        };
        reconcile(&set, spec, observed, now)
    }
}

/// One step of a `StatefulSet` towards its replicas and its template.
pub(crate) fn reconcile(
    set: &StatefulSet,
    spec: &StatefulSetSpec,
    observed: Observed<'_>,
    now: Timestamp,
) -> Plan {
    let mut plan = Plan::default();
    if set.metadata.deletion_timestamp.is_some() {
        return plan;
    }
    let Observed { pods, revisions, has_claim } = observed;
    let collisions = set.status.as_ref().and_then(|status| status.collision_count);
    let history = History::of(set, &spec.template, revisions, collisions, &mut plan);
    let status = status::derive(set, spec, &history, &pods, now);
    let live = identity::revisions_of(&pods, &status);
    Update::new(set, spec, &history, &status, has_claim, now).run(pods, &mut plan);
    history.clean_up(spec.revision_history_limit.unwrap_or(10), &live, &mut plan);
    if set.status.as_ref() != Some(&status) {
        plan.push(Operation::status(&StatefulSet { status: Some(status), ..set.clone() }));
    }
    plan
}
