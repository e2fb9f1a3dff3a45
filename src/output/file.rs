use std::io::{ErrorKind, Write as _};
use std::path::Path;

use tempfile::NamedTempFile;

use crate::yaml;

use super::{Change, OutputError};

/// Writes one file. What is there is replaced if it holds Kubernetes objects: nobody wants to lose
/// a compose file to a mistyped `-o`.
pub fn write(path: &Path, text: &str, force: bool) -> Result<(), OutputError> {
    if path.is_file() && matches!(change(path, text), Ok(None)) {
        return Ok(());
    }
    if !force && path.exists() && !holds_objects(path)? {
        return Err(OutputError::Foreign { path: path.to_owned() });
    }
    let directory = path.parent().filter(|parent| !parent.as_os_str().is_empty());
    let directory = directory.unwrap_or_else(|| Path::new("."));
    if !path.exists() || path.is_file() {
        std::fs::create_dir_all(directory).map_err(|source| unwritable(directory, source))?;
        return prepare(directory, path, text)?.commit();
    }
    // A pipe or a terminal cannot be replaced, only written to.
    std::fs::write(path, text).map_err(|source| unwritable(path, source))
}

/// What [`write`] would change; `None` when the file is as it should be.
pub fn change(path: &Path, text: &str) -> Result<Option<Change>, OutputError> {
    let before = match std::fs::read(path) {
        Ok(content) => Some(content),
        Err(error) if error.kind() == ErrorKind::NotFound => None,
        Err(source) => return Err(OutputError::Unreadable { path: path.to_owned(), source }),
    };
    if before.as_deref() == Some(text.as_bytes()) {
        return Ok(None);
    }
    Ok(Some(Change { path: path.to_owned(), before, after: Some(text.to_owned()) }))
}

/// A file that is written and only waits for its name.
pub struct Prepared<'a> {
    path: &'a Path,
    file: NamedTempFile,
}

/// Writes a text under a temporary name.
pub fn prepare<'a>(
    directory: &Path,
    path: &'a Path,
    text: &str,
) -> Result<Prepared<'a>, OutputError> {
    let mut builder = tempfile::Builder::new();
    builder.prefix(".longshore-");
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        // As for any new file: what the umask leaves of it.
        builder.permissions(std::fs::Permissions::from_mode(0o666));
    }
    let mut file = builder.tempfile_in(directory).map_err(|source| unwritable(path, source))?;
    file.write_all(text.as_bytes()).map_err(|source| unwritable(path, source))?;
    Ok(Prepared { path, file })
}

impl Prepared<'_> {
    /// Gives the file its name.
    pub fn commit(self) -> Result<(), OutputError> {
        let Self { path, file } = self;
        file.persist(path).map_err(|error| unwritable(path, error.error))?;
        Ok(())
    }
}

/// An error about a file that cannot be written.
pub fn unwritable(path: &Path, source: std::io::Error) -> OutputError {
    OutputError::Unwritable { path: path.to_owned(), source }
}

/// Whether a file is empty or holds nothing but Kubernetes objects.
fn holds_objects(path: &Path) -> Result<bool, OutputError> {
    if !path.is_file() {
        return Ok(true);
    }
    let bytes = std::fs::read(path)
        .map_err(|source| OutputError::Unreadable { path: path.to_owned(), source })?;
    let Ok(text) = String::from_utf8(bytes) else { return Ok(false) };
    let is_object = |value: &serde_json::Value| {
        value.get("apiVersion").is_some_and(serde_json::Value::is_string)
            && value.get("kind").is_some_and(serde_json::Value::is_string)
    };
    Ok(yaml::read(&text).is_ok_and(|documents| documents.iter().all(is_object)))
}
