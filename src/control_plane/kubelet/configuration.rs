//! What a container gets besides its image: variables, command, mounts.

use std::collections::BTreeMap;
use std::net::IpAddr;
use std::path::PathBuf;
use std::sync::Arc;

use k8s_openapi::api::core::v1::{Container, Pod};
use k8s_openapi::apimachinery::pkg::api::resource::Quantity;

use super::downward::Downward;
use super::environment::{self, ConfigError, Environment};
use super::hosts_file;
use super::mount::Mount;
use super::objects::Objects;
use super::pod_directory::{FileError, PodDirectory};
use super::termination;
use crate::control_plane::controllers::owner;

/// Works out what containers get; cheap to clone.
#[derive(Clone)]
pub(super) struct Configurations {
    pub(super) objects: Arc<dyn Objects>,
    /// Where the directories of pods are.
    pub(super) pods: PathBuf,
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
        let environment = environment::resolve(container, downward, &*self.objects)?;
        let directory = self.directory(pod);
        let hosts = hosts_file::prepare(&directory, pod, container, address)?;
        let message = termination::prepare(&directory, container, attempt)?;
        Ok(Configuration { environment, mounts: hosts.into_iter().chain(message).collect() })
    }

    /// What a run of a container left as its message.
    pub(super) fn message(&self, pod: &Pod, container: &Container, attempt: u32) -> String {
        let message = termination::read(&self.directory(pod), container, attempt);
        termination::shortened(pod, &message)
    }

    /// Removes what was made for the pod that has a uid.
    pub(super) fn forget(&self, uid: &str) -> Result<(), FileError> {
        PodDirectory::of(&self.pods, uid).remove()
    }

    fn directory(&self, pod: &Pod) -> PodDirectory {
        PodDirectory::of(&self.pods, owner::uid(pod))
    }
}
