//! The service network: what Services, names and published ports lead to.
//!
//! ```text
//!  Services, EndpointSlices ──▶ table ─┬─▶ gateway (a container beside the pods): cluster IPs, DNS
//!                                      └─▶ host ports, Ingresses (in the server): localhost
//! ```
//!
//! # Invariants
//! - The table is a function of what is stored; proxies and DNS know nothing else.
//! - A restart of the server interrupts no connection within the cluster: the gateway serves on.

mod dns;
pub mod gateway;
mod link;
mod proxy;
mod table;
mod update;
mod watch;

pub use link::{Host, Streams};

use std::sync::Arc;

use tokio::task::JoinHandle;

use self::watch::Watcher;
use super::runner::{Context, Executor, Recorder, run};

/// The service network of a node.
#[derive(Clone)]
pub struct Settings {
    /// The node whose pods run for real.
    pub node: String,
    /// Who runs the gateway.
    pub gateway: Arc<dyn Host>,
}

/// Starts the network; it stops when the context says so, but for the gateway.
pub fn spawn(context: Context, settings: Settings) -> JoinHandle<()> {
    let Settings { node, gateway } = settings;
    let recorder = Recorder::start(&context, Some(node.clone()));
    let executor = Executor::new(context.verbs.clone(), recorder, "network");
    let (watcher, tables) = Watcher::new(node, executor);
    tokio::spawn(async move {
        tokio::select! {
            // It returns at shutdown.
            () = run(watcher, context) => {}
            () = link::keep(gateway, tables) => {}
        }
    })
}
