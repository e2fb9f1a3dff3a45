//! The life of a pod on this node: what was done, and what is to be done next.
//!
//! # Invariants
//! - What the runtime sees wins over what was believed: see [`Life::observe`].
//! - Nothing here waits or acts; [`Life::next`] says one step at a time.

mod container;
mod ending;

pub(super) use container::{ContainerLife, Image, Role, Run, Stage};
pub(super) use ending::Cause;

#[cfg(test)]
mod tests;

use std::net::IpAddr;

use jiff::{SignedDuration, Timestamp};
use k8s_openapi::api::core::v1::{Container, ContainerStatus, Pod};

use super::runtime::{Seen, Signal};
use super::status::is_finished;
use container::Next;

/// Everything that a pod's status is derived from.
#[derive(Debug, Clone)]
pub(super) struct Life {
    pub(super) sandbox: Sandbox,
    /// Init containers first, in the order of the spec.
    pub(super) containers: Vec<ContainerLife>,
    /// The pod as a whole has failed, whatever its containers do.
    pub(super) failure: Option<Failure>,
}

/// The pod's network.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Sandbox {
    /// It was not made yet, or is lost.
    None,
    /// It is there.
    Up(IpAddr),
    /// The pod has ended, and this was its address.
    Stopped(IpAddr),
}

/// What an observation has shown.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Observed {
    /// The pod's network was there, and is not any more.
    pub(super) network_lost: bool,
    /// The containers that have ended since, by their position.
    pub(super) ended: Vec<usize>,
}

/// Why a pod has failed as a whole.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Failure {
    pub(super) reason: &'static str,
    pub(super) message: &'static str,
}

/// What is to be done for a pod; containers are named by their position.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Step {
    /// Make its network.
    StartSandbox,
    /// Start the container.
    Start(usize),
    /// Run what the container wants to be run before it is stopped.
    PreStop(usize),
    /// Send the container a signal.
    Signal(usize, Signal),
    /// Nothing, until this time at the latest.
    Wait(Option<Timestamp>),
    /// The pod has ended: let its network go.
    StopSandbox,
    /// The pod is deleted and nothing of it runs: remove it.
    Remove,
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
        let sandbox = address.map_or(Sandbox::None, Sandbox::Up);
        Self { sandbox, containers: containers.collect(), failure: None }
    }

    /// The pod's address, as long as it has one to show.
    pub(super) fn address(&self) -> Option<IpAddr> {
        match self.sandbox {
            Sandbox::None => None,
            Sandbox::Up(address) | Sandbox::Stopped(address) => Some(address),
        }
    }

    /// The container of a name.
    pub(super) fn container(&mut self, name: &str) -> Option<&mut ContainerLife> {
        self.containers.iter_mut().find(|one| one.name == name)
    }

    /// The container that has a run of this id going on.
    pub(super) fn run(&mut self, id: &str) -> Option<&mut ContainerLife> {
        self.containers.iter_mut().find(|one| one.is_running() && one.id() == id)
    }

    /// Takes in what the runtime sees.
    pub(super) fn observe(&mut self, seen: &Seen, now: Timestamp) -> Observed {
        let mut ended = Vec::new();
        for (position, container) in self.containers.iter_mut().enumerate() {
            let process = seen.processes.iter().find(|one| one.container == container.name);
            if container.observe(process.cloned(), now) {
                ended.push(position);
            }
        }
        let was_up = matches!(self.sandbox, Sandbox::Up(_));
        match seen.address {
            Some(address) => self.sandbox = Sandbox::Up(address),
            None if was_up => self.sandbox = Sandbox::None,
            None => {}
        }
        Observed { network_lost: was_up && seen.address.is_none(), ended }
    }

    /// What is to be done now.
    pub(super) fn next(&mut self, pod: &Pod, now: Timestamp) -> Step {
        let deleted = pod.metadata.deletion_timestamp.as_ref().map(|at| at.0);
        self.fail_at_deadline(pod, now);
        if let Some(deadline) = deleted {
            self.end_all(&Cause::Deleted, now, deadline);
        } else if is_finished(pod) || self.failure.is_some() {
            self.end_all(&Cause::Finished, now, after(now, grace_period(pod)));
        } else if self.sandbox == Sandbox::None {
            // What still runs has lost its network.
            self.end_all(&Cause::SandboxChanged, now, now);
        }
        if let Some(step) = self.next_of_endings(now) {
            return step;
        }
        match (deleted, self.sandbox) {
            (Some(_), _) => return Step::Remove,
            (None, Sandbox::Up(_)) if is_finished(pod) => return Step::StopSandbox,
            (None, _) if is_finished(pod) || self.failure.is_some() => return Step::Wait(None),
            (None, Sandbox::None) => return Step::StartSandbox,
            (None, Sandbox::Up(_) | Sandbox::Stopped(_)) => {}
        }
        let step = self.next_start(restart_policy(pod), now);
        match (step, self.deadline(pod)) {
            (Step::Wait(at), deadline) => {
                let endings = self.containers.iter().filter_map(ContainerLife::ending_changes_at);
                Step::Wait(at.into_iter().chain(endings).chain(deadline).min())
            }
            (step, _) => step,
        }
    }

    /// The next start: containers come one after the other, as far as those before let them.
    fn next_start(&self, policy: &str, now: Timestamp) -> Step {
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

    /// Ends what runs: sidecars only when nothing else does, the last one first.
    fn end_all(&mut self, cause: &Cause, now: Timestamp, deadline: Timestamp) {
        let others_run =
            self.containers.iter().any(|one| one.role != Role::Sidecar && one.is_running());
        let last = self.containers.iter().rposition(ContainerLife::is_running);
        for (position, container) in self.containers.iter_mut().enumerate() {
            let waits = container.role == Role::Sidecar && (others_run || Some(position) != last);
            if container.is_running() && !waits {
                container.end(cause.clone(), now, deadline);
            }
        }
    }

    /// The next step of a container that is being ended. Those of a pod that goes are waited for.
    fn next_of_endings(&self, now: Timestamp) -> Option<Step> {
        let mut soonest = None;
        let mut all_wait = false;
        for (position, container) in self.containers.iter().enumerate() {
            let Some(ending) = container.ending.as_ref().filter(|_| container.is_running()) else {
                continue;
            };
            match ending.next(now) {
                ending::Next::PreStop => return Some(Step::PreStop(position)),
                ending::Next::Signal(signal) => return Some(Step::Signal(position, signal)),
                ending::Next::Wait(at) => soonest = [soonest, at].into_iter().flatten().min(),
            }
            all_wait |= ending.cause.is_of_the_pod();
        }
        all_wait.then_some(Step::Wait(soonest))
    }

    fn fail_at_deadline(&mut self, pod: &Pod, now: Timestamp) {
        if !is_finished(pod) && self.deadline(pod).is_some_and(|deadline| deadline <= now) {
            let message = "Pod was active on the node longer than the specified deadline";
            self.failure = Some(Failure { reason: "DeadlineExceeded", message });
        }
    }

    /// When the pod has been active for as long as it may.
    fn deadline(&self, pod: &Pod) -> Option<Timestamp> {
        let seconds = pod.spec.as_ref()?.active_deadline_seconds?;
        let started = pod.status.as_ref()?.start_time.as_ref()?.0;
        Some(after(started, seconds)).filter(|_| self.failure.is_none())
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

/// The seconds that the pod's containers have to end.
pub(super) fn grace_period(pod: &Pod) -> i64 {
    pod.spec.as_ref().and_then(|spec| spec.termination_grace_period_seconds).unwrap_or(30)
}

fn after(at: Timestamp, seconds: i64) -> Timestamp {
    at.saturating_add(SignedDuration::from_secs(seconds)).unwrap_or(at)
}
