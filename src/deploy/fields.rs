//! Reading of fields that may not be there.

use serde_json::Value;

use crate::kubernetes::Object;

/// A condition of `status.conditions`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Condition<'a> {
    pub holds: bool,
    pub reason: &'a str,
    pub message: &'a str,
}

/// The field at a path such as `status.readyReplicas`.
pub(super) fn value<'a>(object: &'a Object, path: &str) -> Option<&'a Value> {
    let mut steps = path.split('.');
    let first = object.fields().get(steps.next()?)?;
    steps.try_fold(first, |value, step| value.get(step))
}

/// The integer at a path; 0 when there is none.
pub(super) fn number(object: &Object, path: &str) -> i64 {
    value(object, path).and_then(Value::as_i64).unwrap_or(0)
}

/// The text at a path; empty when there is none.
pub(super) fn text<'a>(object: &'a Object, path: &str) -> &'a str {
    value(object, path).and_then(Value::as_str).unwrap_or("")
}

/// The items at a path; none when there is no array.
pub(super) fn items<'a>(object: &'a Object, path: &str) -> impl Iterator<Item = &'a Value> {
    value(object, path).and_then(Value::as_array).into_iter().flatten()
}

/// The text of a member of a value; empty when there is none.
pub(super) fn member<'a>(value: &'a Value, key: &str) -> &'a str {
    value.get(key).and_then(Value::as_str).unwrap_or("")
}

/// The condition of a type.
pub(super) fn condition<'a>(object: &'a Object, kind: &str) -> Option<Condition<'a>> {
    let found = items(object, "status.conditions").find(|item| member(item, "type") == kind)?;
    Some(Condition {
        holds: member(found, "status") == "True",
        reason: member(found, "reason"),
        message: member(found, "message"),
    })
}
