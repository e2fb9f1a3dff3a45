//! Whether a Job is done, and how it is said.

use jiff::{SignedDuration, Timestamp};
use k8s_openapi::api::batch::v1::{Job, JobSpec, JobStatus};
use k8s_openapi::api::core::v1::Pod;
use k8s_openapi::apimachinery::pkg::apis::meta::v1::Time;

use super::{Counted, indexes, status};
use crate::control_plane::runner::{Note, Operation, Plan};

/// How a Job stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Outcome {
    /// Not done; it fails at the deadline.
    Unfinished {
        deadline: Option<Timestamp>,
    },
    Complete,
    Failed {
        reason: &'static str,
        message: String,
    },
}

/// Judges a Job by its pods and its time.
pub(super) fn judge(
    job: &Job,
    spec: &JobSpec,
    counted: &Counted,
    status: &JobStatus,
    now: Timestamp,
) -> Outcome {
    if let Some(outcome) = decided(job) {
        return outcome;
    }
    let limit = spec.backoff_limit.unwrap_or(6);
    let failed = status.failed.unwrap_or_default();
    let restarts = restarts(spec, &counted.active);
    if failed > limit || restarts > 0 && restarts >= limit.max(1) {
        let message = "Job has reached the specified backoff limit".to_owned();
        return Outcome::Failed { reason: "BackoffLimitExceeded", message };
    }
    let started = status.start_time.as_ref().map(|time| time.0);
    let deadline = started.zip(spec.active_deadline_seconds).and_then(|(started, seconds)| {
        started.checked_add(SignedDuration::from_secs(seconds)).ok()
    });
    if deadline.is_some_and(|deadline| deadline <= now) {
        let message = "Job was active longer than specified deadline".to_owned();
        return Outcome::Failed { reason: "DeadlineExceeded", message };
    }
    if is_complete(spec, counted, status) {
        Outcome::Complete
    } else {
        Outcome::Unfinished { deadline }
    }
}

/// Writes the outcome into the status: first what it will be, then, when no pods are left, that it is so.
pub(super) fn conclude(
    job: &Job,
    status: &mut JobStatus,
    outcome: &Outcome,
    pods_left: bool,
    now: Timestamp,
    plan: &mut Plan,
) {
    match outcome {
        Outcome::Unfinished { .. } => {}
        Outcome::Complete => {
            let reason = "CompletionsReached";
            let message = "Reached expected number of succeeded pods";
            status::set_condition(status, ("SuccessCriteriaMet", reason, message), now);
            if !pods_left {
                status::set_condition(status, ("Complete", reason, message), now);
                status.completion_time = Some(Time(now));
                let note = Note::normal(job, "Completed", "Job completed");
                plan.push(Operation::Record(note));
            }
        }
        Outcome::Failed { reason, message } => {
            status::set_condition(status, ("FailureTarget", reason, message), now);
            if !pods_left {
                status::set_condition(status, ("Failed", reason, message), now);
                plan.push(Operation::Record(Note::warning(job, reason, message.clone())));
            }
        }
    }
}

/// What was decided before stays so, whatever becomes of the pods.
fn decided(job: &Job) -> Option<Outcome> {
    let conditions = job.status.as_ref()?.conditions.as_ref()?;
    let holds = |kind: &str| conditions.iter().find(|c| c.type_ == kind && c.status == "True");
    if holds("SuccessCriteriaMet").is_some() {
        return Some(Outcome::Complete);
    }
    let failure = holds("FailureTarget")?;
    let reason = match failure.reason.as_deref() {
        Some("DeadlineExceeded") => "DeadlineExceeded",
        _ => "BackoffLimitExceeded",
    };
    Some(Outcome::Failed { reason, message: failure.message.clone().unwrap_or_default() })
}

fn is_complete(spec: &JobSpec, counted: &Counted, status: &JobStatus) -> bool {
    let succeeded = status.succeeded.unwrap_or_default();
    match spec.completions {
        None => succeeded > 0 && counted.active.is_empty(),
        Some(completions) if indexes::is_indexed(spec) => {
            let done = indexes::parse(status.completed_indexes.as_deref().unwrap_or_default());
            i32::try_from(done.len()).is_ok_and(|done| done >= completions)
        }
        Some(completions) => succeeded >= completions,
    }
}

/// With `restartPolicy: OnFailure` the restarts of containers count against the limit.
fn restarts(spec: &JobSpec, active: &[Pod]) -> i32 {
    let policy = spec.template.spec.as_ref().and_then(|spec| spec.restart_policy.as_deref());
    if policy != Some("OnFailure") {
        return 0;
    }
    let statuses = active.iter().filter_map(|pod| pod.status.as_ref()).flat_map(|status| {
        let init = status.init_container_statuses.iter().flatten();
        init.chain(status.container_statuses.iter().flatten())
    });
    statuses.map(|status| status.restart_count).sum()
}
