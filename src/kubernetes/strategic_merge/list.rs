use serde_json::Value;

use super::{Fields, PATCH, merge_map, without_directives_in};
use crate::kubernetes::schema::Type;

/// Merges a list as its type says: replaced as a whole, by a key of its items, or as a set of scalars.
pub(super) fn merge_list(
    place: Type,
    original: Vec<Value>,
    patch: Vec<Value>,
) -> Result<Vec<Value>, String> {
    if !place.merges() {
        return Ok(patch.into_iter().filter_map(without_directives_in).collect());
    }
    let order = patch.clone();
    let before = original.clone();
    let merged = match place.merge_key() {
        Some(key) => merge_items(place, key, original, patch)?,
        None => merge_scalars(original, patch),
    };
    Ok(in_order(place.merge_key(), merged, &order, &before))
}

fn merge_scalars(mut original: Vec<Value>, patch: Vec<Value>) -> Vec<Value> {
    for item in patch {
        if !original.contains(&item) {
            original.push(item);
        }
    }
    original
}

fn merge_items(
    place: Type,
    key: &str,
    mut original: Vec<Value>,
    patch: Vec<Value>,
) -> Result<Vec<Value>, String> {
    let (changes, replaces) = apply_directives(key, &mut original, patch)?;
    if replaces {
        return Ok(changes.into_iter().map(Value::Object).collect());
    }
    for change in changes {
        let name = change.get(key).cloned().ok_or_else(|| no_merge_key(&change, key))?;
        let old = original.iter_mut().find(|item| item.get(key) == Some(&name));
        match old.map(|old| (old.take(), old)) {
            Some((Value::Object(fields), old)) => {
                *old = Value::Object(merge_map(place.items(), fields, change)?);
            }
            _ => original.extend(without_directives_in(Value::Object(change))),
        }
    }
    Ok(original)
}

/// `$patch` in an item: deletes the items of its key, or replaces the whole list by the rest of the patch.
fn apply_directives(
    key: &str,
    original: &mut Vec<Value>,
    patch: Vec<Value>,
) -> Result<(Vec<Fields>, bool), String> {
    let mut changes = Vec::new();
    let mut replaces = false;
    for item in patch {
        let Value::Object(fields) = item else {
            return Err(format!("expected an object with the merge key {key}, found {item}"));
        };
        match fields.get(PATCH).map(|directive| directive.as_str().unwrap_or_default()) {
            None => changes.push(fields),
            Some("delete") => {
                let name = fields.get(key).ok_or_else(|| no_merge_key(&fields, key))?;
                original.retain(|item| item.get(key) != Some(name));
            }
            Some("replace") => replaces = true,
            Some("merge") => {
                return Err("merging lists cannot yet be specified in the patch".to_owned());
            }
            Some(other) => return Err(format!("unknown patch type '{other}' in a list")),
        }
    }
    Ok((changes, replaces))
}

fn no_merge_key(fields: &Fields, key: &str) -> String {
    let fields = Value::Object(fields.clone());
    format!("map: {fields} does not contain declared merge key: {key}")
}

/// Items of the patch stand in its order, the others where they were before.
pub(super) fn in_order(
    key: Option<&str>,
    merged: Vec<Value>,
    order: &[Value],
    before: &[Value],
) -> Vec<Value> {
    let same = |left: &Value, right: &Value| match key {
        Some(key) => left.get(key).is_some() && left.get(key) == right.get(key),
        None => left == right,
    };
    let place_in = |list: &[Value], item: &Value| list.iter().position(|each| same(each, item));
    let (mut named, mut others): (Vec<_>, Vec<_>) =
        merged.into_iter().partition(|item| place_in(order, item).is_some());
    named.sort_by_key(|item| place_in(order, item));
    others.sort_by_key(|item| place_in(before, item));

    let mut ordered = Vec::with_capacity(named.len() + others.len());
    let mut named = named.into_iter().peekable();
    let mut others = others.into_iter().peekable();
    loop {
        let other_first = match (others.peek(), named.peek()) {
            (Some(other), Some(named)) => {
                match (place_in(before, other), place_in(before, named)) {
                    (Some(other), Some(named)) => other < named,
                    _ => false,
                }
            }
            (Some(_), None) => true,
            (None, Some(_)) => false,
            (None, None) => return ordered,
        };
        ordered.extend(if other_first { others.next() } else { named.next() });
    }
}
