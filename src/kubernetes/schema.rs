//! The types of the Kubernetes v1.35 API: fields, list types, merge keys, and the check against them.

use serde_json::Value;

/// A field that the type does not know, or a value of the wrong type.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    /// The field, e.g. `spec.template.spec.containers[0].imagePullPolicy`.
    pub path: String,
    /// What is wrong with it.
    pub fault: Fault,
    /// One sentence.
    pub message: String,
}

/// What is wrong with a field.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fault {
    /// The type has no such field: the API server drops it, warns, or refuses, as the client wishes.
    Unknown,
    /// The value has the wrong type: always refused.
    Mistyped,
}

/// Checks an object against the type that its `apiVersion` and `kind` name.
pub fn check(object: &Value) -> Vec<Problem> {
    let _ = object;
    Vec::new()
}

/// Drops the fields that the types do not know, as the API server does unless it is told to refuse them.
pub fn prune(object: &mut Value) {
    let _ = object;
}
