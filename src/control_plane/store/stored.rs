use std::collections::BTreeMap;

use bytes::{Bytes, BytesMut};
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
    /// Where the digits of `metadata.resourceVersion` start in `json`.
    pub(super) revision_at: usize,
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

    /// The same object with another revision: the last state of one that is deleted, or one that
    /// leaves a watch.
    #[must_use]
    pub fn at_revision(&self, revision: u64) -> Self {
        let (head, rest) = self.json.split_at(self.revision_at.min(self.json.len()));
        let digits = rest.iter().take_while(|byte| byte.is_ascii_digit()).count();
        let tail = rest.get(digits..).unwrap_or_default();
        Self { revision, json: spliced(head, revision, tail), ..self.clone() }
    }
}

/// JSON with the digits of a revision between its two halves.
pub(super) fn spliced(head: &[u8], revision: u64, tail: &[u8]) -> Bytes {
    let digits = revision.to_string();
    let mut json = BytesMut::with_capacity(head.len() + digits.len() + tail.len());
    json.extend_from_slice(head);
    json.extend_from_slice(digits.as_bytes());
    json.extend_from_slice(tail);
    json.freeze()
}
