use serde::Serialize;

use super::Extensions;
use super::attribute::unset;

/// `credential_spec`: <https://github.com/compose-spec/compose-spec/blob/main/05-services.md#credential_spec>.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct CredentialSpec {
    /// `config`: a key of the project's `configs`.
    #[serde(skip_serializing_if = "unset")]
    pub config: Option<String>,
    /// `file`, as written.
    #[serde(skip_serializing_if = "unset")]
    pub file: Option<String>,
    /// `registry`: a value of the Windows registry.
    #[serde(skip_serializing_if = "unset")]
    pub registry: Option<String>,
    /// `x-*`.
    #[serde(flatten)]
    pub extensions: Extensions,
}
