//! What the server decides about `metadata`: identity, times, generation, and who may not change what.

use jiff::Timestamp;
use serde_json::{Map, Value, json};

use super::super::store::{Key, Stored};
use super::refusal::{bad_request, conflict, modified};
use crate::kubernetes::{Kind, Status};

/// Kinds whose `spec` has a generation, by group and plural.
const WITH_GENERATION: &[(&str, &str)] = &[
    ("", "pods"),
    ("", "replicationcontrollers"),
    ("admissionregistration.k8s.io", "mutatingwebhookconfigurations"),
    ("admissionregistration.k8s.io", "validatingadmissionpolicies"),
    ("admissionregistration.k8s.io", "validatingadmissionpolicybindings"),
    ("admissionregistration.k8s.io", "validatingwebhookconfigurations"),
    ("apiextensions.k8s.io", "customresourcedefinitions"),
    ("apps", "daemonsets"),
    ("apps", "deployments"),
    ("apps", "replicasets"),
    ("apps", "statefulsets"),
    ("autoscaling", "horizontalpodautoscalers"),
    ("batch", "cronjobs"),
    ("batch", "jobs"),
    ("discovery.k8s.io", "endpointslices"),
    ("flowcontrol.apiserver.k8s.io", "flowschemas"),
    ("flowcontrol.apiserver.k8s.io", "prioritylevelconfigurations"),
    ("networking.k8s.io", "ingressclasses"),
    ("networking.k8s.io", "ingresses"),
    ("networking.k8s.io", "networkpolicies"),
    ("policy", "poddisruptionbudgets"),
    ("storage.k8s.io", "csinodes"),
];

/// `metadata` of an object, made when it is missing; an error when it is no object.
pub fn of(object: &mut Value) -> Result<&mut Map<String, Value>, Status> {
    let fields =
        object.as_object_mut().ok_or_else(|| bad_request("the request body must be an object"))?;
    let metadata = fields.entry("metadata").or_insert_with(|| json!({}));
    if metadata.is_null() {
        *metadata = json!({});
    }
    metadata.as_object_mut().ok_or_else(|| bad_request("metadata must be an object"))
}

/// A text field of `metadata`, empty when absent.
pub fn text<'a>(object: &'a Value, field: &str) -> &'a str {
    object.get("metadata").and_then(|metadata| metadata.get(field)?.as_str()).unwrap_or("")
}

/// Whether the object has finalizers.
pub fn has_finalizers(object: &Value) -> bool {
    let finalizers = object.get("metadata").and_then(|metadata| metadata.get("finalizers"));
    finalizers.and_then(Value::as_array).is_some_and(|finalizers| !finalizers.is_empty())
}

/// The time as Kubernetes writes it: whole seconds, UTC.
pub fn seconds(time: Timestamp) -> Value {
    let whole = Timestamp::from_second(time.as_second()).unwrap_or(time);
    Value::String(whole.to_string())
}

/// Sets `apiVersion` and `kind`; an error when the body names another type than the URL.
pub fn set_type(kind: &Kind, object: &mut Value) -> Result<(), Status> {
    let api_version = kind.api_version();
    let fields =
        object.as_object_mut().ok_or_else(|| bad_request("the request body must be an object"))?;
    for (field, expected) in [("apiVersion", api_version.as_str()), ("kind", kind.kind)] {
        match fields.get(field).and_then(Value::as_str) {
            None | Some("") => {
                fields.shift_insert(
                    usize::from(field == "kind"),
                    field.to_owned(),
                    json!(expected),
                );
            }
            Some(given) if given == expected => {}
            Some(given) => {
                return Err(bad_request(format!(
                    "the {field} in the data ({given}) does not match the expected {field} \
                     ({expected})"
                )));
            }
        }
    }
    Ok(())
}

/// Makes the metadata of a new object.
pub fn stamp(
    kind: &Kind,
    namespace: &str,
    object: &mut Value,
    now: Timestamp,
) -> Result<(), Status> {
    let metadata = of(object)?;
    if !text_in(metadata, "resourceVersion").is_empty() {
        return Err(bad_request("resourceVersion should not be set on objects to be created"));
    }
    match text_in(metadata, "namespace") {
        "" => {}
        given if given == namespace => {}
        given => {
            return Err(bad_request(format!(
                "the namespace of the provided object does not match the namespace sent on the \
                 request ({given} is not `{namespace}`)"
            )));
        }
    }
    for field in [
        "namespace",
        "resourceVersion",
        "generation",
        "deletionTimestamp",
        "deletionGracePeriodSeconds",
        "selfLink",
    ] {
        metadata.shift_remove(field);
    }
    if kind.namespaced {
        metadata.insert("namespace".to_owned(), json!(namespace));
    }
    metadata.insert("uid".to_owned(), json!(uuid::Uuid::new_v4().to_string()));
    metadata.insert("creationTimestamp".to_owned(), seconds(now));
    if has_generation(kind) {
        metadata.insert("generation".to_owned(), json!(1));
    }
    Ok(())
}

/// Gives a new state the identity of the old one; an error when it claims another.
pub fn keep_identity(
    key: &Key,
    old: &Stored,
    before: &Value,
    new: &mut Value,
) -> Result<(), Status> {
    let metadata = of(new)?;
    let revision = text_in(metadata, "resourceVersion");
    if !revision.is_empty() && revision != "0" && revision != old.revision.to_string() {
        return Err(modified(key));
    }
    let uid = text_in(metadata, "uid");
    if !uid.is_empty() && uid != old.uid {
        return Err(conflict(
            key,
            &format!(
                "Precondition failed: UID in precondition: {uid}, UID in object meta: {}",
                old.uid
            ),
        ));
    }
    for (field, expected) in [("name", &key.name), ("namespace", &key.namespace)] {
        let given = text_in(metadata, field);
        if !given.is_empty() && given != expected {
            return Err(bad_request(format!(
                "the {field} of the object ({given}) does not match the {field} on the URL \
                 ({expected})"
            )));
        }
    }
    for field in [
        "name",
        "namespace",
        "uid",
        "resourceVersion",
        "generation",
        "creationTimestamp",
        "deletionTimestamp",
        "deletionGracePeriodSeconds",
        "selfLink",
    ] {
        match before.get("metadata").and_then(|metadata| metadata.get(field)) {
            Some(value) => drop(metadata.insert(field.to_owned(), value.clone())),
            None => drop(metadata.shift_remove(field)),
        }
    }
    keep_managed_fields(before, metadata);
    Ok(())
}

/// A body without `managedFields` keeps them; an empty list, or one empty entry, clears them.
fn keep_managed_fields(before: &Value, metadata: &mut Map<String, Value>) {
    let old = before.get("metadata").and_then(|metadata| metadata.get("managedFields"));
    match metadata.get("managedFields").map(|given| given.as_array().map(Vec::as_slice)) {
        None | Some(None) => match old {
            Some(old) => drop(metadata.insert("managedFields".to_owned(), old.clone())),
            None => drop(metadata.shift_remove("managedFields")),
        },
        Some(Some([])) => drop(metadata.shift_remove("managedFields")),
        Some(Some([only])) if only.as_object().is_some_and(Map::is_empty) => {
            metadata.shift_remove("managedFields");
        }
        Some(Some(_)) => {}
    }
}

/// Counts the generation up when anything but `metadata` and `status` changed.
pub fn count_generation(kind: &Kind, before: &Value, new: &mut Value) {
    if has_generation(kind) && !same_spec(before, new) {
        let generation = before.pointer("/metadata/generation").and_then(Value::as_i64);
        if let Ok(metadata) = of(new) {
            metadata.insert("generation".to_owned(), json!(generation.unwrap_or(0) + 1));
        }
    }
}

/// Whether the kind counts generations.
pub fn has_generation(kind: &Kind) -> bool {
    WITH_GENERATION.contains(&(kind.group, kind.plural))
}

/// Whether a write would change nothing but the times in `managedFields`.
pub fn is_same(before: &Value, new: &Value) -> bool {
    let (Some(before), Some(new)) = (before.as_object(), new.as_object()) else {
        return before == new;
    };
    before.len() == new.len()
        && before.iter().all(|(name, value)| match new.get(name) {
            Some(other) if name == "metadata" => is_same_metadata(value, other),
            Some(other) => value == other,
            None => false,
        })
}

fn is_same_metadata(before: &Value, new: &Value) -> bool {
    let (Some(before), Some(new)) = (before.as_object(), new.as_object()) else {
        return before == new;
    };
    before.len() == new.len()
        && before.iter().all(|(name, value)| match (name.as_str(), new.get(name)) {
            ("managedFields", Some(other)) => is_same_ownership(value, other),
            (_, Some(other)) => value == other,
            (_, None) => false,
        })
}

fn is_same_ownership(before: &Value, new: &Value) -> bool {
    let (Some(before), Some(new)) = (before.as_array(), new.as_array()) else {
        return before == new;
    };
    let fields = |entry: &Value| {
        let mut entry = entry.clone();
        if let Some(fields) = entry.as_object_mut() {
            fields.shift_remove("time");
        }
        entry
    };
    before.len() == new.len()
        && before.iter().zip(new).all(|(before, new)| fields(before) == fields(new))
}

fn same_spec(before: &Value, new: &Value) -> bool {
    fn spec(value: &Value) -> impl Iterator<Item = (&String, &Value)> {
        let fields = value.as_object().into_iter().flatten();
        fields.filter(|(name, _)| {
            !matches!(name.as_str(), "apiVersion" | "kind" | "metadata" | "status")
        })
    }
    spec(before).count() == spec(new).count()
        && spec(before).all(|(name, value)| new.get(name) == Some(value))
}

fn text_in<'a>(metadata: &'a Map<String, Value>, field: &str) -> &'a str {
    metadata.get(field).and_then(Value::as_str).unwrap_or("")
}
