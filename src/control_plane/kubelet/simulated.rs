mod addresses;
mod logs;
mod script;

use std::collections::HashMap;
use std::io::ErrorKind;
use std::net::IpAddr;
use std::path::Path;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use futures_util::future::BoxFuture;
use futures_util::stream::{self, BoxStream};
use jiff::{SignedDuration, Timestamp};
use k8s_openapi::api::core::v1::{Container, Pod};

use self::addresses::Addresses;
use self::logs::Logs;
use self::script::Course;
use super::runtime::{
    Connection, ContainerConfig, Ended, Image, LogOptions, Output, Process, Runtime, RuntimeError,
    Seen, Session, Signal, Streams, Usage,
};
use crate::control_plane::cluster_range::Subnet;
use crate::control_plane::controllers::owner;
use crate::control_plane::runner::Clock;
use crate::engine::Login;

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
/// pods, and as init containers, they end with what their command says. Annotations of the
/// pod override both.
pub struct Simulated {
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
    attempt: u32,
    started_at: Timestamp,
    course: Course,
    /// When it was told to end, which it does at once.
    stopped: Option<Timestamp>,
    logs: Logs,
}

impl Simulated {
    /// A runtime whose pods get addresses of a range.
    pub fn new(clock: Arc<dyn Clock>, (base, prefix): Subnet) -> Self {
        let addresses = Addresses::new(base, prefix);
        Self { clock, state: Mutex::new(State { addresses, pods: HashMap::new() }) }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn run(&self, pod: &Pod, container: &Container, running: Running) {
        let mut state = self.state();
        let sandbox = state.pods.entry(owner::uid(pod).to_owned()).or_default();
        sandbox.containers.insert(container.name.clone(), running);
    }

    /// What was started before this process: all that is known of it is in the pod's status.
    fn take_over(&self, pod: &Pod) {
        let Some(status) = &pod.status else { return };
        let Some(address) = status.pod_ip.as_ref().and_then(|ip| ip.parse().ok()) else { return };
        {
            let mut state = self.state();
            if state.pods.contains_key(owner::uid(pod)) {
                return;
            }
            state.addresses.take(address);
            state.pods.entry(owner::uid(pod).to_owned()).or_default().address = Some(address);
        }
        let statuses = status.init_container_statuses.iter().chain(&status.container_statuses);
        for status in statuses.flatten() {
            let running = status.state.as_ref().and_then(|state| state.running.as_ref());
            let since = running.and_then(|running| running.started_at.as_ref());
            if let (Some(since), Some(container)) = (since, find(pod, &status.name)) {
                let id = status.container_id.clone().unwrap_or_default();
                let attempt = status.restart_count.unsigned_abs();
                self.run(pod, container, Running::new(pod, container, id, attempt, since.0));
            }
        }
    }
}

impl Runtime for Simulated {
    fn version(&self) -> String {
        concat!("simulated://", env!("CARGO_PKG_VERSION")).to_owned()
    }

    fn events(&self) -> BoxStream<'static, Option<String>> {
        Box::pin(stream::empty())
    }

    fn pods(&self) -> BoxFuture<'_, Result<Vec<String>, RuntimeError>> {
        done(self.state().pods.keys().cloned().collect())
    }

    fn image<'a>(
        &'a self,
        pod: &'a Pod,
        container: &'a Container,
    ) -> BoxFuture<'a, Result<Option<Image>, RuntimeError>> {
        done(annotation(pod, PULL_ERROR).is_none().then(|| image(container)))
    }

    fn pull<'a>(
        &'a self,
        pod: &'a Pod,
        container: &'a Container,
        _logins: &'a [Login],
    ) -> BoxFuture<'a, Result<Image, RuntimeError>> {
        let pulled = match annotation(pod, PULL_ERROR) {
            Some(reason) => Err(RuntimeError::Pull {
                image: container.image.clone().unwrap_or_default(),
                reason: reason.to_owned(),
            }),
            None => Ok(image(container)),
        };
        Box::pin(std::future::ready(pulled))
    }

    fn start_sandbox<'a>(&'a self, pod: &'a Pod) -> BoxFuture<'a, Result<IpAddr, RuntimeError>> {
        let mut state = self.state();
        let address = state.addresses.allocate();
        if let Ok(address) = address {
            state.pods.entry(owner::uid(pod).to_owned()).or_default().address = Some(address);
        }
        Box::pin(std::future::ready(address))
    }

    fn start<'a>(
        &'a self,
        config: ContainerConfig<'a>,
    ) -> BoxFuture<'a, Result<String, RuntimeError>> {
        let id = format!("simulated://{}", uuid::Uuid::new_v4().simple());
        let ContainerConfig { pod, container, attempt, .. } = config;
        self.run(
            pod,
            container,
            Running::new(pod, container, id.clone(), attempt, self.clock.now()),
        );
        done(id)
    }

    fn inspect<'a>(&'a self, pod: &'a Pod) -> BoxFuture<'a, Result<Seen, RuntimeError>> {
        self.take_over(pod);
        let now = self.clock.now();
        let state = self.state();
        let Some(sandbox) = state.pods.get(owner::uid(pod)) else { return done(Seen::default()) };
        let containers = sandbox.containers.iter();
        let processes = containers.map(|(name, running)| running.process(name.clone(), now));
        done(Seen { address: sandbox.address, processes: processes.collect() })
    }

    fn signal<'a>(
        &'a self,
        id: &'a str,
        _signal: Signal,
    ) -> BoxFuture<'a, Result<(), RuntimeError>> {
        let now = self.clock.now();
        let mut state = self.state();
        let containers = state.pods.values_mut().flat_map(|pod| pod.containers.values_mut());
        for running in containers.filter(|running| running.id == id) {
            running.stopped = running.stopped.or(Some(now));
            running.logs.end();
        }
        done(())
    }

    fn stop_sandbox<'a>(&'a self, uid: &'a str) -> BoxFuture<'a, Result<(), RuntimeError>> {
        let mut state = self.state();
        let address = state.pods.get_mut(uid).and_then(|pod| pod.address.take());
        if let Some(address) = address {
            state.addresses.release(address);
        }
        done(())
    }

    fn remove<'a>(&'a self, uid: &'a str) -> BoxFuture<'a, Result<(), RuntimeError>> {
        let mut state = self.state();
        if let Some(address) = state.pods.remove(uid).and_then(|pod| pod.address) {
            state.addresses.release(address);
        }
        done(())
    }

    fn remove_directory<'a>(&'a self, path: &'a Path) -> BoxFuture<'a, Result<(), RuntimeError>> {
        // Nothing runs here, but real containers may have run for this cluster before.
        let removed = match std::fs::remove_dir_all(path) {
            Err(error) if error.kind() != ErrorKind::NotFound => Err(RuntimeError::Engine {
                action: format!("remove `{}`", path.display()),
                reason: error.to_string(),
            }),
            _ => Ok(()),
        };
        Box::pin(std::future::ready(removed))
    }

    fn logs<'a>(
        &'a self,
        id: &'a str,
        options: LogOptions,
    ) -> BoxFuture<'a, Result<BoxStream<'static, Result<Output, RuntimeError>>, RuntimeError>> {
        let now = self.clock.now();
        let state = self.state();
        let mut all = state.pods.values().flat_map(|sandbox| sandbox.containers.values());
        let output = all
            .find(|running| running.id == id)
            .map(|running| running.logs.read(&options, running.left(now)));
        // A run before this one has left nothing behind.
        done(output.unwrap_or_else(|| Box::pin(stream::empty())))
    }

    fn exec<'a>(
        &'a self,
        _id: &'a str,
        _command: &'a [String],
        _streams: Streams,
    ) -> BoxFuture<'a, Result<Session, RuntimeError>> {
        nothing_runs("exec")
    }

    fn attach<'a>(
        &'a self,
        _id: &'a str,
        _streams: Streams,
    ) -> BoxFuture<'a, Result<Session, RuntimeError>> {
        nothing_runs("attach")
    }

    fn connect<'a>(
        &'a self,
        _pod: &'a Pod,
        _port: u16,
    ) -> BoxFuture<'a, Result<Box<dyn Connection>, RuntimeError>> {
        nothing_runs("port-forward")
    }

    fn usage<'a>(&'a self, _uid: &'a str) -> BoxFuture<'a, Result<Vec<Usage>, RuntimeError>> {
        done(Vec::new())
    }
}

fn done<'a, T: Send + 'a>(value: T) -> BoxFuture<'a, Result<T, RuntimeError>> {
    Box::pin(std::future::ready(Ok(value)))
}

fn nothing_runs<'a, T: Send + 'a>(what: &'static str) -> BoxFuture<'a, Result<T, RuntimeError>> {
    let reason = "the pod is simulated, nothing runs in it".to_owned();
    Box::pin(std::future::ready(Err(RuntimeError::Unsupported { what, reason })))
}

fn image(container: &Container) -> Image {
    Image { id: format!("simulated://{}", container.image.as_deref().unwrap_or_default()) }
}

impl Running {
    fn new(pod: &Pod, container: &Container, id: String, attempt: u32, since: Timestamp) -> Self {
        Self {
            id,
            attempt,
            started_at: since,
            course: course(pod, container),
            stopped: None,
            logs: Logs::new(pod, since),
        }
    }

    /// How long it will run, if it ends by itself or has ended.
    fn left(&self, now: Timestamp) -> Option<Duration> {
        match (self.stopped, self.course) {
            (Some(_), _) => Some(Duration::ZERO),
            (None, Course::Runs { .. }) => None,
            (None, Course::Ends { after, .. }) => {
                let end = self.started_at.saturating_add(after).ok()?;
                Some(Duration::try_from(end.duration_since(now)).unwrap_or_default())
            }
        }
    }

    fn process(&self, container: String, now: Timestamp) -> Process {
        let delayed = |delay: SignedDuration| self.started_at.saturating_add(delay);
        let ended = |code, at| Some(Ended { code, at, reason: None, message: None });
        let (ready, ended, changes_at) = match (self.stopped, self.course) {
            (Some(at), _) => (false, ended(0, at), None),
            (None, Course::Runs { ready_after }) => {
                let at = ready_after.and_then(|delay| delayed(delay).ok());
                (at.is_some_and(|at| at <= now), None, at.filter(|at| *at > now))
            }
            (None, Course::Ends { after, code }) => match delayed(after) {
                Ok(at) if at <= now => (false, ended(code, at), None),
                at => (true, None, at.ok()),
            },
        };
        Process {
            container,
            id: self.id.clone(),
            attempt: self.attempt,
            started_at: self.started_at,
            ready: Some(ready),
            ended,
            changes_at,
        }
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
