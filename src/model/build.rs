use std::path::PathBuf;

use indexmap::IndexMap;

/// `build`: <https://github.com/compose-spec/compose-spec/blob/main/build.md>.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Build {
    /// `context`: an absolute path, or a remote form as written.
    pub context: String,
    /// `dockerfile`, relative to the context.
    pub dockerfile: Option<PathBuf>,
    /// `dockerfile_inline`.
    pub dockerfile_inline: Option<String>,
    /// `args`; those without a value come from the project's environment.
    pub args: IndexMap<String, String>,
    /// `target`.
    pub target: Option<String>,
}
