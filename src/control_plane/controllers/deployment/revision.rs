//! The new `ReplicaSet` and the numbers of revisions.

use std::collections::BTreeMap;

use k8s_openapi::api::apps::v1::{ReplicaSet, ReplicaSetSpec};
use k8s_openapi::apimachinery::pkg::apis::meta::v1::ObjectMeta;

use super::replica_set::Set;
use super::rollout::Rollout;
use super::status::{self, PROGRESSING};
use super::strategy;
use crate::control_plane::controllers::{labels, owner, template_hash};

/// Longer histories lose their oldest entries.
const LONGEST_HISTORY: usize = 2_000;

/// Annotations of a Deployment that its `ReplicaSet`s do not inherit.
const OWN_ANNOTATIONS: &[&str] = &[
    labels::LAST_APPLIED,
    labels::REVISION,
    labels::REVISION_HISTORY,
    labels::DESIRED_REPLICAS,
    labels::MAX_REPLICAS,
    "deprecated.deployment.rollback.to",
];

impl Rollout<'_> {
    /// Brings the new `ReplicaSet` up to date, or plans it when there is none.
    pub(super) fn ensure_new_set(&mut self) {
        if self.new.is_some() {
            self.update_new_set();
        } else {
            self.plan_new_set();
        }
    }

    /// Brings the new `ReplicaSet`, if there is one, up to date: revision, annotations, `minReadySeconds`.
    pub(super) fn update_new_set(&mut self) {
        let revision = self.next_revision();
        let Some(mut set) = self.new.take() else { return };
        self.inherit_annotations(&mut set);
        if set.revision() < revision {
            remember_revision(&mut set);
            set.annotate(labels::REVISION, revision.to_string());
        }
        if let Some(spec) = &mut set.desired.spec
            && spec.min_ready_seconds.unwrap_or(0) != self.spec.min_ready_seconds.unwrap_or(0)
        {
            spec.min_ready_seconds = self.spec.min_ready_seconds;
        }
        self.revision = Some(set.revision());
        if status::has_deadline(self.spec) && status::find(&self.status, PROGRESSING).is_none() {
            let message = format!("Found new replica set \"{}\"", set.name());
            self.set_condition(PROGRESSING, "True", "FoundNewReplicaSet", message);
        }
        self.new = Some(set);
    }

    fn plan_new_set(&mut self) {
        let revision = self.next_revision();
        let name = owner::name(self.deployment);
        let mut hash = template_hash::hash(&self.spec.template, self.status.collision_count);
        while (self.is_taken)(&format!("{name}-{hash}")) {
            *self.status.collision_count.get_or_insert_default() += 1;
            hash = template_hash::hash(&self.spec.template, self.status.collision_count);
        }
        let mut set = Set::planned(self.replica_set(format!("{name}-{hash}"), &hash));
        self.inherit_annotations(&mut set);
        set.annotate(labels::REVISION, revision.to_string());
        self.revision = Some(revision);
        if status::has_deadline(self.spec) {
            let message = format!("Created new replica set \"{}\"", set.name());
            self.set_condition(PROGRESSING, "True", "NewReplicaSetCreated", message);
        }
        self.new = Some(set);
        let replicas = self.replicas_of_new_set();
        self.scale_new(replicas);
        self.annotate_replicas();
    }

    fn replica_set(&self, name: String, hash: &str) -> ReplicaSet {
        let label = (labels::POD_TEMPLATE_HASH.to_owned(), hash.to_owned());
        let mut template = self.spec.template.clone();
        let metadata = template.metadata.get_or_insert_default();
        let pod_labels = metadata.labels.get_or_insert_default();
        pod_labels.insert(label.0.clone(), label.1.clone());
        let pod_labels = pod_labels.clone();
        let mut selector = self.spec.selector.clone();
        selector.match_labels.get_or_insert_default().insert(label.0, label.1);
        ReplicaSet {
            metadata: ObjectMeta {
                name: Some(name),
                namespace: self.deployment.metadata.namespace.clone(),
                labels: Some(pod_labels),
                owner_references: Some(vec![owner::controller_reference(self.deployment)]),
                ..ObjectMeta::default()
            },
            spec: Some(ReplicaSetSpec {
                replicas: Some(0),
                min_ready_seconds: self.spec.min_ready_seconds,
                selector,
                template: Some(template),
            }),
            status: None,
        }
    }

    fn next_revision(&self) -> i64 {
        self.old.iter().map(Set::revision).max().unwrap_or_default() + 1
    }

    fn inherit_annotations(&self, set: &mut Set) {
        let empty = BTreeMap::new();
        let annotations = self.deployment.metadata.annotations.as_ref().unwrap_or(&empty);
        for (key, value) in annotations {
            if !OWN_ANNOTATIONS.contains(&key.as_str()) {
                set.annotate(key, value.clone());
            }
        }
    }

    /// Writes down for what size each `ReplicaSet` was scaled, so that a later change of size is noticed.
    pub(super) fn annotate_replicas(&mut self) {
        let (surge, _) = strategy::surge_and_unavailable(self.spec);
        let replicas = strategy::replicas(self.spec);
        if let Some(set) = &mut self.new {
            set.annotate(labels::DESIRED_REPLICAS, replicas.to_string());
            set.annotate(labels::MAX_REPLICAS, (replicas + surge).to_string());
        }
    }
}

/// A template that comes back (`rollout undo`) gets a new number and remembers its old ones.
fn remember_revision(set: &mut Set) {
    let Some(before) = set.annotation(labels::REVISION).map(str::to_owned) else { return };
    let history = set.annotation(labels::REVISION_HISTORY).unwrap_or_default();
    let mut numbers: Vec<&str> = history.split(',').filter(|number| !number.is_empty()).collect();
    numbers.push(&before);
    while numbers.join(",").len() > LONGEST_HISTORY {
        numbers.remove(0);
    }
    let history = numbers.join(",");
    set.annotate(labels::REVISION_HISTORY, history);
}
