//! `ControllerRevision`s: the templates that a `StatefulSet` or `DaemonSet` has had.

use std::collections::BTreeSet;

use k8s_openapi::Metadata;
use k8s_openapi::api::apps::v1::ControllerRevision;
use k8s_openapi::api::core::v1::PodTemplateSpec;
use k8s_openapi::apimachinery::pkg::apis::meta::v1::ObjectMeta;
use k8s_openapi::apimachinery::pkg::runtime::RawExtension;
use serde_json::{Value, json};

use super::{labels, owner, template_hash};
use crate::control_plane::runner::{Operation, Plan};

/// The revisions of an owner, oldest first, with the one of its template.
pub(super) struct History {
    pub(super) revisions: Vec<ControllerRevision>,
    /// The one that holds the owner's template.
    pub(super) update: ControllerRevision,
}

impl History {
    /// Finds the revision of the template, or plans it; one that comes back becomes the newest.
    pub(super) fn of<O: Metadata<Ty = ObjectMeta>>(
        owner: &O,
        template: &PodTemplateSpec,
        mut revisions: Vec<ControllerRevision>,
        collision_count: Option<i32>,
        plan: &mut Plan,
    ) -> Self {
        revisions.sort_by_key(|one| (one.revision, one.metadata.name.clone()));
        let data = data(template);
        let newest = revisions.last().map_or(0, |revision| revision.revision);
        let same = |revision: &ControllerRevision| {
            revision.data.as_ref().is_some_and(|known| known.0 == data)
        };
        let known = revisions.iter_mut().rev().find(|revision| same(revision));
        let update = if let Some(revision) = known {
            if revision.revision < newest {
                revision.revision = newest + 1;
                plan.push(Operation::patch(revision, json!({"revision": newest + 1})));
            }
            revision.clone()
        } else {
            let hash = template_hash::hash(template, collision_count);
            let revision = revision(owner, template, data, newest + 1, &hash);
            plan.push(Operation::create(&revision, None));
            revisions.push(revision.clone());
            revision
        };
        Self { revisions, update }
    }

    /// Deletes the oldest revisions beyond a limit that no pod has.
    pub(super) fn clean_up(&self, limit: i32, live: &BTreeSet<String>, plan: &mut Plan) {
        let is_old = |revision: &&ControllerRevision| {
            !live.contains(owner::name(*revision))
                && revision.metadata.name != self.update.metadata.name
        };
        let old: Vec<_> = self.revisions.iter().filter(is_old).collect();
        let surplus = old.len().saturating_sub(usize::try_from(limit).unwrap_or_default());
        plan.operations.extend(old.iter().take(surplus).map(|one| Operation::delete(*one, None)));
    }

    /// The template of a revision by its name, when it is known.
    pub(super) fn template(&self, name: &str) -> Option<PodTemplateSpec> {
        let revision = self.revisions.iter().find(|revision| owner::name(*revision) == name)?;
        let mut template = revision.data.as_ref()?.0.pointer("/spec/template")?.clone();
        template.as_object_mut()?.remove("$patch");
        serde_json::from_value(template).ok()
    }
}

/// What `kubectl rollout undo` applies as a strategic merge patch to come back to the template.
fn data(template: &PodTemplateSpec) -> Value {
    let mut template = json!(template);
    if let Some(fields) = template.as_object_mut() {
        fields.insert("$patch".to_owned(), json!("replace"));
    }
    json!({"spec": {"template": template}})
}

fn revision<O: Metadata<Ty = ObjectMeta>>(
    owner: &O,
    template: &PodTemplateSpec,
    data: Value,
    revision: i64,
    hash: &str,
) -> ControllerRevision {
    let labels = template.metadata.as_ref().and_then(|metadata| metadata.labels.clone());
    let mut labels = labels.unwrap_or_default();
    labels.insert(labels::REVISION_DATA_HASH.to_owned(), hash.to_owned());
    let mut annotations = owner.metadata().annotations.clone().unwrap_or_default();
    annotations.remove(labels::LAST_APPLIED);
    ControllerRevision {
        metadata: ObjectMeta {
            name: Some(format!("{}-{hash}", owner::name(owner))),
            namespace: owner.metadata().namespace.clone(),
            labels: Some(labels),
            annotations: Some(annotations).filter(|annotations| !annotations.is_empty()),
            owner_references: Some(vec![owner::controller_reference(owner)]),
            ..ObjectMeta::default()
        },
        data: Some(RawExtension(data)),
        revision,
    }
}
