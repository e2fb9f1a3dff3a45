//! The kinds of a project's objects: where `deploy` looks for what it has made.

use super::Error;
use crate::kubernetes::{Kind, Object, kinds};

/// `apiVersion` and kind of what longshore makes, in apply order.
const PROJECT_KINDS: [(&str, &str); 14] = [
    ("v1", "ServiceAccount"),
    ("networking.k8s.io/v1", "NetworkPolicy"),
    ("v1", "Secret"),
    ("v1", "ConfigMap"),
    ("v1", "PersistentVolumeClaim"),
    ("v1", "Service"),
    ("apps/v1", "StatefulSet"),
    ("apps/v1", "Deployment"),
    ("apps/v1", "DaemonSet"),
    ("batch/v1", "Job"),
    ("batch/v1", "CronJob"),
    ("autoscaling/v2", "HorizontalPodAutoscaler"),
    ("policy/v1", "PodDisruptionBudget"),
    ("networking.k8s.io/v1", "Ingress"),
];

/// The kinds with pods of their own.
pub(super) const WORKLOADS: [(&str, &str); 5] = [
    ("apps/v1", "StatefulSet"),
    ("apps/v1", "Deployment"),
    ("apps/v1", "DaemonSet"),
    ("batch/v1", "Job"),
    ("batch/v1", "CronJob"),
];

/// Whether an object has pods of its own.
pub(super) fn is_workload(object: &Object) -> bool {
    WORKLOADS.iter().any(|(_, kind)| *kind == object.kind())
}

/// The kind of volumes, which are never replaced and only deleted on demand.
pub(super) const VOLUME: &str = "PersistentVolumeClaim";

/// All kinds that a project can have, in apply order.
pub(super) fn project_kinds() -> impl DoubleEndedIterator<Item = &'static Kind> {
    PROJECT_KINDS.iter().map(|(api_version, kind)| known(api_version, kind))
}

/// The place of a kind in apply order; kinds that longshore does not make come last.
pub(super) fn apply_order(kind: &str) -> usize {
    PROJECT_KINDS.iter().position(|(_, known)| *known == kind).unwrap_or(PROJECT_KINDS.len())
}

/// The kind of an object.
pub(super) fn kind_of(object: &Object) -> Result<&'static Kind, Error> {
    kinds::find(object.api_version(), object.kind()).ok_or_else(|| Error::UnknownKind {
        api_version: object.api_version().to_owned(),
        kind: object.kind().to_owned(),
        name: object.name().to_owned(),
    })
}

/// A kind that every cluster serves.
pub(super) fn known(api_version: &str, kind: &str) -> &'static Kind {
    kinds::find(api_version, kind).expect("the kinds that longshore makes are in the kinds table")
}
