//! Claims and volumes: the default storage class, and protection while in use.

use serde_json::{Value, json};

use super::super::{Verbs, metadata};
use crate::kubernetes::{Status, kinds};

const DEFAULT_CLASS: &str = "storageclass.kubernetes.io/is-default-class";
const CLAIM_PROTECTION: &str = "kubernetes.io/pvc-protection";
const VOLUME_PROTECTION: &str = "kubernetes.io/pv-protection";

pub fn admit_claim(verbs: &Verbs, claim: &mut Value) -> Result<(), Status> {
    add_finalizer(claim, CLAIM_PROTECTION)?;
    let annotated =
        claim.pointer("/metadata/annotations/volume.beta.kubernetes.io~1storage-class").is_some();
    let Some(spec) = claim.get_mut("spec").and_then(Value::as_object_mut) else { return Ok(()) };
    // An empty class is a choice, too: no dynamic volume.
    let chosen = annotated || spec.get("storageClassName").is_some_and(Value::is_string);
    if !chosen && let Some(class) = default_class(verbs) {
        spec.insert("storageClassName".to_owned(), json!(class));
    }
    Ok(())
}

pub fn admit_volume(volume: &mut Value) -> Result<(), Status> {
    add_finalizer(volume, VOLUME_PROTECTION)
}

/// The newest of the storage classes that call themselves the default.
fn default_class(verbs: &Verbs) -> Option<String> {
    let (classes, _) = verbs.list(kinds::find("storage.k8s.io/v1", "StorageClass")?, None);
    let values = classes.iter().map(|class| class.value());
    let newest = values
        .filter(|class| {
            let annotations = class.pointer("/metadata/annotations");
            annotations.and_then(|all| all.get(DEFAULT_CLASS)).is_some_and(|text| text == "true")
        })
        .max_by_key(|class| metadata::text(class, "creationTimestamp").to_owned())?;
    Some(metadata::text(&newest, "name").to_owned())
}

fn add_finalizer(object: &mut Value, finalizer: &str) -> Result<(), Status> {
    let metadata = metadata::of(object)?;
    let list = metadata.entry("finalizers").or_insert_with(|| json!([]));
    match list.as_array_mut() {
        Some(list) if list.iter().any(|present| present == finalizer) => {}
        Some(list) => list.push(json!(finalizer)),
        None => *list = json!([finalizer]),
    }
    Ok(())
}
