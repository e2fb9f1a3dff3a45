use indexmap::IndexMap;

use crate::model::{DeployMode, Service};

use super::context::{self, Metadata, Pod};
use super::findings::Site;
use super::label::settings;
use super::setting::Settings;
use super::strategy::Rollout;
use super::workload::{self, Retry, Workload};

/// The workload of a service, by its kind.
#[derive(Debug)]
pub enum WorkloadManifest {
    /// `deployment.yaml.hbs`.
    Deployment(context::Deployment),
    /// `daemonset.yaml.hbs`.
    DaemonSet(context::DaemonSet),
    /// `statefulset.yaml.hbs`.
    StatefulSet(context::StatefulSet),
    /// `job.yaml.hbs`.
    Job(context::Job),
    /// `cronjob.yaml.hbs`.
    CronJob(context::CronJob),
}

/// What the workloads of all kinds are made of.
pub struct Shape<'a> {
    /// The kind.
    pub workload: &'a Workload,
    /// The Service that names its pods, one by one.
    pub service_name: String,
    /// Its metadata.
    pub metadata: Metadata,
    /// What its pods are selected by.
    pub selector: IndexMap<String, String>,
    /// How its pods are replaced.
    pub rollout: Rollout,
    /// How many pods it has; none where an autoscaler decides.
    pub replicas: Option<u32>,
    /// Its pods.
    pub pod: Pod,
}

/// Puts a workload together.
pub fn workload_manifest(shape: Shape, service: &Service, site: &Site) -> WorkloadManifest {
    let Shape { workload, service_name, metadata, selector, rollout, replicas, mut pod } = shape;
    match workload {
        Workload::Deployment => WorkloadManifest::Deployment(context::Deployment {
            metadata,
            replicas,
            min_ready_seconds: rollout.min_ready_seconds,
            progress_deadline_seconds: rollout.progress_deadline_seconds(),
            selector,
            strategy: rollout.deployment(),
            pod,
        }),
        Workload::DaemonSet | Workload::NodeTask => {
            report_replicas_everywhere(service, site);
            WorkloadManifest::DaemonSet(context::DaemonSet {
                metadata,
                min_ready_seconds: rollout.min_ready_seconds,
                selector,
                update_strategy: rollout.daemon_set(),
                pod,
            })
        }
        Workload::StatefulSet => WorkloadManifest::StatefulSet(context::StatefulSet {
            replicas,
            min_ready_seconds: rollout.min_ready_seconds,
            service_name,
            metadata,
            selector,
            pod,
            volume_claims: Vec::new(),
        }),
        Workload::Job(retry) => {
            pod.restart_policy = Some(restart_policy(*retry));
            let (completions, parallelism) = runs(service);
            WorkloadManifest::Job(context::Job {
                metadata,
                completions,
                parallelism,
                backoff_limit: backoff_limit(*retry, site),
                pod,
            })
        }
        Workload::CronJob { clock, retry } => {
            pod.restart_policy = Some(restart_policy(*retry));
            report_long_name(&metadata.name, site);
            let settings = Settings::new(&service.container.labels, site.child("labels"));
            WorkloadManifest::CronJob(context::CronJob {
                metadata,
                schedule: clock.schedule.clone(),
                time_zone: clock.time_zone.clone(),
                suspend: clock.suspend,
                concurrency_policy: concurrency_policy(&settings).or(clock.concurrency_policy),
                starting_deadline_seconds: clock.starting_deadline_seconds,
                backoff_limit: settings
                    .get(settings::CRON_BACKOFF_LIMIT)
                    .and_then(|it| it.number(0))
                    .or_else(|| backoff_limit(*retry, site)),
                pod,
            })
        }
    }
}

fn restart_policy(retry: Retry) -> &'static str {
    match retry {
        Retry::Never => "Never",
        Retry::OnFailure(_) => "OnFailure",
    }
}

fn backoff_limit(retry: Retry, site: &Site) -> Option<u32> {
    match retry {
        Retry::Never => Some(0),
        Retry::OnFailure(Some(attempts)) => Some(attempts),
        Retry::OnFailure(None) => {
            site.child("restart").approximated_closely(
                "Kubernetes gives up after 6 failures",
                "name the number, e.g. `restart: on-failure:20`",
            );
            None
        }
    }
}

/// How often a job runs in all, and how often at once.
fn runs(service: &Service) -> (Option<u32>, Option<u32>) {
    let completions = Some(workload::replicas(service)).filter(|replicas| *replicas != 1);
    let deploy = service.deploy.as_ref();
    let is_job_mode = deploy.is_some_and(|deploy| deploy.mode == Some(DeployMode::ReplicatedJob));
    let at_once = deploy
        .and_then(|deploy| deploy.update_config.as_ref())
        .and_then(|config| config.parallelism)
        .filter(|parallelism| is_job_mode && *parallelism > 0);
    (completions, at_once.or(completions))
}

fn concurrency_policy(settings: &Settings) -> Option<&'static str> {
    // `Never` stood in kompose's documentation, where kompose itself hands it on and the cluster refuses it.
    let known =
        [("Allow", "Allow"), ("Forbid", "Forbid"), ("Replace", "Replace"), ("Never", "Forbid")];
    settings.get(settings::CRON_CONCURRENCY)?.one_of(&known)
}

/// Kubernetes appends the time to the name of each run.
fn report_long_name(name: &str, site: &Site) {
    const MAX_NAME: usize = 52;
    if name.len() > MAX_NAME {
        site.invalid(
            format!("the name `{name}` is too long for a CronJob"),
            format!("shorten it to {MAX_NAME} characters"),
        );
    }
}

fn report_replicas_everywhere(service: &Service, site: &Site) {
    if service.deploy.as_ref().is_some_and(|deploy| deploy.replicas.is_some()) {
        site.child("deploy").child("replicas").approximated_closely(
            "a service that runs on every node has no number of replicas",
            "remove `replicas`, or `mode: global`",
        );
    }
}
