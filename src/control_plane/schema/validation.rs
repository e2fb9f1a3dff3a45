//! What the types alone cannot say: required combinations, names, immutable fields.
//!
//! Sentences and paths are upstream's (pkg/apis/*/validation): people search for them.
//!
//! # Invariants
//! - Objects come with their defaults; what a default fills in is never reported as missing.
//! - A spec that did not change is not looked at again: it was valid when it was written.

mod access;
mod container;
mod field;
mod findings;
mod metadata;
mod network;
mod pod;
mod probe;
mod storage;
mod volume;
mod workload;

use serde_json::Value;

use crate::kubernetes::{Cause, Kind};
use field::Field;
use findings::Findings;

/// Checks a new object, or an update of `old`; every finding is one cause of a 422.
pub fn validate(kind: &Kind, object: &Value, old: Option<&Value>) -> Vec<Cause> {
    let mut findings = Findings::default();
    let change = Change { new: Field::root(object), old: old.map(Field::root) };
    metadata::validate_metadata(kind, &change, &mut findings);
    if old.is_none_or(|old| differ_in_content(object, old)) {
        validate_content(kind, &change, &mut findings);
    }
    findings.causes
}

/// An object, and what it was before an update.
struct Change<'a> {
    new: Field<'a>,
    old: Option<Field<'a>>,
}

impl<'a> Change<'a> {
    /// The same field of both.
    fn child(&self, name: &str) -> Self {
        Self { new: self.new.child(name), old: self.old.as_ref().map(|old| old.child(name)) }
    }

    /// The old field, when this is an update that changes it.
    fn changed(&self, name: &str) -> Option<(Field<'a>, Field<'a>)> {
        let (new, old) = (self.new.child(name), self.old.as_ref()?.child(name));
        (!new.same_value(&old)).then_some((new, old))
    }

    /// Reports a changed field as immutable.
    fn immutable(&self, name: &str, findings: &mut Findings) {
        if let Some((new, _)) = self.changed(name) {
            findings.invalid(&new, "field is immutable");
        }
    }
}

/// Whether anything but metadata and status differs.
fn differ_in_content(new: &Value, old: &Value) -> bool {
    let (Some(new), Some(old)) = (new.as_object(), old.as_object()) else { return true };
    let is_content = |name: &&String| !matches!(name.as_str(), "metadata" | "status");
    let names = new.keys().chain(old.keys());
    names.filter(is_content).any(|name| new.get(name) != old.get(name))
}

fn validate_content(kind: &Kind, change: &Change<'_>, findings: &mut Findings) {
    match (kind.group, kind.kind) {
        ("", "Pod") => pod::validate_pod(change, findings),
        ("", "PodTemplate") => {
            pod::validate_template(&change.new.child("template"), findings);
        }
        ("apps", "Deployment") => workload::validate_deployment(change, findings),
        ("apps", "ReplicaSet") => workload::validate_replica_set(change, findings),
        ("apps", "StatefulSet") => workload::validate_stateful_set(change, findings),
        ("apps", "DaemonSet") => workload::validate_daemon_set(change, findings),
        ("", "ReplicationController") => {
            workload::validate_replication_controller(change, findings);
        }
        ("batch", "Job") => workload::validate_job(change, findings),
        ("batch", "CronJob") => workload::validate_cron_job(change, findings),
        ("", "Service") => network::validate_service(change, findings),
        ("networking.k8s.io", "Ingress") => network::validate_ingress(change, findings),
        ("", "ConfigMap") => storage::validate_config_map(change, findings),
        ("", "Secret") => storage::validate_secret(change, findings),
        ("", "PersistentVolumeClaim") => storage::validate_claim(change, findings),
        ("", "PersistentVolume") => storage::validate_volume(change, findings),
        ("storage.k8s.io", "StorageClass") => storage::validate_class(change, findings),
        ("rbac.authorization.k8s.io", "RoleBinding" | "ClusterRoleBinding") => {
            access::validate_binding(change, findings);
        }
        ("scheduling.k8s.io", "PriorityClass") => {
            access::validate_priority_class(change, findings);
        }
        ("networking.k8s.io", "IngressClass") => {
            network::validate_ingress_class(change, findings);
        }
        _ => {}
    }
}

#[cfg(test)]
mod tests;
