//! The counts and conditions of a Job.

use jiff::Timestamp;
use k8s_openapi::api::batch::v1::{Job, JobCondition, JobStatus};
use k8s_openapi::apimachinery::pkg::apis::meta::v1::Time;

use super::{Counted, indexes};
use crate::control_plane::controllers::pods;
use crate::control_plane::runner::{Note, Operation, Plan};

/// When the Job was complete or failed.
pub(super) fn finished_at(job: &Job) -> Option<Timestamp> {
    let conditions = job.status.as_ref()?.conditions.as_ref()?;
    let mut finished = conditions
        .iter()
        .filter(|c| c.status == "True" && matches!(c.type_.as_str(), "Complete" | "Failed"));
    let at = finished.next()?.last_transition_time.as_ref();
    Some(at.map_or(Timestamp::UNIX_EPOCH, |at| at.0))
}

/// The status with the counts of now; finished pods that are gone stay counted.
pub(super) fn counted(job: &Job, counted: &Counted, now: Timestamp) -> JobStatus {
    let before = job.status.clone().unwrap_or_default();
    let count = |number: usize| i32::try_from(number).unwrap_or(i32::MAX);
    let some = |number: i32| Some(number).filter(|number| *number != 0);
    let at_least = |before: Option<i32>, now: usize| some(count(now).max(before.unwrap_or(0)));
    let spec = job.spec.as_ref();
    let suspended = spec.and_then(|spec| spec.suspend) == Some(true);
    let started = before.start_time.clone().or_else(|| (!suspended).then_some(Time(now)));
    let completed_indexes = spec.filter(|spec| indexes::is_indexed(spec)).map(|_| {
        let known = before.completed_indexes.as_deref().unwrap_or_default();
        let mut done = indexes::parse(known);
        done.append(&mut indexes::of(&counted.succeeded));
        indexes::show(&done)
    });
    JobStatus {
        active: some(count(counted.active.len())),
        ready: Some(count(counted.active.iter().filter(|pod| pods::is_ready(pod)).count())),
        terminating: Some(counted.terminating),
        succeeded: at_least(before.succeeded, counted.succeeded.len()),
        failed: at_least(before.failed, counted.failed.len()),
        start_time: started,
        completed_indexes,
        uncounted_terminated_pods: Some(before.uncounted_terminated_pods.unwrap_or_default()),
        ..before
    }
}

/// Says whether the Job is suspended, once it was; a resumed Job starts its time anew.
pub(super) fn note_suspension(
    job: &Job,
    status: &mut JobStatus,
    suspended: bool,
    now: Timestamp,
    plan: &mut Plan,
) {
    let conditions = status.conditions.get_or_insert_default();
    let was = conditions.iter().any(|c| c.type_ == "Suspended" && c.status == "True");
    if was == suspended {
        status.conditions = status.conditions.take().filter(|conditions| !conditions.is_empty());
        return;
    }
    let (value, reason, message) = if suspended {
        ("True", "JobSuspended", "Job suspended")
    } else {
        ("False", "JobResumed", "Job resumed")
    };
    conditions.retain(|condition| condition.type_ != "Suspended");
    conditions.push(condition(("Suspended", reason, message), value, now));
    status.start_time = (!suspended).then_some(Time(now));
    let event = if suspended { "Suspended" } else { "Resumed" };
    plan.push(Operation::Record(Note::normal(job, event, message)));
}

/// Sets a condition to true, unless it is.
pub(super) fn set_condition(status: &mut JobStatus, what: (&str, &str, &str), now: Timestamp) {
    let conditions = status.conditions.get_or_insert_default();
    if !conditions.iter().any(|c| c.type_ == what.0 && c.status == "True") {
        conditions.push(condition(what, "True", now));
    }
}

fn condition(
    (kind, reason, message): (&str, &str, &str),
    value: &str,
    now: Timestamp,
) -> JobCondition {
    JobCondition {
        type_: kind.to_owned(),
        status: value.to_owned(),
        reason: Some(reason.to_owned()),
        message: Some(message.to_owned()),
        last_probe_time: Some(Time(now)),
        last_transition_time: Some(Time(now)),
    }
}
