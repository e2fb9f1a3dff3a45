use std::borrow::Cow;
use std::collections::BTreeMap;

use crate::model::{Concurrency, Job, MissedFires, Project, Schedule, Service, Triggers};

use super::findings::Site;
use super::workload::{Clock, Retry, Workload, check_schedule};

/// How late a run may start that is left out when its time was missed, in seconds: a cluster looks
/// every ten.
const MAX_DELAY: u64 = 60;

/// The schedule of a `CronJob` that never runs by the clock.
const NEVER: &str = "0 0 1 1 *";

/// A job of the project that is translated as if it were a service.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct JobRun {
    /// Its key in `jobs`.
    pub job: String,
    /// Which of its schedules, none for one that runs when it is asked for.
    schedule: Option<usize>,
}

/// The project with its jobs among the services, once for each of their schedules; also says which
/// services are jobs.
pub fn jobs_as_services(project: &Project) -> (Cow<'_, Project>, BTreeMap<String, JobRun>) {
    let mut runs = BTreeMap::new();
    if project.jobs.is_empty() {
        return (Cow::Borrowed(project), runs);
    }
    let mut project = project.clone();
    for (key, job) in &project.jobs {
        for number in 0..job.triggers.schedule.len().max(1) {
            let wanted = if number == 0 { key.clone() } else { format!("{key}-{}", number + 1) };
            let mut name = wanted.clone();
            while project.services.contains_key(&name) {
                name.push_str("-job");
            }
            let schedule = (!job.triggers.schedule.is_empty()).then_some(number);
            runs.insert(name.clone(), JobRun { job: key.clone(), schedule });
            project.services.insert(name, as_service(job));
        }
    }
    (Cow::Owned(project), runs)
}

fn as_service(job: &Job) -> Service {
    let Job {
        container,
        build,
        depends_on,
        expose,
        healthcheck,
        ports,
        stdin_open,
        tty,
        profiles,
        // Decides when it runs: `decide_job`.
        triggers: _,
        extensions,
    } = job.clone();
    Service {
        container,
        build,
        depends_on,
        expose,
        healthcheck,
        ports,
        profiles,
        stdin_open,
        tty,
        extensions,
        ..Service::default()
    }
}

/// A job runs by the clock, or waits until it is asked for; `site` is its place.
pub fn decide_job(run: &JobRun, job: &Job, site: &Site) -> Workload {
    let Triggers { manual, schedule, extensions: _ } = &job.triggers;
    let site = site.child("triggers");
    let entry = run.schedule.and_then(|number| Some((number, schedule.get(number)?)));
    let clock = if let Some((number, schedule)) = entry {
        if *manual == Some(false) {
            site.child("manual").approximated_closely(
                "whoever may create Jobs can run it by hand as well",
                "nothing to do",
            );
        }
        clock(schedule, &site.child("schedule").item(number))
    } else {
        site.approximated_closely(
            "the job is a CronJob that is suspended, so that it runs when it is asked for",
            "run it with `kubectl create job --from=cronjob/NAME RUN`",
        );
        Clock { schedule: NEVER.to_owned(), suspend: true, ..Clock::default() }
    };
    Workload::CronJob { clock, retry: Retry::Never }
}

fn clock(schedule: &Schedule, site: &Site) -> Clock {
    let Schedule { cron, timezone, concurrency, missed_fires, extensions: _ } = schedule;
    if *concurrency == Some(Concurrency::Queue) {
        site.child("concurrency").approximated(
            "a run is left out while the one before goes on; it does not wait for its end",
            "leave more time between the runs",
        );
    }
    Clock {
        schedule: check_schedule(cron, &site.child("cron")),
        time_zone: timezone.clone(),
        suspend: false,
        // Both leave no two runs at once.
        concurrency_policy: concurrency.map(|_| "Forbid"),
        starting_deadline_seconds: (*missed_fires == Some(MissedFires::Skip)).then_some(MAX_DELAY),
    }
}

#[cfg(test)]
mod tests {
    use indexmap::IndexMap;

    use super::*;
    use crate::model::Origins;
    use crate::translate::findings::Findings;

    fn job(schedule: Vec<Schedule>) -> Job {
        Job { triggers: Triggers { schedule, ..Triggers::default() }, ..Job::default() }
    }

    fn every(cron: &str) -> Schedule {
        Schedule { cron: cron.to_owned(), ..Schedule::default() }
    }

    #[test]
    fn a_job_is_a_service_for_each_of_its_schedules() {
        let services = IndexMap::from([("a".to_owned(), Service::default())]);
        let two = job(vec![every("@daily"), every("@hourly")]);
        let jobs = [("a".to_owned(), job(Vec::new())), ("b".to_owned(), two)];
        let project = Project { services, jobs: jobs.into(), ..Project::default() };
        let (project, runs) = jobs_as_services(&project);
        assert_eq!(project.services.keys().collect::<Vec<_>>(), ["a", "a-job", "b", "b-2"]);
        let text: Vec<_> =
            runs.iter().map(|(key, run)| format!("{key}={}{:?}", run.job, run.schedule)).collect();
        assert_eq!(text, ["a-job=aNone", "b=bSome(0)", "b-2=bSome(1)"]);
    }

    fn check(job: &Job, schedule: Option<usize>, expected: &str, findings_expected: usize) {
        let origins = Origins::default();
        let findings = Findings::new(&origins);
        let run = JobRun { job: "a".to_owned(), schedule };
        let workload = decide_job(&run, job, &findings.site("jobs.a"));
        let Workload::CronJob { clock, retry: Retry::Never } = workload else {
            panic!("{workload:?}")
        };
        let Clock {
            schedule,
            time_zone,
            suspend,
            concurrency_policy,
            starting_deadline_seconds: deadline,
        } = clock;
        let text =
            format!("{schedule} {time_zone:?} {suspend} {concurrency_policy:?} {deadline:?}");
        assert_eq!(text, expected);
        assert_eq!(findings.into_report().iter().count(), findings_expected);
    }

    #[test]
    fn triggers() {
        check(&job(Vec::new()), None, "0 0 1 1 * None true None None", 1);
        let full = Schedule {
            timezone: Some("Europe/Berlin".to_owned()),
            concurrency: Some(Concurrency::Queue),
            missed_fires: Some(MissedFires::Skip),
            ..every("0 4 * * *")
        };
        let expected = r#"0 4 * * * Some("Europe/Berlin") false Some("Forbid") Some(60)"#;
        check(&job(vec![full]), Some(0), expected, 1);
        check(&job(vec![every("often")]), Some(0), "often None false None None", 1);
    }
}
