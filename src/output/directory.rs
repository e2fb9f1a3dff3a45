use std::collections::BTreeMap;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use super::OutputError;
use super::file::{prepare, unwritable};
use super::ledger::{FILE_NAME, Ledger};

/// Writes one file per entry, and removes longshore's files that are no longer among them.
pub fn write(
    directory: &Path,
    files: &BTreeMap<String, String>,
    force: bool,
) -> Result<(), OutputError> {
    let before = Ledger::read(directory).or_else(|error| match error {
        OutputError::Ledger { .. } if force => Ok(Ledger::default()),
        error => Err(error),
    })?;
    let stale: Vec<PathBuf> = before
        .names()
        .filter(|name| !files.contains_key(*name))
        .map(|name| directory.join(name))
        .filter(|path| path.exists())
        .collect();
    if !force {
        check_unchanged(directory, &before, files)?;
    }
    std::fs::create_dir_all(directory).map_err(|source| unwritable(directory, source))?;
    let ledger = Ledger::of(files).to_text();
    let all: Vec<(PathBuf, &str)> = files
        .iter()
        .map(|(name, text)| (directory.join(name), text.as_str()))
        .chain([(directory.join(FILE_NAME), ledger.as_str())])
        .filter(|(path, text)| !holds(path, text))
        .collect();
    let prepared = all
        .iter()
        .map(|(path, text)| prepare(directory, path, text))
        .collect::<Result<Vec<_>, _>>()?;
    for file in prepared {
        file.commit()?;
    }
    for path in stale {
        std::fs::remove_file(&path).map_err(|source| unwritable(&path, source))?;
    }
    Ok(())
}

/// Refuses to replace or remove what longshore did not write, or what was changed since.
fn check_unchanged(
    directory: &Path,
    before: &Ledger,
    files: &BTreeMap<String, String>,
) -> Result<(), OutputError> {
    let stale = before.names().filter(|name| !files.contains_key(*name)).map(|name| (name, None));
    let written = files.iter().map(|(name, text)| (name.as_str(), Some(text)));
    for (name, text) in stale.chain(written) {
        let path = directory.join(name);
        let content = match std::fs::read(&path) {
            Ok(content) => content,
            Err(error)
                if matches!(error.kind(), ErrorKind::NotFound | ErrorKind::NotADirectory) =>
            {
                continue;
            }
            Err(source) => return Err(OutputError::Unreadable { path, source }),
        };
        let is_as_wanted = text.is_some_and(|text| text.as_bytes() == content);
        if is_as_wanted || before.wrote(name, &content) {
            continue;
        }
        return Err(if before.has(name) {
            OutputError::Changed { path }
        } else {
            OutputError::Foreign { path }
        });
    }
    Ok(())
}

/// A file that is as it should be keeps its time of change.
fn holds(path: &Path, text: &str) -> bool {
    std::fs::read(path).is_ok_and(|content| content == text.as_bytes())
}
