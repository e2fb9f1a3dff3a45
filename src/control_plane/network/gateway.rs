//! The gateway: the program that runs in a container beside the pods, and answers for all Services.
//!
//! ```text
//!  control plane ──updates──▶ stdin ──▶ table ─┬─▶ listeners at every cluster IP ──▶ endpoints
//!                ◀──reports── stdout           └─▶ DNS
//! ```
//!
//! # Invariants
//! - It knows what it is told and asks nobody; it has no credential and no port of its own.
//! - When nobody speaks to it any more it serves on as it was told last.

mod local_route;

use std::net::{SocketAddr, SocketAddrV4};
use std::time::Duration;

use tokio::io::{AsyncBufRead, AsyncBufReadExt, AsyncWrite, AsyncWriteExt};
use tokio::sync::{mpsc, watch};

use super::super::cluster_range::Subnet;
use super::dns::{self, Forwarder};
use super::proxy::{Backends, Listen, Proxy, Routes};
use super::table::{Address, Table};
use super::update::{Report, Update};

/// What a gateway serves.
#[derive(Debug, Clone)]
pub struct Options {
    /// Where DNS listens.
    pub dns: SocketAddr,
    /// The addresses of the cluster.
    pub range: Subnet,
    /// Addresses that become the gateway's own.
    pub own: Option<Subnet>,
    /// Where names from outside are asked for.
    pub upstreams: Upstreams,
}

/// The resolvers for names from outside of the cluster.
#[derive(Debug, Clone)]
pub enum Upstreams {
    /// Those of the machine: `/etc/resolv.conf`.
    Machine,
    /// These.
    These(Vec<SocketAddr>),
}

/// Why a gateway does not serve.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum GatewayError {
    /// The addresses of the services are not ours.
    #[error("cannot take the addresses {}/{}", .range.0, .range.1)]
    Addresses {
        /// The addresses.
        range: Subnet,
        /// Why.
        source: std::io::Error,
    },
    /// DNS.
    #[error("cannot serve DNS at {address}")]
    Dns {
        /// Where.
        address: SocketAddr,
        /// Why.
        source: std::io::Error,
    },
    /// What is said to it cannot be read.
    #[error("cannot read updates")]
    Read(#[source] std::io::Error),
}

/// Serves until the process ends; the end of the input changes nothing.
pub async fn run(
    options: Options,
    input: impl AsyncBufRead + Unpin,
    output: impl AsyncWrite + Unpin + Send,
) -> Result<(), GatewayError> {
    let Options { dns: address, range, own, upstreams } = options;
    if let Some(range) = own {
        local_route::add(range)
            .await
            .map_err(|source| GatewayError::Addresses { range, source })?;
    }
    let sockets =
        dns::bind(address).await.map_err(|source| GatewayError::Dns { address, source })?;
    let upstreams = match upstreams {
        Upstreams::These(upstreams) => upstreams,
        Upstreams::Machine => {
            let text = std::fs::read_to_string("/etc/resolv.conf").unwrap_or_default();
            dns::upstreams(&text, address.ip())
        }
    };
    let server = match address {
        SocketAddr::V4(address) => *address.ip(),
        SocketAddr::V6(_) => range.0,
    };
    let (table, tables) = watch::channel(Table::default());
    let forwarder = Forwarder::new(upstreams);
    let serving = dns::Server { tables: tables.clone(), range, address: server, forwarder };
    let mut reporter = Reporter(output);
    reporter.say(&Report::Ready).await;
    let (unreadable, complaints) = mpsc::unbounded_channel();
    tokio::select! {
        () = serving.serve(sockets) => Ok(()),
        () = apply(tables, complaints, reporter) => Ok(()),
        read = read(input, &table, unreadable) => read,
    }
}

/// Takes updates in; returns only when they cannot be read.
async fn read(
    mut input: impl AsyncBufRead + Unpin,
    table: &watch::Sender<Table>,
    unreadable: mpsc::UnboundedSender<String>,
) -> Result<(), GatewayError> {
    let mut line = Vec::new();
    loop {
        line.clear();
        if input.read_until(b'\n', &mut line).await.map_err(GatewayError::Read)? == 0 {
            std::future::pending::<()>().await;
        }
        if line.trim_ascii().is_empty() {
            continue;
        }
        match serde_json::from_slice::<Update>(&line) {
            Ok(update) => table.send_modify(|table| table.apply(update)),
            // Half of a line, of a control plane that ended in it: the next one begins anew.
            Err(error) => {
                let _ = unreadable.send(error.to_string());
            }
        }
    }
}

/// Makes listeners of tables, the newest each time.
async fn apply(
    mut tables: watch::Receiver<Table>,
    mut complaints: mpsc::UnboundedReceiver<String>,
    mut reporter: Reporter<impl AsyncWrite + Unpin>,
) {
    /// After this long it is tried again to listen where it failed.
    const RETRY: Duration = Duration::from_secs(2);
    let mut proxy = Proxy::default();
    let mut updates = 0;
    let mut known = Vec::new();
    loop {
        tokio::select! {
            changed = tables.changed() => if changed.is_err() { return },
            Some(reason) = complaints.recv() => {
                reporter.say(&Report::Unreadable { reason }).await;
                continue;
            }
            () = tokio::time::sleep(RETRY), if !known.is_empty() => {}
        }
        let routes = routes(&tables.borrow_and_update());
        let failures = proxy.apply(&routes).await;
        for (listen, error) in failures.iter().filter(|(listen, _)| !known.contains(listen)) {
            let (listen, reason) = (listen.to_string(), error.to_string());
            reporter.say(&Report::Failed { listen, reason }).await;
        }
        known = failures.into_iter().map(|(listen, _)| listen).collect();
        updates += 1;
        reporter.say(&Report::Applied { updates, listeners: proxy.len() }).await;
    }
}

/// Where is listened for a table, and what is behind it.
///
/// A port without endpoints is not listened on: its clients are refused at once.
fn routes(table: &Table) -> Routes {
    let mut routes = Routes::new();
    for service in table.services.values() {
        let Address::ClusterIp(address) = service.address else { continue };
        for port in service.proxied_ports().filter(|port| !port.internal.is_empty()) {
            let listen = Listen::new(port.protocol, SocketAddrV4::new(address, port.number));
            routes.insert(listen, Backends::of(service, &port.internal));
        }
    }
    routes
}

/// Writes reports.
struct Reporter<W>(W);

impl<W: AsyncWrite + Unpin> Reporter<W> {
    /// Says something; nobody needs to listen.
    async fn say(&mut self, report: &Report) {
        let Ok(mut line) = serde_json::to_vec(report) else { return };
        line.push(b'\n');
        let _ = self.0.write_all(&line).await;
        let _ = self.0.flush().await;
    }
}
