use bollard::models::{ContainerCreateBody, HealthConfig, HostConfig, HostConfigLogConfig, Mount};
use bollard::query_parameters::CreateContainerOptions;
use k8s_openapi::api::core::v1::PodSpec;
use k8s_openapi::apimachinery::pkg::api::resource::Quantity;

use super::sandbox::{container_name, pod_labels};
use super::{Docker, failed, label, security, shown};
use crate::control_plane::controllers::owner;
use crate::control_plane::kubelet::runtime::{ContainerConfig, RuntimeError};
use crate::control_plane::scheduler::quantity::thousandths;
use crate::engine::{labels, reason, status_code};

/// The processor time of one period, in microseconds: the quota is a share of it.
const CPU_PERIOD: i64 = 100_000;
/// What the engine keeps of a container's output.
const LOG: &[(&str, &str)] = &[("max-size", "10m"), ("max-file", "5")];

impl Docker {
    /// Makes a container and starts it.
    pub(super) async fn make_container(
        &self,
        config: ContainerConfig<'_>,
    ) -> Result<String, RuntimeError> {
        let ContainerConfig { pod, container, attempt, .. } = config;
        let sandbox = self.sandbox_of(owner::uid(pod)).await?;
        if attempt > 1 {
            self.remove_before(owner::uid(pod), &container.name, attempt - 1).await?;
        }
        let user = security::user(&self.engine, &config).await?;
        let mounts = self.mounts(pod, config.mounts)?;
        let body = ContainerCreateBody { user, ..self.body(&config, &sandbox, mounts) };
        let name = container_name(pod, &container.name, attempt);
        let options = || CreateContainerOptions { name: Some(name.clone()), ..Default::default() };
        let docker = self.engine.docker();
        let made = match docker.create_container(Some(options()), body.clone()).await {
            Err(error) if status_code(&error) == Some(409) => {
                // Made by us a moment before we were killed, and perhaps not as it is wanted now: it never ran.
                self.remove_container(&name).await?;
                docker.create_container(Some(options()), body).await
            }
            other => other,
        };
        let id = match made {
            Ok(made) => made.id,
            Err(error) if status_code(&error).is_some() => {
                return Err(RuntimeError::Config { reason: reason(&error) });
            }
            Err(error) => return Err(failed("make a container")(error)),
        };
        match docker.start_container(&id, None).await {
            Ok(()) => Ok(shown(&id)),
            Err(error) if status_code(&error).is_some() => {
                Err(RuntimeError::Start { id: shown(&id), reason: reason(&error) })
            }
            Err(error) => Err(failed("start a container")(error)),
        }
    }

    async fn sandbox_of(&self, uid: &str) -> Result<String, RuntimeError> {
        let sandboxes =
            self.list(&[(labels::POD_UID, uid), (labels::ROLE, labels::SANDBOX)]).await?;
        sandboxes.into_iter().find_map(|sandbox| sandbox.id).ok_or_else(|| RuntimeError::Engine {
            action: "start a container".to_owned(),
            reason: "the pod has no sandbox".to_owned(),
        })
    }

    /// Removes the starts of a container before an attempt.
    async fn remove_before(
        &self,
        uid: &str,
        container: &str,
        attempt: u32,
    ) -> Result<(), RuntimeError> {
        let wanted = [(labels::POD_UID, uid), (labels::CONTAINER_NAME, container)];
        for one in self.list(&wanted).await? {
            let its = label(&one, labels::ATTEMPT).and_then(|attempt| attempt.parse::<u32>().ok());
            if let Some(id) = one.id.filter(|_| its.is_some_and(|its| its < attempt)) {
                self.remove_container(&id).await?;
            }
        }
        Ok(())
    }

    fn body(
        &self,
        config: &ContainerConfig<'_>,
        sandbox: &str,
        mounts: Vec<Mount>,
    ) -> ContainerCreateBody {
        let ContainerConfig { pod, container, attempt, image, environment, .. } = config;
        let default = PodSpec::default();
        let spec = pod.spec.as_ref().unwrap_or(&default);
        let mut labels = pod_labels(pod, &self.network.cluster, labels::CONTAINER, *attempt);
        labels.insert(labels::CONTAINER_NAME.to_owned(), container.name.clone());
        let joined = format!("container:{sandbox}");
        let pid_mode = match (spec.host_pid, spec.share_process_namespace) {
            (Some(true), _) => Some("host".to_owned()),
            (_, Some(true)) => Some(joined.clone()),
            _ => None,
        };
        let ipc_mode = if spec.host_ipc == Some(true) { "host".to_owned() } else { joined.clone() };
        let lifecycle = container.lifecycle.as_ref();
        ContainerCreateBody {
            image: Some((*image).to_owned()),
            entrypoint: config.command.map(<[String]>::to_vec),
            cmd: config.args.map(<[String]>::to_vec),
            env: Some(environment.iter().map(|(name, value)| format!("{name}={value}")).collect()),
            working_dir: container.working_dir.clone(),
            labels: Some(labels),
            tty: container.tty,
            open_stdin: container.stdin,
            stdin_once: container.stdin_once,
            stop_signal: lifecycle.and_then(|lifecycle| lifecycle.stop_signal.clone()),
            // Kubernetes has probes; those of the image are Docker's business alone.
            healthcheck: Some(HealthConfig {
                test: Some(vec!["NONE".to_owned()]),
                ..HealthConfig::default()
            }),
            host_config: Some(HostConfig {
                network_mode: Some(joined),
                ipc_mode: Some(ipc_mode),
                pid_mode,
                mounts: Some(mounts),
                log_config: Some(HostConfigLogConfig {
                    typ: Some("json-file".to_owned()),
                    config: Some(LOG.iter().map(|(k, v)| ((*k).into(), (*v).into())).collect()),
                }),
                ..security::host_config(spec, container, resources(config))
            }),
            ..ContainerCreateBody::default()
        }
    }
}

fn resources(config: &ContainerConfig<'_>) -> HostConfig {
    let resources = config.container.resources.clone().unwrap_or_default();
    let limit = |name| resources.limits.as_ref()?.get(name).cloned();
    let request = |name| resources.requests.as_ref()?.get(name).cloned();
    let memory = limit("memory").and_then(|quantity| whole(&quantity));
    let cpu = limit("cpu").and_then(|quantity| milli(&quantity));
    let share = request("cpu").and_then(|quantity| milli(&quantity));
    HostConfig {
        memory,
        // Without swap, as on a node: what is over the limit is killed, not slow.
        memory_swap: memory,
        cpu_period: cpu.map(|_| CPU_PERIOD),
        cpu_quota: cpu.map(|milli| (milli * CPU_PERIOD / 1000).max(1000)),
        cpu_shares: Some(share.map_or(2, |milli| (milli * 1024 / 1000).max(2))),
        ..HostConfig::default()
    }
}

fn milli(quantity: &Quantity) -> Option<i64> {
    i64::try_from(thousandths(quantity)?).ok()
}

fn whole(quantity: &Quantity) -> Option<i64> {
    i64::try_from(thousandths(quantity)? / 1000).ok()
}
