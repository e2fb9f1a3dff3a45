use std::path::PathBuf;

use crate::kubernetes::Object;

use super::{
    Change, Destination, FileNames, Format, OutputError, Tree, directory, document, file,
    write_stdout,
};

/// What is written, and where.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Product {
    /// All on standard output.
    Stdout(String),
    /// All in one file.
    File(PathBuf, String),
    /// The files of a directory.
    Directory(PathBuf, Tree),
}

impl Product {
    /// Objects: one text, or a file for each in a directory.
    pub fn of_objects(
        objects: &[Object],
        format: Format,
        names: FileNames,
        destination: Destination,
    ) -> Result<Self, OutputError> {
        Ok(match destination {
            Destination::Stdout => Self::Stdout(document::all(objects, format)),
            Destination::File(path) => Self::File(path, document::all(objects, format)),
            Destination::Directory(path) => {
                Self::Directory(path, Tree::of_objects(objects, format, names)?)
            }
        })
    }

    /// The files of a directory, which needs no slash at its end.
    pub fn of_tree(tree: Tree, destination: Destination) -> Result<Self, OutputError> {
        match destination {
            Destination::Stdout => Err(OutputError::NoDirectory),
            Destination::File(path) if path.exists() => Err(OutputError::Unwritable {
                path,
                source: std::io::ErrorKind::NotADirectory.into(),
            }),
            Destination::File(path) | Destination::Directory(path) => {
                Ok(Self::Directory(path, tree))
            }
        }
    }

    /// Writes it. `force` replaces also what longshore did not write.
    pub fn write(&self, force: bool) -> Result<(), OutputError> {
        match self {
            Self::Stdout(text) => write_stdout(text),
            Self::File(path, text) => file::write(path, text, force),
            Self::Directory(path, tree) => directory::write(path, tree, force),
        }
    }

    /// What [`Product::write`] would change, in the order of the paths.
    pub fn changes(&self) -> Result<Vec<Change>, OutputError> {
        match self {
            Self::Stdout(_) => Err(OutputError::NoDirectory),
            Self::File(path, text) => Ok(file::change(path, text)?.into_iter().collect()),
            Self::Directory(path, tree) => directory::changes(path, tree),
        }
    }
}
