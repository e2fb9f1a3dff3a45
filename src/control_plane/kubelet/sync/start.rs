use std::net::IpAddr;
use std::sync::Arc;

use futures_util::FutureExt;
use k8s_openapi::api::core::v1::{Container, Pod};

use super::Syncer;
use crate::control_plane::kubelet::configuration::{Configuration, ConfigurationError};
use crate::control_plane::kubelet::environment::Environment;
use crate::control_plane::kubelet::hook;
use crate::control_plane::kubelet::life::{self, Image, Life, Stage};
use crate::control_plane::kubelet::runtime::{ContainerConfig, Ended, Process, RuntimeError};
use crate::control_plane::kubelet::works::{Report, Work, Works};

impl Syncer {
    /// Starts a container, or has its image pulled before.
    pub(super) async fn start(
        &self,
        pod: &Pod,
        life: &mut Life,
        works: &mut Works,
        at: usize,
    ) -> Result<(), RuntimeError> {
        let address = life.address();
        let specs = life::containers(pod).nth(at).zip(life.containers.get_mut(at));
        let Some(((_, spec), container)) = specs else { return Ok(()) };
        let present = match &container.stage {
            Stage::Pulled(image) => Some(image.clone()),
            _ => self.present(pod, spec).await?,
        };
        let Some(image) = present else {
            container.pulling();
            self.pull(pod, spec, works).await;
            for report in works.reports() {
                self.hear(pod, life, report);
            }
            return Ok(());
        };
        let attempt = container.next_attempt();
        let Some(address) = address else { return Ok(()) };
        let configuration = match self.configure(pod, spec, address, attempt) {
            Ok(configuration) => configuration,
            Err(error) => {
                self.note(pod, spec, true, "Failed", format!("Error: {error}"));
                container.failed("CreateContainerConfigError", error.to_string(), self.clock.now());
                return Ok(());
            }
        };
        let Environment { variables, command, args } = configuration.environment;
        let environment: Vec<_> = variables.into_iter().collect();
        let config = ContainerConfig {
            pod,
            container: spec,
            attempt,
            image: &image.id,
            command: command.as_deref(),
            args: args.as_deref(),
            environment: &environment,
            mounts: &configuration.mounts,
        };
        let started_at = self.clock.now();
        let mut process = Process {
            container: spec.name.clone(),
            id: String::new(),
            attempt,
            started_at,
            ready: None,
            ended: None,
            changes_at: None,
        };
        match self.runtime.start(config).await {
            Ok(id) => process.id = id,
            Err(RuntimeError::Config { reason }) => {
                self.note(pod, spec, true, "Failed", format!("Error: {reason}"));
                container.failed("CreateContainerError", reason, self.clock.now());
                return Ok(());
            }
            Err(RuntimeError::Start { id, reason }) => {
                self.note(pod, spec, true, "Failed", format!("Error: {reason}"));
                process.id = id;
                process.ended = Some(Ended {
                    code: 128,
                    at: started_at,
                    reason: Some("StartError"),
                    message: Some(reason),
                });
            }
            Err(other) => return Err(other),
        }
        if process.ended.is_none() {
            let name = &spec.name;
            self.note(pod, spec, false, "Created", format!("Created container: {name}"));
            self.note(pod, spec, false, "Started", format!("Started container {name}"));
        }
        container.started(spec, process, image);
        if container.is_running() {
            self.post_start(spec, container.id(), address, works);
        }
        Ok(())
    }

    fn configure(
        &self,
        pod: &Pod,
        spec: &Container,
        address: IpAddr,
        attempt: u32,
    ) -> Result<Configuration, ConfigurationError> {
        match &self.configurations {
            Some(configurations) => configurations.of(pod, spec, address, attempt),
            None => Ok(Configuration::default()),
        }
    }

    /// The image of a container, when it is there and need not be pulled.
    async fn present(&self, pod: &Pod, spec: &Container) -> Result<Option<Image>, RuntimeError> {
        if spec.image_pull_policy.as_deref() == Some("Always") {
            return Ok(None);
        }
        let image = self.runtime.image(pod, spec).await?;
        if image.is_some() {
            let name = spec.image.as_deref().unwrap_or_default();
            let message = format!("Container image \"{name}\" already present on machine");
            self.note(pod, spec, false, "Pulled", message);
        }
        Ok(image)
    }

    /// Pulls an image beside the sync; one that is there at once is not waited for.
    async fn pull(&self, pod: &Pod, spec: &Container, works: &mut Works) {
        let (name, image) = (spec.name.clone(), spec.image.clone().unwrap_or_default());
        let work = Work::Pull(name.clone());
        if spec.image_pull_policy.as_deref() == Some("Never") {
            let reason =
                format!("Container image \"{image}\" is not present with pull policy of Never");
            works.reporter().report(Report::NotPulled { container: name, never: true, reason });
            return;
        }
        self.note(pod, spec, false, "Pulling", format!("Pulling image \"{image}\""));
        let (runtime, pod, spec) = (Arc::clone(&self.runtime), pod.clone(), spec.clone());
        let logins = match &self.configurations {
            Some(configurations) => configurations.logins(&pod),
            None => Vec::new(),
        };
        let pull = async move {
            match runtime.pull(&pod, &spec, &logins).await {
                Ok(image) => Report::Pulled { container: name, image },
                Err(RuntimeError::Pull { reason, .. }) => {
                    Report::NotPulled { container: name, never: false, reason }
                }
                Err(other) => {
                    let reason = other.to_string();
                    Report::NotPulled { container: name, never: false, reason }
                }
            }
        };
        works.start(work, pull.boxed()).await;
    }

    fn post_start(&self, spec: &Container, id: String, address: IpAddr, works: &mut Works) {
        let lifecycle = spec.lifecycle.as_ref();
        let Some(handler) = lifecycle.and_then(|lifecycle| lifecycle.post_start.clone()) else {
            return;
        };
        if self.configurations.is_none() {
            // Where nothing runs, no hook does, and none fails.
            works.reporter().report(Report::PostStartEnded { id, result: Ok(()) });
            return;
        }
        let (runtime, spec) = (Arc::clone(&self.runtime), spec.clone());
        let (work, reporter) = (Work::PostStart(id.clone()), works.reporter());
        let hook = async move {
            let result = hook::run(&*runtime, &spec, &id, &handler, address).await;
            reporter.report(Report::PostStartEnded { id, result });
        };
        works.spawn(work, hook.boxed());
    }
}
