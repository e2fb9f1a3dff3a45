//! The types of the Kubernetes v1.35 API: fields, list types, merge keys, and the check against them.

use serde_json::Value;

/// A field that the type does not know, or a value of the wrong type.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    /// The field, e.g. `spec.template.spec.containers[0].imagePullPolicy`.
    pub path: String,
    /// One sentence.
    pub message: String,
}

/// Checks an object against the type that its `apiVersion` and `kind` name.
pub fn check(object: &Value) -> Vec<Problem> {
    let _ = object;
    Vec::new()
}
