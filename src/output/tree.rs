use std::collections::BTreeMap;

use crate::kubernetes::Object;

use super::{FileNames, Format, OutputError, document};

/// The files of a directory, by their paths in it, with `/` between the parts.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Tree {
    /// Written each time: they belong to longshore.
    pub files: BTreeMap<String, String>,
    /// Written with the first files of longshore and never again: they belong to the user.
    pub starters: BTreeMap<String, String>,
}

impl Tree {
    /// One file per object.
    pub fn of_objects(
        objects: &[Object],
        format: Format,
        names: FileNames,
    ) -> Result<Self, OutputError> {
        Ok(Self { files: document::files(objects, format, names)?, starters: BTreeMap::new() })
    }
}
