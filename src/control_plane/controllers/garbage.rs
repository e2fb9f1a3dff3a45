//! Garbage collection: objects whose owners are gone, and the finalizers of `Foreground` and `Orphan` deletion.
//!
//! The index knows every object by uid, so an owner that it does not know is gone: there is nothing to ask for.

use std::sync::Arc;

use jiff::Timestamp;
use k8s_openapi::apimachinery::pkg::apis::meta::v1::{ObjectMeta, OwnerReference};
use serde::Deserialize;
use serde_json::{Map, Value, json};

use super::{Controller, labels};
use crate::control_plane::runner::{Index, Operation, Plan, Reference};
use crate::control_plane::store::{Change, Event, Key, Stored};
use crate::control_plane::verbs::Propagation;

/// The garbage collector.
pub(super) struct Garbage;

/// An object as the garbage collector sees it: its metadata alone.
#[derive(Debug, Clone, Deserialize)]
pub(crate) struct Item {
    pub(crate) metadata: ObjectMeta,
}

/// What is known of an object's owners and dependents.
#[derive(Debug, Default)]
pub(crate) struct Observed {
    /// The owners that are there, by uid.
    pub(crate) owners: Vec<Item>,
    /// The objects that name this one as an owner.
    pub(crate) dependents: Vec<(Reference, Item)>,
}

impl Controller for Garbage {
    fn name(&self) -> &'static str {
        "generic-garbage-collector"
    }

    fn concerns(&self, event: &Event, index: &Index) -> Vec<Key> {
        let object = &event.object;
        let mut keys = Vec::new();
        // The last dependent to go, or to lose its owner, lets an owner go that waits for it.
        let before = event.previous.iter().flat_map(|previous| &previous.owners);
        let left =
            before.filter(|uid| event.change == Change::Deleted || !object.owners.contains(uid));
        let owners = left.filter_map(|uid| index.with_uid(uid));
        keys.extend(owners.filter(|owner| owner.deleting).map(|owner| Key::from(&**owner)));
        if event.change == Change::Deleted {
            keys.extend(index.dependents(&object.uid).map(|one| Key::from(&**one)));
        } else if object.deleting || has_new_owners(event) {
            keys.push(Key::from(&**object));
            if object.deleting {
                keys.extend(index.dependents(&object.uid).map(|one| Key::from(&**one)));
            }
        }
        keys
    }

    fn plan(&mut self, key: &Key, index: &Index, _now: Timestamp) -> Plan {
        let Some(stored) = index.stored(key) else { return Plan::default() };
        let Some(item) = item(stored) else { return Plan::default() };
        let owners = stored.owners.iter().filter_map(|uid| index.with_uid(uid));
        // An owner in another namespace is none.
        let owners = owners
            .filter(|owner| owner.namespace.is_empty() || owner.namespace == stored.namespace);
        let observed = Observed {
            owners: owners.filter_map(self::item).collect(),
            dependents: index
                .dependents(&stored.uid)
                .filter_map(|one| Some((reference(one), self::item(one)?)))
                .collect(),
        };
        reconcile(&reference(stored), &item, &observed)
    }
}

/// What is to be done about one object for its owners' and its dependents' sake.
pub(crate) fn reconcile(target: &Reference, item: &Item, observed: &Observed) -> Plan {
    let mut plan = Plan::default();
    if has_finalizer(item, labels::ORPHAN) && is_deleting(item) {
        orphan(target, item, observed, &mut plan);
        return plan;
    }
    if has_finalizer(item, labels::FOREGROUND_DELETION) && is_deleting(item) {
        let blocking = observed.dependents.iter().any(|(_, dependent)| blocks(dependent, item));
        if !blocking {
            plan.push(without_finalizer(target, item, labels::FOREGROUND_DELETION));
        }
        return plan;
    }
    if !is_deleting(item) {
        judge_owners(target, item, observed, &mut plan);
    }
    plan
}

fn judge_owners(target: &Reference, item: &Item, observed: &Observed, plan: &mut Plan) {
    let references = item.metadata.owner_references.as_deref().unwrap_or_default();
    if references.is_empty() {
        return;
    }
    let owner = |reference: &OwnerReference| {
        observed.owners.iter().find(|owner| owner.metadata.uid.as_ref() == Some(&reference.uid))
    };
    let is_waiting =
        |owner: &Item| is_deleting(owner) && has_finalizer(owner, labels::FOREGROUND_DELETION);
    let solid = |reference: &&OwnerReference| owner(reference).is_some_and(|one| !is_waiting(one));
    let kept: Vec<&OwnerReference> = references.iter().filter(solid).collect();
    if kept.len() == references.len() {
        return;
    }
    if !kept.is_empty() {
        plan.push(patch_of(target, item, &json!({"ownerReferences": kept})));
        return;
    }
    // An owner that waits for its dependents waits for theirs, too.
    let waits = references.iter().filter_map(owner).any(is_waiting);
    let propagation = if waits && !observed.dependents.is_empty() {
        Propagation::Foreground
    } else if has_finalizer(item, labels::ORPHAN) {
        Propagation::Orphan
    } else if has_finalizer(item, labels::FOREGROUND_DELETION) {
        Propagation::Foreground
    } else {
        Propagation::Background
    };
    plan.push(Operation::Delete {
        target: target.clone(),
        grace_period: None,
        propagation,
        note: None,
    });
}

/// Takes the object out of its dependents' owners, then lets it go.
fn orphan(target: &Reference, item: &Item, observed: &Observed, plan: &mut Plan) {
    for (dependent, other) in &observed.dependents {
        let references = other.metadata.owner_references.iter().flatten();
        let kept: Vec<_> = references.filter(|owner| owner.uid != target.uid).collect();
        plan.push(patch_of(dependent, other, &json!({"ownerReferences": kept})));
    }
    if observed.dependents.is_empty() {
        plan.push(without_finalizer(target, item, labels::ORPHAN));
    } else {
        // Once more without dependents, so that a failed patch leaves the finalizer in place.
        plan.again_at = Some(Timestamp::MIN);
    }
}

fn without_finalizer(target: &Reference, item: &Item, finalizer: &str) -> Operation {
    let finalizers = item.metadata.finalizers.iter().flatten();
    let kept: Vec<_> = finalizers.filter(|one| *one != finalizer).collect();
    patch_of(target, item, &json!({"finalizers": kept}))
}

/// A patch of the metadata in the version that was looked at: lists are replaced as a whole.
fn patch_of(target: &Reference, item: &Item, metadata: &Value) -> Operation {
    let mut fields = Map::new();
    for (field, list) in metadata.as_object().into_iter().flatten() {
        // An empty list is left out, as everywhere in the API.
        let empty = list.as_array().is_some_and(Vec::is_empty);
        fields.insert(field.clone(), if empty { Value::Null } else { list.clone() });
    }
    let version = item.metadata.resource_version.as_ref();
    fields.extend(version.map(|version| ("resourceVersion".to_owned(), json!(version))));
    let patch = json!({"metadata": fields});
    Operation::Patch { target: target.clone(), subresource: "", patch, note: None }
}

/// Whether the deletion of `owner` waits for a dependent.
fn blocks(dependent: &Item, owner: &Item) -> bool {
    dependent.metadata.owner_references.iter().flatten().any(|reference| {
        Some(&reference.uid) == owner.metadata.uid.as_ref()
            && reference.block_owner_deletion == Some(true)
    })
}

fn has_new_owners(event: &Event) -> bool {
    let before = event.previous.as_ref().map(|previous| &previous.owners);
    !event.object.owners.is_empty() && before != Some(&event.object.owners)
}

fn has_finalizer(item: &Item, finalizer: &str) -> bool {
    item.metadata.finalizers.iter().flatten().any(|one| one == finalizer)
}

fn is_deleting(item: &Item) -> bool {
    item.metadata.deletion_timestamp.is_some()
}

fn item(stored: &Arc<Stored>) -> Option<Item> {
    crate::control_plane::runner::parse(stored)
}

fn reference(stored: &Arc<Stored>) -> Reference {
    Reference { key: Key::from(&**stored), uid: stored.uid.clone() }
}

#[cfg(test)]
mod tests;
