use std::path::{Path, PathBuf};

use super::TemplatesError;
use super::builtin::{BUILTIN, file_name};

/// Writes the built-in templates into a directory and gives the files.
///
/// Nothing is written if a file is there already, unless `overwrite` says so.
pub fn export_templates(directory: &Path, overwrite: bool) -> Result<Vec<PathBuf>, TemplatesError> {
    let files: Vec<(PathBuf, &str)> =
        BUILTIN.iter().map(|(name, text)| (directory.join(file_name(name)), *text)).collect();
    if !overwrite && let Some((path, _)) = files.iter().find(|(path, _)| path.exists()) {
        return Err(TemplatesError::Exists { path: path.clone() });
    }
    for (path, text) in &files {
        let unwritable = |source| TemplatesError::Unwritable { path: path.clone(), source };
        if let Some(parent) = path.parent() {
            std::fs::create_dir_all(parent).map_err(unwritable)?;
        }
        std::fs::write(path, text).map_err(unwritable)?;
    }
    Ok(files.into_iter().map(|(path, _)| path).collect())
}
