//! Label and field selectors of lists and watches.

mod fields;
mod labels;

use std::collections::BTreeMap;

use serde_json::Value;

use crate::kubernetes::{Kind, Reason, Status};
use fields::FieldSelector;
pub use labels::LabelSelector;

/// A label selector and a field selector; empty ones match everything.
#[derive(Debug, Clone, Default)]
pub struct Selectors {
    labels: LabelSelector,
    fields: FieldSelector,
}

impl Selectors {
    /// Parses `labelSelector` and `fieldSelector`; an unknown field or bad syntax is a 400.
    pub fn parse(kind: &Kind, labels: &str, fields: &str) -> Result<Self, Status> {
        let bad_request = |message| Status::new(Reason::BadRequest, message);
        Ok(Self {
            labels: LabelSelector::parse(labels).map_err(bad_request)?,
            fields: FieldSelector::parse(kind, fields).map_err(bad_request)?,
        })
    }

    /// Whether there is nothing to check.
    pub fn is_empty(&self) -> bool {
        self.labels.is_empty() && self.fields.is_empty()
    }

    /// Whether the labels alone decide.
    pub fn fields_empty(&self) -> bool {
        self.fields.is_empty()
    }

    /// Whether the labels match; for those who keep an object's labels apart.
    pub fn labels_match(&self, labels: &BTreeMap<String, String>) -> bool {
        self.labels.matches(|key| labels.get(key).map(String::as_str))
    }

    /// Whether the object matches both.
    pub fn matches(&self, object: &Value) -> bool {
        self.labels.matches_object(object) && self.fields.matches(object)
    }
}

#[cfg(test)]
mod tests;
