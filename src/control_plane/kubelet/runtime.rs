use std::net::IpAddr;

use futures_util::future::BoxFuture;
use jiff::Timestamp;
use k8s_openapi::api::core::v1::{Container, Pod};

/// What runs containers: the seam between the kubelet and an engine.
///
/// A pod is a sandbox (its network) with containers in it. The kubelet decides what runs and when
/// it is started again; a runtime only does as it is told and says what it sees.
pub trait Runtime: Send + Sync {
    /// `containerRuntimeVersion` of the node, e.g. `simulated://1`.
    fn version(&self) -> String;

    /// Makes the pod's network; returns its address.
    fn start_sandbox<'a>(&'a self, pod: &'a Pod) -> BoxFuture<'a, Result<IpAddr, RuntimeError>>;

    /// Makes the container's image present; returns its id.
    fn pull<'a>(
        &'a self,
        pod: &'a Pod,
        container: &'a Container,
    ) -> BoxFuture<'a, Result<String, RuntimeError>>;

    /// Starts a container; returns its id.
    fn start<'a>(
        &'a self,
        pod: &'a Pod,
        container: &'a Container,
    ) -> BoxFuture<'a, Result<String, RuntimeError>>;

    /// Takes over what runs already of a pod, by its status and what the engine knows.
    fn adopt<'a>(&'a self, pod: &'a Pod) -> BoxFuture<'a, Result<(), RuntimeError>>;

    /// The pod's containers, each in its last start.
    fn inspect<'a>(&'a self, pod: &'a Pod) -> BoxFuture<'a, Result<Vec<Process>, RuntimeError>>;

    /// Stops the pod's containers and removes them with the sandbox.
    fn stop<'a>(&'a self, pod: &'a Pod) -> BoxFuture<'a, Result<(), RuntimeError>>;
}

/// A container as the runtime sees it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Process {
    /// The container's name.
    pub container: String,
    /// The id that [`Runtime::start`] returned.
    pub id: String,
    /// When it started.
    pub started_at: Timestamp,
    /// Whether its readiness and startup checks pass.
    pub ready: bool,
    /// How it ended, when it did.
    pub ended: Option<Ended>,
    /// When it will be different by itself, where the runtime knows.
    pub changes_at: Option<Timestamp>,
}

/// How a container ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Ended {
    /// The exit code.
    pub code: i32,
    /// When.
    pub at: Timestamp,
}

/// Why a runtime could not do as told.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum RuntimeError {
    /// An image could not be pulled.
    #[error("failed to pull image `{image}`: {reason}")]
    Pull {
        /// The image.
        image: String,
        /// Why.
        reason: String,
    },
    /// The pod range has no free address.
    #[error("no address is left in {range}")]
    NoAddress {
        /// The range.
        range: String,
    },
}
