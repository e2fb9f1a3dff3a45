use std::collections::BTreeMap;

use k8s_openapi::api::apps::v1::ReplicaSet;
use serde_json::{Map, Value, json};

use crate::control_plane::controllers::labels;
use crate::control_plane::runner::Operation;

/// A `ReplicaSet` of a rollout: as it was observed, and as it shall be.
#[derive(Debug, Clone)]
pub(super) struct Set {
    observed: ReplicaSet,
    pub(super) desired: ReplicaSet,
    /// It does not exist yet.
    pub(super) is_new: bool,
}

impl Set {
    /// One that exists.
    pub(super) fn observed(set: ReplicaSet) -> Self {
        Self { observed: set.clone(), desired: set, is_new: false }
    }

    /// One that is to be created.
    pub(super) fn planned(set: ReplicaSet) -> Self {
        Self { observed: ReplicaSet::default(), desired: set, is_new: true }
    }

    /// The name.
    pub(super) fn name(&self) -> &str {
        self.desired.metadata.name.as_deref().unwrap_or_default()
    }

    /// How many pods it shall have.
    pub(super) fn replicas(&self) -> i32 {
        self.desired.spec.as_ref().and_then(|spec| spec.replicas).unwrap_or_default()
    }

    /// How many pods it has.
    pub(super) fn actual(&self) -> i32 {
        self.desired.status.as_ref().map_or(0, |status| status.replicas)
    }

    /// How many of its pods are available.
    pub(super) fn available(&self) -> i32 {
        let status = self.desired.status.as_ref();
        status.and_then(|status| status.available_replicas).unwrap_or_default()
    }

    /// How many of its pods are ready.
    pub(super) fn ready(&self) -> i32 {
        let status = self.desired.status.as_ref();
        status.and_then(|status| status.ready_replicas).unwrap_or_default()
    }

    /// An annotation's value.
    pub(super) fn annotation(&self, key: &str) -> Option<&str> {
        self.desired.metadata.annotations.as_ref()?.get(key).map(String::as_str)
    }

    /// `deployment.kubernetes.io/revision`.
    pub(super) fn revision(&self) -> i64 {
        let revision = self.annotation(labels::REVISION);
        revision.and_then(|revision| revision.parse().ok()).unwrap_or_default()
    }

    /// Sets an annotation.
    pub(super) fn annotate(&mut self, key: &str, value: String) {
        self.annotations().insert(key.to_owned(), value);
    }

    /// All annotations, to change.
    pub(super) fn annotations(&mut self) -> &mut BTreeMap<String, String> {
        self.desired.metadata.annotations.get_or_insert_default()
    }

    /// Sets the number of pods.
    pub(super) fn set_replicas(&mut self, replicas: i32) {
        self.desired.spec.get_or_insert_default().replicas = Some(replicas);
    }

    /// The write that makes the observed what is desired.
    pub(super) fn operation(&self) -> Option<Operation> {
        if self.is_new {
            return Some(Operation::create(&self.desired, None));
        }
        let mut patch = Map::new();
        if let Some(annotations) = self.changed_annotations() {
            patch.insert("metadata".to_owned(), json!({"annotations": annotations}));
        }
        let before = self.observed.spec.as_ref();
        let after = self.desired.spec.as_ref();
        let mut spec = Map::new();
        if before.and_then(|spec| spec.replicas) != after.and_then(|spec| spec.replicas) {
            spec.insert("replicas".to_owned(), json!(self.replicas()));
        }
        let seconds = after.and_then(|spec| spec.min_ready_seconds);
        if before.and_then(|spec| spec.min_ready_seconds) != seconds {
            spec.insert("minReadySeconds".to_owned(), json!(seconds));
        }
        if !spec.is_empty() {
            patch.insert("spec".to_owned(), Value::Object(spec));
        }
        (!patch.is_empty()).then(|| Operation::patch(&self.observed, Value::Object(patch)))
    }

    fn changed_annotations(&self) -> Option<Map<String, Value>> {
        let empty = BTreeMap::new();
        let before = self.observed.metadata.annotations.as_ref().unwrap_or(&empty);
        let after = self.desired.metadata.annotations.as_ref().unwrap_or(&empty);
        let set = after.iter().filter(|(key, value)| before.get(*key) != Some(value));
        let removed = before.keys().filter(|key| !after.contains_key(*key));
        let changed: Map<String, Value> = set
            .map(|(key, value)| (key.clone(), json!(value)))
            .chain(removed.map(|key| (key.clone(), Value::Null)))
            .collect();
        (!changed.is_empty()).then_some(changed)
    }
}
