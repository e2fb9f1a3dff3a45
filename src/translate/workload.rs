use std::str::FromStr as _;

use crate::model::{DeployMode, Restart, RestartCondition, RestartPolicy, Service};

use super::findings::Site;
use super::label::{setting, settings};
use super::setting::Settings;

/// What a service becomes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Workload {
    /// Runs until it is removed.
    Deployment,
    /// Runs on every node until it is removed.
    DaemonSet,
    /// Runs until it is removed, each pod with a name and storage of its own.
    StatefulSet,
    /// Runs to its end on every node.
    NodeTask,
    /// Runs to its end, once.
    Job(Retry),
    /// Runs to its end, again and again.
    CronJob {
        /// When.
        clock: Clock,
        /// How often a run is tried again.
        retry: Retry,
    },
}

/// When a task runs.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Clock {
    /// As cron has it.
    pub schedule: String,
    /// Of the schedule; none for that of the cluster.
    pub time_zone: Option<String>,
    /// Whether it runs only when it is asked for.
    pub suspend: bool,
    /// What follows when the run before still goes on.
    pub concurrency_policy: Option<&'static str>,
    /// How late a run may start.
    pub starting_deadline_seconds: Option<u64>,
}

/// What follows when a run fails.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Retry {
    /// Nothing.
    Never,
    /// Another try, at most so many times where it is said.
    OnFailure(Option<u32>),
}

impl Workload {
    /// `kind`.
    pub fn kind(&self) -> &'static str {
        match self {
            Self::Deployment => "Deployment",
            Self::DaemonSet | Self::NodeTask => "DaemonSet",
            Self::StatefulSet => "StatefulSet",
            Self::Job(_) => "Job",
            Self::CronJob { .. } => "CronJob",
        }
    }

    /// Whether it ends by itself.
    pub fn runs_to_completion(&self) -> bool {
        matches!(self, Self::NodeTask | Self::Job(_) | Self::CronJob { .. })
    }
}

/// How many pods a service asks for.
pub fn replicas(service: &Service) -> u32 {
    let deploy = service.deploy.as_ref().and_then(|deploy| deploy.replicas);
    deploy.or(service.scale).unwrap_or(1)
}

/// Decides what a service becomes; `awaited` says that another one waits for its end.
pub fn decide(service: &Service, awaited: bool, site: &Site) -> Workload {
    let again = Again::of(service);
    if let Some((label, schedule)) = setting(&service.container.labels, settings::CRON) {
        let site = site.child("labels").child(label);
        if awaited {
            site.approximated(
                "a service that runs by the clock is not waited for",
                "run the task that others wait for as a service of its own",
            );
        }
        let clock = Clock { schedule: check_schedule(schedule, &site), ..Clock::default() };
        return Workload::CronJob { clock, retry: again.retry() };
    }
    match service.deploy.as_ref().and_then(|deploy| deploy.mode) {
        Some(DeployMode::Global) => return Workload::DaemonSet,
        Some(DeployMode::ReplicatedJob) => return Workload::Job(again.retry()),
        Some(DeployMode::GlobalJob) => {
            site.child("deploy").child("mode").approximated(
                "the job runs in an init container of a DaemonSet: on each node until it succeeds, and again when its pod starts anew",
                "let it be safe to run again, or use `replicated-job` with `replicas` and `max_replicas_per_node: 1`",
            );
            return Workload::NodeTask;
        }
        Some(DeployMode::Replicated) | None => {}
    }
    by_label(service, awaited, site)
        .unwrap_or_else(|| decide_replicated(service, awaited, again, site))
}

/// What the label for it says; none where other services wait for the end, which only a Job has.
fn by_label(service: &Service, awaited: bool, site: &Site) -> Option<Workload> {
    let settings = Settings::new(&service.container.labels, site.child("labels"));
    let setting = settings.get(settings::CONTROLLER)?;
    let workload = setting.one_of(&CONTROLLERS)?;
    if awaited {
        setting.site.not_translated(
            "other services wait for the end of this one, which only a Job has",
            "remove the label, or the condition `service_completed_successfully`",
        );
        return None;
    }
    Some(workload.into())
}

/// The words of the label for the kind.
const CONTROLLERS: [(&str, Controller); 3] = [
    ("deployment", Controller::Deployment),
    ("daemonset", Controller::DaemonSet),
    ("statefulset", Controller::StatefulSet),
];

/// A kind that the label can name.
#[derive(Debug, Clone, Copy)]
enum Controller {
    Deployment,
    DaemonSet,
    StatefulSet,
}

impl From<Controller> for Workload {
    fn from(controller: Controller) -> Self {
        match controller {
            Controller::Deployment => Self::Deployment,
            Controller::DaemonSet => Self::DaemonSet,
            Controller::StatefulSet => Self::StatefulSet,
        }
    }
}

fn decide_replicated(service: &Service, awaited: bool, again: Again, site: &Site) -> Workload {
    let site = if service.deploy.as_ref().is_some_and(|deploy| deploy.restart_policy.is_some()) {
        site.child("deploy").child("restart_policy")
    } else {
        site.child("restart")
    };
    match again {
        Again::Always if awaited => {
            site.approximated(
                "other services wait for its end, so it is restarted only when it fails",
                "use `restart: on-failure` or `restart: \"no\"`",
            );
            Workload::Job(again.retry())
        }
        _ if awaited => Workload::Job(again.retry()),
        Again::Never if service.ports.is_empty() => Workload::Job(again.retry()),
        Again::Never => {
            site.approximated(
                "the service publishes ports, so it is kept running like any other",
                "remove `restart`, or the ports to make it a Job",
            );
            Workload::Deployment
        }
        Again::OnFailure(_) => {
            site.approximated(
                "the service is restarted whenever it ends, also without a failure",
                "use `restart: \"no\"` or `deploy.mode: replicated-job` if it runs to its end",
            );
            Workload::Deployment
        }
        Again::Always | Again::Unsaid => {
            report_attempts(service, &site);
            Workload::Deployment
        }
    }
}

fn report_attempts(service: &Service, site: &Site) {
    let policy = service.deploy.as_ref().and_then(|deploy| deploy.restart_policy.as_ref());
    if policy.is_some_and(|policy| policy.max_attempts.is_some()) {
        site.child("max_attempts").not_translated(
            "Kubernetes never gives up on a container that is to run for ever",
            "use `condition: on-failure` if the service runs to its end",
        );
    }
}

/// When a container of the service is started again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Again {
    Unsaid,
    Never,
    OnFailure(Option<u32>),
    Always,
}

impl Again {
    /// `deploy.restart_policy` goes before `restart`.
    fn of(service: &Service) -> Self {
        match service.deploy.as_ref().and_then(|deploy| deploy.restart_policy.as_ref()) {
            Some(RestartPolicy { condition, delay: _, max_attempts, window: _, extensions: _ }) => {
                match condition {
                    RestartCondition::None => Self::Never,
                    RestartCondition::OnFailure => Self::OnFailure(*max_attempts),
                    RestartCondition::Any => Self::Always,
                }
            }
            None => match service.restart {
                None => Self::Unsaid,
                Some(Restart::No) => Self::Never,
                Some(Restart::OnFailure(attempts)) => Self::OnFailure(attempts),
                Some(Restart::Always | Restart::UnlessStopped) => Self::Always,
            },
        }
    }

    /// What is left of it for a task.
    fn retry(self) -> Retry {
        match self {
            Self::Unsaid | Self::Never => Retry::Never,
            Self::OnFailure(attempts) => Retry::OnFailure(attempts),
            Self::Always => Retry::OnFailure(None),
        }
    }
}

/// A schedule as it is written; reports one that is none.
pub fn check_schedule(schedule: &str, site: &Site) -> String {
    let schedule = schedule.trim();
    let is_macro = schedule.starts_with('@');
    let is_expression = schedule.split_whitespace().count() == 5;
    if !(is_macro || is_expression) || croner::Cron::from_str(schedule).is_err() {
        site.invalid(
            format!("`{schedule}` is not a schedule"),
            "write minute, hour, day, month and weekday, e.g. `*/5 * * * *`",
        );
    }
    schedule.to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{Container, Deploy, Extensions, Origins, Protocol, PublishedPort};
    use crate::translate::findings::Findings;

    fn check(service: &Service, awaited: bool, expected: &str, findings_expected: usize) {
        let origins = Origins::default();
        let findings = Findings::new(&origins);
        let workload = decide(service, awaited, &findings.site("services.web"));
        assert_eq!(format!("{workload:?}"), expected);
        assert_eq!(findings.into_report().iter().count(), findings_expected);
    }

    fn restart(restart: Restart) -> Service {
        Service { restart: Some(restart), ..Service::default() }
    }

    #[test]
    fn kinds() {
        check(&Service::default(), false, "Deployment", 0);
        check(&Service::default(), true, "Job(Never)", 0);
        check(&restart(Restart::UnlessStopped), false, "Deployment", 0);
        check(&restart(Restart::Always), true, "Job(OnFailure(None))", 1);
        check(&restart(Restart::No), false, "Job(Never)", 0);
        check(&restart(Restart::OnFailure(Some(3))), true, "Job(OnFailure(Some(3)))", 0);
        check(&restart(Restart::OnFailure(None)), false, "Deployment", 1);
    }

    #[test]
    fn a_server_that_is_not_restarted_is_still_a_server() {
        let port = PublishedPort {
            target: 80,
            published: None,
            protocol: Protocol::Tcp,
            host_ip: None,
            name: None,
            app_protocol: None,
            host_mode: false,
            extensions: Extensions::default(),
        };
        check(&Service { ports: vec![port], ..restart(Restart::No) }, false, "Deployment", 1);
    }

    #[test]
    fn modes() {
        let mode = |mode| Service {
            deploy: Some(Deploy { mode: Some(mode), ..Deploy::default() }),
            ..Service::default()
        };
        check(&mode(DeployMode::Global), false, "DaemonSet", 0);
        check(&mode(DeployMode::ReplicatedJob), false, "Job(Never)", 0);
        check(&mode(DeployMode::GlobalJob), false, "NodeTask", 1);
    }

    #[test]
    fn schedules() {
        let check = |schedule: &str, awaited, findings_expected| {
            let labels = [("longshore.cron".to_owned(), schedule.to_owned())].into();
            let container = Container { labels, ..Container::default() };
            let service = Service { container, ..Service::default() };
            let origins = Origins::default();
            let findings = Findings::new(&origins);
            let workload = decide(&service, awaited, &findings.site("services.web"));
            let clock = Clock { schedule: schedule.to_owned(), ..Clock::default() };
            assert_eq!(workload, Workload::CronJob { clock, retry: Retry::Never });
            assert_eq!(findings.into_report().iter().count(), findings_expected);
        };
        check("*/5 * * * *", false, 0);
        check("@daily", false, 0);
        check("often", false, 1);
        check("0 0 * * * *", true, 2);
    }
}
