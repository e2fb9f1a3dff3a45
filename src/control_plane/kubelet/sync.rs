//! Takes one pod from what it is to what it shall be.

use std::net::IpAddr;
use std::sync::Arc;

use jiff::Timestamp;
use k8s_openapi::api::core::v1::{Container, Pod};

use super::life::{self, Life, Role, Stage, Step};
use super::runtime::{Process, Runtime, RuntimeError};
use super::status;
use crate::control_plane::controllers::owner;
use crate::control_plane::runner::{Clock, Executor, Note, Operation, Outcome, Plan};

/// What it takes to run pods; cheap to clone.
#[derive(Clone)]
pub(super) struct Syncer {
    pub(super) runtime: Arc<dyn Runtime>,
    pub(super) executor: Executor,
    pub(super) clock: Arc<dyn Clock>,
    pub(super) host: IpAddr,
}

impl Syncer {
    /// The life of a pod that is seen for the first time: its own status and what runs already are taken over.
    pub(super) async fn adopt(&self, pod: &Pod) -> Result<Life, RuntimeError> {
        self.runtime.adopt(pod).await?;
        Ok(Life::of(pod))
    }

    /// Does all that can be done for a pod now, and writes its status once.
    pub(super) async fn sync_pod(&self, pod: &Pod, life: &mut Life) -> Outcome {
        match self.advance(pod, life).await {
            Ok(Some(again_at)) => self.write_status(pod, life, again_at).await,
            Ok(None) => self.let_go(pod).await,
            Err(error) => {
                let message = format!("Error syncing pod: {error}");
                self.executor.record(Note::warning(pod, "FailedCreatePodSandBox", message));
                Outcome::Retry(error.to_string())
            }
        }
    }

    /// Stops what is left of a pod that is gone.
    pub(super) async fn forget(&self, pod: &Pod) -> Outcome {
        match self.runtime.stop(pod).await {
            Ok(()) => Outcome::Done,
            Err(error) => Outcome::Retry(error.to_string()),
        }
    }

    /// Steps until there is nothing to do but wait; `None` says that the pod was stopped.
    async fn advance(
        &self,
        pod: &Pod,
        life: &mut Life,
    ) -> Result<Option<Option<Timestamp>>, RuntimeError> {
        loop {
            life.observe(self.runtime.inspect(pod).await?);
            match life.next(pod, self.clock.now()) {
                Step::StartSandbox => life.address = Some(self.runtime.start_sandbox(pod).await?),
                Step::Start(position) => self.start(pod, life, position).await?,
                Step::Wait(again_at) => return Ok(Some(again_at)),
                Step::Stop => {
                    self.note_killing(pod, life);
                    self.runtime.stop(pod).await?;
                    return Ok(None);
                }
            }
        }
    }

    async fn start(&self, pod: &Pod, life: &mut Life, at: usize) -> Result<(), RuntimeError> {
        let specs = life::containers(pod).nth(at).zip(life.containers.get_mut(at));
        let Some(((_, spec), container)) = specs else { return Ok(()) };
        let image_id = match self.runtime.pull(pod, spec).await {
            Ok(image_id) => image_id,
            Err(error) => {
                container.pull_failed(error.to_string(), self.clock.now());
                self.note_pull_failure(pod, spec, &error);
                return Ok(());
            }
        };
        let image = spec.image.as_deref().unwrap_or_default();
        let present = format!("Container image \"{image}\" already present on machine");
        self.note(pod, spec, "Pulled", present);
        let id = self.runtime.start(pod, spec).await?;
        self.note(pod, spec, "Created", format!("Created container: {}", spec.name));
        self.note(pod, spec, "Started", format!("Started container {}", spec.name));
        let process = Process {
            container: spec.name.clone(),
            id,
            started_at: self.clock.now(),
            ready: false,
            ended: None,
            changes_at: None,
        };
        container.started(process, image_id);
        Ok(())
    }

    async fn write_status(&self, pod: &Pod, life: &Life, again_at: Option<Timestamp>) -> Outcome {
        let status = status::derive(pod, life, self.host, self.clock.now());
        let mut plan = Plan { operations: Vec::new(), again_at };
        if pod.status.as_ref() != Some(&status) {
            self.note_backoff(pod, life);
            let pod = Pod { status: Some(status), ..pod.clone() };
            plan.push(Operation::status_of_version(&pod));
        }
        self.executor.execute(plan).await
    }

    /// Deletes a stopped pod at once: its grace period is over when nothing of it runs.
    async fn let_go(&self, pod: &Pod) -> Outcome {
        let mut operation = Operation::delete(pod, None);
        if let Operation::Delete { grace_period, .. } = &mut operation {
            *grace_period = Some(0);
        }
        self.executor.execute(Plan { operations: vec![operation], again_at: None }).await
    }

    fn note_killing(&self, pod: &Pod, life: &Life) {
        for (_, spec) in life::containers(pod) {
            let one = life.containers.iter().find(|one| one.name == spec.name);
            if one.is_some_and(|one| matches!(one.stage, Stage::Running(_))) {
                self.note(pod, spec, "Killing", format!("Stopping container {}", spec.name));
            }
        }
    }

    fn note_backoff(&self, pod: &Pod, life: &Life) {
        let policy = life::restart_policy(pod);
        for container in &life.containers {
            if container.restarts > 0 && container.backing_off_until(policy).is_some() {
                let name = &container.name;
                let (pod_name, namespace) = (owner::name(pod), owner::namespace(pod));
                let message = format!(
                    "Back-off restarting failed container {name} in pod {pod_name}_{namespace}({})",
                    owner::uid(pod)
                );
                let path = field_path(container.role, name);
                self.executor.record(Note::warning(pod, "BackOff", message).at(path));
            }
        }
    }

    fn note_pull_failure(&self, pod: &Pod, spec: &Container, error: &RuntimeError) {
        let image = spec.image.as_deref().unwrap_or_default();
        let path = field_path(Role::Main, &spec.name);
        let reason = match error {
            RuntimeError::Pull { reason, .. } => reason.clone(),
            RuntimeError::NoAddress { .. } => error.to_string(),
        };
        for (kind, message) in [
            ("Failed", format!("Failed to pull image \"{image}\": {reason}")),
            ("Failed", "Error: ErrImagePull".to_owned()),
            ("BackOff", format!("Back-off pulling image \"{image}\"")),
        ] {
            self.executor.record(Note::warning(pod, kind, message).at(path.clone()));
        }
    }

    fn note(&self, pod: &Pod, spec: &Container, reason: &'static str, message: String) {
        let main = pod.spec.iter().flat_map(|pod| &pod.containers);
        let is_main = main.into_iter().any(|one| one.name == spec.name);
        let path = field_path(if is_main { Role::Main } else { Role::Init }, &spec.name);
        self.executor.record(Note::normal(pod, reason, message).at(path));
    }
}

fn field_path(role: Role, container: &str) -> String {
    match role {
        Role::Main => format!("spec.containers{{{container}}}"),
        Role::Init | Role::Sidecar => format!("spec.initContainers{{{container}}}"),
    }
}
