//! Jobs: pods that run to completion.
//!
//! Left out so far: `podFailurePolicy`, `successPolicy`, `backoffLimitPerIndex`, and the finalizer that keeps finished
//! pods until they are counted: the counts in the status never go back instead.

mod indexes;
mod outcome;
mod pods_wanted;
mod status;

use jiff::{SignedDuration, Timestamp};
use k8s_openapi::api::batch::v1::{Job, JobSpec, JobStatus};
use k8s_openapi::api::core::v1::Pod;

use self::outcome::Outcome;
use super::{Controller, owner, pods};
use crate::control_plane::runner::{Index, Note, Operation, Plan};
use crate::control_plane::store::{Event, Key};

/// The Job controller.
pub(super) struct Jobs;

/// The pods of a Job, by what became of them.
pub(super) struct Counted {
    pub(super) active: Vec<Pod>,
    pub(super) succeeded: Vec<Pod>,
    pub(super) failed: Vec<Pod>,
    pub(super) terminating: i32,
}

impl Controller for Jobs {
    fn name(&self) -> &'static str {
        "job-controller"
    }

    fn concerns(&self, event: &Event, index: &Index) -> Vec<Key> {
        owner::concerned::<Job, Pod>(event, index)
    }

    fn plan(&mut self, key: &Key, index: &Index, now: Timestamp) -> Plan {
        let Some(job) = index.get::<Job>(&key.namespace, &key.name) else {
            return Plan::default();
        };
        let Some(selector) = job.spec.as_ref().and_then(|spec| spec.selector.as_ref()) else {
            return Plan::default();
        };
        let claimed = owner::claim::<_, Pod>(&job, selector, index);
        if !claimed.operations.is_empty() {
            return Plan { operations: claimed.operations, again_at: Some(now) };
        }
        reconcile(&job, claimed.owned, now)
    }
}

/// One step of a Job towards its completions.
pub(crate) fn reconcile(job: &Job, pods: Vec<Pod>, now: Timestamp) -> Plan {
    let Some(spec) = &job.spec else { return Plan::default() };
    let mut plan = Plan::default();
    if job.metadata.deletion_timestamp.is_some() {
        return plan;
    }
    if let Some(finished_at) = status::finished_at(job) {
        expire(job, spec, finished_at, now, &mut plan);
        return plan;
    }
    let counted = Counted::of(pods);
    let mut status = status::counted(job, &counted, now);
    let suspended = spec.suspend == Some(true);
    status::note_suspension(job, &mut status, suspended, now, &mut plan);
    if suspended {
        pods_wanted::delete_all(job, &counted.active, &mut plan);
        write(job, status, &mut plan);
        return plan;
    }
    match outcome::judge(job, spec, &counted, &status, now) {
        Outcome::Unfinished { deadline } => {
            pods_wanted::manage(job, spec, &counted, now, &mut plan);
            if let Some(deadline) = deadline {
                plan.look_again(deadline);
            }
        }
        outcome => {
            pods_wanted::delete_all(job, &counted.active, &mut plan);
            let pods_left = !counted.active.is_empty() || counted.terminating > 0;
            outcome::conclude(job, &mut status, &outcome, pods_left, now, &mut plan);
        }
    }
    write(job, status, &mut plan);
    plan
}

impl Counted {
    fn of(pods: Vec<Pod>) -> Self {
        let mut counted =
            Self { active: Vec::new(), succeeded: Vec::new(), failed: Vec::new(), terminating: 0 };
        for pod in pods {
            match pods::phase(&pod) {
                "Succeeded" => counted.succeeded.push(pod),
                "Failed" => counted.failed.push(pod),
                _ if pods::is_terminating(&pod) => counted.terminating += 1,
                _ => counted.active.push(pod),
            }
        }
        counted
    }
}

/// `ttlSecondsAfterFinished`.
fn expire(job: &Job, spec: &JobSpec, finished_at: Timestamp, now: Timestamp, plan: &mut Plan) {
    let Some(seconds) = spec.ttl_seconds_after_finished else { return };
    let lives = SignedDuration::from_secs(i64::from(seconds));
    match finished_at.checked_add(lives) {
        Ok(at) if at > now => plan.look_again(at),
        _ => plan.push(Operation::delete(job, None)),
    }
}

/// The status last: what it promises is done before.
fn write(job: &Job, status: JobStatus, plan: &mut Plan) {
    if job.status.as_ref() != Some(&status) {
        plan.push(Operation::status(&Job { status: Some(status), ..job.clone() }));
    }
}

fn deleted(job: &Job, pod: &Pod) -> Operation {
    let message = format!("Deleted pod: {}", owner::name(pod));
    Operation::delete(pod, Some(Note::normal(job, "SuccessfulDelete", message)))
}

#[cfg(test)]
mod tests;
