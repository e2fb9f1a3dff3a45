//! The status of a Deployment: counts, and the conditions that `kubectl rollout status` waits for.

use jiff::SignedDuration;
use k8s_openapi::api::apps::v1::{
    DeploymentCondition, DeploymentSpec, DeploymentStatus, ReplicaSetCondition,
};
use k8s_openapi::apimachinery::pkg::apis::meta::v1::Time;

use super::replica_set::Set;
use super::rollout::Rollout;
use super::strategy;
use crate::control_plane::controllers::owner;

pub(super) const PROGRESSING: &str = "Progressing";
const AVAILABLE: &str = "Available";
const REPLICA_FAILURE: &str = "ReplicaFailure";

const NEW_SET_AVAILABLE: &str = "NewReplicaSetAvailable";
const DEADLINE_EXCEEDED: &str = "ProgressDeadlineExceeded";
const PAUSED: &str = "DeploymentPaused";

/// Whether a rollout can time out.
pub(super) fn has_deadline(spec: &DeploymentSpec) -> bool {
    spec.progress_deadline_seconds.is_some_and(|seconds| seconds != i32::MAX)
}

/// The condition of a type.
pub(super) fn find<'a>(
    status: &'a DeploymentStatus,
    kind: &str,
) -> Option<&'a DeploymentCondition> {
    status.conditions.iter().flatten().find(|condition| condition.type_ == kind)
}

impl Rollout<'_> {
    /// Says in `Progressing` that the Deployment was paused or resumed, so that the deadline stops and starts.
    pub(super) fn note_pause(&mut self) {
        if !has_deadline(self.spec) {
            return;
        }
        let reason = find(&self.status, PROGRESSING).and_then(|c| c.reason.as_deref());
        let was_paused = reason == Some(PAUSED);
        let is_paused = self.spec.paused == Some(true);
        if reason == Some(DEADLINE_EXCEEDED) || is_paused == was_paused {
            return;
        }
        let (reason, message) = if is_paused {
            (PAUSED, "Deployment is paused")
        } else {
            ("DeploymentResumed", "Deployment is resumed")
        };
        self.set_condition(PROGRESSING, "Unknown", reason, message.to_owned());
    }

    /// Whether all pods are new and available, and no old ones are left.
    pub(super) fn is_complete(&self) -> bool {
        let replicas = Some(strategy::replicas(self.spec)).filter(|replicas| *replicas != 0);
        let counted = self.counted();
        counted.updated_replicas == replicas
            && counted.replicas == replicas
            && counted.available_replicas == replicas
    }

    /// Says in `Progressing` how the rollout goes.
    pub(super) fn note_progress(&mut self) {
        if !has_deadline(self.spec) {
            self.remove_condition(PROGRESSING);
            self.note_failures();
            return;
        }
        let counted = self.counted();
        let current = find(&self.status, PROGRESSING).cloned();
        let is_available = current.as_ref().is_some_and(|current| {
            current.reason.as_deref() == Some(NEW_SET_AVAILABLE)
                && counted.replicas == counted.updated_replicas
        });
        if !is_available {
            let subject = match &self.new {
                Some(set) => format!("ReplicaSet \"{}\"", set.name()),
                None => format!("Deployment \"{}\"", owner::name(self.deployment)),
            };
            if self.is_complete() {
                let message = format!("{subject} has successfully progressed.");
                self.set_condition(PROGRESSING, "True", NEW_SET_AVAILABLE, message);
            } else if progressed(self.deployment.status.as_ref(), &counted) {
                self.remove_condition(PROGRESSING);
                let message = format!("{subject} is progressing.");
                self.set_condition(PROGRESSING, "True", "ReplicaSetUpdated", message);
                self.keep_transition(current.as_ref());
            } else if self.has_timed_out() {
                let message = format!("{subject} has timed out progressing.");
                self.set_condition(PROGRESSING, "False", DEADLINE_EXCEEDED, message);
            }
        }
        self.note_failures();
        self.watch_deadline();
    }

    /// Fills in the counts and `Available`.
    pub(super) fn count(&mut self) {
        let counted = self.counted();
        let (_, unavailable) = strategy::surge_and_unavailable(self.spec);
        let least = strategy::replicas(self.spec) - unavailable;
        let (status, reason, message) = if counted.available_replicas.unwrap_or(0) >= least {
            ("True", "MinimumReplicasAvailable", "Deployment has minimum availability.")
        } else {
            (
                "False",
                "MinimumReplicasUnavailable",
                "Deployment does not have minimum availability.",
            )
        };
        self.set_condition(AVAILABLE, status, reason, message.to_owned());
        self.status = DeploymentStatus {
            conditions: self.status.conditions.take(),
            collision_count: self.status.collision_count,
            ..counted
        };
    }

    /// Sets a condition; one that says the same already is left as it is.
    pub(super) fn set_condition(
        &mut self,
        kind: &'static str,
        status: &str,
        reason: &'static str,
        message: String,
    ) {
        let current = find(&self.status, kind);
        if current.is_some_and(|c| c.status == status && c.reason.as_deref() == Some(reason)) {
            return;
        }
        let unchanged = current.filter(|current| current.status == status);
        let since = unchanged.and_then(|current| current.last_transition_time.clone());
        let condition = DeploymentCondition {
            type_: kind.to_owned(),
            status: status.to_owned(),
            reason: Some(reason.to_owned()),
            message: Some(message),
            last_update_time: Some(Time(self.now)),
            last_transition_time: Some(since.unwrap_or(Time(self.now))),
        };
        self.remove_condition(kind);
        self.status.conditions.get_or_insert_default().push(condition);
    }

    fn remove_condition(&mut self, kind: &str) {
        if let Some(conditions) = &mut self.status.conditions {
            conditions.retain(|condition| condition.type_ != kind);
        }
    }

    /// Progress moves the update time, and the transition time only when the status changes.
    fn keep_transition(&mut self, before: Option<&DeploymentCondition>) {
        let Some(before) = before.filter(|before| before.status == "True") else { return };
        let conditions = self.status.conditions.iter_mut().flatten();
        for condition in conditions.filter(|condition| condition.type_ == PROGRESSING) {
            condition.last_transition_time.clone_from(&before.last_transition_time);
        }
    }

    fn note_failures(&mut self) {
        let failure = |set: &Set| {
            let conditions = set.desired.status.as_ref()?.conditions.as_ref()?;
            conditions.iter().find(|condition| condition.type_ == REPLICA_FAILURE).cloned()
        };
        let found = self.new.iter().chain(&self.old).find_map(failure);
        self.remove_condition(REPLICA_FAILURE);
        if let Some(ReplicaSetCondition { status, reason, message, last_transition_time, .. }) =
            found
        {
            let condition = DeploymentCondition {
                type_: REPLICA_FAILURE.to_owned(),
                status,
                reason,
                message,
                last_update_time: last_transition_time.clone(),
                last_transition_time,
            };
            self.status.conditions.get_or_insert_default().push(condition);
        }
    }

    fn deadline(&self) -> Option<jiff::Timestamp> {
        let current = find(&self.status, PROGRESSING)?;
        let seconds = self.spec.progress_deadline_seconds?;
        let since = current.last_update_time.as_ref()?.0;
        since.checked_add(SignedDuration::from_secs(i64::from(seconds))).ok()
    }

    fn has_timed_out(&self) -> bool {
        let reason = find(&self.status, PROGRESSING).and_then(|c| c.reason.as_deref());
        match reason {
            Some(NEW_SET_AVAILABLE | PAUSED) => false,
            Some(DEADLINE_EXCEEDED) => true,
            _ => self.deadline().is_some_and(|deadline| deadline < self.now),
        }
    }

    fn watch_deadline(&mut self) {
        let reason = find(&self.status, PROGRESSING).and_then(|c| c.reason.as_deref());
        if self.is_complete() || reason == Some(DEADLINE_EXCEEDED) {
            return;
        }
        // The deadline itself does not exceed it.
        let after = |at: jiff::Timestamp| at.checked_add(SignedDuration::from_secs(1)).ok();
        self.again_at = self.deadline().and_then(after);
    }

    /// The counts, without zeros: they are left out of a status.
    fn counted(&self) -> DeploymentStatus {
        let sets = || self.old.iter().chain(&self.new);
        let replicas: i32 = sets().map(Set::actual).sum();
        let available: i32 = sets().map(Set::available).sum();
        let count = |number: i32| Some(number).filter(|number| *number != 0);
        let terminating: Option<Vec<i32>> = sets()
            .map(|set| {
                let status = set.desired.status.as_ref();
                if set.is_new {
                    Some(0)
                } else {
                    status.and_then(|status| status.terminating_replicas)
                }
            })
            .collect();
        DeploymentStatus {
            observed_generation: self.deployment.metadata.generation,
            replicas: count(replicas),
            updated_replicas: count(self.new.as_ref().map_or(0, Set::actual)),
            ready_replicas: count(sets().map(Set::ready).sum()),
            available_replicas: count(available),
            unavailable_replicas: count((replicas - available).max(0)),
            terminating_replicas: terminating.map(|all| all.iter().sum()),
            conditions: None,
            collision_count: None,
        }
    }
}

/// Whether anything went forward since the last status.
fn progressed(before: Option<&DeploymentStatus>, after: &DeploymentStatus) -> bool {
    let number = |count: Option<i32>| count.unwrap_or_default();
    let empty = DeploymentStatus::default();
    let before = before.unwrap_or(&empty);
    let old_pods =
        |status: &DeploymentStatus| number(status.replicas) - number(status.updated_replicas);
    number(after.updated_replicas) > number(before.updated_replicas)
        || old_pods(after) < old_pods(before)
        || number(after.ready_replicas) > number(before.ready_replicas)
        || number(after.available_replicas) > number(before.available_replicas)
}
