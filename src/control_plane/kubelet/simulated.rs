use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use futures_util::future::BoxFuture;
use jiff::{SignedDuration, Timestamp};
use k8s_openapi::api::core::v1::{Container, Pod};

use super::addresses::Addresses;
use super::runtime::{Ended, Process, Runtime, RuntimeError};
use super::script::{self, Course};
use crate::control_plane::controllers::owner;
use crate::control_plane::runner::Clock;

/// How long a container takes to become ready, or to end when it is one that ends, e.g. `2s`, `500ms`.
const DELAY: &str = "longshore.dev/sim-delay";
/// The exit code that every container of the pod ends with, whatever its command says.
const EXIT: &str = "longshore.dev/sim-exit";
/// `false` keeps the pod's containers from becoming ready.
const READY: &str = "longshore.dev/sim-ready";
/// The error that every pull of an image of the pod fails with.
const PULL_ERROR: &str = "longshore.dev/sim-pull-error";

/// A runtime that runs nothing: containers start, become ready and end by rule, and in no time.
///
/// In pods with `restartPolicy: Always` containers run for ever, unless their whole command is to end; in other
/// pods, and as init containers, they end with what their command says (see [`script`]). Annotations of the
/// pod override both.
pub(super) struct Simulated {
    clock: Arc<dyn Clock>,
    state: Mutex<State>,
}

struct State {
    addresses: Addresses,
    pods: HashMap<String, Sandbox>,
}

#[derive(Default)]
struct Sandbox {
    address: Option<IpAddr>,
    containers: HashMap<String, Running>,
}

struct Running {
    id: String,
    started_at: Timestamp,
    course: Course,
}

impl Simulated {
    /// A runtime whose pods get addresses of a range.
    pub(super) fn new(clock: Arc<dyn Clock>, addresses: Addresses) -> Self {
        Self { clock, state: Mutex::new(State { addresses, pods: HashMap::new() }) }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn run(&self, pod: &Pod, container: &Container, id: String, started_at: Timestamp) {
        let running = Running { id, started_at, course: course(pod, container) };
        let mut state = self.state();
        let sandbox = state.pods.entry(owner::uid(pod).to_owned()).or_default();
        sandbox.containers.insert(container.name.clone(), running);
    }

    fn take_over(&self, pod: &Pod) {
        let Some(status) = &pod.status else { return };
        if let Some(address) = status.pod_ip.as_ref().and_then(|ip| ip.parse().ok()) {
            let mut state = self.state();
            state.addresses.take(address);
            state.pods.entry(owner::uid(pod).to_owned()).or_default().address = Some(address);
        }
        let statuses = status.init_container_statuses.iter().chain(&status.container_statuses);
        for status in statuses.flatten() {
            let running = status.state.as_ref().and_then(|state| state.running.as_ref());
            let since = running.and_then(|running| running.started_at.as_ref());
            if let (Some(since), Some(container)) = (since, find(pod, &status.name)) {
                let id = status.container_id.clone().unwrap_or_default();
                self.run(pod, container, id, since.0);
            }
        }
    }
}

impl Runtime for Simulated {
    fn version(&self) -> String {
        concat!("simulated://", env!("CARGO_PKG_VERSION")).to_owned()
    }

    fn start_sandbox<'a>(&'a self, pod: &'a Pod) -> BoxFuture<'a, Result<IpAddr, RuntimeError>> {
        let mut state = self.state();
        let address = state.addresses.allocate();
        if let Ok(address) = address {
            state.pods.entry(owner::uid(pod).to_owned()).or_default().address = Some(address);
        }
        Box::pin(std::future::ready(address))
    }

    fn pull<'a>(
        &'a self,
        pod: &'a Pod,
        container: &'a Container,
    ) -> BoxFuture<'a, Result<String, RuntimeError>> {
        let image = container.image.clone().unwrap_or_default();
        let pulled = match annotation(pod, PULL_ERROR) {
            Some(reason) => Err(RuntimeError::Pull { image, reason: reason.to_owned() }),
            None => Ok(format!("simulated://{image}")),
        };
        Box::pin(std::future::ready(pulled))
    }

    fn start<'a>(
        &'a self,
        pod: &'a Pod,
        container: &'a Container,
    ) -> BoxFuture<'a, Result<String, RuntimeError>> {
        let id = format!("simulated://{}", uuid::Uuid::new_v4().simple());
        self.run(pod, container, id.clone(), self.clock.now());
        Box::pin(std::future::ready(Ok(id)))
    }

    fn adopt<'a>(&'a self, pod: &'a Pod) -> BoxFuture<'a, Result<(), RuntimeError>> {
        self.take_over(pod);
        Box::pin(std::future::ready(Ok(())))
    }

    fn inspect<'a>(&'a self, pod: &'a Pod) -> BoxFuture<'a, Result<Vec<Process>, RuntimeError>> {
        let now = self.clock.now();
        let state = self.state();
        let containers = state.pods.get(owner::uid(pod)).map(|sandbox| &sandbox.containers);
        let processes = containers
            .into_iter()
            .flatten()
            .map(|(name, running)| running.process(name.clone(), now))
            .collect();
        Box::pin(std::future::ready(Ok(processes)))
    }

    fn stop<'a>(&'a self, pod: &'a Pod) -> BoxFuture<'a, Result<(), RuntimeError>> {
        let mut state = self.state();
        if let Some(address) = state.pods.remove(owner::uid(pod)).and_then(|pod| pod.address) {
            state.addresses.release(address);
        }
        Box::pin(std::future::ready(Ok(())))
    }
}

impl Running {
    fn process(&self, container: String, now: Timestamp) -> Process {
        let delayed = |delay: SignedDuration| self.started_at.saturating_add(delay);
        let (ready, ended, changes_at) = match self.course {
            Course::Runs { ready_after } => {
                let at = ready_after.and_then(|delay| delayed(delay).ok());
                (at.is_some_and(|at| at <= now), None, at.filter(|at| *at > now))
            }
            Course::Ends { after, code } => match delayed(after) {
                Ok(at) if at <= now => (false, Some(Ended { code, at }), None),
                at => (true, None, at.ok()),
            },
        };
        let Self { id, started_at, .. } = self;
        Process { container, id: id.clone(), started_at: *started_at, ready, ended, changes_at }
    }
}

fn course(pod: &Pod, container: &Container) -> Course {
    let spec = pod.spec.as_ref();
    let init = spec.and_then(|spec| spec.init_containers.as_ref());
    let is_init = init.is_some_and(|all| all.iter().any(|one| one.name == container.name));
    let always = if is_init {
        container.restart_policy.as_deref() == Some("Always")
    } else {
        spec.and_then(|spec| spec.restart_policy.as_deref()).is_none_or(|policy| policy == "Always")
    };
    let course = script::course(container, always);
    if is_init {
        return course;
    }
    let delay = annotation(pod, DELAY).and_then(script::parse_duration);
    if let Some(code) = annotation(pod, EXIT).and_then(|code| code.parse().ok()) {
        return Course::Ends { after: delay.unwrap_or_default(), code };
    }
    match course {
        Course::Runs { .. } if annotation(pod, READY) == Some("false") => {
            Course::Runs { ready_after: None }
        }
        Course::Runs { ready_after } => Course::Runs { ready_after: delay.or(ready_after) },
        Course::Ends { after, code } => Course::Ends { after: delay.unwrap_or(after), code },
    }
}

fn annotation<'a>(pod: &'a Pod, key: &str) -> Option<&'a str> {
    pod.metadata.annotations.as_ref()?.get(key).map(String::as_str)
}

fn find<'a>(pod: &'a Pod, name: &str) -> Option<&'a Container> {
    let spec = pod.spec.as_ref()?;
    let init = spec.init_containers.iter().flatten();
    init.chain(&spec.containers).find(|container| container.name == name)
}
