use jiff::Timestamp;
use k8s_openapi::api::core::v1::{Container, ContainerState, ContainerStatus};

use super::after;
use super::ending::{Cause, Ending};
use crate::control_plane::kubelet::runtime::{Ended, Process};

pub(in crate::control_plane::kubelet) use crate::control_plane::kubelet::runtime::Image;

const FIRST_BACKOFF: i64 = 10;
const LONGEST_BACKOFF: i64 = 300;
/// A container that ran for this long starts its back-off anew.
const STABLE_AFTER: i64 = 2 * LONGEST_BACKOFF;
/// The exit code of a container that nobody has seen ending.
const UNKNOWN_EXIT: i32 = 137;

/// The life of one container.
#[derive(Debug, Clone)]
pub(in crate::control_plane::kubelet) struct ContainerLife {
    pub(in crate::control_plane::kubelet) name: String,
    pub(in crate::control_plane::kubelet) role: Role,
    pub(in crate::control_plane::kubelet) restarts: i32,
    pub(in crate::control_plane::kubelet) image_id: String,
    pub(in crate::control_plane::kubelet) stage: Stage,
    /// How the run before this one ended.
    pub(in crate::control_plane::kubelet) last: Option<Run>,
    /// What probes and hooks say of the present run.
    pub(in crate::control_plane::kubelet) health: Health,
    /// The present run is being ended.
    pub(in crate::control_plane::kubelet) ending: Option<Ending>,
    has_pre_stop: bool,
}

/// What a container is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::control_plane::kubelet) enum Role {
    /// Ends before the next one starts.
    Init,
    /// Starts before the next one and runs on (`restartPolicy: Always`).
    Sidecar,
    /// One of the pod's `containers`.
    Main,
}

/// Where a container is in its life; `ContainerLife::next` says where it goes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::control_plane::kubelet) enum Stage {
    /// Its turn has not come.
    Waiting,
    /// Its image is being pulled, after so many failures.
    Pulling { failures: u32 },
    /// Its image was pulled, and is good for one start.
    Pulled(Image),
    /// It could not be started; it is tried again.
    Failed {
        /// `ErrImagePull`, `CreateContainerConfigError`, …: what its status shows.
        reason: &'static str,
        message: String,
        failures: u32,
        until: Timestamp,
    },
    /// It runs.
    Running(Process),
    /// It ended; it is started again, or not, by the pod's policy.
    Ended(Run),
}

/// One run of a container that ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::control_plane::kubelet) struct Run {
    pub(in crate::control_plane::kubelet) id: String,
    pub(in crate::control_plane::kubelet) started_at: Timestamp,
    pub(in crate::control_plane::kubelet) ended: Ended,
}

/// What probes and hooks say of a running container.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(in crate::control_plane::kubelet) struct Health {
    /// `postStart` is still running.
    pub(in crate::control_plane::kubelet) starting: bool,
    /// The startup probe has passed, or there is none.
    pub(in crate::control_plane::kubelet) started: bool,
    /// The readiness probe passes, or there is none.
    pub(in crate::control_plane::kubelet) ready: bool,
}

/// What is to be done for a container.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Next {
    Start,
    Wait(Option<Timestamp>),
    /// It ended and is not started again.
    Finished {
        failed: bool,
    },
}

impl ContainerLife {
    pub(super) fn of(role: Role, container: &Container, status: Option<&ContainerStatus>) -> Self {
        let shown = status.and_then(|status| status.state.as_ref());
        let last = status.and_then(|status| status.last_state.as_ref()).and_then(run);
        let running = shown.and_then(|state| state.running.as_ref());
        let id = status.and_then(|status| status.container_id.clone()).unwrap_or_default();
        let restarts = status.map_or(0, |status| status.restart_count);
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
                attempt: restarts.unsigned_abs(),
                started_at,
                ready: None,
                ended: None,
                changes_at: None,
            })
        } else if let (true, Some(last)) = (is_backing_off, last.clone()) {
            Stage::Ended(last)
        } else {
            Stage::Waiting
        };
        let health = Health {
            starting: false,
            started: status.is_some_and(|status| status.started == Some(true)),
            ready: status.is_some_and(|status| status.ready),
        };
        let lifecycle = container.lifecycle.as_ref();
        Self {
            name: container.name.clone(),
            role,
            restarts,
            image_id: status.map(|status| status.image_id.clone()).unwrap_or_default(),
            stage,
            last,
            health,
            ending: None,
            has_pre_stop: lifecycle.is_some_and(|lifecycle| lifecycle.pre_stop.is_some()),
        }
    }

    /// Takes in what the runtime sees of it; whether it has ended since.
    pub(super) fn observe(&mut self, process: Option<Process>, now: Timestamp) -> bool {
        let Some(process) = process else {
            if let Stage::Running(lost) = &self.stage {
                let ended = Ended {
                    code: UNKNOWN_EXIT,
                    at: now,
                    reason: Some("ContainerStatusUnknown"),
                    message: Some("The container could not be located".to_owned()),
                };
                self.ended(Run { id: lost.id.clone(), started_at: lost.started_at, ended });
                return true;
            }
            return false;
        };
        let known = match &self.stage {
            Stage::Running(running) => running.id == process.id,
            Stage::Ended(run) if run.id == process.id => return false,
            _ => false,
        };
        if !known {
            // Started, and then not written down: the server was killed in between.
            self.restarts = self.restarts.max(i32::try_from(process.attempt).unwrap_or(i32::MAX));
        }
        let Some(ended) = process.ended.clone() else {
            self.stage = Stage::Running(process);
            return false;
        };
        self.ended(Run { id: process.id, started_at: process.started_at, ended });
        true
    }

    /// Says that the container was started (again).
    pub(in crate::control_plane::kubelet) fn started(
        &mut self,
        spec: &Container,
        process: Process,
        image: Image,
    ) {
        if let Some(run) = self.over() {
            self.last = Some(run);
        }
        self.restarts = i32::try_from(process.attempt).unwrap_or(i32::MAX);
        self.image_id = image.id;
        let lifecycle = spec.lifecycle.as_ref();
        self.health = Health {
            starting: lifecycle.is_some_and(|lifecycle| lifecycle.post_start.is_some()),
            started: spec.startup_probe.is_none(),
            ready: spec.readiness_probe.is_none(),
        };
        self.ending = None;
        self.stage = Stage::Running(process.clone());
        if let Some(ended) = process.ended {
            self.ended(Run { id: process.id, started_at: process.started_at, ended });
        }
    }

    /// The attempt that the next start is.
    pub(in crate::control_plane::kubelet) fn next_attempt(&self) -> u32 {
        let restarts = self.restarts.unsigned_abs();
        if self.over().is_some() { restarts + 1 } else { restarts }
    }

    /// Says that it could not be started.
    pub(in crate::control_plane::kubelet) fn failed(
        &mut self,
        reason: &'static str,
        message: String,
        now: Timestamp,
    ) {
        let failures = self.failures();
        let until = after(now, backoff(failures + 1));
        self.keep_over();
        self.stage = Stage::Failed { reason, message, failures: failures + 1, until };
    }

    /// Says that its image is being pulled.
    pub(in crate::control_plane::kubelet) fn pulling(&mut self) {
        let failures = self.failures();
        self.keep_over();
        self.stage = Stage::Pulling { failures };
    }

    /// Says that its image was pulled.
    pub(in crate::control_plane::kubelet) fn pulled(&mut self, image: Image) {
        self.stage = Stage::Pulled(image);
    }

    /// How often it could not be started.
    fn failures(&self) -> u32 {
        match &self.stage {
            Stage::Failed { failures, .. } | Stage::Pulling { failures } => *failures,
            _ => 0,
        }
    }

    /// Begins to end it, or makes its end come earlier.
    pub(in crate::control_plane::kubelet) fn end(
        &mut self,
        cause: Cause,
        now: Timestamp,
        deadline: Timestamp,
    ) {
        match &mut self.ending {
            Some(ending) => ending.hurry(cause, deadline),
            None => self.ending = Some(Ending::new(cause, self.has_pre_stop, now, deadline)),
        }
    }

    /// When the step of its ending that is waited for comes.
    pub(super) fn ending_changes_at(&self) -> Option<Timestamp> {
        self.ending.as_ref().filter(|_| self.is_running()).and_then(Ending::changes_at)
    }

    /// The id of its run, or of the last one.
    pub(in crate::control_plane::kubelet) fn id(&self) -> String {
        match (&self.stage, &self.last) {
            (Stage::Running(process), _) => process.id.clone(),
            (Stage::Ended(run), _) | (_, Some(run)) => run.id.clone(),
            _ => String::new(),
        }
    }

    pub(in crate::control_plane::kubelet) fn is_running(&self) -> bool {
        matches!(self.stage, Stage::Running(_))
    }

    /// Whether it counts for its pod's readiness.
    pub(in crate::control_plane::kubelet) fn is_ready(&self) -> bool {
        let Stage::Running(process) = &self.stage else { return false };
        let Health { starting, started, ready } = self.health;
        !starting && process.ready.unwrap_or(started && ready)
    }

    /// Until when an ended container waits for its restart.
    pub(in crate::control_plane::kubelet) fn backing_off_until(
        &self,
        policy: &str,
    ) -> Option<Timestamp> {
        let Stage::Ended(run) = &self.stage else { return None };
        self.is_restarted(policy, run.ended.code).then(|| self.restart_at(run))
    }

    pub(super) fn next(&self, policy: &str, now: Timestamp) -> Next {
        match &self.stage {
            Stage::Failed { until, .. } if *until > now => Next::Wait(Some(*until)),
            Stage::Waiting | Stage::Pulled(_) | Stage::Failed { .. } => Next::Start,
            Stage::Pulling { .. } => Next::Wait(None),
            Stage::Running(process) => Next::Wait(process.changes_at),
            Stage::Ended(run) if self.is_restarted(policy, run.ended.code) => {
                let at = self.restart_at(run);
                if at <= now { Next::Start } else { Next::Wait(Some(at)) }
            }
            Stage::Ended(run) => Next::Finished { failed: run.ended.code != 0 },
        }
    }

    /// Whether the containers after this one may start.
    pub(super) fn lets_others_start(&self) -> bool {
        match (self.role, &self.stage) {
            (Role::Main, _) => true,
            // A startup probe is what the next one waits for; readiness is the business of the pod.
            (Role::Sidecar, Stage::Running(process)) => {
                process.ready.unwrap_or(self.health.started && !self.health.starting)
            }
            (Role::Init, Stage::Ended(run)) => run.ended.code == 0,
            _ => false,
        }
    }

    fn ended(&mut self, run: Run) {
        self.ending = None;
        self.stage = Stage::Ended(run);
    }

    /// The run that is over, while the next one has not started.
    fn over(&self) -> Option<Run> {
        match &self.stage {
            Stage::Ended(run) => Some(run.clone()),
            _ => None,
        }
    }

    /// Before another stage takes the place of the run that is over.
    fn keep_over(&mut self) {
        if let Some(run) = self.over() {
            self.restarts += 1;
            self.last = Some(run);
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

fn run(state: &ContainerState) -> Option<Run> {
    let terminated = state.terminated.as_ref()?;
    let at = terminated.finished_at.as_ref().map_or(Timestamp::UNIX_EPOCH, |at| at.0);
    Some(Run {
        id: terminated.container_id.clone().unwrap_or_default(),
        started_at: terminated.started_at.as_ref().map_or(at, |at| at.0),
        ended: Ended {
            code: terminated.exit_code,
            at,
            reason: reason(terminated.reason.as_deref()),
            message: terminated.message.clone(),
        },
    })
}

/// The reasons that an exit code does not tell.
fn reason(shown: Option<&str>) -> Option<&'static str> {
    ["OOMKilled", "StartError", "ContainerStatusUnknown"]
        .into_iter()
        .find(|reason| shown == Some(*reason))
}

fn backoff(failures: u32) -> i64 {
    let doubled = 2_i64.saturating_pow(failures.saturating_sub(1));
    LONGEST_BACKOFF.min(FIRST_BACKOFF.saturating_mul(doubled))
}
