use std::path::{Path, PathBuf};

use crate::diagnostic::Source;

use super::TemplatesError;
use super::builtin::{BUILTIN, EXTENSION, file_name};

/// A template that replaces a built-in one.
#[derive(Debug)]
pub struct Override {
    /// The name of the template, e.g. `partials/pod`.
    pub name: String,
    /// Its text.
    pub source: Source,
}

/// Reads a directory of templates; a file that replaces nothing is an error.
pub fn read_overrides(directory: &Path) -> Result<Vec<Override>, TemplatesError> {
    let mut overrides = Vec::new();
    for path in files(directory)? {
        let name = template_name(directory, &path).ok_or_else(|| TemplatesError::Unknown {
            path: path.clone(),
            known: BUILTIN.iter().map(|(name, _)| file_name(name)).collect(),
        })?;
        let text = std::fs::read_to_string(&path)
            .map_err(|source| TemplatesError::Unreadable { path: path.clone(), source })?;
        overrides.push(Override { name, source: Source::new(path.display().to_string(), text) });
    }
    Ok(overrides)
}

fn template_name(directory: &Path, path: &Path) -> Option<String> {
    let relative = path.strip_prefix(directory).ok()?.to_str()?;
    let name = relative.strip_suffix(EXTENSION)?;
    BUILTIN.iter().any(|(known, _)| *known == name).then(|| name.to_owned())
}

/// All files below a directory, sorted, without hidden ones.
fn files(directory: &Path) -> Result<Vec<PathBuf>, TemplatesError> {
    let unreadable = |source| TemplatesError::Unreadable { path: directory.to_owned(), source };
    let mut found = Vec::new();
    for entry in std::fs::read_dir(directory).map_err(unreadable)? {
        let path = entry.map_err(unreadable)?.path();
        let hidden = path.file_name().is_some_and(|name| name.as_encoded_bytes().starts_with(b"."));
        if hidden {
            continue;
        }
        if path.is_dir() {
            found.extend(files(&path)?);
        } else {
            found.push(path);
        }
    }
    found.sort();
    Ok(found)
}
