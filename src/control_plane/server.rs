//! The server: opens the data directory, wires store, verbs, API and controllers, and stops them.

use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use serde_json::Value;
use sha2::{Digest, Sha256};
use tokio::net::TcpListener;
use tokio::sync::watch;
use tokio::task::JoinHandle;

use super::api::{self, Api, Health, TlsConfig, TlsError};
use super::bootstrap;
use super::certificates::{Authority, CertificateError, ServerCertificate};
use super::cluster_range::ClusterRange;
use super::controllers::{self, Context, SystemClock};
use super::data_directory::{DataDirectory, DataDirectoryError, Lock};
use super::kubeconfig::kubeconfig;
use super::kubelet::{self, DockerError, Runtimes};
use super::network;
use super::nodes::{self, Containers, LocalNode};
use super::scheduler;
use super::store::{Backend, BackendError, Expired, File, InMemory, Store, Stored};
use super::verbs::Verbs;
use crate::engine::EngineError;
use crate::kubernetes::{Status, kinds};

/// The names under which clients find the server.
const NAMES: &[&str] = &[
    "localhost",
    "127.0.0.1",
    "::1",
    "kubernetes",
    "kubernetes.default",
    "kubernetes.default.svc",
    "kubernetes.default.svc.cluster.local",
];
/// First choices of a port lie here: below the node ports and what systems give to clients.
const FIRST_PORT: u16 = 20000;
const PORTS: u16 = 10000;
/// How long a node may take to say that it is ready.
const NODE_READY: Duration = Duration::from_secs(10);
/// How long controllers may take to end.
const WORKERS_END: Duration = Duration::from_secs(3);

/// What a server serves, and where.
#[derive(Debug, Clone)]
pub struct ServerOptions {
    /// The data directory.
    pub data: DataDirectory,
    /// The port on 127.0.0.1; else the one it had before, else a free one.
    pub port: Option<u16>,
    /// Keep the objects in memory only.
    pub ephemeral: bool,
    /// What pods run on.
    pub containers: Containers,
}

/// A running server.
pub struct Server {
    address: SocketAddr,
    data: DataDirectory,
    verbs: Verbs,
    health: Health,
    stop: watch::Sender<bool>,
    serving: Vec<JoinHandle<()>>,
    workers: Vec<JoinHandle<()>>,
    _lock: Lock,
}

/// Why a server did not start.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ServerError {
    /// The data directory.
    #[error(transparent)]
    Directory(#[from] DataDirectoryError),
    /// The store.
    #[error(transparent)]
    Store(#[from] BackendError),
    /// The certificates.
    #[error(transparent)]
    Certificate(#[from] CertificateError),
    /// TLS.
    #[error(transparent)]
    Tls(#[from] TlsError),
    /// The port.
    #[error("cannot listen on 127.0.0.1:{port}")]
    Listen {
        /// The port.
        port: u16,
        /// Why.
        source: std::io::Error,
    },
    /// The objects that every cluster has.
    #[error("cannot create the first objects of the cluster: {0}")]
    Bootstrap(Status),
    /// The engine that containers shall run on.
    #[error(transparent)]
    Engine(EngineError),
    /// The engine cannot take pods.
    #[error(transparent)]
    Runtime(#[from] DockerError),
    /// The node.
    #[error("the node was not ready after {} s", NODE_READY.as_secs())]
    NoNode,
}

impl Server {
    /// Starts serving; returns when clients can connect and everything is ready for them.
    pub async fn start(options: ServerOptions) -> Result<Self, ServerError> {
        let ServerOptions { data, port, ephemeral, containers } = options;
        data.create()?;
        let lock = data.lock()?;
        let backend: Box<dyn Backend> =
            if ephemeral { Box::new(InMemory) } else { Box::new(File::open(&data.store())?) };
        let engine = containers.engine().await.map_err(ServerError::Engine)?;
        let store = Store::open(backend)?;
        let range = nodes::range(&data, &store, engine.as_ref()).await?;
        let verbs = Verbs::new(store, range);
        let listener = listen(&data, port).await?;
        let address = listener
            .local_addr()
            .map_err(|source| ServerError::Listen { port: port.unwrap_or(0), source })?;
        let authority = Authority::load_or_create(&data)?;
        let tls = identify(&data, &authority, address.port(), range)?;
        bootstrap::objects(&verbs).await.map_err(ServerError::Bootstrap)?;
        let health = Health::default();
        let runtimes = Runtimes::default();
        let api = Api::new(verbs.clone(), health.clone(), runtimes.clone());
        let (stop, shutdown) = watch::channel(false);
        let context = Context {
            verbs: verbs.clone(),
            clock: Arc::new(SystemClock),
            shutdown: shutdown.clone(),
        };
        let serve = |listener| {
            let closing = stopped(shutdown.clone());
            tokio::spawn(api::serve(listener, tls.clone(), api.clone(), closing))
        };
        let mut serving = vec![serve(listener)];
        let node = match engine {
            Some(engine) => LocalNode::on(engine, &data, range).await?,
            None => LocalNode::simulated(&context, &data, range),
        };
        runtimes.insert(&node.settings.node, Arc::clone(&node.runtime));
        nodes::retire_others(&verbs, &node.settings.node).await.map_err(ServerError::Bootstrap)?;
        let settings = controllers::Settings {
            ca_certificate: authority.certificate().to_owned(),
            volumes: data.volumes(),
        };
        let inside = match &node.network {
            Some(_) => listen_inside(range, address.port()).await,
            None => None,
        };
        let at = inside.as_ref().and_then(|listener| listener.local_addr().ok());
        bootstrap::endpoints(&verbs, at.unwrap_or(address))
            .await
            .map_err(ServerError::Bootstrap)?;
        serving.extend(inside.map(serve));
        let mut workers = vec![
            controllers::spawn(context.clone(), settings),
            scheduler::spawn(context.clone()),
            kubelet::spawn(context.clone(), node.settings, node.runtime),
        ];
        workers.extend(node.network.map(|settings| network::spawn(context, settings)));
        tokio::time::timeout(NODE_READY, node_is_ready(&verbs))
            .await
            .map_err(|_| ServerError::NoNode)?;
        health.set_ready();
        tracing::info!(%address, data = %data.root().display(), "serving");
        Ok(Self { address, data, verbs, health, stop, serving, workers, _lock: lock })
    }

    /// Where it listens.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// The kubeconfig that leads to it.
    pub fn kubeconfig(&self) -> PathBuf {
        self.data.kubeconfig()
    }

    /// The verbs, for programs in the same process.
    pub fn verbs(&self) -> &Verbs {
        &self.verbs
    }

    /// Ends watches, lets requests under way finish, and closes the store.
    pub async fn stop(self) {
        let Self { address: _, data: _, verbs, health, stop, serving, workers, _lock } = self;
        health.set_closing();
        stop.send_replace(true);
        for worker in workers {
            // One that hangs is left behind: its next write finds the store closed.
            let _ = tokio::time::timeout(WORKERS_END, worker).await;
        }
        for listener in serving {
            if let Err(error) = listener.await {
                tracing::error!(%error, "the server did not end well");
            }
        }
        verbs.store().close().await;
        tracing::info!("stopped");
    }
}

async fn stopped(mut shutdown: watch::Receiver<bool>) {
    // Dropped without a word is stopped, too.
    let _ = shutdown.wait_for(|stopping| *stopping).await;
}

/// Waits until a node says that it is ready.
async fn node_is_ready(verbs: &Verbs) {
    let Some(kind) = kinds::find("v1", "Node") else { return };
    loop {
        let (nodes, revision) = verbs.list(kind, None);
        if nodes.iter().any(|node| is_ready(node)) {
            return;
        }
        if let Ok(mut cursor) = verbs.watch_kind(kind, revision) {
            // The next event, or an overrun ring: both mean to look again.
            let _: Result<_, Expired> = cursor.next().await;
        }
    }
}

fn is_ready(node: &Stored) -> bool {
    let node = node.value();
    let conditions = node.pointer("/status/conditions").and_then(Value::as_array);
    conditions.into_iter().flatten().any(|condition| {
        let is = |field, value| condition.get(field).is_some_and(|text| text == value);
        is("type", "Ready") && is("status", "True")
    })
}

/// Writes the kubeconfig, and returns what TLS needs.
fn identify(
    data: &DataDirectory,
    authority: &Authority,
    port: u16,
    range: ClusterRange,
) -> Result<TlsConfig, ServerError> {
    let config = kubeconfig(port, authority.certificate(), &authority.admin()?);
    data.write(&data.kubeconfig(), config.as_bytes())?;
    let inside = [range.kubernetes(), range.host()].map(|address| address.to_string());
    let names: Vec<&str> = NAMES.iter().copied().chain(inside.iter().map(String::as_str)).collect();
    let ServerCertificate { ca, certificate, key } = authority.server(&names)?;
    Ok(TlsConfig::new(ca, certificate, key)?)
}

/// Listens where it is asked to, or where it did before, or on a port that follows from the path
/// of the data directory: two directories do not compete for one when they start and stop.
async fn listen(data: &DataDirectory, port: Option<u16>) -> Result<TcpListener, ServerError> {
    let bind = async |port| {
        let address = SocketAddr::new(IpAddr::V4(Ipv4Addr::LOCALHOST), port);
        TcpListener::bind(address).await.map_err(|source| ServerError::Listen { port, source })
    };
    let known = port.or_else(|| data.port());
    let mut listener = bind(known.unwrap_or_else(|| first_choice(data))).await;
    if known.is_none() {
        for step in 1..PORTS {
            if listener.is_ok() {
                break;
            }
            listener = bind(FIRST_PORT + (first_choice(data) - FIRST_PORT + step) % PORTS).await;
        }
    }
    let listener = listener?;
    if let Ok(address) = listener.local_addr() {
        data.set_port(address.port())?;
    }
    Ok(listener)
}

/// Listens where pods reach the server: the host's address on their network, where it is this machine's.
async fn listen_inside(range: ClusterRange, port: u16) -> Option<TcpListener> {
    let address = SocketAddr::from((range.host(), port));
    match TcpListener::bind(address).await {
        Ok(listener) => Some(listener),
        Err(error) => {
            tracing::warn!(%address, %error, "pods do not reach the API server");
            None
        }
    }
}

fn first_choice(data: &DataDirectory) -> u16 {
    let hash = Sha256::digest(data.root().as_os_str().as_encoded_bytes());
    let sum =
        hash.iter().fold(0_u16, |sum, byte| sum.wrapping_mul(31).wrapping_add((*byte).into()));
    FIRST_PORT + sum % PORTS
}
