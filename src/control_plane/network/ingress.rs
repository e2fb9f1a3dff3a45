//! Ingresses of the class `longshore`: a reverse proxy in the server, on ports of this machine.
//!
//! ```text
//!  Ingresses, Secrets ──watch──▶ Routing ──▶ status, events
//!                                  │
//!  browser ──HTTP(S)──▶ serve ──host, path──▶ Backend ──table──▶ endpoint
//! ```

mod certificates;
mod forward;
mod report;
mod rules;
mod serve;
mod watch;

use std::collections::HashMap;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio::net::TcpListener;
use tokio::sync::watch::Receiver;
use tokio::task::JoinSet;

use self::certificates::Resolver;
use self::rules::{Backend, BackendPort};
use self::serve::Scheme;
use super::super::runner::Executor;
use super::proxy::{Backends, Balancer};
use super::table::{Protocol, Table};

pub(super) use self::watch::{IngressWatcher, Routing};

/// The class of Ingresses that are served, and its name as a controller.
const CLASS: &str = "longshore";
const CONTROLLER: &str = "longshore.dev/ingress";
/// After this long it is tried again to listen where no port was free.
const RETRY: Duration = Duration::from_secs(5);

/// The ports that are tried, in this order.
#[derive(Debug, Clone)]
pub struct Ports {
    /// For HTTP.
    pub http: Vec<u16>,
    /// For HTTPS.
    pub https: Vec<u16>,
}

impl Default for Ports {
    /// The usual ones, else those that need no privileges.
    fn default() -> Self {
        let with = |usual, other| std::iter::once(usual).chain(other..other + 10).collect();
        Self { http: with(80, 8080), https: with(443, 8443) }
    }
}

/// What serves Ingresses.
pub(super) struct Ingresses {
    pub(super) executor: Executor,
    /// Where is listened.
    pub(super) address: Ipv4Addr,
    pub(super) ports: Ports,
    pub(super) tables: Receiver<Table>,
}

/// What answers requests.
struct Front {
    routing: Receiver<Routing>,
    tables: Receiver<Table>,
    balancers: Mutex<HashMap<Backend, Arc<Balancer>>>,
}

impl Ingresses {
    /// Serves as the routing says until it ends.
    pub(super) async fn run(self, mut routing: Receiver<Routing>) {
        let front = Arc::new(Front {
            routing: routing.clone(),
            tables: self.tables.clone(),
            balancers: Mutex::default(),
        });
        let provider = rustls::crypto::ring::default_provider();
        let resolver = match Resolver::new(&provider) {
            Ok(resolver) => Arc::new(resolver),
            Err(reason) => {
                tracing::error!(reason, "Ingresses cannot be served");
                return;
            }
        };
        let mut serving = JoinSet::new();
        let mut listening = report::Listening::default();
        let mut said = report::Said::default();
        while routing.changed().await.is_ok() {
            loop {
                let current = routing.borrow_and_update().clone();
                resolver.set(current.certificates.clone());
                for scheme in [Scheme::Http, Scheme::Https(Arc::clone(&resolver))] {
                    if current.needs(&scheme) && listening.at(&scheme).is_none() {
                        let (listener, passed) = self.listen(&scheme).await;
                        let address = listener.as_ref().and_then(|one| one.local_addr().ok());
                        listening.set(&scheme, address, passed);
                        if let Some(listener) = listener {
                            serving.spawn(serve::serve(listener, scheme, Arc::clone(&front)));
                        }
                    }
                }
                self.executor.execute(said.plan(&current, &listening)).await;
                if !listening.lacks(&current) {
                    break;
                }
                tokio::select! {
                    changed = routing.changed() => if changed.is_err() { return },
                    () = tokio::time::sleep(RETRY) => {}
                }
            }
        }
    }

    /// Listens on the first port that is free; says why not on those before.
    async fn listen(&self, scheme: &Scheme) -> (Option<TcpListener>, Vec<String>) {
        let ports = match scheme {
            Scheme::Http => &self.ports.http,
            Scheme::Https(_) => &self.ports.https,
        };
        let mut passed = Vec::new();
        for port in ports {
            let address = SocketAddr::from((self.address, *port));
            match TcpListener::bind(address).await {
                Ok(listener) => return (Some(listener), passed),
                Err(error) => passed.push(super::host_ports::explain_tcp(address, &error)),
            }
        }
        (None, passed)
    }
}

impl Front {
    /// The endpoints of the backend for a host and path.
    fn balancer(
        &self,
        host: &str,
        path: &str,
    ) -> Result<Arc<Balancer>, (http::StatusCode, String)> {
        let backend = self.routing.borrow().rules.backend(host, path).cloned();
        let Some(backend) = backend else {
            let reason = format!("no Ingress has a rule for `{host}{path}`");
            return Err((http::StatusCode::NOT_FOUND, reason));
        };
        let table = self.tables.borrow();
        let service = table.service(&backend.namespace, &backend.service);
        let port = service.and_then(|service| {
            let mut ports = service.ports.iter().filter(|port| port.protocol == Protocol::Tcp);
            ports.find(|port| match &backend.port {
                BackendPort::Name(name) => port.name == *name,
                BackendPort::Number(number) => port.number == *number,
            })
        });
        let (Some(service), Some(port)) = (service, port) else {
            let reason = format!("there is no such port of the Service `{}`", backend.service);
            return Err((http::StatusCode::SERVICE_UNAVAILABLE, reason));
        };
        let backends = Backends::of(service, &port.internal);
        if backends.endpoints.is_empty() {
            let reason = format!("the Service `{}` has no ready endpoint", backend.service);
            return Err((http::StatusCode::SERVICE_UNAVAILABLE, reason));
        }
        let mut balancers = self.balancers.lock().unwrap_or_else(PoisonError::into_inner);
        let balancer =
            balancers.entry(backend).or_insert_with(|| Arc::new(Balancer::new(backends.clone())));
        balancer.update(&backends);
        Ok(Arc::clone(balancer))
    }
}
