use serde::Serialize;

use super::Extensions;
use super::attribute::unset;

/// `models`, language models: <https://github.com/compose-spec/compose-spec/blob/main/10-models.md>.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Model {
    /// `name`.
    #[serde(skip_serializing_if = "unset")]
    pub name: Option<String>,
    /// `model`: its image.
    pub model: String,
    /// `context_size`, in tokens.
    #[serde(skip_serializing_if = "unset")]
    pub context_size: Option<i64>,
    /// `runtime_flags`.
    #[serde(skip_serializing_if = "unset")]
    pub runtime_flags: Vec<String>,
    /// `x-*`.
    #[serde(flatten)]
    pub extensions: Extensions,
}

/// One entry of a service's `models`.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct ServiceModel {
    /// `endpoint_var`: the variable that gets the address of the model.
    #[serde(skip_serializing_if = "unset")]
    pub endpoint_var: Option<String>,
    /// `model_var`: the variable that gets the name of the model.
    #[serde(skip_serializing_if = "unset")]
    pub model_var: Option<String>,
    /// `x-*`.
    #[serde(flatten)]
    pub extensions: Extensions,
}
