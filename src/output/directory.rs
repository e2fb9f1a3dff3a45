use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use super::file::{prepare, unwritable};
use super::ledger::{FILE_NAME, Ledger};
use super::{Change, OutputError, Tree};

/// Writes the files of a tree, and removes longshore's files that are no longer among them.
pub fn write(directory: &Path, tree: &Tree, force: bool) -> Result<(), OutputError> {
    let before = read_ledger(directory, force)?;
    if !force {
        check_unchanged(directory, &before, tree)?;
    }
    let changes = changes_since(directory, &before, tree)?;
    let ledger = Ledger::of(&tree.files).to_text();
    let ledger_path = directory.join(FILE_NAME);
    let ledger_change = (read(&ledger_path)?.as_deref() != Some(ledger.as_bytes()))
        .then_some((&ledger_path, ledger.as_str()));
    let written = changes
        .iter()
        .filter_map(|change| Some((&change.path, change.after.as_deref()?)))
        .chain(ledger_change);
    std::fs::create_dir_all(directory).map_err(|source| unwritable(directory, source))?;
    let mut prepared = Vec::new();
    for (path, text) in written {
        let folder = path.parent().unwrap_or(directory);
        std::fs::create_dir_all(folder).map_err(|source| unwritable(folder, source))?;
        prepared.push(prepare(folder, path, text)?);
    }
    for file in prepared {
        file.commit()?;
    }
    for Change { path, .. } in changes.iter().filter(|change| change.after.is_none()) {
        std::fs::remove_file(path).map_err(|source| unwritable(path, source))?;
        remove_empty_folders(path, directory);
    }
    Ok(())
}

/// What [`write`] would change, in the order of the paths. The list of longshore's files is left out.
pub fn changes(directory: &Path, tree: &Tree) -> Result<Vec<Change>, OutputError> {
    changes_since(directory, &read_ledger(directory, false)?, tree)
}

fn changes_since(
    directory: &Path,
    before: &Ledger,
    tree: &Tree,
) -> Result<Vec<Change>, OutputError> {
    let mut changes = Vec::new();
    for (name, text) in &tree.files {
        let path = directory.join(name);
        let content = read(&path)?;
        // A file that is as it should be keeps its time of change.
        if content.as_deref() != Some(text.as_bytes()) {
            changes.push(Change { path, before: content, after: Some(text.clone()) });
        }
    }
    for name in stale(before, tree) {
        let path = directory.join(name);
        if let Some(content) = read(&path)? {
            changes.push(Change { path, before: Some(content), after: None });
        }
    }
    let is_first = !tree.files.keys().any(|name| before.has(name));
    for (name, text) in tree.starters.iter().filter(|_| is_first) {
        let path = directory.join(name);
        if !path.exists() {
            changes.push(Change { path, before: None, after: Some(text.clone()) });
        }
    }
    changes.sort_by(|left, right| left.path.cmp(&right.path));
    Ok(changes)
}

/// Refuses to replace or remove what longshore did not write, or what was changed since.
fn check_unchanged(directory: &Path, before: &Ledger, tree: &Tree) -> Result<(), OutputError> {
    let stale = stale(before, tree).map(|name| (name, None));
    let written = tree.files.iter().map(|(name, text)| (name.as_str(), Some(text)));
    for (name, text) in stale.chain(written) {
        let path = directory.join(name);
        let Some(content) = read(&path)? else { continue };
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

/// The files of longshore that are no longer wanted.
fn stale<'a>(before: &'a Ledger, tree: &'a Tree) -> impl Iterator<Item = &'a str> {
    before.names().filter(|name| !tree.files.contains_key(*name))
}

/// `force` forgives a list that cannot be understood.
fn read_ledger(directory: &Path, force: bool) -> Result<Ledger, OutputError> {
    Ledger::read(directory).or_else(|error| match error {
        OutputError::Ledger { .. } if force => Ok(Ledger::default()),
        error => Err(error),
    })
}

/// The content of a file; `None` when there is none.
fn read(path: &Path) -> Result<Option<Vec<u8>>, OutputError> {
    match std::fs::read(path) {
        Ok(content) => Ok(Some(content)),
        Err(error) if matches!(error.kind(), ErrorKind::NotFound | ErrorKind::NotADirectory) => {
            Ok(None)
        }
        Err(source) => Err(OutputError::Unreadable { path: path.to_owned(), source }),
    }
}

/// Folders between a removed file and the directory go with their last file.
fn remove_empty_folders(path: &Path, directory: &Path) {
    let folders: Vec<PathBuf> = path
        .ancestors()
        .skip(1)
        .take_while(|folder| *folder != directory)
        .map(Path::to_owned)
        .collect();
    for folder in folders {
        if std::fs::remove_dir(folder).is_err() {
            // It still holds something.
            return;
        }
    }
}
