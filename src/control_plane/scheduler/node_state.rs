use std::collections::{BTreeMap, HashMap};

use k8s_openapi::api::core::v1::{Node, Pod, ResourceRequirements};
use k8s_openapi::apimachinery::pkg::api::resource::Quantity;

use super::quantity::thousandths;
use crate::control_plane::controllers::owner;
use crate::control_plane::runner::parse;
use crate::control_plane::store::Stored;

/// Amounts of resources, in thousandths.
pub(super) type Amounts = BTreeMap<String, i128>;

/// The nodes and what is used of them.
#[derive(Default)]
pub(super) struct Nodes {
    all: BTreeMap<String, NodeState>,
    /// Where each pod counts, by uid, and with what.
    placed: HashMap<String, (String, Demand)>,
}

/// One node.
#[derive(Default)]
pub(super) struct NodeState {
    /// None while only its pods are known.
    pub(super) node: Option<Node>,
    pub(super) used: Amounts,
    pub(super) pods: i128,
    /// Host ports in use: protocol and port.
    pub(super) ports: BTreeMap<(String, i32), u32>,
}

/// What a pod takes of a node.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Demand {
    pub(super) amounts: Amounts,
    pub(super) ports: Vec<(String, i32)>,
}

impl Nodes {
    /// The nodes that are there.
    pub(super) fn iter(&self) -> impl Iterator<Item = (&Node, &NodeState)> {
        self.all.values().filter_map(|state| Some((state.node.as_ref()?, state)))
    }

    /// Takes in a node; returns whether pods may fit now that did not fit before.
    pub(super) fn observe_node(&mut self, object: &Stored, exists: bool) -> bool {
        let state = self.all.entry(object.name.clone()).or_default();
        let node = if exists { parse::<Node>(object) } else { None };
        let changed = match (&state.node, &node) {
            (Some(before), Some(after)) => what_matters(before) != what_matters(after),
            (_, after) => after.is_some(),
        };
        state.node = node;
        changed
    }

    /// Counts a pod that has a node, or stops counting one that has ended; returns whether that made room.
    pub(super) fn observe_pod(&mut self, pod: &Pod, runs: bool) -> bool {
        let uid = owner::uid(pod).to_owned();
        let node = pod.spec.as_ref().and_then(|spec| spec.node_name.clone());
        let placed = node.filter(|_| runs).map(|node| (node, Demand::of(pod)));
        if self.placed.get(&uid) == placed.as_ref() {
            return false;
        }
        let before = match placed {
            Some((node, demand)) => {
                self.all.entry(node.clone()).or_default().count(&demand, 1);
                self.placed.insert(uid, (node, demand))
            }
            None => self.placed.remove(&uid),
        };
        let Some((node, demand)) = before else { return false };
        self.all.entry(node).or_default().count(&demand, -1);
        true
    }
}

impl NodeState {
    fn count(&mut self, demand: &Demand, sign: i128) {
        self.pods += sign;
        for (resource, amount) in &demand.amounts {
            *self.used.entry(resource.clone()).or_default() += sign * amount;
        }
        for port in &demand.ports {
            let users = self.ports.entry(port.clone()).or_default();
            *users = if sign > 0 { *users + 1 } else { users.saturating_sub(1) };
        }
    }
}

impl Demand {
    /// The requests of a pod: all containers and sidecars together, or the largest init container.
    pub(super) fn of(pod: &Pod) -> Self {
        let Some(spec) = &pod.spec else { return Self::default() };
        let mut amounts = Amounts::new();
        for container in &spec.containers {
            add(&mut amounts, &requests(container.resources.as_ref()));
        }
        let mut largest = Amounts::new();
        let mut sidecars = Amounts::new();
        for container in spec.init_containers.iter().flatten() {
            let mut needed = requests(container.resources.as_ref());
            if container.restart_policy.as_deref() == Some("Always") {
                add(&mut sidecars, &needed);
                needed.clone_from(&sidecars);
            } else {
                add(&mut needed, &sidecars);
            }
            for (resource, amount) in needed {
                let most = largest.entry(resource).or_default();
                *most = amount.max(*most);
            }
        }
        add(&mut amounts, &sidecars);
        for (resource, amount) in largest {
            let most = amounts.entry(resource).or_default();
            *most = amount.max(*most);
        }
        let overhead = spec.overhead.iter().flatten().filter_map(amount);
        add(&mut amounts, &overhead.collect());
        let ports = spec.containers.iter().flat_map(|container| container.ports.iter().flatten());
        let ports = ports.filter_map(|port| {
            let protocol = port.protocol.clone().unwrap_or_else(|| "TCP".to_owned());
            Some((protocol, port.host_port.filter(|port| *port != 0)?))
        });
        Self { amounts, ports: ports.collect() }
    }
}

/// The amounts that a node has for pods.
pub(super) fn allocatable(node: &Node) -> Amounts {
    let status = node.status.as_ref();
    let all = status.and_then(|status| status.allocatable.as_ref().or(status.capacity.as_ref()));
    all.into_iter().flatten().filter_map(amount).collect()
}

/// What decides whether pods fit: heartbeats do not.
fn what_matters(node: &Node) -> impl PartialEq + use<> {
    let ready = super::filter::is_ready(node);
    (node.metadata.labels.clone(), node.spec.clone(), allocatable(node), ready)
}

fn requests(resources: Option<&ResourceRequirements>) -> Amounts {
    let requests = resources.and_then(|resources| resources.requests.as_ref());
    requests.into_iter().flatten().filter_map(amount).collect()
}

fn amount((resource, quantity): (&String, &Quantity)) -> Option<(String, i128)> {
    Some((resource.clone(), thousandths(quantity)?))
}

fn add(to: &mut Amounts, amounts: &Amounts) {
    for (resource, amount) in amounts {
        *to.entry(resource.clone()).or_default() += amount;
    }
}
