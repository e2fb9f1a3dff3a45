//! Docker Engine, or what answers its API: where it is, what of it is ours.
//!
//! A leaf: the kubelet runs pods on an [`Engine`], the network its gateway, and `build` and `push`
//! their images.
//!
//! # Invariants
//! - Everything that is made on an engine carries the [`labels`] of its cluster: that, and nothing
//!   else, is found and removed again.
//! - Nothing is pulled for our own needs: sandboxes and gateway run [`own_image`].

mod endpoint;
mod host_files;
pub mod labels;
mod login;
mod own_image;
mod pod_network;
mod removal;

pub use host_files::remove_directory;
pub use login::{Login, parse_legacy_logins, parse_logins, registry, user_login};
pub use own_image::own_image;
pub use pod_network::{PodNetwork, PodNetworkError};
pub use removal::{remove_cluster, remove_volumes};

use bollard::{API_DEFAULT_VERSION, Docker};

pub use self::endpoint::Endpoint;

/// How long a request may take that is not a stream, in seconds.
const TIMEOUT: u64 = 120;

/// A connection to a container engine; cheap to clone.
#[derive(Debug, Clone)]
pub struct Engine {
    docker: Docker,
    endpoint: Endpoint,
    version: String,
}

/// Why an engine, or something on it, cannot be used.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum EngineError {
    /// There is no socket where engines have theirs, and none is named.
    #[error("no container engine was found")]
    None,
    /// The context that is chosen is not there, or cannot be read.
    #[error("docker context `{name}`: {reason}")]
    Context {
        /// The context.
        name: String,
        /// What is wrong with it.
        reason: String,
    },
    /// The address of the engine is of a kind that cannot be spoken to.
    #[error("cannot speak to a container engine at `{host}`: {reason}")]
    Address {
        /// The address.
        host: String,
        /// Why.
        reason: String,
    },
    /// The engine does not answer.
    #[error("the container engine at `{host}` does not answer")]
    Unreachable {
        /// The address.
        host: String,
        /// Why.
        source: bollard::errors::Error,
    },
    /// The engine refused, or failed at, what was asked of it.
    #[error("cannot {action}")]
    Refused {
        /// What was asked.
        action: String,
        /// What the engine said.
        source: bollard::errors::Error,
    },
    /// A directory of the machine cannot be removed.
    #[error("cannot remove `{}`: {reason}", .path.display())]
    Directory {
        /// The directory.
        path: std::path::PathBuf,
        /// Why.
        reason: String,
    },
    /// Our own program cannot be read to make an image of it.
    #[error("cannot make an image of `{program}`: {reason}")]
    OwnImage {
        /// The program.
        program: String,
        /// Why.
        reason: String,
    },
}

impl Engine {
    /// Connects to the engine that the user's environment names: `DOCKER_HOST`, a docker context, else
    /// the usual sockets of Docker and Podman.
    pub async fn connect() -> Result<Self, EngineError> {
        Self::connect_to(Endpoint::of_environment()?).await
    }

    /// Connects to an engine.
    pub async fn connect_to(endpoint: Endpoint) -> Result<Self, EngineError> {
        let host = endpoint.host.clone();
        let unreachable = |source| EngineError::Unreachable { host: host.clone(), source };
        let docker = open(&endpoint)?.negotiate_version().await.map_err(unreachable)?;
        let version = docker.version().await.map_err(unreachable)?;
        let is_podman = version.components.iter().flatten().any(|one| one.name.contains("Podman"));
        let name = if is_podman { "podman" } else { "docker" };
        let version = format!("{name}://{}", version.version.unwrap_or_default());
        Ok(Self { docker, endpoint, version })
    }

    /// The client.
    pub fn docker(&self) -> &Docker {
        &self.docker
    }

    /// Where the engine is.
    pub fn endpoint(&self) -> &Endpoint {
        &self.endpoint
    }

    /// Name and version, as a node shows its runtime: `docker://20.10.24`.
    pub fn version(&self) -> &str {
        &self.version
    }
}

/// What turns an error of the client into one that says what was asked.
pub fn refused(action: impl Into<String>) -> impl FnOnce(bollard::errors::Error) -> EngineError {
    let action = action.into();
    move |source| EngineError::Refused { action, source }
}

/// The status code of an error, when the engine answered.
pub fn status_code(error: &bollard::errors::Error) -> Option<u16> {
    match error {
        bollard::errors::Error::DockerResponseServerError { status_code, .. } => Some(*status_code),
        _ => None,
    }
}

/// The reason alone: what the engine said.
pub fn reason(error: &bollard::errors::Error) -> String {
    match error {
        bollard::errors::Error::DockerResponseServerError { message, .. } => message.clone(),
        bollard::errors::Error::DockerStreamError { error } => error.clone(),
        other => other.to_string(),
    }
}

fn open(endpoint: &Endpoint) -> Result<Docker, EngineError> {
    let Endpoint { host, certificates } = endpoint;
    let refused = |reason: String| EngineError::Address { host: host.clone(), reason };
    let (scheme, _) = host.split_once("://").unwrap_or(("unix", host));
    let opened = match (scheme, certificates) {
        ("unix", _) => Docker::connect_with_unix(host, TIMEOUT, API_DEFAULT_VERSION),
        ("tcp" | "https", Some(directory)) => Docker::connect_with_ssl(
            host,
            &directory.join("key.pem"),
            &directory.join("cert.pem"),
            &directory.join("ca.pem"),
            TIMEOUT,
            API_DEFAULT_VERSION,
        ),
        ("tcp" | "http", None) => Docker::connect_with_http(host, TIMEOUT, API_DEFAULT_VERSION),
        ("ssh", _) => {
            let reason = "forward its socket, e.g. `ssh -L /tmp/docker.sock:/var/run/docker.sock`, \
                          and name that in DOCKER_HOST";
            return Err(refused(reason.to_owned()));
        }
        (other, _) => return Err(refused(format!("`{other}` is none of unix, tcp, http, https"))),
    };
    opened.map_err(|error| refused(error.to_string()))
}
