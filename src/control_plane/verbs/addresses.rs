//! Cluster IPs and node ports of services.

use std::collections::BTreeSet;
use std::net::Ipv4Addr;
use std::ops::RangeInclusive;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use serde_json::{Map, Value, json};

use super::super::cluster_range::ClusterRange;
use super::super::store::{Store, Stored};
use super::{Verbs, refusal};
use crate::kubernetes::{Cause, Kind, Reason, Status, kinds};

const NODE_PORTS: RangeInclusive<u16> = 30000..=32767;

/// What the services of the cluster have.
#[derive(Debug)]
pub struct Addresses {
    range: ClusterRange,
    taken: Holding,
    last_address: u32,
    last_port: u16,
}

/// Addresses and ports of one service, or of all.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
struct Holding {
    addresses: BTreeSet<u32>,
    ports: BTreeSet<u16>,
}

/// What a write has taken for a service: given back unless the write is kept.
#[must_use]
pub struct Allocation {
    addresses: Arc<Mutex<Addresses>>,
    /// Given back when the write fails.
    new: Holding,
    /// Given back when the write succeeds.
    old: Holding,
}

impl Addresses {
    /// What the services of a store have.
    pub fn of(store: &Store, range: ClusterRange) -> Self {
        let mut all = Self {
            range,
            taken: Holding::default(),
            last_address: range.first_free_service().into(),
            last_port: *NODE_PORTS.start(),
        };
        if let Some(kind) = kinds::find("v1", "Service") {
            for service in store.list(kind, None).0 {
                all.take(Holding::of(&service.value()));
            }
        }
        all
    }

    fn take(&mut self, holding: Holding) {
        let Holding { addresses, ports } = holding;
        self.taken.addresses.extend(addresses);
        self.taken.ports.extend(ports);
    }

    fn give_back(&mut self, holding: &Holding) {
        self.taken.addresses.retain(|address| !holding.addresses.contains(address));
        self.taken.ports.retain(|port| !holding.ports.contains(port));
    }

    fn free_address(&mut self) -> Option<u32> {
        let from = self.last_address;
        let free = (from..=self.range.last_service().into())
            .chain(self.range.first_free_service().into()..from)
            .find(|address| !self.taken.addresses.contains(address))?;
        self.last_address = free + 1;
        Some(free)
    }

    fn free_port(&mut self) -> Option<u16> {
        let from = self.last_port;
        let free = (from..=*NODE_PORTS.end())
            .chain(*NODE_PORTS.start()..from)
            .find(|port| !self.taken.ports.contains(port))?;
        self.last_port = free + 1;
        Some(free)
    }
}

impl Holding {
    fn of(service: &Value) -> Self {
        let address = service.pointer("/spec/clusterIP").and_then(Value::as_str);
        let address = address.and_then(|text| text.parse().ok()).map(|ip: Ipv4Addr| u32::from(ip));
        let ports = service.pointer("/spec/ports").and_then(Value::as_array).into_iter().flatten();
        let node_port = |port: &Value| u16::try_from(port.get("nodePort")?.as_u64()?).ok();
        let mut ports: BTreeSet<u16> = ports.filter_map(node_port).collect();
        let health = service.pointer("/spec/healthCheckNodePort").and_then(Value::as_u64);
        ports.extend(health.and_then(|port| u16::try_from(port).ok()));
        ports.remove(&0);
        Self { addresses: address.into_iter().collect(), ports }
    }

    fn without(&self, other: &Self) -> Self {
        Self { addresses: &self.addresses - &other.addresses, ports: &self.ports - &other.ports }
    }
}

impl Allocation {
    /// The write succeeded.
    pub fn keep(mut self) {
        self.new = std::mem::take(&mut self.old);
    }
}

impl Drop for Allocation {
    fn drop(&mut self) {
        if self.new != Holding::default() {
            lock(&self.addresses).give_back(&self.new);
        }
    }
}

impl Verbs {
    /// Gives a service its cluster IP and node ports; nothing for other kinds.
    pub(super) fn allocate(
        &self,
        kind: &Kind,
        object: &mut Value,
        before: Option<&Value>,
    ) -> Result<Allocation, Status> {
        let mut allocation = Allocation {
            addresses: Arc::clone(&self.addresses),
            new: Holding::default(),
            old: Holding::default(),
        };
        if !is_service(kind) {
            return Ok(allocation);
        }
        let mut addresses = lock(&self.addresses);
        let held = before.map(Holding::of).unwrap_or_default();
        let name = super::metadata::text(object, "name").to_owned();
        let Some(spec) = object.get_mut("spec").and_then(Value::as_object_mut) else {
            return Ok(allocation);
        };
        carry_over(spec, before);
        let refuse = |cause| refusal::invalid(kind, &name, vec![cause]);
        check_wanted(&addresses, &held, spec).map_err(refuse)?;
        fill_in(&mut addresses, spec)?;
        let now = Holding::of(object);
        allocation.new = now.without(&held);
        allocation.old = held.without(&now);
        addresses.take(allocation.new.clone());
        drop(addresses);
        Ok(allocation)
    }

    /// Gives back what a deleted service had.
    pub(super) fn release(&self, kind: &Kind, gone: &Stored) {
        if is_service(kind) {
            lock(&self.addresses).give_back(&Holding::of(&gone.value()));
        }
    }
}

/// An update that leaves out what the server had chosen keeps it, as long as the type needs it.
fn carry_over(spec: &mut Map<String, Value>, before: Option<&Value>) {
    let Some(old) = before.and_then(|before| before.get("spec")?.as_object()) else { return };
    if service_type(spec) == "ExternalName" {
        for field in ["clusterIP", "clusterIPs"] {
            spec.shift_remove(field);
        }
        return;
    }
    for field in ["clusterIP", "clusterIPs"] {
        let missing = spec.get(field).is_none_or(|value| value.is_null() || value == "");
        if let (true, Some(value)) = (missing, old.get(field)) {
            spec.insert(field.to_owned(), value.clone());
        }
    }
    let old_ports = old.get("ports").and_then(Value::as_array);
    let ports = spec.get_mut("ports").and_then(Value::as_array_mut);
    for port in ports.into_iter().flatten().filter_map(Value::as_object_mut) {
        if has_node_port(port) {
            continue;
        }
        let same = |other: &&Value| {
            ["port", "protocol"].iter().all(|field| other.get(*field) == port.get(*field))
        };
        let known = old_ports.and_then(|ports| ports.iter().find(same)?.get("nodePort"));
        if let Some(known) = known {
            port.insert("nodePort".to_owned(), known.clone());
        }
    }
}

/// What the service asks for by itself must be in range and free.
fn check_wanted(
    addresses: &Addresses,
    held: &Holding,
    spec: &Map<String, Value>,
) -> Result<(), Cause> {
    let wanted = Holding::of(&json!({"spec": spec}));
    for address in wanted.addresses.difference(&held.addresses) {
        let text = Ipv4Addr::from(*address);
        let (first, prefix) = addresses.range.services();
        let problem = if !(first..=addresses.range.last_service()).contains(&text) {
            format!("the provided network does not match the current range ({first}/{prefix})")
        } else if addresses.taken.addresses.contains(address) {
            "provided IP is already allocated".to_owned()
        } else {
            continue;
        };
        return Err(Cause {
            reason: "FieldValueInvalid",
            message: format!(
                "Invalid value: [\"{text}\"]: failed to allocate IP {text}: {problem}"
            ),
            field: "spec.clusterIPs".to_owned(),
        });
    }
    for port in wanted.ports.difference(&held.ports) {
        let problem = if !NODE_PORTS.contains(port) {
            "provided port is not in the valid range. The range of valid ports is 30000-32767"
        } else if addresses.taken.ports.contains(port) {
            "provided port is already allocated"
        } else {
            continue;
        };
        let ports = spec.get("ports").and_then(Value::as_array);
        let place = ports.and_then(|ports| {
            ports.iter().position(|entry| entry.get("nodePort") == Some(&json!(port)))
        });
        return Err(Cause {
            reason: "FieldValueInvalid",
            message: format!("Invalid value: {port}: {problem}"),
            field: format!("spec.ports[{}].nodePort", place.unwrap_or(0)),
        });
    }
    Ok(())
}

fn fill_in(addresses: &mut Addresses, spec: &mut Map<String, Value>) -> Result<(), Status> {
    let kind = service_type(spec);
    if kind == "ExternalName" {
        return Ok(());
    }
    let given = |value: Option<&Value>| value.and_then(Value::as_str).unwrap_or("").to_owned();
    let mut address = given(spec.get("clusterIP"));
    if address.is_empty() {
        address = given(spec.get("clusterIPs").and_then(|list| list.get(0)));
    }
    if address.is_empty() {
        let free = addresses.free_address().ok_or_else(|| full("cluster IPs"))?;
        address = Ipv4Addr::from(free).to_string();
    }
    spec.insert("clusterIP".to_owned(), json!(address));
    spec.insert("clusterIPs".to_owned(), json!([address]));
    let opted_out = spec.get("allocateLoadBalancerNodePorts") == Some(&json!(false));
    let on_nodes = kind == "NodePort" || (kind == "LoadBalancer" && !opted_out);
    let ports = spec.get_mut("ports").and_then(Value::as_array_mut);
    for port in ports.into_iter().flatten().filter_map(Value::as_object_mut) {
        if on_nodes && !has_node_port(port) {
            let free = addresses.free_port().ok_or_else(|| full("node ports"))?;
            port.insert("nodePort".to_owned(), json!(free));
        } else if kind == "ClusterIP" {
            port.shift_remove("nodePort");
        }
    }
    Ok(())
}

fn full(what: &str) -> Status {
    Status::new(Reason::InternalError, format!("the range of {what} is full"))
}

fn is_service(kind: &Kind) -> bool {
    kind.group.is_empty() && kind.plural == "services"
}

fn service_type(spec: &Map<String, Value>) -> String {
    spec.get("type").and_then(Value::as_str).unwrap_or("ClusterIP").to_owned()
}

fn has_node_port(port: &Map<String, Value>) -> bool {
    port.get("nodePort").and_then(Value::as_u64).is_some_and(|port| port != 0)
}

fn lock(addresses: &Mutex<Addresses>) -> MutexGuard<'_, Addresses> {
    addresses.lock().unwrap_or_else(PoisonError::into_inner)
}
