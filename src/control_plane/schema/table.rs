//! The columns of `kubectl get`: pkg/printers/internalversion, kind by kind.

mod access;
mod age;
mod cluster;
mod network;
mod pod;
mod storage;
mod view;
mod workload;

use jiff::Timestamp;
use serde_json::{Value, json};

use crate::kubernetes::Kind;
use view::View;

/// `columnDefinitions` of a kind.
pub fn columns(kind: &Kind) -> Vec<Value> {
    let definition = |column: &Column| {
        json!({
            "name": column.name,
            "type": column.kind,
            "format": if column.name == "Name" { "name" } else { "" },
            "description": "",
            "priority": i32::from(column.wide),
        })
    };
    layout(kind).columns.iter().map(definition).collect()
}

/// The cells of one object, one per column.
pub fn cells(kind: &Kind, object: &Value, now: Timestamp) -> Vec<Value> {
    (layout(kind).cells)(View { object, now })
}

/// How the objects of a kind are printed.
struct Layout {
    columns: &'static [Column],
    cells: fn(View<'_>) -> Vec<Value>,
}

struct Column {
    name: &'static str,
    kind: &'static str,
    /// Shown with `-o wide` only.
    wide: bool,
}

const fn text(name: &'static str) -> Column {
    Column { name, kind: "string", wide: false }
}

const fn number(name: &'static str) -> Column {
    Column { name, kind: "integer", wide: false }
}

const fn boolean(name: &'static str) -> Column {
    Column { name, kind: "boolean", wide: false }
}

const fn wide(name: &'static str) -> Column {
    Column { name, kind: "string", wide: true }
}

const NAME: Column = text("Name");
const AGE: Column = text("Age");

/// Kinds that nobody described: upstream prints these two.
const OTHER: Layout =
    Layout { columns: &[NAME, AGE], cells: |object| vec![object.name(), object.age()] };

fn layout(kind: &Kind) -> &'static Layout {
    match (kind.group, kind.kind) {
        ("", "Pod") => &pod::POD,
        ("apps", "Deployment") => &workload::DEPLOYMENT,
        ("apps", "ReplicaSet") => &workload::REPLICA_SET,
        ("", "ReplicationController") => &workload::REPLICATION_CONTROLLER,
        ("apps", "StatefulSet") => &workload::STATEFUL_SET,
        ("apps", "DaemonSet") => &workload::DAEMON_SET,
        ("apps", "ControllerRevision") => &workload::CONTROLLER_REVISION,
        ("batch", "Job") => &workload::JOB,
        ("batch", "CronJob") => &workload::CRON_JOB,
        ("policy", "PodDisruptionBudget") => &workload::DISRUPTION_BUDGET,
        ("", "Service") => &network::SERVICE,
        ("", "Endpoints") => &network::ENDPOINTS,
        ("discovery.k8s.io", "EndpointSlice") => &network::ENDPOINT_SLICE,
        ("networking.k8s.io", "Ingress") => &network::INGRESS,
        ("networking.k8s.io", "IngressClass") => &network::INGRESS_CLASS,
        ("networking.k8s.io", "NetworkPolicy") => &network::NETWORK_POLICY,
        ("", "ConfigMap") => &storage::CONFIG_MAP,
        ("", "Secret") => &storage::SECRET,
        ("", "PersistentVolumeClaim") => &storage::CLAIM,
        ("", "PersistentVolume") => &storage::VOLUME,
        ("storage.k8s.io", "StorageClass") => &storage::CLASS,
        ("", "Namespace") => &cluster::NAMESPACE,
        ("", "Node") => &cluster::NODE,
        ("", "Event") => &cluster::EVENT,
        ("", "ServiceAccount") => &cluster::SERVICE_ACCOUNT,
        ("", "LimitRange")
        | ("apiextensions.k8s.io", "CustomResourceDefinition")
        | ("rbac.authorization.k8s.io", "Role" | "ClusterRole") => &access::CREATED_AT,
        ("rbac.authorization.k8s.io", "RoleBinding" | "ClusterRoleBinding") => &access::BINDING,
        ("coordination.k8s.io", "Lease") => &cluster::LEASE,
        ("node.k8s.io", "RuntimeClass") => &cluster::RUNTIME_CLASS,
        ("scheduling.k8s.io", "PriorityClass") => &cluster::PRIORITY_CLASS,
        _ => &OTHER,
    }
}

#[cfg(test)]
mod tests;
