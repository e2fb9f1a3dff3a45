//! What a container gets besides its image: variables, command, mounts.

use std::collections::BTreeMap;
use std::net::IpAddr;
use std::sync::Arc;

use k8s_openapi::api::core::v1::{Container, Pod};
use k8s_openapi::apimachinery::pkg::api::resource::Quantity;

use super::downward::Downward;
use super::environment::{self, ConfigError, Environment};
use super::hosts_file;
use super::mount::Mount;
use super::pod_directory::FileError;
use super::termination;
use super::volumes::{MountError, VolumeError, Volumes};
use crate::control_plane::controllers::owner;
use crate::engine::{Login, parse_legacy_logins, parse_logins};

/// Works out what containers get; cheap to clone.
#[derive(Clone)]
pub(super) struct Configurations {
    pub(super) volumes: Volumes,
    /// The node's address.
    pub(super) host: IpAddr,
    /// What the node has for pods.
    pub(super) allocatable: Arc<BTreeMap<String, Quantity>>,
}

/// What one start of a container gets.
#[derive(Debug, Clone, Default)]
pub(super) struct Configuration {
    pub(super) environment: Environment,
    pub(super) mounts: Vec<Mount>,
}

/// Why a container cannot be started yet: `CreateContainerConfigError`.
#[derive(Debug, thiserror::Error)]
pub(super) enum ConfigurationError {
    #[error(transparent)]
    Config(#[from] ConfigError),
    #[error(transparent)]
    File(#[from] FileError),
    #[error(transparent)]
    Volume(#[from] VolumeError),
    #[error(transparent)]
    Mount(#[from] MountError),
}

impl Configurations {
    /// What a container of a pod gets for its next start.
    pub(super) fn of(
        &self,
        pod: &Pod,
        container: &Container,
        address: IpAddr,
        attempt: u32,
    ) -> Result<Configuration, ConfigurationError> {
        let downward = Downward {
            pod,
            address: Some(address),
            host: self.host,
            allocatable: &self.allocatable,
        };
        let environment = environment::resolve(container, downward, &*self.volumes.objects)?;
        let directory = self.volumes.directory(pod);
        let hosts = hosts_file::prepare(&directory, pod, container, address)?;
        let message = termination::prepare(&directory, container, attempt)?;
        let volumes = self.volumes.prepare(downward)?;
        let mut mounts = volumes.mounts(container, &environment.variables)?;
        mounts.extend(hosts.into_iter().chain(message));
        Ok(Configuration { environment, mounts })
    }

    /// Makes the volumes of a pod, or brings them up to date.
    pub(super) async fn prepare_volumes(&self, pod: &Pod) -> Result<(), VolumeError> {
        if pod.spec.as_ref().is_none_or(|spec| spec.volumes.is_none()) {
            return Ok(());
        }
        let (this, pod) = (self.clone(), pod.clone());
        let prepared = tokio::task::spawn_blocking(move || {
            let (host, allocatable) = (this.host, &this.allocatable);
            this.volumes.prepare(Downward { pod: &pod, address: None, host, allocatable }).map(drop)
        });
        // A defect of ours; whoever starts a container finds out, too.
        prepared.await.unwrap_or(Ok(()))
    }

    /// What a run of a container left as its message.
    pub(super) fn message(&self, pod: &Pod, container: &Container, attempt: u32) -> String {
        let message = termination::read(&self.volumes.directory(pod), container, attempt);
        termination::shortened(pod, &message)
    }

    /// The logins that the pod brings for its images: `imagePullSecrets`. One that is missing is passed over, as
    /// upstream does.
    pub(super) fn logins(&self, pod: &Pod) -> Vec<Login> {
        let secrets = pod.spec.iter().flat_map(|spec| spec.image_pull_secrets.iter().flatten());
        let secrets =
            secrets.filter_map(|one| self.volumes.objects.secret(owner::namespace(pod), &one.name));
        let data = secrets.filter_map(|secret| secret.data);
        data.flat_map(|data| {
            let now = data.get(".dockerconfigjson").map(|json| parse_logins(&json.0));
            let before = data.get(".dockercfg").map(|json| parse_legacy_logins(&json.0));
            now.into_iter().chain(before).flatten().collect::<Vec<_>>()
        })
        .collect()
    }
}
