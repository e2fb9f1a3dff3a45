//! The runtime on Docker Engine, and on what answers its API.
//!
//! A pod is a sandbox, which is a container of our own program that does nothing but hold the
//! network, and containers that join it. All of them carry the labels of the cluster and the pod, and
//! names that follow from the pod's uid and the attempt: nothing can be started twice.

mod container;
mod events;
mod image;
mod inspect;
mod mounts;
mod sandbox;
mod security;
mod streams;
mod usage;

use std::collections::HashMap;
use std::net::IpAddr;
use std::path::Path;

use bollard::models::ContainerSummary;
use bollard::query_parameters::{
    KillContainerOptions, ListContainersOptions, RemoveContainerOptions, StopContainerOptions,
};
use futures_util::future::{BoxFuture, join_all};
use futures_util::stream::BoxStream;
use k8s_openapi::api::core::v1::{Container, Pod};
use tokio::net::TcpStream;

use super::node::Machine;
use super::runtime::{
    Connection, ContainerConfig, Image, LogOptions, Output, Runtime, RuntimeError, Seen, Session,
    Signal, Streams, Usage,
};
use crate::control_plane::cluster_range::ClusterRange;
use crate::control_plane::controllers::owner;
use crate::engine::{
    Engine, EngineError, Login, PodNetwork, PodNetworkError, labels, own_image, reason,
    remove_directory, remove_volumes, status_code,
};

/// A runtime whose pods are containers of an engine.
pub struct Docker {
    engine: Engine,
    network: PodNetwork,
    /// The cluster's DNS.
    dns: IpAddr,
    /// The image of our own program.
    own_image: String,
}

/// Why there is no runtime.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum DockerError {
    /// The engine.
    #[error(transparent)]
    Engine(#[from] EngineError),
    /// The network of the pods.
    #[error(transparent)]
    Network(#[from] PodNetworkError),
}

impl Docker {
    /// Prepares an engine for the pods of a cluster.
    pub async fn prepare(
        engine: Engine,
        cluster: &str,
        range: ClusterRange,
    ) -> Result<Self, DockerError> {
        let own_image = own_image(&engine).await?;
        let network = pod_network(cluster, range);
        network.ensure(&engine).await?;
        Ok(Self { engine, network, dns: IpAddr::V4(range.dns()), own_image })
    }

    /// The image of our own program on the engine.
    pub fn own_image(&self) -> &str {
        &self.own_image
    }

    /// What the engine runs on.
    pub async fn machine(&self) -> Result<Machine, EngineError> {
        let info = self.engine.docker().info().await;
        let info = info.map_err(crate::engine::refused("ask the engine what it runs on"))?;
        Ok(Machine {
            cpu: info.ncpu.unwrap_or(1).to_string(),
            memory: info.mem_total.unwrap_or_default().to_string(),
            storage: "100Gi".to_owned(),
            pods: "250".to_owned(),
            devices: Vec::new(),
            kernel: info.kernel_version.unwrap_or_default(),
            system: info.operating_system.unwrap_or_default(),
        })
    }

    /// The containers, running or not, that have all these labels.
    async fn list(&self, wanted: &[(&str, &str)]) -> Result<Vec<ContainerSummary>, RuntimeError> {
        let ours = [(labels::CLUSTER, self.network.cluster.as_str())];
        let wanted = ours.iter().chain(wanted).map(|(key, value)| format!("{key}={value}"));
        let filters = HashMap::from([("label".to_owned(), wanted.collect::<Vec<_>>())]);
        let options =
            ListContainersOptions { all: true, filters: Some(filters), ..Default::default() };
        self.engine.docker().list_containers(Some(options)).await.map_err(failed("list containers"))
    }

    async fn remove_container(&self, id: &str) -> Result<(), RuntimeError> {
        let options = RemoveContainerOptions { force: true, v: true, ..Default::default() };
        let removed = self.engine.docker().remove_container(id, Some(options)).await;
        match removed {
            // Gone, or on its way.
            Err(error) if matches!(status_code(&error), Some(404 | 409)) => Ok(()),
            other => other.map_err(failed("remove a container")),
        }
    }

    async fn stop_sandboxes(&self, uid: &str) -> Result<(), RuntimeError> {
        let sandboxes =
            self.list(&[(labels::POD_UID, uid), (labels::ROLE, labels::SANDBOX)]).await?;
        for id in sandboxes.into_iter().filter_map(|sandbox| sandbox.id) {
            let options = StopContainerOptions { t: Some(0), ..Default::default() };
            match self.engine.docker().stop_container(&id, Some(options)).await {
                Err(error) if matches!(status_code(&error), Some(304 | 404)) => {}
                other => other.map_err(failed("stop a sandbox"))?,
            }
        }
        Ok(())
    }

    async fn remove_all(&self, uid: &str) -> Result<(), RuntimeError> {
        let there = self.list(&[(labels::POD_UID, uid)]).await?;
        let (sandboxes, containers): (Vec<_>, Vec<_>) =
            there.into_iter().partition(|one| label(one, labels::ROLE) == Some(labels::SANDBOX));
        // A container that still runs must not lose its network before it is gone.
        for group in [containers, sandboxes] {
            let ids = group.iter().filter_map(|one| one.id.as_deref());
            let removed = join_all(ids.map(|id| self.remove_container(id))).await;
            removed.into_iter().collect::<Result<(), _>>()?;
        }
        let volumes = remove_volumes(&self.engine, &format!("{}={uid}", labels::POD_UID)).await;
        volumes.map_err(|error| RuntimeError::Engine {
            action: "remove the memory of a pod".to_owned(),
            reason: error.to_string(),
        })
    }

    async fn send(&self, id: &str, signal: Signal) -> Result<(), RuntimeError> {
        let docker = self.engine.docker();
        let name = match signal {
            Signal::Kill => "SIGKILL".to_owned(),
            Signal::Stop => {
                let container = docker.inspect_container(id, None).await;
                let config = container.ok().and_then(|container| container.config);
                config.and_then(|config| config.stop_signal).unwrap_or_else(|| "SIGTERM".to_owned())
            }
        };
        let options = KillContainerOptions { signal: name };
        match docker.kill_container(id, Some(options)).await {
            // It has ended already.
            Err(error) if matches!(status_code(&error), Some(404 | 409)) => Ok(()),
            other => other.map_err(failed("stop a container")),
        }
    }
}

impl Runtime for Docker {
    fn version(&self) -> String {
        self.engine.version().to_owned()
    }

    fn events(&self) -> BoxStream<'static, Option<String>> {
        events::follow(self.engine.clone(), self.network.cluster.clone())
    }

    fn pods(&self) -> BoxFuture<'_, Result<Vec<String>, RuntimeError>> {
        Box::pin(async {
            let there = self.list(&[]).await?;
            let mut uids: Vec<String> = there
                .iter()
                .filter_map(|one| Some(label(one, labels::POD_UID)?.to_owned()))
                .collect();
            uids.sort();
            uids.dedup();
            Ok(uids)
        })
    }

    fn image<'a>(
        &'a self,
        _pod: &'a Pod,
        container: &'a Container,
    ) -> BoxFuture<'a, Result<Option<Image>, RuntimeError>> {
        Box::pin(image::find(&self.engine, container.image.as_deref().unwrap_or_default()))
    }

    fn pull<'a>(
        &'a self,
        _pod: &'a Pod,
        container: &'a Container,
        logins: &'a [Login],
    ) -> BoxFuture<'a, Result<Image, RuntimeError>> {
        let name = container.image.as_deref().unwrap_or_default();
        Box::pin(image::pull(&self.engine, name, logins))
    }

    fn start_sandbox<'a>(&'a self, pod: &'a Pod) -> BoxFuture<'a, Result<IpAddr, RuntimeError>> {
        Box::pin(self.make_sandbox(pod))
    }

    fn start<'a>(
        &'a self,
        config: ContainerConfig<'a>,
    ) -> BoxFuture<'a, Result<String, RuntimeError>> {
        Box::pin(self.make_container(config))
    }

    fn inspect<'a>(&'a self, pod: &'a Pod) -> BoxFuture<'a, Result<Seen, RuntimeError>> {
        Box::pin(self.look(owner::uid(pod)))
    }

    fn signal<'a>(
        &'a self,
        id: &'a str,
        signal: Signal,
    ) -> BoxFuture<'a, Result<(), RuntimeError>> {
        Box::pin(self.send(bare(id), signal))
    }

    fn stop_sandbox<'a>(&'a self, uid: &'a str) -> BoxFuture<'a, Result<(), RuntimeError>> {
        Box::pin(self.stop_sandboxes(uid))
    }

    fn remove<'a>(&'a self, uid: &'a str) -> BoxFuture<'a, Result<(), RuntimeError>> {
        Box::pin(self.remove_all(uid))
    }

    fn remove_directory<'a>(&'a self, path: &'a Path) -> BoxFuture<'a, Result<(), RuntimeError>> {
        Box::pin(async move {
            let removed = remove_directory(&self.engine, &self.network.cluster, path).await;
            removed.map_err(|error| RuntimeError::Engine {
                action: format!("remove `{}`", path.display()),
                reason: error.to_string(),
            })
        })
    }

    fn logs<'a>(
        &'a self,
        id: &'a str,
        options: LogOptions,
    ) -> BoxFuture<'a, Result<BoxStream<'static, Result<Output, RuntimeError>>, RuntimeError>> {
        Box::pin(streams::logs(&self.engine, bare(id), options))
    }

    fn exec<'a>(
        &'a self,
        id: &'a str,
        command: &'a [String],
        streams: Streams,
    ) -> BoxFuture<'a, Result<Session, RuntimeError>> {
        Box::pin(streams::exec(&self.engine, bare(id), command, streams))
    }

    fn attach<'a>(
        &'a self,
        id: &'a str,
        streams: Streams,
    ) -> BoxFuture<'a, Result<Session, RuntimeError>> {
        Box::pin(streams::attach(&self.engine, bare(id), streams))
    }

    fn connect<'a>(
        &'a self,
        pod: &'a Pod,
        port: u16,
    ) -> BoxFuture<'a, Result<Box<dyn Connection>, RuntimeError>> {
        Box::pin(async move {
            let address = self.look(owner::uid(pod)).await?.address;
            let failed = |reason: String| RuntimeError::Engine {
                action: format!("connect to port {port} of the pod"),
                reason,
            };
            let address = address.ok_or_else(|| failed("it has no network".to_owned()))?;
            let stream = TcpStream::connect((address, port)).await;
            let stream = stream.map_err(|error| failed(error.to_string()))?;
            Ok(Box::new(stream) as Box<dyn Connection>)
        })
    }

    fn usage<'a>(&'a self, uid: &'a str) -> BoxFuture<'a, Result<Vec<Usage>, RuntimeError>> {
        Box::pin(self.measure(uid))
    }
}

/// The network of the pods of a cluster.
pub(crate) fn pod_network(cluster: &str, range: ClusterRange) -> PodNetwork {
    let text = |(base, prefix)| format!("{base}/{prefix}");
    PodNetwork {
        cluster: cluster.to_owned(),
        range: text(range.all()),
        pod_range: text(range.pods()),
        host: range.host().to_string(),
    }
}

/// The engine's id of a container; statuses show it as `docker://ID`.
fn bare(id: &str) -> &str {
    id.split_once("://").map_or(id, |(_, id)| id)
}

fn shown(id: &str) -> String {
    format!("docker://{id}")
}

fn label<'a>(container: &'a ContainerSummary, key: &str) -> Option<&'a str> {
    container.labels.as_ref()?.get(key).map(String::as_str)
}

/// What turns an error of the engine into one of the runtime.
fn failed(action: &'static str) -> impl Fn(bollard::errors::Error) -> RuntimeError {
    move |error| RuntimeError::Engine { action: action.to_owned(), reason: reason(&error) }
}
