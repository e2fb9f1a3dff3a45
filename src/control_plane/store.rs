//! The store: revisions, objects as JSON bytes, one event ring.

mod key;

pub use key::Key;

use std::collections::BTreeMap;
use std::sync::Arc;

use bytes::Bytes;
use serde_json::Value;

use crate::kubernetes::Kind;

/// One object as it is stored: its JSON bytes and what is asked of it without parsing.
#[derive(Debug, Clone)]
pub struct Stored {
    /// Its kind.
    pub kind: &'static Kind,
    /// The revision that wrote it: its `resourceVersion`.
    pub revision: u64,
    /// The object as JSON, `resourceVersion` included.
    pub json: Bytes,
    /// `metadata.namespace`, empty for cluster-scoped objects.
    pub namespace: String,
    /// `metadata.name`.
    pub name: String,
    /// `metadata.uid`.
    pub uid: String,
    /// `metadata.labels`.
    pub labels: BTreeMap<String, String>,
    /// `metadata.ownerReferences[].uid`.
    pub owners: Vec<String>,
    /// Whether `metadata.deletionTimestamp` is set.
    pub deleting: bool,
}

impl Stored {
    /// The object as a JSON value.
    pub fn value(&self) -> Value {
        serde_json::from_slice(&self.json).unwrap_or_default()
    }

    /// The object as a type of `k8s-openapi`.
    pub fn parse<T: serde::de::DeserializeOwned>(&self) -> Result<T, serde_json::Error> {
        serde_json::from_slice(&self.json)
    }
}

/// What happened to an object.
#[derive(Debug, Clone)]
pub struct Event {
    /// The revision of the change.
    pub revision: u64,
    /// What happened.
    pub change: Change,
    /// The object after the change; the last state, with the revision of the deletion, when deleted.
    pub object: Arc<Stored>,
    /// The object before the change.
    pub previous: Option<Arc<Stored>>,
}

/// The kind of change.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Change {
    /// The object is new.
    Added,
    /// The object was written again.
    Modified,
    /// The object is gone.
    Deleted,
}
