use indexmap::IndexMap;
use serde::Serialize;

use super::Extensions;
use super::attribute::unset;

/// `logging`: <https://github.com/compose-spec/compose-spec/blob/main/05-services.md#logging>.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Logging {
    /// `driver`.
    #[serde(skip_serializing_if = "unset")]
    pub driver: Option<String>,
    /// `options`.
    #[serde(skip_serializing_if = "unset")]
    pub options: IndexMap<String, String>,
    /// `x-*`.
    #[serde(flatten)]
    pub extensions: Extensions,
}
