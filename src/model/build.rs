use std::path::PathBuf;

use indexmap::IndexMap;
use serde::Serialize;

use super::notation::unset;

/// `build`: <https://github.com/compose-spec/compose-spec/blob/main/build.md>.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Build {
    /// `context`: an absolute path, or a remote form as written.
    pub context: String,
    /// `dockerfile`, relative to the context.
    #[serde(skip_serializing_if = "unset")]
    pub dockerfile: Option<PathBuf>,
    /// `dockerfile_inline`.
    #[serde(skip_serializing_if = "unset")]
    pub dockerfile_inline: Option<String>,
    /// `args`; those without a value come from the project's environment.
    #[serde(skip_serializing_if = "unset")]
    pub args: IndexMap<String, String>,
    /// `target`.
    #[serde(skip_serializing_if = "unset")]
    pub target: Option<String>,
}
