use indexmap::IndexMap;
use serde::Serialize;

use super::Extensions;
use super::attribute::unset;

/// `provider`: what runs the service instead of containers.
/// <https://github.com/compose-spec/compose-spec/blob/main/05-services.md#provider>
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Provider {
    /// `type`: the program that provides.
    #[serde(rename = "type")]
    pub kind: String,
    /// `options`; each may be given several times.
    #[serde(skip_serializing_if = "unset")]
    pub options: IndexMap<String, Vec<String>>,
    /// `x-*`.
    #[serde(flatten)]
    pub extensions: Extensions,
}
