//! Which pods a Job starts and which it stops.

use jiff::{SignedDuration, Timestamp};
use k8s_openapi::api::batch::v1::{Job, JobSpec};
use k8s_openapi::api::core::v1::Pod;

use super::{Counted, deleted, indexes};
use crate::control_plane::controllers::{owner, pods};
use crate::control_plane::runner::{Note, Operation, Plan};

const FIRST_BACKOFF: i64 = 10;
const LONGEST_BACKOFF: i64 = 600;
/// So many pods are created in one step.
const BURST: usize = 500;

/// Deletes pods that still run.
pub(super) fn delete_all(job: &Job, active: &[Pod], plan: &mut Plan) {
    plan.operations.extend(active.iter().map(|pod| deleted(job, pod)));
}

/// Starts as many pods as may run now, or stops those that are too many.
pub(super) fn manage(
    job: &Job,
    spec: &JobSpec,
    counted: &Counted,
    now: Timestamp,
    plan: &mut Plan,
) {
    let active = counted.active.len();
    let wanted = wanted(spec, counted);
    if active > wanted {
        let mut surplus = counted.active.clone();
        pods::sort_for_deletion(&mut surplus);
        delete_all(job, surplus.get(..active - wanted).unwrap_or_default(), plan);
        return;
    }
    let mut missing = wanted - active;
    if spec.pod_replacement_policy.as_deref() == Some("Failed") {
        missing = missing.saturating_sub(usize::try_from(counted.terminating).unwrap_or_default());
    }
    if missing == 0 {
        return;
    }
    if let Some(at) = backing_off_until(counted).filter(|at| *at > now) {
        plan.look_again(at);
        return;
    }
    let mut pod = pods::from_template(&spec.template, owner::controller_reference(job));
    pod.metadata.namespace.clone_from(&job.metadata.namespace);
    let name = owner::name(job);
    let note = Note::normal(job, "SuccessfulCreate", "Created pod: {}");
    if indexes::is_indexed(spec) {
        let mut taken = indexes::of(&counted.active);
        taken.append(&mut indexes::of(&counted.succeeded));
        let free = (0..spec.completions.unwrap_or(1)).filter(|index| !taken.contains(index));
        for index in free.take(missing.min(BURST)) {
            let mut pod = pod.clone();
            indexes::assign(&mut pod, name, index);
            plan.push(Operation::create(&pod, Some(note.clone())));
        }
        return;
    }
    pod.metadata.generate_name = Some(format!("{name}-"));
    let create = Operation::create(&pod, Some(note));
    plan.operations.extend(std::iter::repeat_n(create, missing.min(BURST)));
}

/// How many pods shall run: a work queue (no `completions`) starts none after the first success.
fn wanted(spec: &JobSpec, counted: &Counted) -> usize {
    let parallelism = usize::try_from(spec.parallelism.unwrap_or(1)).unwrap_or_default();
    match spec.completions {
        None if counted.succeeded.is_empty() => parallelism,
        None => counted.active.len().min(parallelism),
        Some(completions) => {
            let left = usize::try_from(completions).unwrap_or_default();
            let done = if indexes::is_indexed(spec) {
                indexes::of(&counted.succeeded).len()
            } else {
                counted.succeeded.len()
            };
            left.saturating_sub(done).min(parallelism)
        }
    }
}

/// After a failure the next pod waits: 10 s, doubling with each failure since the last success.
fn backing_off_until(counted: &Counted) -> Option<Timestamp> {
    let last_success = counted.succeeded.iter().filter_map(finished_at).max();
    let failures: Vec<Timestamp> = counted
        .failed
        .iter()
        .filter_map(finished_at)
        .filter(|at| last_success.is_none_or(|success| *at > success))
        .collect();
    let last = failures.iter().max()?;
    let doublings = u32::try_from(failures.len() - 1).unwrap_or(u32::MAX);
    let delay = FIRST_BACKOFF.saturating_mul(2_i64.saturating_pow(doublings)).min(LONGEST_BACKOFF);
    last.checked_add(SignedDuration::from_secs(delay)).ok()
}

/// When the last container of a pod ended.
fn finished_at(pod: &Pod) -> Option<Timestamp> {
    let statuses = pod.status.as_ref()?.container_statuses.iter().flatten();
    let ended = statuses.filter_map(|status| {
        let terminated = status.state.as_ref()?.terminated.as_ref()?;
        Some(terminated.finished_at.as_ref()?.0)
    });
    let changed = || {
        let conditions = pod.status.as_ref()?.conditions.as_ref()?;
        conditions.iter().filter_map(|c| c.last_transition_time.as_ref()).map(|at| at.0).max()
    };
    ended.max().or_else(changed)
}
