//! Published ports: node ports, load balancers, external addresses and the host ports of pods listen on
//! this machine, and lead to endpoints directly.

mod claims;
mod holder;
mod status;

use std::collections::{BTreeMap, BTreeSet};
use std::net::{Ipv4Addr, SocketAddr, SocketAddrV4};
use std::time::Duration;

use k8s_openapi::api::core::v1::{Pod, Service};
use k8s_openapi::apimachinery::pkg::apis::meta::v1::ObjectMeta;
use k8s_openapi::{Metadata, Resource};
use serde::de::DeserializeOwned;
use tokio::sync::watch;

use self::claims::{Claims, Owner};
use self::status::Published;
use super::super::controllers::SystemClock;
use super::super::runner::{Clock, Executor, Note, Plan, kind_of};
use super::super::verbs::{Key, Verbs};
use super::proxy::{Listen, Proxy, Routes};
use super::table::{Protocol, Table};

/// After this long it is tried again to listen where a port was taken.
const RETRY: Duration = Duration::from_secs(2);

/// The reason of events about ports that are published again.
const LISTENING: &str = "PortPublished";
/// The reason of events about ports that are not.
const NOT_LISTENING: &str = "PortNotPublished";

/// Listens for what is published.
pub(super) struct HostPorts {
    verbs: Verbs,
    executor: Executor,
    /// Where load balancers, node ports and host ports listen.
    address: Ipv4Addr,
    proxy: Proxy,
    /// Who listens where.
    held: BTreeMap<Listen, Owner>,
    /// What went wrong, as it was said last.
    problems: BTreeMap<(Owner, Listen), String>,
    /// The Services that have, or may have, the status of a load balancer.
    balanced: BTreeSet<String>,
}

/// Says why it is not possible to listen at an address by TCP, and who does.
pub(super) fn explain_tcp(address: SocketAddr, error: &std::io::Error) -> String {
    holder::explain(Listen { protocol: Protocol::Tcp, address }, error)
}

impl HostPorts {
    /// Listens nowhere yet.
    pub(super) fn new(verbs: Verbs, executor: Executor, address: Ipv4Addr) -> Self {
        Self {
            verbs,
            executor,
            address,
            proxy: Proxy::default(),
            held: BTreeMap::new(),
            problems: BTreeMap::new(),
            balanced: BTreeSet::new(),
        }
    }

    /// Follows the table until there are no more.
    pub(super) async fn run(mut self, mut tables: watch::Receiver<Table>) {
        if tables.changed().await.is_err() {
            return;
        }
        self.balanced.extend(tables.borrow().services.keys().cloned());
        loop {
            let table = tables.borrow_and_update().clone();
            self.sync(&table).await;
            tokio::select! {
                changed = tables.changed() => if changed.is_err() { return },
                () = tokio::time::sleep(RETRY), if !self.problems.is_empty() => {}
            }
        }
    }

    async fn sync(&mut self, table: &Table) {
        let Claims { granted, refused } = claims::of(table, self.address, &self.held);
        let backends = granted.iter().map(|(listen, claim)| (*listen, claim.backends.clone()));
        let routes: Routes = backends.collect();
        let failures = self.proxy.apply(&routes).await;
        let mut problems: BTreeMap<(Owner, Listen), String> = refused
            .into_iter()
            .map(|(listen, owner, holder)| {
                ((owner, listen), format!("{listen} is published by {holder} already"))
            })
            .collect();
        for (listen, error) in failures {
            if let Some(claim) = granted.get(&listen) {
                problems.insert((claim.owner.clone(), listen), holder::explain(listen, &error));
            }
        }
        self.held = granted
            .iter()
            .map(|(listen, claim)| (*listen, claim.owner.clone()))
            .filter(|(listen, owner)| !problems.contains_key(&(owner.clone(), *listen)))
            .collect();
        self.say(&problems);
        self.problems = problems;
        self.show(table).await;
    }

    /// Records what is news about who listens.
    fn say(&self, problems: &BTreeMap<(Owner, Listen), String>) {
        for (at, problem) in
            problems.iter().filter(|(at, text)| self.problems.get(at) != Some(text))
        {
            self.record(&at.0, NOT_LISTENING, problem);
        }
        for (owner, listen) in self.problems.keys().filter(|at| !problems.contains_key(at)) {
            if self.held.get(listen) == Some(owner) {
                self.record(owner, LISTENING, &format!("listening on {listen}"));
            }
        }
    }

    fn record(&self, owner: &Owner, reason: &'static str, message: &str) {
        match owner {
            Owner::Service(key) => self.note(self.object::<Service>(key), reason, message),
            Owner::Pod(key) => self.note(self.object::<Pod>(key), reason, message),
        }
    }

    fn note<T: Metadata<Ty = ObjectMeta>>(
        &self,
        about: Option<T>,
        reason: &'static str,
        text: &str,
    ) {
        let note = match (about, reason) {
            (None, _) => return,
            (Some(about), LISTENING) => Note::normal(&about, reason, text),
            (Some(about), _) => Note::warning(&about, reason, text),
        };
        self.executor.record(note);
    }

    /// Writes the statuses of load balancers.
    async fn show(&mut self, table: &Table) {
        let now = SystemClock.now();
        let mut plan = Plan::default();
        let balancers = table.services.iter().filter(|(_, service)| service.load_balancer);
        let balancers: BTreeSet<String> = balancers.map(|(key, _)| key.clone()).collect();
        for key in self.balanced.union(&balancers) {
            let Some(service) = self.object::<Service>(key) else { continue };
            let published =
                table.services.get(key).filter(|service| service.load_balancer).map(|service| {
                    let owner = Owner::Service(key.clone());
                    let ports = service.proxied_ports();
                    let states = ports.map(|port| {
                        let listen = Listen::new(
                            port.protocol,
                            SocketAddrV4::new(self.address, port.number),
                        );
                        (listen, self.problems.get(&(owner.clone(), listen)).cloned())
                    });
                    Published { address: self.address, ports: states.collect() }
                });
            plan.operations.extend(status::reconcile(&service, published.as_ref(), now));
        }
        self.balanced = balancers;
        if !plan.operations.is_empty() {
            // What fails is seen, and done, with the next table.
            self.executor.execute(plan).await;
        }
    }

    fn object<T: Resource + DeserializeOwned>(&self, key: &str) -> Option<T> {
        let (namespace, name) = key.split_once('/')?;
        self.verbs.get(&Key::new(kind_of::<T>(), namespace, name)).ok()?.parse().ok()
    }
}
