//! `CronJob`s: a Job at each time of a schedule.

mod schedule;

use jiff::Timestamp;
use k8s_openapi::api::batch::v1::{CronJob, CronJobSpec, CronJobStatus, Job};
use k8s_openapi::api::core::v1::ObjectReference;
use k8s_openapi::apimachinery::pkg::apis::meta::v1::{ObjectMeta, Time};

use self::schedule::Schedule;
use super::{Controller, labels, owner};
use crate::control_plane::runner::{Index, Note, Operation, Plan, is};
use crate::control_plane::store::{Event, Key};

/// The `CronJob` controller.
pub(super) struct CronJobs;

/// What a `CronJob` controls.
pub(crate) struct Observed {
    pub(crate) jobs: Vec<Job>,
}

impl Controller for CronJobs {
    fn name(&self) -> &'static str {
        "cronjob-controller"
    }

    fn concerns(&self, event: &Event, index: &Index) -> Vec<Key> {
        let object = &event.object;
        if is::<CronJob>(object) {
            vec![Key::from(&**object)]
        } else if is::<Job>(object) {
            index.owners::<CronJob>(object)
        } else {
            Vec::new()
        }
    }

    fn plan(&mut self, key: &Key, index: &Index, now: Timestamp) -> Plan {
        match index.get::<CronJob>(&key.namespace, &key.name) {
            Some(cron) => {
                let jobs = index.owned::<Job>(owner::uid(&cron));
                reconcile(&cron, Observed { jobs }, now)
            }
            None => Plan::default(),
        }
    }
}

/// Starts the Job that is due, cleans up finished ones, and says when to look again.
pub(crate) fn reconcile(cron: &CronJob, observed: Observed, now: Timestamp) -> Plan {
    let mut plan = Plan::default();
    let Some(spec) = &cron.spec else { return plan };
    if cron.metadata.deletion_timestamp.is_some() {
        return plan;
    }
    let mut status = cron.status.clone().unwrap_or_default();
    let (finished, active): (Vec<Job>, Vec<Job>) =
        observed.jobs.into_iter().partition(|job| outcome(job).is_some());
    note_finished(cron, &finished, &mut status, &mut plan);
    status.active = Some(active.iter().map(reference).collect::<Vec<_>>());
    clean_up(cron, spec, finished, &mut plan);
    if spec.suspend != Some(true) {
        run_due(cron, spec, &active, &mut status, now, &mut plan);
    }
    status.active = status.active.filter(|active| !active.is_empty());
    if cron.status.clone().unwrap_or_default() != status {
        plan.push(Operation::status(&CronJob { status: Some(status), ..cron.clone() }));
    }
    plan
}

fn run_due(
    cron: &CronJob,
    spec: &CronJobSpec,
    active: &[Job],
    status: &mut CronJobStatus,
    now: Timestamp,
    plan: &mut Plan,
) {
    let schedule = match Schedule::parse(&spec.schedule, spec.time_zone.as_deref()) {
        Ok(schedule) => schedule,
        Err(message) => {
            plan.push(Operation::Record(Note::warning(cron, "UnparseableSchedule", message)));
            return;
        }
    };
    plan.again_at = schedule.next_after(now);
    let created = cron.metadata.creation_timestamp.as_ref().map_or(now, |time| time.0);
    let last = status.last_schedule_time.as_ref().map_or(created, |time| time.0);
    let Some(due) = schedule.last_until(now).filter(|due| *due > last) else { return };
    let late = now.duration_since(due).as_secs();
    if spec.starting_deadline_seconds.is_some_and(|deadline| late > deadline) {
        let message = format!(
            "Missed scheduled time to start a job: {}",
            due.strftime("%a, %d %b %Y %H:%M:%S +0000")
        );
        plan.push(Operation::Record(Note::warning(cron, "MissSchedule", message)));
        return;
    }
    match spec.concurrency_policy.as_deref() {
        Some("Forbid") if !active.is_empty() => {
            let message = "Not starting job because prior execution is running and concurrency \
                           policy is Forbid";
            plan.push(Operation::Record(Note::normal(cron, "JobAlreadyActive", message)));
            return;
        }
        Some("Replace") => {
            for job in active {
                plan.push(delete(cron, job));
            }
            status.active = None;
        }
        _ => {}
    }
    let job = job(cron, spec, &schedule, due);
    let message = format!("Created job {}", owner::name(&job));
    let is_there = active.iter().any(|one| one.metadata.name == job.metadata.name);
    if !is_there {
        plan.push(Operation::create(&job, Some(Note::normal(cron, "SuccessfulCreate", message))));
    }
    status.last_schedule_time = Some(Time(due));
}

fn job(cron: &CronJob, spec: &CronJobSpec, schedule: &Schedule, due: Timestamp) -> Job {
    let template = spec.job_template.metadata.clone().unwrap_or_default();
    let mut annotations = template.annotations.unwrap_or_default();
    annotations.insert(labels::CRONJOB_SCHEDULED.to_owned(), schedule.show(due));
    Job {
        metadata: ObjectMeta {
            // The minute in the name makes a second creation for it fail.
            name: Some(format!("{}-{}", owner::name(cron), due.as_second() / 60)),
            namespace: cron.metadata.namespace.clone(),
            labels: template.labels,
            annotations: Some(annotations),
            owner_references: Some(vec![owner::controller_reference(cron)]),
            ..ObjectMeta::default()
        },
        spec: spec.job_template.spec.clone(),
        status: None,
    }
}

/// Events for Jobs that finished since the last time, and the time of the last success.
fn note_finished(cron: &CronJob, finished: &[Job], status: &mut CronJobStatus, plan: &mut Plan) {
    for job in finished {
        let was_active = status.active.iter().flatten().any(|one| one.uid == job.metadata.uid);
        let Some(kind) = outcome(job).filter(|_| was_active) else { continue };
        let name = owner::name(job);
        let message = format!("Saw completed job: {name}, condition: {kind}");
        plan.push(Operation::Record(Note::normal(cron, "SawCompletedJob", message)));
    }
    let succeeded = finished.iter().filter(|job| outcome(job) == Some("Complete"));
    let last = succeeded
        .filter_map(|job| job.status.as_ref()?.completion_time.clone())
        .chain(status.last_successful_time.clone())
        .max();
    status.last_successful_time = last;
}

/// Deletes the oldest finished Jobs beyond the history limits.
fn clean_up(cron: &CronJob, spec: &CronJobSpec, finished: Vec<Job>, plan: &mut Plan) {
    let (mut succeeded, mut failed): (Vec<Job>, Vec<Job>) =
        finished.into_iter().partition(|job| outcome(job) == Some("Complete"));
    for (jobs, limit) in [
        (&mut succeeded, spec.successful_jobs_history_limit.unwrap_or(3)),
        (&mut failed, spec.failed_jobs_history_limit.unwrap_or(1)),
    ] {
        jobs.retain(|job| job.metadata.deletion_timestamp.is_none());
        jobs.sort_by_key(|job| {
            let started = job.status.as_ref().and_then(|status| status.start_time.clone());
            (started, job.metadata.name.clone())
        });
        let surplus = jobs.len().saturating_sub(usize::try_from(limit).unwrap_or_default());
        plan.operations.extend(jobs.iter().take(surplus).map(|job| delete(cron, job)));
    }
}

fn delete(cron: &CronJob, job: &Job) -> Operation {
    let message = format!("Deleted job {}", owner::name(job));
    Operation::delete(job, Some(Note::normal(cron, "SuccessfulDelete", message)))
}

fn reference(job: &Job) -> ObjectReference {
    ObjectReference {
        api_version: Some("batch/v1".to_owned()),
        kind: Some("Job".to_owned()),
        name: job.metadata.name.clone(),
        namespace: job.metadata.namespace.clone(),
        uid: job.metadata.uid.clone(),
        resource_version: None,
        field_path: None,
    }
}

/// `Complete` or `Failed`, when the Job is.
fn outcome(job: &Job) -> Option<&'static str> {
    let conditions = job.status.as_ref()?.conditions.as_ref()?;
    let holds = |kind: &str| conditions.iter().any(|c| c.type_ == kind && c.status == "True");
    ["Complete", "Failed"].into_iter().find(|kind| holds(kind))
}
