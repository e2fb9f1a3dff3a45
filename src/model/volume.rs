use indexmap::IndexMap;
use serde::Serialize;

use super::attribute::unset;
use super::{Extensions, External};

/// `volumes`: <https://github.com/compose-spec/compose-spec/blob/main/07-volumes.md>.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Volume {
    /// `name`, `PROJECT_KEY` when not set.
    pub name: String,
    /// `external`.
    #[serde(skip_serializing_if = "unset")]
    pub external: External,
    /// `driver`.
    #[serde(skip_serializing_if = "unset")]
    pub driver: Option<String>,
    /// `driver_opts`.
    #[serde(skip_serializing_if = "unset")]
    pub driver_opts: IndexMap<String, String>,
    /// `labels`.
    #[serde(skip_serializing_if = "unset")]
    pub labels: IndexMap<String, String>,
    /// `x-*`.
    #[serde(flatten)]
    pub extensions: Extensions,
}
