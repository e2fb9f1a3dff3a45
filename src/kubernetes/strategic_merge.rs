//! Strategic merge patch: lists merge by the keys that the types declare.
//! A port of k8s.io/apimachinery/pkg/util/strategicpatch.

mod list;

use serde_json::{Map, Value};

use super::schema::Type;

type Fields = Map<String, Value>;

const PATCH: &str = "$patch";
const RETAIN_KEYS: &str = "$retainKeys";
const SET_ELEMENT_ORDER: &str = "$setElementOrder/";
const DELETE_FROM_LIST: &str = "$deleteFromPrimitiveList/";

/// Applies a strategic merge patch to an object of a type; a patch with wrong directives is an error.
pub fn merge(place: Type, object: &Value, patch: &Value) -> Result<Value, String> {
    let (Value::Object(object), Value::Object(patch)) = (object, patch) else {
        return Err("Invalid JSON document".to_owned());
    };
    merge_map(place, object.clone(), patch.clone()).map(Value::Object)
}

fn merge_map(place: Type, mut original: Fields, mut patch: Fields) -> Result<Fields, String> {
    if let Some(directive) = patch.shift_remove(PATCH) {
        return match directive.as_str() {
            Some("replace") => Ok(without_directives(patch)),
            Some("delete") => Ok(Fields::new()),
            _ => Err(format!("unknown patch type {directive} in map: {}", Value::Object(patch))),
        };
    }
    retain_keys(&mut original, &mut patch)?;
    merge_ordered_lists(place, &mut original, &mut patch)?;
    for (key, value) in patch {
        if let Some(field) = key.strip_prefix(DELETE_FROM_LIST) {
            let Value::Array(gone) = value else { return Err(format!("{key} must be a list")) };
            if let Some(Value::Array(items)) = original.get_mut(field) {
                items.retain(|item| !gone.contains(item));
            }
            continue;
        }
        if value.is_null() {
            original.shift_remove(&key);
            continue;
        }
        let field = place.field(&key).unwrap_or_else(Type::any);
        let merged = match (original.get_mut(&key).map(Value::take), value) {
            (Some(Value::Object(old)), Value::Object(patch)) => {
                Value::Object(merge_map(field, old, patch)?)
            }
            (Some(Value::Array(old)), Value::Array(patch)) => {
                Value::Array(list::merge_list(field, old, patch)?)
            }
            (_, new) => match without_directives_in(new) {
                Some(new) => new,
                None => continue,
            },
        };
        original.insert(key, merged);
    }
    Ok(original)
}

/// `$retainKeys`: fields that it does not name go.
fn retain_keys(original: &mut Fields, patch: &mut Fields) -> Result<(), String> {
    let Some(directive) = patch.shift_remove(RETAIN_KEYS) else { return Ok(()) };
    let Value::Array(keys) = directive else {
        return Err(
            "invalid patch format of retainKeys: it must be a list of field names".to_owned()
        );
    };
    let is_kept = |key: &str| keys.iter().any(|kept| kept.as_str() == Some(key));
    let stray = patch
        .iter()
        .find(|(key, value)| !key.starts_with('$') && !value.is_null() && !is_kept(key));
    if let Some((key, _)) = stray {
        return Err(format!("invalid patch format of retainKeys: it does not name `{key}`"));
    }
    original.retain(|key, _| is_kept(key));
    Ok(())
}

/// `$setElementOrder/FIELD`: merges the list at FIELD and puts it into the order of the directive.
fn merge_ordered_lists(
    place: Type,
    original: &mut Fields,
    patch: &mut Fields,
) -> Result<(), String> {
    let directives: Vec<_> =
        patch.keys().filter(|key| key.starts_with(SET_ELEMENT_ORDER)).cloned().collect();
    for directive in directives {
        let field = directive.trim_start_matches(SET_ELEMENT_ORDER);
        let order = patch.shift_remove(&directive);
        let Some(Value::Array(order)) = order else {
            return Err(format!(
                "invalid patch format of setElementOrder list: {directive} must be a list"
            ));
        };
        let place = place.field(field).unwrap_or_else(Type::any);
        let changes = match patch.get(field) {
            // Null deletes the list, and is left to do so.
            Some(Value::Null) => continue,
            Some(Value::Array(changes)) => Some(changes.clone()),
            Some(other) => return Err(format!("{field} must be a list, found {other}")),
            None => None,
        };
        patch.shift_remove(field);
        let old = match original.get(field) {
            Some(Value::Array(old)) => Some(old.clone()),
            _ => None,
        };
        let merged = match (old.clone(), changes) {
            (Some(old), Some(changes)) => list::merge_list(place, old, changes)?,
            (Some(old), None) => old,
            (None, Some(changes)) => {
                changes.into_iter().filter_map(without_directives_in).collect()
            }
            (None, None) => continue,
        };
        let ordered = list::in_order(place.merge_key(), merged, &order, &old.unwrap_or_default());
        original.insert(field.to_owned(), Value::Array(ordered));
    }
    Ok(())
}

/// A new value has nothing to direct: it loses its directives and nulls; `None` when it says `$patch: delete`.
fn without_directives_in(value: Value) -> Option<Value> {
    match value {
        Value::Object(mut fields) => {
            if fields.shift_remove(PATCH).is_some_and(|directive| directive == "delete") {
                return None;
            }
            Some(Value::Object(without_directives(fields)))
        }
        Value::Array(items) => Some(items.into_iter().filter_map(without_directives_in).collect()),
        other => Some(other),
    }
}

fn without_directives(fields: Fields) -> Fields {
    fields
        .into_iter()
        .filter(|(key, value)| !value.is_null() && !is_directive(key))
        .filter_map(|(key, value)| Some((key, without_directives_in(value)?)))
        .collect()
}

fn is_directive(key: &str) -> bool {
    key == PATCH
        || key == RETAIN_KEYS
        || key.starts_with(SET_ELEMENT_ORDER)
        || key.starts_with(DELETE_FROM_LIST)
}

#[cfg(test)]
mod tests;
