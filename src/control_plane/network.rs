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

mod container;
mod dns;
pub mod gateway;
mod host_ports;
mod ingress;
mod link;
mod proxy;
mod range;
mod table;
mod update;
mod watch;

pub use container::GatewayContainer;
pub use ingress::Ports as IngressPorts;
pub use link::{Host, Streams};
pub use range::take_range;

use std::net::Ipv4Addr;
use std::sync::Arc;

use tokio::task::JoinHandle;

use self::host_ports::HostPorts;
use self::ingress::{IngressWatcher, Ingresses};
use self::watch::Watcher;
use super::runner::{Context, Executor, Recorder, run};

/// The service network of a node.
#[derive(Clone)]
pub struct Settings {
    /// The node whose pods run for real.
    pub node: String,
    /// Who runs the gateway.
    pub gateway: Arc<dyn Host>,
    /// Where published ports listen on this machine.
    pub address: Ipv4Addr,
    /// Where Ingresses listen there.
    pub ingress_ports: IngressPorts,
}

/// Starts the network; it stops when the context says so, but for the gateway.
pub fn spawn(context: Context, settings: Settings) -> JoinHandle<()> {
    let Settings { node, gateway, address, ingress_ports: ports } = settings;
    let recorder = Recorder::start(&context, Some(node.clone()));
    let executor = |name| Executor::new(context.verbs.clone(), recorder.clone(), name);
    let (watcher, tables) = Watcher::new(node, context.verbs.range().dns(), executor("network"));
    let (ingress_watcher, routing) = IngressWatcher::new(executor("ingress"));
    let host_ports = HostPorts::new(context.verbs.clone(), executor("service-controller"), address);
    let ingresses =
        Ingresses { executor: executor("ingress"), address, ports, tables: tables.clone() };
    tokio::spawn(async move {
        let watching =
            async { tokio::join!(run(watcher, context.clone()), run(ingress_watcher, context)) };
        let serving = async {
            tokio::join!(
                link::keep(gateway, tables.clone()),
                host_ports.run(tables),
                ingresses.run(routing)
            )
        };
        tokio::select! {
            // They return at shutdown.
            _ = watching => {}
            _ = serving => {}
        }
    })
}
