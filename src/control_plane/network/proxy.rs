//! Listeners, and what is behind them: TCP and UDP, in the gateway and on the host alike.
//!
//! # Invariants
//! - A connection stays with its endpoint until one of them ends it, also when the endpoint has left.
//! - A new connection goes to an endpoint that takes it, as long as there is one.

mod balancer;
mod tcp;
mod udp;

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::net::{SocketAddr, SocketAddrV4};
use std::sync::Arc;

use tokio::net::{TcpListener, UdpSocket};
use tokio::task::JoinHandle;

pub(super) use self::balancer::{Backends, Balancer};
pub(super) use self::tcp::connect;
use super::table::Protocol;

/// Where something listens.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) struct Listen {
    pub(super) protocol: Protocol,
    pub(super) address: SocketAddr,
}

/// What listens where, for whom.
pub(super) type Routes = BTreeMap<Listen, Backends>;

/// The listeners of one process; they end with it.
#[derive(Default)]
pub(super) struct Proxy {
    listeners: BTreeMap<Listen, Listener>,
}

struct Listener {
    balancer: Arc<Balancer>,
    task: JoinHandle<()>,
}

impl Drop for Listener {
    fn drop(&mut self) {
        self.task.abort();
    }
}

impl Proxy {
    /// Listens as the routes say, and nowhere else; returns where that was not possible.
    pub(super) async fn apply(&mut self, routes: &Routes) -> Vec<(Listen, std::io::Error)> {
        let gone: BTreeSet<Listen> =
            self.listeners.keys().filter(|listen| !routes.contains_key(listen)).copied().collect();
        self.listeners.retain(|listen, _| !gone.contains(listen));
        let mut failures = Vec::new();
        for (listen, backends) in routes {
            if let Some(listener) = self.listeners.get(listen) {
                listener.balancer.update(backends);
                continue;
            }
            match Listener::start(*listen, backends).await {
                Ok(listener) => {
                    self.listeners.insert(*listen, listener);
                }
                Err(error) => failures.push((*listen, error)),
            }
        }
        failures
    }

    /// How many listeners there are.
    pub(super) fn len(&self) -> usize {
        self.listeners.len()
    }
}

impl Listener {
    async fn start(listen: Listen, backends: &Backends) -> std::io::Result<Self> {
        let balancer = Arc::new(Balancer::new(backends.clone()));
        let shared = Arc::clone(&balancer);
        let task = match listen.protocol {
            Protocol::Tcp => {
                let listener = TcpListener::bind(listen.address).await?;
                tokio::spawn(tcp::serve(listener, shared))
            }
            Protocol::Udp => {
                let socket = UdpSocket::bind(listen.address).await?;
                tokio::spawn(udp::serve(Arc::new(socket), shared))
            }
            Protocol::Sctp => {
                return Err(std::io::Error::other("SCTP is not proxied"));
            }
        };
        Ok(Self { balancer, task })
    }
}

impl Listen {
    /// At an IPv4 address.
    pub(super) fn new(protocol: Protocol, address: SocketAddrV4) -> Self {
        Self { protocol, address: address.into() }
    }
}

impl fmt::Display for Listen {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let protocol = match self.protocol {
            Protocol::Tcp => "TCP",
            Protocol::Udp => "UDP",
            Protocol::Sctp => "SCTP",
        };
        write!(f, "{} ({protocol})", self.address)
    }
}

#[cfg(test)]
mod tests;
