//! `Table`: the rows and columns of `kubectl get`.

use std::io::Write;

use jiff::Timestamp;
use serde_json::Value;

use super::metadata_only;
use super::query::Query;
use crate::control_plane::schema::table;
use crate::control_plane::store::Stored;
use crate::kubernetes::{Kind, Reason, Status};

/// What each row holds besides its cells: `includeObject`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Include {
    /// Nothing.
    None,
    /// The object's metadata.
    Metadata,
    /// The object.
    Object,
}

impl Include {
    /// `includeObject` of a request.
    pub fn parse(query: &Query) -> Result<Self, Status> {
        match query.get("includeObject") {
            "" | "Metadata" => Ok(Self::Metadata),
            "None" => Ok(Self::None),
            "Object" => Ok(Self::Object),
            other => Err(Status::new(
                Reason::BadRequest,
                format!("unrecognized includeObject value: \"{other}\""),
            )),
        }
    }
}

/// A `Table` of objects; the columns stand in the first table of a watch only.
pub fn table<'a>(
    kind: &Kind,
    objects: impl Iterator<Item = &'a Stored>,
    metadata: &Value,
    include: Include,
    with_columns: bool,
) -> Vec<u8> {
    let columns = Value::Array(if with_columns { table::columns(kind) } else { Vec::new() });
    let now = Timestamp::now();
    let mut json = format!(
        r#"{{"kind":"Table","apiVersion":"meta.k8s.io/v1","metadata":{metadata},"columnDefinitions":{columns},"rows":["#
    )
    .into_bytes();
    for (index, object) in objects.enumerate() {
        if index > 0 {
            json.push(b',');
        }
        let cells = Value::Array(table::cells(kind, &object.value(), now));
        // Writing to memory does not fail.
        let _ = write!(json, r#"{{"cells":{cells}"#);
        match include {
            Include::None => {}
            Include::Metadata => {
                json.extend_from_slice(br#","object":"#);
                json.extend_from_slice(&metadata_only::object(&object.json));
            }
            Include::Object => {
                json.extend_from_slice(br#","object":"#);
                json.extend_from_slice(&object.json);
            }
        }
        json.push(b'}');
    }
    json.extend_from_slice(b"]}");
    json
}
