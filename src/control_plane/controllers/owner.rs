//! Who controls whom: owner references, adoption and release.

use std::collections::BTreeMap;

use k8s_openapi::apimachinery::pkg::apis::meta::v1::{LabelSelector, ObjectMeta, OwnerReference};
use k8s_openapi::{Metadata, Resource};
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

use super::selector;
use crate::control_plane::runner::{Index, Operation, is};
use crate::control_plane::store::{Change, Event, Key};

/// A reference that makes `owner` the controller.
pub(crate) fn controller_reference<T: Metadata<Ty = ObjectMeta>>(owner: &T) -> OwnerReference {
    let metadata = owner.metadata();
    OwnerReference {
        api_version: T::API_VERSION.to_owned(),
        kind: T::KIND.to_owned(),
        name: metadata.name.clone().unwrap_or_default(),
        uid: metadata.uid.clone().unwrap_or_default(),
        controller: Some(true),
        block_owner_deletion: Some(true),
    }
}

/// The owner that controls an object.
pub(crate) fn controller_of(metadata: &ObjectMeta) -> Option<&OwnerReference> {
    let mut owners = metadata.owner_references.iter().flatten();
    owners.find(|owner| owner.controller == Some(true))
}

/// A merge patch that makes an object's labels these.
pub(crate) fn labels_patch(metadata: &ObjectMeta, labels: &BTreeMap<String, String>) -> Value {
    let before = metadata.labels.iter().flatten();
    let removed = before.filter(|(key, _)| !labels.contains_key(*key));
    let removed = removed.map(|(key, _)| (key.clone(), Value::Null));
    let kept = labels.iter().map(|(key, value)| (key.clone(), json!(value)));
    removed.chain(kept).collect()
}

/// The uid of an object.
pub(crate) fn uid<T: Metadata<Ty = ObjectMeta>>(object: &T) -> &str {
    object.metadata().uid.as_deref().unwrap_or_default()
}

/// The name of an object.
pub(crate) fn name<T: Metadata<Ty = ObjectMeta>>(object: &T) -> &str {
    object.metadata().name.as_deref().unwrap_or_default()
}

/// The namespace of an object.
pub(crate) fn namespace<T: Metadata<Ty = ObjectMeta>>(object: &T) -> &str {
    object.metadata().namespace.as_deref().unwrap_or_default()
}

/// Which `O`s an event concerns: itself, the owners of a `D`, or those that could adopt it.
pub(crate) fn concerned<O: Resource, D: Resource>(event: &Event, index: &Index) -> Vec<Key> {
    let object = &event.object;
    if is::<O>(object) {
        return vec![Key::from(&**object)];
    }
    if !is::<D>(object) {
        return Vec::new();
    }
    let mut keys = index.owners::<O>(object);
    if let Some(previous) = &event.previous {
        keys.extend(index.owners::<O>(previous));
    }
    if object.owners.is_empty() && event.change != Change::Deleted {
        keys.extend(index.selecting::<O>(&object.namespace, &object.labels));
    }
    keys
}

/// What an owner controls, and the writes that adopt what it should control and release what it should not.
pub(crate) struct Claimed<D> {
    /// The objects that are controlled already.
    pub(crate) owned: Vec<D>,
    /// Adoptions and releases; when there are any, the owner looks again after them.
    pub(crate) operations: Vec<Operation>,
}

/// Sorts out what `owner` controls.
pub(crate) fn claim<O, D>(owner: &O, selector: &LabelSelector, index: &Index) -> Claimed<D>
where
    O: Metadata<Ty = ObjectMeta>,
    D: Metadata<Ty = ObjectMeta> + DeserializeOwned,
{
    let deleting = owner.metadata().deletion_timestamp.is_some();
    let uid = uid(owner);
    let mut claimed = Claimed { owned: Vec::new(), operations: Vec::new() };
    for object in index.owned::<D>(uid) {
        let labels = object.metadata().labels.clone().unwrap_or_default();
        if controller_of(object.metadata()).is_none_or(|owner| owner.uid != uid) {
            continue;
        }
        if deleting || selector::matches(selector, &labels) {
            claimed.owned.push(object);
        } else if object.metadata().deletion_timestamp.is_none() {
            claimed.operations.push(release(&object, uid));
        }
    }
    if deleting || selector::is_empty(selector) {
        return claimed;
    }
    for stored in index.selected::<D>(namespace(owner), selector) {
        if stored.deleting || stored.owners.iter().any(|owner| owner == uid) {
            continue;
        }
        let Ok(object) = stored.parse::<D>() else { continue };
        if controller_of(object.metadata()).is_none() {
            claimed.operations.push(adopt(&object, controller_reference(owner)));
        }
    }
    claimed
}

fn adopt<D: Metadata<Ty = ObjectMeta>>(object: &D, owner: OwnerReference) -> Operation {
    let mut owners = object.metadata().owner_references.clone().unwrap_or_default();
    owners.push(owner);
    write_owners(object, &owners)
}

fn release<D: Metadata<Ty = ObjectMeta>>(object: &D, uid: &str) -> Operation {
    let mut owners = object.metadata().owner_references.clone().unwrap_or_default();
    owners.retain(|owner| owner.uid != uid);
    write_owners(object, &owners)
}

/// In the version that was looked at: the list is replaced as a whole.
fn write_owners<D: Metadata<Ty = ObjectMeta>>(object: &D, owners: &[OwnerReference]) -> Operation {
    let version = &object.metadata().resource_version;
    // An empty list is left out, as everywhere in the API.
    let owners = (!owners.is_empty()).then_some(owners);
    let metadata = json!({"ownerReferences": owners, "resourceVersion": version});
    Operation::patch(object, json!({"metadata": metadata}))
}
