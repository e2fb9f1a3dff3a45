use super::fields::{condition, number, text, value};
use super::reasons;
use crate::kubernetes::Object;

/// How far a workload or a volume is, as its status says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct State {
    /// Where it is in its life.
    pub phase: Phase,
    /// How many pods are ready (of a Job: how many have succeeded).
    pub ready: i64,
    /// How many there shall be.
    pub desired: i64,
}

/// Where a workload is in its life.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Phase {
    /// On its way: what it waits for, in a few words.
    Progressing(String),
    /// As it shall be.
    Ready,
    /// A Job that has done its work.
    Complete,
    /// It will not become ready by itself.
    Failed {
        /// The cluster's reason, e.g. `BackoffLimitExceeded`.
        reason: String,
        /// The cluster's words.
        message: String,
    },
}

impl State {
    /// Whether nothing is left to wait for.
    pub fn is_settled(&self) -> bool {
        matches!(self.phase, Phase::Ready | Phase::Complete)
    }
}

/// The state of a Deployment, `StatefulSet`, `DaemonSet`, Job, `CronJob` or `PersistentVolumeClaim`;
/// other kinds are ready once they exist.
pub fn workload_state(object: &Object) -> State {
    match object.kind() {
        "Deployment" => deployment(object),
        "StatefulSet" => stateful_set(object),
        "DaemonSet" => daemon_set(object),
        "Job" => job(object),
        "CronJob" => cron_job(object),
        "PersistentVolumeClaim" => claim(object),
        _ => State { phase: Phase::Ready, ready: 0, desired: 0 },
    }
}

fn deployment(object: &Object) -> State {
    let desired = replicas(object);
    let updated = number(object, "status.updatedReplicas");
    let available = number(object, "status.availableReplicas");
    let ready = number(object, "status.readyReplicas");
    let phase = if !is_observed(object) {
        unobserved()
    } else if let Some(stuck) = condition(object, "Progressing")
        .filter(|progressing| progressing.reason == reasons::PROGRESS_DEADLINE_EXCEEDED)
    {
        failed(stuck.reason, stuck.message)
    } else if updated < desired {
        progressing(format!("{updated}/{desired} updated"))
    } else if number(object, "status.replicas") > updated {
        progressing("old pods are ending")
    } else if available < desired {
        progressing(format!("{available}/{desired} ready"))
    } else {
        Phase::Ready
    };
    State { phase, ready, desired }
}

fn stateful_set(object: &Object) -> State {
    let desired = replicas(object);
    let ready = number(object, "status.readyReplicas");
    let updated = number(object, "status.updatedReplicas");
    let first = number(object, "spec.updateStrategy.rollingUpdate.partition");
    let to_update = (desired - first).max(0);
    let on_delete = text(object, "spec.updateStrategy.type") == "OnDelete";
    let phase = if !is_observed(object) {
        unobserved()
    } else if ready < desired {
        progressing(format!("{ready}/{desired} ready"))
    } else if !on_delete && is_rolling(object) && updated < to_update {
        progressing(format!("{updated}/{to_update} updated"))
    } else if number(object, "status.replicas") > desired {
        progressing("old pods are ending")
    } else {
        Phase::Ready
    };
    State { phase, ready, desired }
}

/// While both revisions are the same, `updatedReplicas` counts nothing.
fn is_rolling(object: &Object) -> bool {
    text(object, "status.updateRevision") != text(object, "status.currentRevision")
}

fn daemon_set(object: &Object) -> State {
    let desired = number(object, "status.desiredNumberScheduled");
    let ready = number(object, "status.numberReady");
    let updated = number(object, "status.updatedNumberScheduled");
    let on_delete = text(object, "spec.updateStrategy.type") == "OnDelete";
    let phase = if !is_observed(object) {
        unobserved()
    } else if !on_delete && updated < desired {
        progressing(format!("{updated}/{desired} updated"))
    } else if number(object, "status.numberAvailable") < desired {
        progressing(format!("{ready}/{desired} ready"))
    } else {
        Phase::Ready
    };
    State { phase, ready, desired }
}

fn job(object: &Object) -> State {
    let desired = value(object, "spec.completions")
        .or_else(|| value(object, "spec.parallelism"))
        .and_then(serde_json::Value::as_i64)
        .unwrap_or(1);
    let succeeded = number(object, "status.succeeded");
    let active = number(object, "status.active");
    let phase = if let Some(failure) = condition(object, "Failed").filter(|failed| failed.holds) {
        failed(failure.reason, failure.message)
    } else if condition(object, "Complete").is_some_and(|complete| complete.holds) {
        Phase::Complete
    } else if value(object, "spec.suspend").and_then(serde_json::Value::as_bool) == Some(true) {
        Phase::Ready
    } else if active > 0 {
        progressing(format!("{succeeded}/{desired} done, {active} running"))
    } else {
        progressing(format!("{succeeded}/{desired} done"))
    };
    State { phase, ready: succeeded, desired }
}

/// A `CronJob` runs when its time comes: there is nothing to wait for.
fn cron_job(object: &Object) -> State {
    let active = value(object, "status.active").and_then(serde_json::Value::as_array);
    let active = active.map_or(0, Vec::len);
    State { phase: Phase::Ready, ready: i64::try_from(active).unwrap_or(i64::MAX), desired: 0 }
}

fn claim(object: &Object) -> State {
    let (phase, ready) = match text(object, "status.phase") {
        "Bound" => (Phase::Ready, 1),
        "Lost" => (failed(reasons::LOST, "the claim has lost its volume"), 0),
        _ => (progressing("not bound"), 0),
    };
    State { phase, ready, desired: 1 }
}

/// `spec.replicas`, 1 where it is not written.
fn replicas(object: &Object) -> i64 {
    value(object, "spec.replicas").and_then(serde_json::Value::as_i64).unwrap_or(1)
}

/// Whether the controller has seen the spec: until then the status tells of an older one.
pub(super) fn is_observed(object: &Object) -> bool {
    number(object, "status.observedGeneration") >= number(object, "metadata.generation")
        && value(object, "status.observedGeneration").is_some()
}

fn unobserved() -> Phase {
    progressing("not seen by its controller")
}

fn progressing(what: impl Into<String>) -> Phase {
    Phase::Progressing(what.into())
}

fn failed(reason: &str, message: &str) -> Phase {
    Phase::Failed { reason: reason.to_owned(), message: message.to_owned() }
}

#[cfg(test)]
mod tests;
