//! What runs containers: the seam between the kubelet and an engine.

use std::net::IpAddr;
use std::path::Path;
use std::pin::Pin;

use bytes::Bytes;
use futures_util::future::BoxFuture;
use futures_util::stream::BoxStream;
use jiff::Timestamp;
use k8s_openapi::api::core::v1::{Container, Pod};
use tokio::io::{AsyncRead, AsyncWrite};

use super::mount::Mount;
use crate::engine::Login;

/// What runs containers.
///
/// A pod is a sandbox (its network) with containers in it. The kubelet decides what runs and when
/// it is started again; a runtime only does as it is told and says what it sees. The calls are
/// those of the CRI, with the pod's own types where the CRI repeats them.
pub trait Runtime: Send + Sync {
    /// `containerRuntimeVersion` of the node, e.g. `simulated://1`.
    fn version(&self) -> String;

    /// The uids of the pods that something happened to, and `None` when anything may have.
    fn events(&self) -> BoxStream<'static, Option<String>>;

    /// The uids of all pods that something is there of.
    fn pods(&self) -> BoxFuture<'_, Result<Vec<String>, RuntimeError>>;

    /// The image of a container, if it is there.
    fn image<'a>(
        &'a self,
        pod: &'a Pod,
        container: &'a Container,
    ) -> BoxFuture<'a, Result<Option<Image>, RuntimeError>>;

    /// Pulls the image of a container, with the first of the logins that its registry takes.
    fn pull<'a>(
        &'a self,
        pod: &'a Pod,
        container: &'a Container,
        logins: &'a [Login],
    ) -> BoxFuture<'a, Result<Image, RuntimeError>>;

    /// Makes the pod's network; returns its address.
    fn start_sandbox<'a>(&'a self, pod: &'a Pod) -> BoxFuture<'a, Result<IpAddr, RuntimeError>>;

    /// Starts a container; returns its id. Of its runs before, the last one is kept, for its logs.
    fn start<'a>(
        &'a self,
        container: ContainerConfig<'a>,
    ) -> BoxFuture<'a, Result<String, RuntimeError>>;

    /// What there is of a pod; what the runtime has forgotten, it takes over from the pod's status.
    fn inspect<'a>(&'a self, pod: &'a Pod) -> BoxFuture<'a, Result<Seen, RuntimeError>>;

    /// Sends a container the signal that asks it to end, or the one that ends it; one that has ended
    /// already is no error.
    fn signal<'a>(&'a self, id: &'a str, signal: Signal)
    -> BoxFuture<'a, Result<(), RuntimeError>>;

    /// Removes the pod's network; its containers have ended, and stay for their logs.
    fn stop_sandbox<'a>(&'a self, uid: &'a str) -> BoxFuture<'a, Result<(), RuntimeError>>;

    /// Removes all that there is of a pod, whether it runs or not.
    fn remove<'a>(&'a self, uid: &'a str) -> BoxFuture<'a, Result<(), RuntimeError>>;

    /// Removes a directory in which containers may have written as other users.
    fn remove_directory<'a>(&'a self, path: &'a Path) -> BoxFuture<'a, Result<(), RuntimeError>>;

    /// What a container has written.
    fn logs<'a>(
        &'a self,
        id: &'a str,
        options: LogOptions,
    ) -> BoxFuture<'a, Result<BoxStream<'static, Result<Output, RuntimeError>>, RuntimeError>>;

    /// Runs a command in a container.
    fn exec<'a>(
        &'a self,
        id: &'a str,
        command: &'a [String],
        streams: Streams,
    ) -> BoxFuture<'a, Result<Session, RuntimeError>>;

    /// Joins the streams of a container's own process.
    fn attach<'a>(
        &'a self,
        id: &'a str,
        streams: Streams,
    ) -> BoxFuture<'a, Result<Session, RuntimeError>>;

    /// Connects to a port of a pod.
    fn connect<'a>(
        &'a self,
        pod: &'a Pod,
        port: u16,
    ) -> BoxFuture<'a, Result<Box<dyn Connection>, RuntimeError>>;

    /// What the containers of a pod use: by container name.
    fn usage<'a>(&'a self, uid: &'a str) -> BoxFuture<'a, Result<Vec<Usage>, RuntimeError>>;
}

/// An image that is present.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Image {
    /// The id that a container's status shows.
    pub id: String,
}

/// A container to be started: what its spec means, worked out.
#[derive(Debug, Clone)]
pub struct ContainerConfig<'a> {
    /// The pod.
    pub pod: &'a Pod,
    /// The container's spec: security, resources and terminal are taken from it.
    pub container: &'a Container,
    /// How often it was started before.
    pub attempt: u32,
    /// The id of its image.
    pub image: &'a str,
    /// In place of the image's entry point.
    pub command: Option<&'a [String]>,
    /// In place of the image's command.
    pub args: Option<&'a [String]>,
    /// All variables, in order.
    pub environment: &'a [(String, String)],
    /// What is mounted.
    pub mounts: &'a [Mount],
}

/// What there is of a pod.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Seen {
    /// Its address, as long as its network is there.
    pub address: Option<IpAddr>,
    /// Its containers, each in its last start.
    pub processes: Vec<Process>,
}

/// A container as the runtime sees it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Process {
    /// The container's name.
    pub container: String,
    /// The id that [`Runtime::start`] returned.
    pub id: String,
    /// How often it was started before.
    pub attempt: u32,
    /// When it started.
    pub started_at: Timestamp,
    /// Whether it is ready, where the runtime knows without asking the container; else probes tell.
    pub ready: Option<bool>,
    /// How it ended, when it did.
    pub ended: Option<Ended>,
    /// When it will be different by itself, where the runtime knows.
    pub changes_at: Option<Timestamp>,
}

/// How a container ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ended {
    /// The exit code.
    pub code: i32,
    /// When.
    pub at: Timestamp,
    /// Why, where the exit code does not tell: `OOMKilled`, `ContainerStatusUnknown`.
    pub reason: Option<&'static str>,
    /// What the engine said of it.
    pub message: Option<String>,
}

/// How a container is asked to end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Signal {
    /// The image's stop signal, else SIGTERM.
    Stop,
    /// SIGKILL.
    Kill,
}

/// Which part of a container's output is asked for.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct LogOptions {
    /// Go on with what is written later, until the container ends.
    pub follow: bool,
    /// Begin each line with its time, as RFC 3339 with nanoseconds.
    pub timestamps: bool,
    /// Only what was written since.
    pub since: Option<Timestamp>,
    /// Only so many lines from the end.
    pub tail: Option<u64>,
}

/// Bytes of a container.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Output {
    /// Of its standard output, or of its terminal.
    Stdout(Bytes),
    /// Of its standard error.
    Stderr(Bytes),
}

/// Which streams of a command are wanted.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
#[expect(clippy::struct_excessive_bools, reason = "each is a query parameter of exec and attach")]
pub struct Streams {
    /// Its input.
    pub stdin: bool,
    /// Its output.
    pub stdout: bool,
    /// Its errors.
    pub stderr: bool,
    /// A terminal, in which output and errors are one.
    pub tty: bool,
}

/// A command that runs in a container.
pub struct Session {
    /// Its input; shut down, it is at its end.
    pub input: Pin<Box<dyn AsyncWrite + Send>>,
    /// What it writes, until it ends.
    pub output: BoxStream<'static, Result<Output, RuntimeError>>,
    /// Its terminal.
    pub terminal: Box<dyn Terminal>,
    /// Its exit code; known once `output` has ended.
    pub exit: BoxFuture<'static, Result<i32, RuntimeError>>,
}

/// A terminal that has a size.
pub trait Terminal: Send + Sync {
    /// Gives it a size in characters.
    fn resize(&self, width: u16, height: u16) -> BoxFuture<'_, Result<(), RuntimeError>>;
}

/// Bytes both ways.
pub trait Connection: AsyncRead + AsyncWrite + Send + Unpin {}

impl<T: AsyncRead + AsyncWrite + Send + Unpin> Connection for T {}

/// What a container uses.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Usage {
    /// The container's name.
    pub container: String,
    /// The processor time since its start, in nanoseconds.
    pub processor_time: u64,
    /// Its working set in bytes.
    pub memory: u64,
    /// When it was measured.
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
    /// A container could not be made by its configuration.
    #[error("{reason}")]
    Config {
        /// What the engine said.
        reason: String,
    },
    /// A container was made, and could not be started.
    #[error("{reason}")]
    Start {
        /// The container.
        id: String,
        /// What the engine said.
        reason: String,
    },
    /// There is no such container.
    #[error("container not found: {id}")]
    ContainerNotFound {
        /// The container.
        id: String,
    },
    /// The runtime does not do that.
    #[error("{what} is not possible: {reason}")]
    Unsupported {
        /// What.
        what: &'static str,
        /// Why.
        reason: String,
    },
    /// The engine could not be asked, or failed.
    #[error("{action}: {reason}")]
    Engine {
        /// What was asked.
        action: String,
        /// What it said.
        reason: String,
    },
}
