//! The values that the API server fills in.
//!
//! # Invariants
//! - Filling in twice changes nothing: updates run through here as creates do.
//! - What needs the store (cluster IPs, the default storage class, priorities by name) is not here.

mod cluster;
mod container;
mod pod;
mod service;
mod storage;
mod workload;

use serde_json::{Map, Value, json};

use crate::kubernetes::Kind;

type Fields = Map<String, Value>;

/// Fills in what the object leaves open, as upstream's `SetDefaults_*` functions and the strategies of its
/// registries do.
pub fn apply_defaults(kind: &Kind, object: &mut Value) {
    let Some(object) = object.as_object_mut() else { return };
    match (kind.group, kind.kind) {
        ("", "Pod") => pod::default_pod(object),
        ("", "PodTemplate") => with(object, "template", pod::default_template),
        ("", "Service") => service::default_service(object),
        ("", "Endpoints") => service::default_endpoints(object),
        ("", "Secret") => storage::default_secret(object),
        ("", "PersistentVolumeClaim") => storage::default_claim(object),
        ("", "PersistentVolume") => storage::default_volume(object),
        ("", "Namespace") => cluster::default_namespace(object),
        ("", "Node") => cluster::default_node(object),
        ("", "LimitRange") => cluster::default_limit_range(object),
        ("", "ReplicationController") => workload::default_replication_controller(object),
        ("apps", "Deployment") => workload::default_deployment(object),
        ("apps", "ReplicaSet") => workload::default_replica_set(object),
        ("apps", "StatefulSet") => workload::default_stateful_set(object),
        ("apps", "DaemonSet") => workload::default_daemon_set(object),
        ("batch", "Job") => workload::default_job(object),
        ("batch", "CronJob") => workload::default_cron_job(object),
        ("autoscaling", "HorizontalPodAutoscaler") => {
            workload::default_autoscaler(kind.version, object);
        }
        ("discovery.k8s.io", "EndpointSlice") => service::default_endpoint_slice(object),
        ("networking.k8s.io", "NetworkPolicy") => service::default_network_policy(object),
        ("rbac.authorization.k8s.io", "RoleBinding" | "ClusterRoleBinding") => {
            cluster::default_binding(object);
        }
        ("scheduling.k8s.io", "PriorityClass") => {
            set(object, "preemptionPolicy", json!("PreemptLowerPriority"));
        }
        ("storage.k8s.io", "StorageClass") => storage::default_class(object),
        _ => {}
    }
}

/// Sets a field that is absent, null or (as Go leaves strings that nobody set) empty.
fn set(object: &mut Fields, field: &str, default: Value) {
    let is_open = match object.get(field) {
        None | Some(Value::Null) => true,
        Some(Value::String(text)) => text.is_empty(),
        Some(_) => false,
    };
    if is_open {
        object.insert(field.to_owned(), default);
    }
}

/// Sets an integer that is absent or zero, where Go cannot tell the one from the other.
fn set_unless_zero(object: &mut Fields, field: &str, default: i64) {
    if object.get(field).and_then(Value::as_i64).unwrap_or(0) == 0 {
        object.insert(field.to_owned(), Value::from(default));
    }
}

/// Changes a field that is an object; one that is absent stays absent.
fn with(object: &mut Fields, field: &str, change: impl FnOnce(&mut Fields)) {
    if let Some(child) = object.get_mut(field).and_then(Value::as_object_mut) {
        change(child);
    }
}

/// Changes a field that is an object, and makes it when it is absent.
fn with_new(object: &mut Fields, field: &str, change: impl FnOnce(&mut Fields)) {
    set(object, field, json!({}));
    with(object, field, change);
}

/// Changes each object in a list.
fn with_each(object: &mut Fields, field: &str, mut change: impl FnMut(&mut Fields)) {
    for item in object.get_mut(field).and_then(Value::as_array_mut).into_iter().flatten() {
        if let Some(item) = item.as_object_mut() {
            change(item);
        }
    }
}

/// A string field; empty when it is absent.
fn text<'a>(object: &'a Fields, field: &str) -> &'a str {
    object.get(field).and_then(Value::as_str).unwrap_or_default()
}

fn is_true(object: &Fields, field: &str) -> bool {
    object.get(field).and_then(Value::as_bool).unwrap_or(false)
}

#[cfg(test)]
mod tests;
