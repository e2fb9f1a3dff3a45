//! The table of the cluster, kept from events.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::fmt;
use std::net::Ipv4Addr;
use std::sync::Arc;

use futures_util::future::BoxFuture;
use jiff::Timestamp;
use k8s_openapi::api::core::v1::{self, Namespace, Pod};
use k8s_openapi::api::discovery::v1::EndpointSlice;
use k8s_openapi::api::networking::v1::NetworkPolicy;
use serde_json::json;
use tokio::sync::watch;

use super::super::controllers::labels::SERVICE_NAME;
use super::super::runner::{Executor, Logic, Note, Operation, Outcome, Plan, is, kind_of, parse};
use super::super::store::{Change, Event, Stored};
use super::table::{HostPort, Service, Table};

/// Keeps the table; nothing is published before everything was listed, so that a gateway that serves
/// already forgets nothing when the control plane starts.
pub(super) struct Watcher {
    node: String,
    /// The address of DNS.
    dns: Ipv4Addr,
    executor: Executor,
    tables: watch::Sender<Table>,
    listed: bool,
    namespaces: HashSet<String>,
    services: BTreeMap<String, Arc<Stored>>,
    /// By the key of their Service, and their name.
    slices: HashMap<String, BTreeMap<String, Arc<Stored>>>,
    /// Those with host ports.
    pods: BTreeMap<String, Arc<Stored>>,
    policies: BTreeMap<String, Arc<Stored>>,
    /// The uids of policies that were reported.
    reported: HashSet<String>,
}

/// What is to be brought up to date.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(super) enum Task {
    /// A Service of the table.
    Service(String),
    /// The namespaces of the table.
    Namespaces,
    /// The host ports of the table.
    HostPorts,
    /// The Service by which DNS is known.
    Dns,
    /// What is said about a policy, by its key.
    Policy(String),
}

impl fmt::Display for Task {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Service(key) => write!(f, "service {key}"),
            Self::Namespaces => f.write_str("namespaces"),
            Self::HostPorts => f.write_str("host ports"),
            Self::Dns => f.write_str("service of DNS"),
            Self::Policy(key) => write!(f, "network policy {key}"),
        }
    }
}

impl Watcher {
    /// A watcher for the network of a node, and what it publishes.
    pub(super) fn new(
        node: String,
        dns: Ipv4Addr,
        executor: Executor,
    ) -> (Self, watch::Receiver<Table>) {
        let (tables, receiver) = watch::channel(Table::default());
        let watcher = Self {
            node,
            dns,
            executor,
            tables,
            listed: false,
            namespaces: HashSet::new(),
            services: BTreeMap::new(),
            slices: HashMap::new(),
            pods: BTreeMap::new(),
            policies: BTreeMap::new(),
            reported: HashSet::new(),
        };
        (watcher, receiver)
    }

    fn service(&self, key: &str) -> Option<Arc<Service>> {
        let service: v1::Service = parse(self.services.get(key)?)?;
        let slices = self.slices.get(key).into_iter().flat_map(BTreeMap::values);
        let slices: Vec<EndpointSlice> = slices.filter_map(|slice| parse(slice)).collect();
        Service::of(&service, &slices, &self.node).map(Arc::new)
    }

    fn observe_slice(&mut self, slice: &Arc<Stored>, exists: bool) -> Option<String> {
        let service = slice.labels.get(SERVICE_NAME)?;
        let key = Table::key(&slice.namespace, service);
        let slices = self.slices.entry(key.clone()).or_default();
        if exists {
            slices.insert(slice.name.clone(), Arc::clone(slice));
        } else {
            slices.remove(&slice.name);
        }
        if slices.is_empty() {
            self.slices.remove(&key);
        }
        Some(key)
    }

    fn publish(&self, key: &str) {
        let service = self.service(key);
        self.tables.send_if_modified(|table| {
            let known = table.services.get(key);
            match service {
                Some(service) if known != Some(&service) => {
                    Arc::make_mut(&mut table.services).insert(key.to_owned(), service);
                    true
                }
                None if known.is_some() => {
                    Arc::make_mut(&mut table.services).remove(key);
                    true
                }
                _ => false,
            }
        });
    }

    fn publish_namespaces(&self) {
        let namespaces = Arc::new(self.namespaces.iter().cloned().collect());
        self.tables.send_modify(|table| table.namespaces = namespaces);
    }

    fn host_ports(&self) -> Arc<BTreeMap<String, Vec<HostPort>>> {
        let pods = self.pods.iter().filter_map(|(key, pod)| {
            let ports = HostPort::of(&parse::<Pod>(pod)?, &self.node);
            (!ports.is_empty()).then(|| (key.clone(), ports))
        });
        Arc::new(pods.collect())
    }

    fn publish_host_ports(&self) {
        let pods = self.host_ports();
        self.tables.send_if_modified(|table| {
            let is_news = table.pods != pods;
            table.pods = pods;
            is_news
        });
    }

    /// Creates the Service of DNS, unless it is there. It has no endpoints: the gateway answers itself.
    fn create_dns(&self) -> BoxFuture<'static, Outcome> {
        if self.services.contains_key(&Table::key("kube-system", "kube-dns")) {
            return Box::pin(std::future::ready(Outcome::Done));
        }
        let service = json!({
            "apiVersion": "v1",
            "kind": "Service",
            "metadata": {
                "name": "kube-dns",
                "namespace": "kube-system",
                "labels": {"k8s-app": "kube-dns", "kubernetes.io/cluster-service": "true"},
            },
            "spec": {
                "clusterIP": self.dns.to_string(),
                "ports": [
                    {"name": "dns", "port": 53, "protocol": "UDP"},
                    {"name": "dns-tcp", "port": 53, "protocol": "TCP"},
                ],
            },
        });
        let mut plan = Plan::default();
        plan.push(Operation::Create {
            kind: kind_of::<v1::Service>(),
            namespace: "kube-system".to_owned(),
            object: service,
            note: None,
        });
        let executor = self.executor.clone();
        Box::pin(async move { executor.execute(plan).await })
    }

    /// Says once of each policy that it is not enforced.
    fn report(&mut self, key: &str) {
        let Some(policy) = self.policies.get(key) else { return };
        if !self.reported.insert(policy.uid.clone()) {
            return;
        }
        if let Some(policy) = parse::<NetworkPolicy>(policy) {
            let message =
                "this cluster does not enforce network policies: all pods reach each other";
            self.executor.record(Note::warning(&policy, "NotEnforced", message));
        }
    }
}

impl Logic for Watcher {
    type Task = Task;

    fn name(&self) -> &'static str {
        "network"
    }

    fn reset(&mut self) {
        self.listed = false;
        self.namespaces.clear();
        self.services.clear();
        self.slices.clear();
        self.pods.clear();
        self.policies.clear();
    }

    fn listed(&mut self) -> Vec<Task> {
        self.listed = true;
        let services =
            self.services.keys().filter_map(|key| Some((key.clone(), self.service(key)?)));
        let table = Table {
            namespaces: Arc::new(self.namespaces.iter().cloned().collect()),
            services: Arc::new(services.collect()),
            pods: self.host_ports(),
        };
        self.tables.send_replace(table);
        self.policies.keys().cloned().map(Task::Policy).chain([Task::Dns]).collect()
    }

    fn observe(&mut self, event: &Event) -> Vec<Task> {
        let object = &event.object;
        let exists = event.change != Change::Deleted;
        let key = Table::key(&object.namespace, &object.name);
        let mut tasks = Vec::new();
        if is::<v1::Service>(object) {
            keep(&mut self.services, &key, object, exists);
            tasks.push(Task::Service(key));
        } else if is::<EndpointSlice>(object) {
            let moved = event.previous.as_ref().filter(|old| old.labels != object.labels);
            let before = moved.and_then(|old| self.observe_slice(old, false));
            let now = self.observe_slice(object, exists);
            tasks.extend(before.into_iter().chain(now).map(Task::Service));
        } else if is::<Namespace>(object) {
            let changed = if exists {
                self.namespaces.insert(object.name.clone())
            } else {
                self.namespaces.remove(&object.name)
            };
            tasks.extend(changed.then_some(Task::Namespaces));
        } else if is::<Pod>(object) {
            if has_host_ports(object) {
                keep(&mut self.pods, &key, object, exists);
                tasks.push(Task::HostPorts);
            }
        } else if is::<NetworkPolicy>(object) {
            keep(&mut self.policies, &key, object, exists);
            tasks.push(Task::Policy(key));
        }
        if self.listed { tasks } else { Vec::new() }
    }

    fn start(&mut self, task: &Task, _now: Timestamp) -> BoxFuture<'static, Outcome> {
        match task {
            Task::Service(key) => self.publish(key),
            Task::Namespaces => self.publish_namespaces(),
            Task::HostPorts => self.publish_host_ports(),
            Task::Dns => return self.create_dns(),
            Task::Policy(key) => self.report(key),
        }
        Box::pin(std::future::ready(Outcome::Done))
    }
}

/// Whether a pod may have host ports: most have none, and are not read.
fn has_host_ports(pod: &Stored) -> bool {
    const FIELD: &[u8] = b"\"hostPort\"";
    pod.json.windows(FIELD.len()).any(|part| part == FIELD)
}

fn keep(
    objects: &mut BTreeMap<String, Arc<Stored>>,
    key: &str,
    object: &Arc<Stored>,
    exists: bool,
) {
    if exists {
        objects.insert(key.to_owned(), Arc::clone(object));
    } else {
        objects.remove(key);
    }
}
