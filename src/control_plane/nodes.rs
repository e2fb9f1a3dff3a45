//! The node of a server: what it runs pods on.

use std::net::{IpAddr, Ipv4Addr};
use std::sync::Arc;

use serde_json::Value;

use super::cluster_range::ClusterRange;
use super::controllers::Context;
use super::data_directory::DataDirectory;
use super::kubelet::{Docker, DockerError, Runtime, Settings, Simulated, pod_network};
use super::network::{self, GatewayContainer};
use super::server::ServerError;
use super::store::{Key, Store};
use super::verbs::{DeleteOptions, Verbs};
use crate::engine::{Engine, EngineError, remove_cluster, remove_directory};
use crate::kubernetes::{Reason, Status, kinds};

/// What pods run on.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Containers {
    /// A container engine when one answers, else nothing.
    #[default]
    WhenPossible,
    /// A container engine.
    Real,
    /// Nothing: pods are simulated.
    Simulated,
}

impl Containers {
    /// The engine that they run on, if they really run.
    pub(super) async fn engine(self) -> Result<Option<Engine>, EngineError> {
        match self {
            Self::Simulated => Ok(None),
            Self::Real => Engine::connect().await.map(Some),
            Self::WhenPossible => match Engine::connect().await {
                Ok(engine) => Ok(Some(engine)),
                Err(EngineError::None) => Ok(None),
                Err(error) => {
                    tracing::warn!(%error, "pods are simulated");
                    Ok(None)
                }
            },
        }
    }
}

/// The addresses of a cluster: those that it has, else, for real pods, those that nothing else has.
pub(super) async fn range(
    data: &DataDirectory,
    store: &Store,
    engine: Option<&Engine>,
) -> Result<ClusterRange, ServerError> {
    if let Some(range) = data.range()? {
        return Ok(range);
    }
    let services = kinds::find("v1", "Service").map(|kind| store.list(kind, None).0);
    let is_new = services.is_none_or(|services| services.is_empty());
    let range = match engine.filter(|_| is_new) {
        Some(engine) => {
            let taken = network::take_range(engine, &data.cluster()).await;
            taken.map_err(DockerError::Network)?
        }
        None => ClusterRange::default(),
    };
    data.set_range(range)?;
    Ok(range)
}

/// A node, and what its pods run on.
pub(super) struct LocalNode {
    pub(super) settings: Settings,
    pub(super) runtime: Arc<dyn Runtime>,
    /// The network of Services, where there are containers to use it.
    pub(super) network: Option<network::Settings>,
}

impl LocalNode {
    /// The node whose pods are simulated.
    pub(super) fn simulated(context: &Context, data: &DataDirectory, range: ClusterRange) -> Self {
        let runtime = Simulated::new(Arc::clone(&context.clock), range.pods());
        let settings = Settings::simulated(range, data.volumes());
        Self { settings, runtime: Arc::new(runtime), network: None }
    }

    /// The node whose pods run on an engine.
    pub(super) async fn on(
        engine: Engine,
        data: &DataDirectory,
        range: ClusterRange,
    ) -> Result<Self, DockerError> {
        let runtime = Docker::prepare(engine.clone(), &data.cluster(), range).await?;
        let gateway = GatewayContainer {
            engine,
            network: pod_network(&data.cluster(), range),
            range,
            image: runtime.own_image().to_owned(),
        };
        let settings = Settings {
            node: "longshore".to_owned(),
            address: IpAddr::V4(range.host()),
            pod_range: range.pods(),
            machine: runtime.machine().await?,
            pods: Some(data.pods()),
            claims: data.volumes(),
        };
        let network = network::Settings {
            node: settings.node.clone(),
            gateway: Arc::new(gateway),
            address: Ipv4Addr::LOCALHOST,
            ingress_ports: network::IngressPorts::default(),
        };
        Ok(Self { settings, runtime: Arc::new(runtime), network: Some(network) })
    }
}

/// Deletes the nodes that this server does not have any more, and the pods that were bound to them.
pub(super) async fn retire_others(verbs: &Verbs, node: &str) -> Result<(), Status> {
    let (Some(nodes), Some(pods)) = (kinds::find("v1", "Node"), kinds::find("v1", "Pod")) else {
        return Ok(());
    };
    let (all, _) = verbs.list(nodes, None);
    let others: Vec<Key> = all
        .iter()
        .filter(|other| other.name != node && is_ours(&other.value()))
        .map(|other| Key::new(nodes, String::new(), other.name.clone()))
        .collect();
    if others.is_empty() {
        return Ok(());
    }
    let (all, _) = verbs.list(pods, None);
    let bound = all.iter().filter(|pod| {
        let value = pod.value();
        let on = value.pointer("/spec/nodeName").and_then(Value::as_str);
        on.is_some_and(|on| others.iter().any(|other| other.name == on))
    });
    let bound = bound.map(|pod| Key::new(pods, pod.namespace.clone(), pod.name.clone()));
    for key in bound.chain(others.iter().cloned()) {
        let options = DeleteOptions { grace_period: Some(0), ..DeleteOptions::default() };
        match verbs.delete(&key, &options).await {
            Err(status) if status.reason != Reason::NotFound => return Err(status),
            _ => {}
        }
    }
    Ok(())
}

/// Removes what the server of a data directory has made on a container engine, if there is one, and
/// what containers have written as users whose files only the engine may remove.
pub async fn remove_containers(data: &DataDirectory) -> Result<(), EngineError> {
    let engine = match Engine::connect().await {
        Ok(engine) => engine,
        Err(EngineError::None) => return Ok(()),
        Err(error) => return Err(error),
    };
    remove_cluster(&engine, &data.cluster()).await?;
    // Whoever deletes the directory itself says what cannot be read.
    for directory in data.written_by_containers().unwrap_or_default() {
        remove_directory(&engine, &data.cluster(), &directory).await?;
    }
    Ok(())
}

fn is_ours(node: &Value) -> bool {
    let provider = node.pointer("/spec/providerID").and_then(Value::as_str);
    provider.is_some_and(|provider| provider.starts_with("longshore://"))
}
