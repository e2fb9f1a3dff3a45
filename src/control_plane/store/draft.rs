use std::collections::BTreeMap;

use bytes::Bytes;
use serde::Deserialize;
use serde_json::{Map, Value};

use super::stored::spliced;
use super::{Key, Stored};
use crate::kubernetes::Kind;

/// An object that is ready to be stored: encoded but for its revision, which the commit decides.
#[derive(Debug)]
pub struct Draft {
    json: Vec<u8>,
    stored: Stored,
}

impl Draft {
    /// Encodes an object; its namespace and name are those of its metadata.
    pub fn new(kind: &'static Kind, object: &Value) -> Self {
        let (json, revision_at) = encode(object);
        let metadata = object.get("metadata").unwrap_or(&Value::Null);
        let text = |field: &str| {
            metadata.get(field).and_then(Value::as_str).unwrap_or_default().to_owned()
        };
        let stored = Stored {
            kind,
            revision: 0,
            json: Bytes::new(),
            namespace: text("namespace"),
            name: text("name"),
            uid: text("uid"),
            labels: labels(metadata.get("labels")),
            owners: owners(metadata.get("ownerReferences")),
            deleting: metadata.get("deletionTimestamp").is_some_and(|value| !value.is_null()),
            revision_at,
        };
        Self { json, stored }
    }

    /// The object's key.
    pub fn key(&self) -> Key {
        Key::from(&self.stored)
    }

    /// What would be stored: the answer to a dry run.
    pub fn unsaved(self, revision: u64) -> Stored {
        self.finish(revision)
    }

    /// The object with its revision.
    pub(super) fn finish(self, revision: u64) -> Stored {
        let Self { json, stored } = self;
        let (head, tail) = json.split_at(stored.revision_at);
        Stored { revision, json: spliced(head, revision, tail), ..stored }
    }
}

impl Stored {
    /// Reads the index of an object that a backend kept; `None` when it is no object of ours.
    pub(super) fn read(kind: &'static Kind, revision_at: usize, json: Bytes) -> Option<Self> {
        let digits = json.get(revision_at..)?.split(|byte| *byte == b'"').next()?;
        let revision = std::str::from_utf8(digits).ok()?.parse().ok()?;
        let Header { metadata } = serde_json::from_slice(&json).ok()?;
        Some(Self {
            kind,
            revision,
            namespace: metadata.namespace,
            name: metadata.name,
            uid: metadata.uid,
            labels: metadata.labels.unwrap_or_default(),
            owners: metadata.owner_references.into_iter().map(|owner| owner.uid).collect(),
            deleting: metadata.deletion_timestamp.is_some(),
            revision_at,
            json,
        })
    }
}

/// What the index needs of a stored object; the rest is skipped without being built.
#[derive(Deserialize)]
struct Header {
    metadata: Metadata,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Metadata {
    #[serde(default)]
    namespace: String,
    name: String,
    #[serde(default)]
    uid: String,
    labels: Option<BTreeMap<String, String>>,
    #[serde(default)]
    owner_references: Vec<Owner>,
    deletion_timestamp: Option<String>,
}

#[derive(Deserialize)]
struct Owner {
    #[serde(default)]
    uid: String,
}

/// The object as JSON with an empty `resourceVersion`, and where its digits belong.
fn encode(object: &Value) -> (Vec<u8>, usize) {
    let mut json = Vec::with_capacity(1024);
    let mut revision_at = 0;
    json.push(b'{');
    for (name, value) in object.as_object().into_iter().flatten() {
        if json.len() > 1 {
            json.push(b',');
        }
        write_json(&mut json, name);
        json.push(b':');
        match value {
            Value::Object(metadata) if name == "metadata" => {
                revision_at = encode_metadata(&mut json, metadata);
            }
            _ => write_json(&mut json, value),
        }
    }
    json.push(b'}');
    (json, revision_at)
}

fn encode_metadata(json: &mut Vec<u8>, metadata: &Map<String, Value>) -> usize {
    json.push(b'{');
    for (name, value) in metadata.iter().filter(|(name, _)| *name != "resourceVersion") {
        write_json(json, name);
        json.push(b':');
        write_json(json, value);
        json.push(b',');
    }
    json.extend_from_slice(b"\"resourceVersion\":\"");
    let revision_at = json.len();
    json.extend_from_slice(b"\"}");
    revision_at
}

fn write_json(json: &mut Vec<u8>, value: &(impl serde::Serialize + ?Sized)) {
    serde_json::to_writer(json, value).expect("JSON values have string keys, and memory takes all");
}

fn labels(labels: Option<&Value>) -> BTreeMap<String, String> {
    let labels = labels.and_then(Value::as_object).into_iter().flatten();
    labels.filter_map(|(key, value)| Some((key.clone(), value.as_str()?.to_owned()))).collect()
}

fn owners(owners: Option<&Value>) -> Vec<String> {
    let owners = owners.and_then(Value::as_array).into_iter().flatten();
    owners.filter_map(|owner| Some(owner.get("uid")?.as_str()?.to_owned())).collect()
}
