use serde_json::{Map, Value, json};

use super::super::store::{Key, Stored};
use super::{metadata, refusal};
use crate::kubernetes::{Cause, Kind, Status};

/// The kinds with a `scale` subresource, by group and plural.
const SCALABLE: &[(&str, &str)] = &[
    ("", "replicationcontrollers"),
    ("apps", "deployments"),
    ("apps", "replicasets"),
    ("apps", "statefulsets"),
];

/// Whether the kind has a `scale` subresource.
pub fn is_scalable(kind: &Kind) -> bool {
    SCALABLE.contains(&(kind.group, kind.plural))
}

/// The `autoscaling/v1` `Scale` of an object; `None` when its kind has none.
pub fn scale_of(kind: &Kind, object: &Value) -> Option<Value> {
    if !is_scalable(kind) {
        return None;
    }
    let field = |path| object.pointer(path).cloned();
    let mut status = Map::new();
    status.insert("replicas".to_owned(), field("/status/replicas").unwrap_or_else(|| json!(0)));
    let selector = selector_text(object.pointer("/spec/selector").unwrap_or(&Value::Null));
    if !selector.is_empty() {
        status.insert("selector".to_owned(), json!(selector));
    }
    let mut metadata = Map::new();
    for name in ["name", "namespace", "uid", "resourceVersion", "creationTimestamp"] {
        if let Some(value) = object.get("metadata").and_then(|metadata| metadata.get(name)) {
            metadata.insert(name.to_owned(), value.clone());
        }
    }
    Some(json!({
        "kind": "Scale",
        "apiVersion": "autoscaling/v1",
        "metadata": metadata,
        "spec": {"replicas": field("/spec/replicas").unwrap_or_else(|| json!(1))},
        "status": status,
    }))
}

/// Whether a value is a `Scale`.
pub fn is_scale(object: &Value) -> bool {
    object.get("kind").and_then(Value::as_str) == Some("Scale")
}

/// The object with the replicas of a changed `Scale`.
pub fn set_replicas(
    key: &Key,
    old: &Stored,
    before: &Value,
    scale: &Value,
) -> Result<Value, Status> {
    let revision = metadata::text(scale, "resourceVersion");
    if !revision.is_empty() && revision != old.revision.to_string() {
        return Err(refusal::modified(key));
    }
    let replicas = scale.pointer("/spec/replicas").map_or(Some(0), Value::as_i64);
    let Some(replicas) = replicas.filter(|replicas| (0..=i64::from(i32::MAX)).contains(replicas))
    else {
        return Err(refusal::invalid(
            key.kind,
            &key.name,
            vec![Cause {
                reason: "FieldValueInvalid",
                message: "Invalid value: must be a number greater than or equal to 0".to_owned(),
                field: "spec.replicas".to_owned(),
            }],
        ));
    };
    let mut new = before.clone();
    if let Some(spec) = new.get_mut("spec").and_then(Value::as_object_mut) {
        spec.insert("replicas".to_owned(), json!(replicas));
    }
    Ok(new)
}

/// A label selector as one string; that of a replication controller is a plain map.
pub fn selector_text(selector: &Value) -> String {
    let plain = !selector.get("matchLabels").is_some_and(Value::is_object)
        && !selector.get("matchExpressions").is_some_and(Value::is_array);
    let labels = if plain { Some(selector) } else { selector.get("matchLabels") };
    let mut terms: Vec<String> = labels
        .and_then(Value::as_object)
        .into_iter()
        .flatten()
        .filter_map(|(key, value)| Some(format!("{key}={}", value.as_str()?)))
        .collect();
    let expressions = selector.get("matchExpressions").and_then(Value::as_array);
    terms.extend(expressions.into_iter().flatten().filter_map(expression));
    terms.sort();
    terms.join(",")
}

fn expression(expression: &Value) -> Option<String> {
    let key = expression.get("key")?.as_str()?;
    let values = || {
        let values = expression.get("values").and_then(Value::as_array).into_iter().flatten();
        let mut values: Vec<_> = values.filter_map(Value::as_str).collect();
        values.sort_unstable();
        values.join(",")
    };
    match expression.get("operator")?.as_str()? {
        "In" => Some(format!("{key} in ({})", values())),
        "NotIn" => Some(format!("{key} notin ({})", values())),
        "Exists" => Some(key.to_owned()),
        "DoesNotExist" => Some(format!("!{key}")),
        _ => None,
    }
}
