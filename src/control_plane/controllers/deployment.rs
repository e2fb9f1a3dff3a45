//! Deployments: one `ReplicaSet` per template, rolled over without losing more pods than allowed.
//!
//! A port of upstream's `pkg/controller/deployment`: same steps, reasons and messages.

mod replica_set;
mod revision;
mod rollout;
mod scale;
mod status;
mod strategy;

pub(super) use strategy::scaled;

use std::collections::BTreeSet;

use jiff::Timestamp;
use k8s_openapi::api::apps::v1::{Deployment, ReplicaSet};
use k8s_openapi::api::core::v1::Pod;

use self::rollout::Rollout;
use super::{Controller, owner, pods, selector};
use crate::control_plane::runner::{Index, Note, Operation, Plan, is};
use crate::control_plane::store::{Event, Key};

/// The Deployment controller.
pub(super) struct Deployments;

/// What a Deployment controls, and what it must know of others.
pub(crate) struct Observed<'a> {
    /// Its `ReplicaSet`s.
    pub(crate) replica_sets: Vec<ReplicaSet>,
    /// The uids of those that have pods which have not ended.
    pub(crate) with_pods: BTreeSet<String>,
    /// Whether the namespace has a `ReplicaSet` of this name, whoever owns it.
    pub(crate) is_taken: &'a dyn Fn(&str) -> bool,
}

impl Controller for Deployments {
    fn name(&self) -> &'static str {
        "deployment-controller"
    }

    fn concerns(&self, event: &Event, index: &Index) -> Vec<Key> {
        if is::<Pod>(&event.object) {
            // Recreate waits for the last old pod to go.
            let sets = index.owners::<ReplicaSet>(&event.object);
            let sets = sets.iter().filter_map(|key| index.stored(key));
            let ended = event.previous.is_none() || event.object.deleting;
            return sets
                .filter(|_| ended)
                .flat_map(|set| index.owners::<Deployment>(set))
                .collect();
        }
        owner::concerned::<Deployment, ReplicaSet>(event, index)
    }

    fn plan(&mut self, key: &Key, index: &Index, now: Timestamp) -> Plan {
        let Some(deployment) = index.get::<Deployment>(&key.namespace, &key.name) else {
            return Plan::default();
        };
        let Some(spec) = &deployment.spec else { return Plan::default() };
        let claimed = owner::claim::<_, ReplicaSet>(&deployment, &spec.selector, index);
        if !claimed.operations.is_empty() {
            return Plan { operations: claimed.operations, again_at: Some(now) };
        }
        let has_pods = |set: &&ReplicaSet| {
            let pods = index.owned::<Pod>(owner::uid(*set));
            pods.iter().any(|pod| !pods::is_finished(pod))
        };
        let mut with_pods = BTreeSet::new();
        if strategy::is_recreate(&deployment) {
            let sets = claimed.owned.iter().filter(has_pods);
            with_pods.extend(sets.map(|set| owner::uid(set).to_owned()));
        }
        let is_taken = |name: &str| index.get::<ReplicaSet>(&key.namespace, name).is_some();
        let observed = Observed { replica_sets: claimed.owned, with_pods, is_taken: &is_taken };
        reconcile(&deployment, observed, now)
    }
}

/// One step of a Deployment towards its template and its replicas.
pub(crate) fn reconcile(deployment: &Deployment, observed: Observed<'_>, now: Timestamp) -> Plan {
    let Some(spec) = &deployment.spec else { return Plan::default() };
    if selector::is_empty(&spec.selector) {
        let message = "This deployment is selecting all pods. A non-empty selector is required.";
        let note = Note::warning(deployment, "SelectingAll", message);
        return Plan { operations: vec![Operation::Record(note)], again_at: None };
    }
    let mut rollout = Rollout::new(deployment, spec, observed, now);
    if deployment.metadata.deletion_timestamp.is_some() {
        return rollout.finish();
    }
    rollout.note_pause();
    if spec.paused == Some(true) || rollout.was_scaled() {
        rollout.update_new_set();
        rollout.scale_all();
        if spec.paused == Some(true) {
            rollout.clean_up();
        }
        return rollout.finish();
    }
    if strategy::is_recreate(deployment) {
        rollout.recreate();
    } else {
        rollout.roll();
    }
    rollout.note_progress();
    rollout.finish()
}

#[cfg(test)]
mod tests;
