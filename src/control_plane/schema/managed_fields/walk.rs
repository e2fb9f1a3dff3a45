//! Typed walks over objects: which paths a value has, how two values merge, where they differ.
//! A port of `typed` of sigs.k8s.io/structured-merge-diff.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Map, Value};

use super::field_set::{FieldSet, PathElement, describe};
use crate::kubernetes::schema::{ListType, Shape, Type};

/// Where two objects differ.
#[derive(Debug, Default)]
pub(super) struct Comparison {
    pub(super) added: FieldSet,
    pub(super) removed: FieldSet,
    pub(super) modified: FieldSet,
}

impl Comparison {
    /// What the second object has and the first has not, or has otherwise.
    pub(super) fn changed(&self) -> FieldSet {
        self.added.union(&self.modified)
    }
}

/// How the value at a place is owned.
#[derive(Clone, Copy, PartialEq)]
enum Granularity {
    /// As a whole.
    Leaf,
    /// Field by field.
    Fields,
    /// Item by item.
    Items,
}

fn granularity(place: Type, value: &Value) -> Granularity {
    match (place.shape(), value) {
        (Shape::Struct | Shape::Map | Shape::Any, Value::Object(_)) if !place.is_atomic() => {
            Granularity::Fields
        }
        (Shape::List, Value::Array(_)) if place.list_type() != ListType::Atomic => {
            Granularity::Items
        }
        _ => Granularity::Leaf,
    }
}

/// Of two values; a shape that changed is owned as a whole.
fn common_granularity(place: Type, left: Option<&Value>, right: Option<&Value>) -> Granularity {
    let is_bare = |value: Option<&Value>| match value {
        Some(Value::Object(fields)) => fields.is_empty(),
        Some(Value::Array(items)) => items.is_empty(),
        Some(_) => false,
        None => true,
    };
    if is_bare(left) && is_bare(right) {
        return Granularity::Leaf;
    }
    match (left.map(|left| granularity(place, left)), right.map(|right| granularity(place, right)))
    {
        (Some(left), Some(right)) if left != right => Granularity::Leaf,
        (Some(one), _) | (None, Some(one)) => one,
        (None, None) => Granularity::Leaf,
    }
}

/// All paths of a value.
pub(super) fn field_set(
    place: Type,
    value: &Value,
    duplicates: Duplicates,
) -> Result<FieldSet, String> {
    let mut set = FieldSet::default();
    collect(place, value, duplicates, &mut Vec::new(), &mut set)?;
    Ok(set)
}

fn collect(
    place: Type,
    value: &Value,
    duplicates: Duplicates,
    path: &mut Vec<PathElement>,
    set: &mut FieldSet,
) -> Result<(), String> {
    match (granularity(place, value), value) {
        (Granularity::Fields, Value::Object(fields)) => {
            for (name, value) in fields {
                let field = place.field(name).unwrap_or_else(Type::any);
                path.push(PathElement::Field(name.clone()));
                collect(field, value, duplicates, path, set)?;
                let is_bare = value.as_object().is_some_and(Map::is_empty);
                if is_bare || place.shape() != Shape::Struct {
                    set.insert(path);
                }
                path.pop();
            }
        }
        (Granularity::Items, Value::Array(items)) => {
            for (step, item) in steps(place, items, path, duplicates)? {
                path.push(step);
                collect(place.items(), item, duplicates, path, set)?;
                set.insert(path);
                path.pop();
            }
        }
        _ => set.insert(path),
    }
    Ok(())
}

/// What to do with list items of equal keys: lists that are stored may have them, applied ones may not.
#[derive(Clone, Copy, PartialEq)]
pub(super) enum Duplicates {
    Refused,
    Kept,
}

/// The items of a granular list with the steps that lead to them.
fn steps<'a>(
    place: Type,
    items: &'a [Value],
    path: &[PathElement],
    duplicates: Duplicates,
) -> Result<Vec<(PathElement, &'a Value)>, String> {
    let mut seen = BTreeSet::new();
    let mut steps = Vec::new();
    for item in items {
        let step = step(place, item).map_err(|error| format!("{}: {error}", describe(path)))?;
        if !seen.insert(step.clone()) && duplicates == Duplicates::Refused {
            let place = describe(path);
            return Err(format!("{place}: duplicate entries for key {}", describe(&[step])));
        }
        steps.push((step, item));
    }
    Ok(steps)
}

fn step(place: Type, item: &Value) -> Result<PathElement, String> {
    if place.list_type() == ListType::Set {
        return match item {
            Value::Object(_) | Value::Array(_) => {
                Err("sets can't contain maps or lists".to_owned())
            }
            Value::Null => {
                Err("associative list without keys has an element that's an explicit null"
                    .to_owned())
            }
            scalar => Ok(PathElement::Value(scalar.to_string())),
        };
    }
    let Value::Object(fields) = item else {
        return Err("associative list with keys may not have non-map elements".to_owned());
    };
    let keys = place.map_keys().iter().map(|key| {
        let given = fields.get(*key).filter(|value| !value.is_null()).cloned();
        let value = given.or_else(|| place.items().key_default(key)).ok_or_else(|| {
            format!(
                "associative list with keys has an element that omits key field {key:?} (and doesn't have default value)"
            )
        })?;
        Ok(((*key).to_owned(), value))
    });
    Ok(PathElement::key(keys.collect::<Result<_, String>>()?))
}

/// Merges what is applied into what is there; what is applied wins.
pub(super) fn merge(place: Type, live: &Value, config: &Value) -> Result<Value, String> {
    let merged = merge_at(place, Some(live), Some(config), &mut Vec::new())?;
    Ok(merged.unwrap_or(Value::Null))
}

fn merge_at(
    place: Type,
    live: Option<&Value>,
    config: Option<&Value>,
    path: &mut Vec<PathElement>,
) -> Result<Option<Value>, String> {
    match (common_granularity(place, live, config), live, config) {
        (Granularity::Fields, Some(Value::Object(live)), Some(Value::Object(config))) => {
            let mut merged = Map::new();
            let added = config.keys().filter(|name| !live.contains_key(*name));
            for name in live.keys().chain(added) {
                let field = place.field(name).unwrap_or_else(Type::any);
                path.push(PathElement::Field(name.clone()));
                let value = merge_at(field, live.get(name), config.get(name), path)?;
                path.pop();
                merged.extend(value.map(|value| (name.clone(), value)));
            }
            Ok(Some(Value::Object(merged)))
        }
        (Granularity::Items, Some(Value::Array(live)), Some(Value::Array(config))) => {
            let live = steps(place, live, path, Duplicates::Kept)?;
            let config = steps(place, config, path, Duplicates::Refused)?;
            merge_items(place, &live, &config, path).map(Some)
        }
        _ => Ok(config.or(live).cloned()),
    }
}

/// Keeps the order of what is applied, with items that only the live list has where they were.
fn merge_items(
    place: Type,
    live: &[(PathElement, &Value)],
    config: &[(PathElement, &Value)],
    path: &mut Vec<PathElement>,
) -> Result<Value, String> {
    let of_live: BTreeMap<_, _> = live.iter().map(|(step, item)| (step, *item)).collect();
    let of_config: BTreeSet<_> = config.iter().map(|(step, _)| step).collect();
    let mut shared = config.iter().map(|(step, _)| step).filter(|step| of_live.contains_key(step));
    let mut next_shared = shared.next();
    let mut taken = BTreeSet::new();
    let mut merged = Vec::new();
    let (mut lefts, mut rights) = (live.iter().peekable(), config.iter().peekable());
    while lefts.peek().is_some() || rights.peek().is_some() {
        if let Some((left, item)) = lefts.peek() {
            if !of_config.contains(left) {
                merged.push((*item).clone());
                lefts.next();
                continue;
            }
            let right = rights.peek().map(|(right, _)| right);
            let is_due = right == Some(left);
            if !is_due && right.is_some() && next_shared.is_some_and(|next| next != left) {
                lefts.next();
                continue;
            }
            if is_due || taken.contains(left) {
                lefts.next();
            }
        }
        if let Some((step, item)) = rights.next() {
            taken.insert(step);
            path.push(step.clone());
            merged.extend(merge_at(place.items(), of_live.get(step).copied(), Some(item), path)?);
            path.pop();
            if next_shared == Some(step) {
                next_shared = shared.next();
            }
        }
    }
    Ok(Value::Array(merged))
}

/// Where two objects differ.
pub(super) fn compare(place: Type, old: &Value, new: &Value) -> Result<Comparison, String> {
    let mut comparison = Comparison::default();
    compare_at(place, Some(old), Some(new), &mut Vec::new(), &mut comparison)?;
    Ok(comparison)
}

fn compare_at(
    place: Type,
    old: Option<&Value>,
    new: Option<&Value>,
    path: &mut Vec<PathElement>,
    out: &mut Comparison,
) -> Result<(), String> {
    if old == new {
        return Ok(());
    }
    let granularity = common_granularity(place, old, new);
    match granularity {
        Granularity::Leaf => {}
        Granularity::Fields => {
            let fields = |value: Option<&Value>| value.and_then(Value::as_object).cloned();
            let (old, new) = (fields(old).unwrap_or_default(), fields(new).unwrap_or_default());
            let added = new.keys().filter(|name| !old.contains_key(*name));
            for name in old.keys().chain(added) {
                let field = place.field(name).unwrap_or_else(Type::any);
                path.push(PathElement::Field(name.clone()));
                compare_at(field, old.get(name), new.get(name), path, out)?;
                path.pop();
            }
        }
        Granularity::Items => {
            let items = |value: Option<&'_ Value>| value.and_then(Value::as_array).cloned();
            let (old, new) = (items(old).unwrap_or_default(), items(new).unwrap_or_default());
            let old = steps(place, &old, path, Duplicates::Kept)?;
            let new = steps(place, &new, path, Duplicates::Kept)?;
            let of_new: BTreeMap<_, _> = new.iter().map(|(step, item)| (step, *item)).collect();
            let of_old: BTreeMap<_, _> = old.iter().map(|(step, item)| (step, *item)).collect();
            for step in
                of_old.keys().chain(of_new.keys().filter(|step| !of_old.contains_key(*step)))
            {
                path.push((*step).clone());
                let (old, new) = (of_old.get(step).copied(), of_new.get(step).copied());
                compare_at(place.items(), old, new, path, out)?;
                path.pop();
            }
        }
    }
    match (old, new) {
        (None, _) => out.added.insert(path),
        (_, None) => out.removed.insert(path),
        _ if granularity == Granularity::Leaf => out.modified.insert(path),
        _ => {}
    }
    Ok(())
}

/// A value without the paths of a set; `None` when nothing is left.
pub(super) fn remove(place: Type, value: &Value, set: &FieldSet) -> Option<Value> {
    match (granularity(place, value), value) {
        (Granularity::Fields, Value::Object(fields)) => {
            let kept = fields.iter().filter_map(|(name, value)| {
                let field = place.field(name).unwrap_or_else(Type::any);
                let value = remove_at(field, value, &PathElement::Field(name.clone()), set)?;
                Some((name.clone(), value))
            });
            let kept: Map<_, _> = kept.collect();
            (!kept.is_empty()).then_some(Value::Object(kept))
        }
        (Granularity::Items, Value::Array(items)) => {
            let kept = items.iter().filter_map(|item| match step(place, item) {
                Ok(step) if set.has(&step) => None,
                // An item stays when only its fields go: it may be somebody's without them.
                Ok(step) => {
                    Some(remove_at(place.items(), item, &step, set).unwrap_or_else(super::empty))
                }
                Err(_) => Some(item.clone()),
            });
            let kept: Vec<_> = kept.collect();
            (!kept.is_empty()).then_some(Value::Array(kept))
        }
        _ => match value {
            // An atomic map or list with paths below it in the set is gone as a whole.
            Value::Object(_) | Value::Array(_) => None,
            scalar => Some(scalar.clone()),
        },
    }
}

fn remove_at(place: Type, value: &Value, step: &PathElement, set: &FieldSet) -> Option<Value> {
    if set.has(step) {
        return None;
    }
    match set.below(step) {
        Some(below) => remove(place, value, below),
        None => Some(value.clone()),
    }
}
