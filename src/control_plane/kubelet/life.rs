use std::net::IpAddr;

use jiff::{SignedDuration, Timestamp};
use k8s_openapi::api::core::v1::{Container, ContainerState, ContainerStatus, Pod};

use super::runtime::{Ended, Process};

const FIRST_BACKOFF: i64 = 10;
const LONGEST_BACKOFF: i64 = 300;
/// A container that ran for this long starts its back-off anew.
const STABLE_AFTER: i64 = 2 * LONGEST_BACKOFF;

/// The life of one pod on this node: everything that its status is derived from.
#[derive(Debug, Clone)]
pub(super) struct Life {
    pub(super) address: Option<IpAddr>,
    /// Init containers first, in the order of the spec.
    pub(super) containers: Vec<ContainerLife>,
}

/// The life of one container.
#[derive(Debug, Clone)]
pub(super) struct ContainerLife {
    pub(super) name: String,
    pub(super) role: Role,
    pub(super) restarts: i32,
    pub(super) image_id: String,
    pub(super) stage: Stage,
    /// How the run before this one ended.
    pub(super) last: Option<Run>,
}

/// What a container is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Role {
    /// Ends before the next one starts.
    Init,
    /// Starts before the next one and runs on (`restartPolicy: Always`).
    Sidecar,
    /// One of the pod's `containers`.
    Main,
}

/// Where a container is in its life; [`Stage::next`] says where it goes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Stage {
    /// Its turn has not come, or its image is being pulled.
    Waiting,
    /// Its image could not be pulled; it is tried again.
    PullFailed { message: String, failures: u32, until: Timestamp },
    /// It runs.
    Running(Process),
    /// It ended; it is started again, or not, by the pod's policy.
    Ended(Run),
}

/// One run of a container that ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Run {
    pub(super) id: String,
    pub(super) started_at: Timestamp,
    pub(super) ended: Ended,
}

/// What is to be done for a pod.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Step {
    /// Make its network.
    StartSandbox,
    /// Start the container at this position.
    Start(usize),
    /// Nothing, until this time at the latest.
    Wait(Option<Timestamp>),
    /// Stop everything and let the pod go.
    Stop,
}

/// What is to be done for a container.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Next {
    Start,
    Wait(Option<Timestamp>),
    /// It ended and is not started again.
    Finished {
        failed: bool,
    },
}

impl Life {
    /// The life of a pod as its status tells it: of a new pod, nothing has happened yet.
    pub(super) fn of(pod: &Pod) -> Self {
        let status = pod.status.clone().unwrap_or_default();
        let statuses: Vec<ContainerStatus> =
            [status.init_container_statuses, status.container_statuses]
                .into_iter()
                .flatten()
                .flatten()
                .collect();
        let containers = containers(pod).map(|(role, container)| {
            let status = statuses.iter().find(|status| status.name == container.name);
            ContainerLife::of(role, container, status)
        });
        let address = status.pod_ip.and_then(|address| address.parse().ok());
        Self { address, containers: containers.collect() }
    }

    /// Takes in what the runtime sees.
    pub(super) fn observe(&mut self, processes: Vec<Process>) {
        for process in processes {
            let container = self.containers.iter_mut().find(|one| one.name == process.container);
            let Some(container) = container else { continue };
            if let Stage::Running(running) = &container.stage
                && running.id == process.id
            {
                container.stage = match process.ended {
                    Some(ended) => {
                        Stage::Ended(Run { id: process.id, started_at: process.started_at, ended })
                    }
                    None => Stage::Running(process),
                };
            }
        }
    }

    /// What is to be done now.
    pub(super) fn next(&self, pod: &Pod, now: Timestamp) -> Step {
        if pod.metadata.deletion_timestamp.is_some() {
            return Step::Stop;
        }
        if super::status::is_finished(pod) {
            return Step::Wait(None);
        }
        if self.address.is_none() {
            return Step::StartSandbox;
        }
        let policy = restart_policy(pod);
        let mut soonest = None;
        for (position, container) in self.containers.iter().enumerate() {
            let at = match container.next(policy, now) {
                Next::Start => return Step::Start(position),
                Next::Wait(at) => at,
                Next::Finished { failed } => {
                    if failed && container.role == Role::Init {
                        return Step::Wait(None);
                    }
                    None
                }
            };
            soonest = [soonest, at].into_iter().flatten().min();
            if !container.lets_others_start() {
                break;
            }
        }
        Step::Wait(soonest)
    }
}

impl ContainerLife {
    fn of(role: Role, container: &Container, status: Option<&ContainerStatus>) -> Self {
        let shown = status.and_then(|status| status.state.as_ref());
        let last = status.and_then(|status| status.last_state.as_ref()).and_then(run);
        let running = shown.and_then(|state| state.running.as_ref());
        let id = status.and_then(|status| status.container_id.clone()).unwrap_or_default();
        let is_backing_off = shown
            .and_then(|state| state.waiting.as_ref())
            .is_some_and(|waiting| waiting.reason.as_deref() == Some("CrashLoopBackOff"));
        let stage = if let Some(over) = shown.and_then(run) {
            Stage::Ended(over)
        } else if let Some(running) = running {
            let started_at = running.started_at.as_ref().map_or(Timestamp::UNIX_EPOCH, |at| at.0);
            Stage::Running(Process {
                container: container.name.clone(),
                id,
                started_at,
                ready: status.is_some_and(|status| status.ready),
                ended: None,
                changes_at: None,
            })
        } else if let (true, Some(last)) = (is_backing_off, last.clone()) {
            Stage::Ended(last)
        } else {
            Stage::Waiting
        };
        Self {
            name: container.name.clone(),
            role,
            restarts: status.map_or(0, |status| status.restart_count),
            image_id: status.map(|status| status.image_id.clone()).unwrap_or_default(),
            stage,
            last,
        }
    }

    /// Says that the container was started (again).
    pub(super) fn started(&mut self, process: Process, image_id: String) {
        if let Stage::Ended(run) = &self.stage {
            self.last = Some(run.clone());
            self.restarts += 1;
        }
        self.image_id = image_id;
        self.stage = Stage::Running(process);
    }

    /// Says that the image could not be pulled.
    pub(super) fn pull_failed(&mut self, message: String, now: Timestamp) {
        let failures = match &self.stage {
            Stage::PullFailed { failures, .. } => *failures,
            _ => 0,
        };
        let until = after(now, backoff(failures + 1));
        self.stage = Stage::PullFailed { message, failures: failures + 1, until };
    }

    /// Until when an ended container waits for its restart.
    pub(super) fn backing_off_until(&self, policy: &str) -> Option<Timestamp> {
        let Stage::Ended(run) = &self.stage else { return None };
        self.is_restarted(policy, run.ended.code).then(|| self.restart_at(run))
    }

    fn next(&self, policy: &str, now: Timestamp) -> Next {
        match &self.stage {
            Stage::PullFailed { until, .. } if *until > now => Next::Wait(Some(*until)),
            Stage::Waiting | Stage::PullFailed { .. } => Next::Start,
            Stage::Running(process) => Next::Wait(process.changes_at),
            Stage::Ended(run) if self.is_restarted(policy, run.ended.code) => {
                let at = self.restart_at(run);
                if at <= now { Next::Start } else { Next::Wait(Some(at)) }
            }
            Stage::Ended(run) => Next::Finished { failed: run.ended.code != 0 },
        }
    }

    /// Whether the containers after this one may start.
    fn lets_others_start(&self) -> bool {
        match (self.role, &self.stage) {
            (Role::Main, _) => true,
            (Role::Sidecar, Stage::Running(process)) => process.ready,
            (Role::Init, Stage::Ended(run)) => run.ended.code == 0,
            _ => false,
        }
    }

    fn is_restarted(&self, policy: &str, code: i32) -> bool {
        match (self.role, policy) {
            (Role::Sidecar, _) | (Role::Main, "Always") => true,
            (Role::Init | Role::Main, "Never") => false,
            (Role::Init | Role::Main, _) => code != 0,
        }
    }

    /// The first restart is immediate; then the delay doubles.
    fn restart_at(&self, run: &Run) -> Timestamp {
        let ran = run.ended.at.duration_since(run.started_at).as_secs();
        if self.restarts == 0 || ran >= STABLE_AFTER {
            return run.ended.at;
        }
        after(run.ended.at, backoff(self.restarts.unsigned_abs()))
    }
}

/// All containers of a pod with their roles, init containers first.
pub(super) fn containers(pod: &Pod) -> impl Iterator<Item = (Role, &Container)> {
    let init = pod.spec.iter().flat_map(|spec| spec.init_containers.iter().flatten());
    let main = pod.spec.iter().flat_map(|spec| &spec.containers);
    let role = |container: &Container| match container.restart_policy.as_deref() {
        Some("Always") => Role::Sidecar,
        _ => Role::Init,
    };
    init.map(move |one| (role(one), one)).chain(main.map(|one| (Role::Main, one)))
}

/// The pod's restart policy.
pub(super) fn restart_policy(pod: &Pod) -> &str {
    let spec = pod.spec.as_ref();
    spec.and_then(|spec| spec.restart_policy.as_deref()).unwrap_or("Always")
}

fn run(state: &ContainerState) -> Option<Run> {
    let terminated = state.terminated.as_ref()?;
    let at = terminated.finished_at.as_ref().map_or(Timestamp::UNIX_EPOCH, |at| at.0);
    Some(Run {
        id: terminated.container_id.clone().unwrap_or_default(),
        started_at: terminated.started_at.as_ref().map_or(at, |at| at.0),
        ended: Ended { code: terminated.exit_code, at },
    })
}

fn backoff(failures: u32) -> i64 {
    let doubled = 2_i64.saturating_pow(failures.saturating_sub(1));
    LONGEST_BACKOFF.min(FIRST_BACKOFF.saturating_mul(doubled))
}

fn after(at: Timestamp, seconds: i64) -> Timestamp {
    at.saturating_add(SignedDuration::from_secs(seconds)).unwrap_or(at)
}
