use std::collections::BTreeSet;

use jiff::Timestamp;
use k8s_openapi::api::apps::v1::{Deployment, DeploymentSpec, DeploymentStatus};
use serde_json::json;

use super::Observed;
use super::replica_set::Set;
use super::strategy;
use crate::control_plane::controllers::{labels, owner, template_hash};
use crate::control_plane::runner::{Note, Operation, Plan};

/// One step of a rollout: the `ReplicaSet`s as they shall be, collected without writing anything.
pub(super) struct Rollout<'a> {
    pub(super) deployment: &'a Deployment,
    pub(super) spec: &'a DeploymentSpec,
    /// The status, with the conditions as this step changes them.
    pub(super) status: DeploymentStatus,
    /// Oldest first.
    pub(super) old: Vec<Set>,
    /// The one with the Deployment's template.
    pub(super) new: Option<Set>,
    /// The Deployment's own revision annotation.
    pub(super) revision: Option<i64>,
    pub(super) notes: Vec<Note>,
    pub(super) deletions: Vec<Operation>,
    pub(super) again_at: Option<Timestamp>,
    pub(super) with_pods: BTreeSet<String>,
    pub(super) is_taken: &'a dyn Fn(&str) -> bool,
    pub(super) now: Timestamp,
}

impl<'a> Rollout<'a> {
    /// Sorts the observed `ReplicaSet`s into the new one and the old ones.
    pub(super) fn new(
        deployment: &'a Deployment,
        spec: &'a DeploymentSpec,
        observed: Observed<'a>,
        now: Timestamp,
    ) -> Self {
        let mut sets = observed.replica_sets;
        sets.sort_by_key(|set| {
            let created = set.metadata.creation_timestamp.as_ref().map(|time| time.0);
            (created, set.metadata.name.clone())
        });
        let is_new = |set: &k8s_openapi::api::apps::v1::ReplicaSet| {
            let template = set.spec.as_ref().and_then(|spec| spec.template.as_ref());
            template.is_some_and(|template| template_hash::is_same(template, &spec.template))
        };
        // Of several with the template the oldest is the new one, so that there is always one answer.
        let new = sets.iter().position(is_new).map(|position| Set::observed(sets.remove(position)));
        Self {
            deployment,
            spec,
            status: deployment.status.clone().unwrap_or_default(),
            old: sets.into_iter().map(Set::observed).collect(),
            new,
            revision: None,
            notes: Vec::new(),
            deletions: Vec::new(),
            again_at: None,
            with_pods: observed.with_pods,
            is_taken: observed.is_taken,
            now,
        }
    }

    /// `RollingUpdate`: new pods as far as the surge allows, old ones away as far as availability allows.
    pub(super) fn roll(&mut self) {
        self.ensure_new_set();
        if self.scale_new_set() || self.scale_old_sets() {
            return;
        }
        if self.is_complete() {
            self.clean_up();
        }
    }

    /// `Recreate`: the old pods go first.
    pub(super) fn recreate(&mut self) {
        self.update_new_set();
        let mut scaled = false;
        for position in 0..self.old.len() {
            scaled |= self.scale_old(position, 0);
        }
        if scaled || self.old_pods_run() {
            return;
        }
        self.ensure_new_set();
        let replicas = strategy::replicas(self.spec);
        self.scale_new(replicas);
        if self.is_complete() {
            self.clean_up();
        }
    }

    /// Deletes the oldest `ReplicaSet`s beyond the history limit.
    pub(super) fn clean_up(&mut self) {
        let limit = self.spec.revision_history_limit.unwrap_or(10);
        let alive = |set: &&Set| set.desired.metadata.deletion_timestamp.is_none();
        let mut sets: Vec<&Set> = self.old.iter().filter(alive).collect();
        let surplus = sets.len().saturating_sub(usize::try_from(limit).unwrap_or_default());
        sets.sort_by_key(|set| set.revision());
        let is_idle = |set: &&Set| {
            let observed = set.desired.status.as_ref().and_then(|s| s.observed_generation);
            set.actual() == 0 && set.replicas() == 0 && set.desired.metadata.generation <= observed
        };
        let surplus: Vec<Operation> = sets
            .into_iter()
            .take(surplus)
            .filter(is_idle)
            .map(|set| Operation::delete(&set.desired, None))
            .collect();
        self.deletions.extend(surplus);
    }

    /// All that this step does, as writes: `ReplicaSet`s, the revision, the status.
    pub(super) fn finish(mut self) -> Plan {
        self.count();
        let mut plan = Plan { operations: Vec::new(), again_at: self.again_at };
        // The new one last: its pods need the room that the others make.
        plan.operations.extend(self.old.iter().chain(&self.new).filter_map(Set::operation));
        plan.operations.extend(self.notes.into_iter().map(Operation::Record));
        plan.operations.append(&mut self.deletions);
        let annotations = self.deployment.metadata.annotations.as_ref();
        let revision = self.revision.map(|revision| revision.to_string());
        if let Some(revision) = revision
            && annotations.and_then(|all| all.get(labels::REVISION)) != Some(&revision)
        {
            let patch = json!({"metadata": {"annotations": {labels::REVISION: revision}}});
            plan.push(Operation::patch(self.deployment, patch));
        }
        if self.deployment.status.as_ref() != Some(&self.status) {
            let status = Some(self.status);
            plan.push(Operation::status(&Deployment { status, ..self.deployment.clone() }));
        }
        plan
    }

    fn old_pods_run(&self) -> bool {
        let new = self.new.as_ref().map(|set| owner::uid(&set.desired));
        self.old.iter().any(|set| set.actual() > 0)
            || self.with_pods.iter().any(|uid| Some(uid.as_str()) != new)
    }
}
