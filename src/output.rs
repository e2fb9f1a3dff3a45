//! Objects to files or standard output.
//!
//! # Invariants
//! - The same objects give the same bytes.
//! - Everything is prepared before the first byte is written, and files appear whole or not at all.
//! - In a directory only files that longshore wrote, and nobody changed since, are replaced or removed.
//! - What a comparison prints has no values of Secrets.

mod change;
mod directory;
mod document;
mod file;
mod kustomize;
mod ledger;
mod mask;
mod product;
mod tree;

use std::io::Write as _;
use std::path::{Path, PathBuf};

pub use change::Change;
pub use document::{FileNames, Format};
pub use kustomize::{check_overlays, tree as kustomize_tree};
pub use product::Product;
pub use tree::Tree;

/// Where the objects go.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Destination {
    /// Standard output: all in one document stream.
    Stdout,
    /// One file with all objects.
    File(PathBuf),
    /// A directory with one file per object.
    Directory(PathBuf),
}

/// Why nothing was written.
#[derive(Debug, thiserror::Error)]
pub enum OutputError {
    /// A file or directory cannot be read.
    #[error("cannot read `{path}`")]
    Unreadable {
        /// The file or directory.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// A file or directory cannot be written.
    #[error("cannot write `{path}`")]
    Unwritable {
        /// The file or directory.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// A file in the way that longshore did not write.
    #[error("`{path}` is in the way: longshore did not write it")]
    Foreign {
        /// The file.
        path: PathBuf,
    },
    /// A file in the way that was changed since longshore wrote it.
    #[error("`{path}` is in the way: it was changed since longshore wrote it")]
    Changed {
        /// The file.
        path: PathBuf,
    },
    /// The list of longshore's own files cannot be understood.
    #[error("`{path}` is not a list of files that longshore wrote")]
    Ledger {
        /// The list.
        path: PathBuf,
    },
    /// Two objects would share a file.
    #[error("two objects are called {kind} `{name}`")]
    Duplicate {
        /// The kind.
        kind: String,
        /// The name.
        name: String,
    },
    /// Standard output where only files will do.
    #[error("only files will do here")]
    NoDirectory,
    /// Standard output cannot be written.
    #[error("cannot write to standard output")]
    Stdout {
        /// Why.
        source: std::io::Error,
    },
}

impl Destination {
    /// `-` is standard output; a directory is there already or ends in a slash.
    pub fn of(path: &Path) -> Self {
        let text = path.as_os_str().as_encoded_bytes();
        if text == b"-" {
            Self::Stdout
        } else if text.ends_with(b"/") || path.is_dir() {
            Self::Directory(path.to_owned())
        } else {
            Self::File(path.to_owned())
        }
    }
}

/// Prints what differs as one unified diff, without the values of Secrets.
pub fn print_changes(changes: &[Change]) -> Result<(), OutputError> {
    write_stdout(&changes.iter().map(Change::to_diff).collect::<String>())
}

/// Writes a text to standard output or into a file, over what is there.
pub fn write_text(text: &str, destination: &Destination) -> Result<(), OutputError> {
    match destination {
        Destination::Stdout => write_stdout(text),
        Destination::File(path) => file::write(path, text, true),
        Destination::Directory(path) => Err(OutputError::Unwritable {
            path: path.clone(),
            source: std::io::ErrorKind::IsADirectory.into(),
        }),
    }
}

/// A reader that has seen enough, such as `head`, is not an error.
fn write_stdout(text: &str) -> Result<(), OutputError> {
    let mut stdout = std::io::stdout().lock();
    match stdout.write_all(text.as_bytes()).and_then(|()| stdout.flush()) {
        Err(source) if source.kind() != std::io::ErrorKind::BrokenPipe => {
            Err(OutputError::Stdout { source })
        }
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests;
