//! Admission: what a new object gets from, and owes to, the cluster around it.

mod claims;
mod pods;

use serde_json::Value;

use super::super::store::Key;
use super::{Verbs, metadata, refusal};
use crate::kubernetes::{Cause, Status, kinds};

/// The namespace of a new object must be there (404) and not be on its way out (403).
pub fn namespace_is_open(verbs: &Verbs, key: &Key) -> Result<(), Status> {
    if !key.kind.namespaced {
        return Ok(());
    }
    let Some(kind) = kinds::find("v1", "Namespace") else { return Ok(()) };
    let namespace = verbs.get(&Key::new(kind, "", key.namespace.as_str()))?;
    if namespace.deleting {
        return Err(refusal::terminating(key.kind, &key.name, &key.namespace));
    }
    Ok(())
}

/// Fills in what other objects of the cluster decide for a new one.
pub fn admit_new(verbs: &Verbs, key: &Key, object: &mut Value) -> Result<(), Status> {
    match (key.kind.group, key.kind.plural) {
        ("", "pods") => pods::admit(verbs, key, object),
        ("", "persistentvolumeclaims") => claims::admit_claim(verbs, object),
        ("", "persistentvolumes") => claims::admit_volume(object),
        _ => Ok(()),
    }
}

/// What an update may not do, whatever the kind: an object on its way out gets no new finalizers.
pub fn admit_update(key: &Key, before: &Value, new: &mut Value) -> Result<(), Status> {
    if before.pointer("/metadata/deletionTimestamp").is_none() {
        return Ok(());
    }
    let list = |object: &Value| -> Vec<Value> {
        let finalizers = object.pointer("/metadata/finalizers").and_then(Value::as_array);
        finalizers.cloned().unwrap_or_default()
    };
    let old = list(before);
    let added: Vec<_> = list(new)
        .into_iter()
        .filter(|finalizer| !old.contains(finalizer))
        .map(|finalizer| finalizer.to_string())
        .collect();
    if added.is_empty() {
        return Ok(());
    }
    let message = format!(
        "Forbidden: no new finalizers can be added if the object is being deleted, found new \
         finalizers [{}]",
        added.join(", ")
    );
    let cause =
        Cause { reason: "FieldValueForbidden", message, field: "metadata.finalizers".to_owned() };
    Err(refusal::invalid(key.kind, metadata::text(new, "name"), vec![cause]))
}
