use std::path::PathBuf;

/// Why templates cannot be read or written.
#[derive(Debug, thiserror::Error)]
pub enum TemplatesError {
    /// A file or directory cannot be read.
    #[error("cannot read templates from `{path}`")]
    Unreadable {
        /// The file or directory.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// A file that is none of the templates.
    #[error("`{path}` is not one of the templates")]
    Unknown {
        /// The file.
        path: PathBuf,
        /// The names of all templates.
        known: Vec<String>,
    },
    /// A file is there already.
    #[error("`{path}` is there already")]
    Exists {
        /// The file.
        path: PathBuf,
    },
    /// A file or directory cannot be written.
    #[error("cannot write templates to `{path}`")]
    Unwritable {
        /// The file or directory.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
}
