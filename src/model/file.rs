use serde::Serialize;

use super::Extensions;
use super::attribute::unset;
use super::notation::file_mode;

/// One entry of a service's `configs` or `secrets`:
/// <https://github.com/compose-spec/compose-spec/blob/main/05-services.md#configs>.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct FileMount {
    /// `source`: a key of the project's `configs` or `secrets`.
    pub source: String,
    /// `target`: an absolute path in the container, with Compose's default (`/SOURCE`, `/run/secrets/SOURCE`).
    pub target: String,
    /// `mode`.
    #[serde(skip_serializing_if = "unset", serialize_with = "file_mode")]
    pub mode: Option<u32>,
    /// `uid`, as written.
    #[serde(skip_serializing_if = "unset")]
    pub uid: Option<String>,
    /// `gid`, as written.
    #[serde(skip_serializing_if = "unset")]
    pub gid: Option<String>,
    /// `x-*`.
    #[serde(flatten)]
    pub extensions: Extensions,
}
