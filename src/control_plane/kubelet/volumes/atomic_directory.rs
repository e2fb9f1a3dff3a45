//! Files that change all at once.
//!
//! ```text
//! VOLUME/
//!  ├─ ..2026_11_28_23_59_01.x7Ab2/   the files
//!  ├─ ..data -> ..2026_11_28_23_59_01.x7Ab2
//!  ├─ app.conf -> ..data/app.conf
//!  └─ certs    -> ..data/certs
//! ```
//!
//! The one link `..data` is replaced, which the file system does at once: a reader sees the files of
//! one version or of the other.

use std::collections::BTreeSet;
use std::ffi::OsStr;
use std::fs;
use std::os::unix::fs::{PermissionsExt as _, symlink};
use std::path::{Path, PathBuf};

use jiff::Timestamp;

use super::content::Files;
use super::ownership::{Access, Ownership};
use crate::control_plane::kubelet::pod_directory::{self, FileError, failed};

const DATA: &str = "..data";
const NEW_DATA: &str = "..data_tmp";

/// Makes a directory show these files; touches nothing when it does already.
pub(super) fn write(
    directory: &Path,
    files: &Files,
    ownership: Option<Ownership>,
) -> Result<(), FileError> {
    let data = directory.join(DATA);
    if shows(&data, files, ownership) {
        return Ok(());
    }
    let version = write_version(directory, files, ownership)?;
    let visible: BTreeSet<&OsStr> = files.keys().filter_map(|path| first(path)).collect();
    for name in &visible {
        let link = directory.join(name);
        if !link.is_symlink() {
            symlink(Path::new(DATA).join(name), &link).map_err(failed("link", &link))?;
        }
    }
    let new = directory.join(NEW_DATA);
    pod_directory::remove_file(&new)?;
    let name = version.file_name().unwrap_or_default();
    symlink(name, &new).map_err(failed("link", &new))?;
    fs::rename(&new, &data).map_err(failed("replace", &data))?;
    remove_old(directory, name, &visible)
}

/// The files of one version in a directory of their own.
fn write_version(
    directory: &Path,
    files: &Files,
    ownership: Option<Ownership>,
) -> Result<PathBuf, FileError> {
    let prefix = Timestamp::now().strftime("..%Y_%m_%d_%H_%M_%S.").to_string();
    let version = tempfile::Builder::new().prefix(&prefix).tempdir_in(directory);
    let version = version.map_err(failed("write in", directory))?;
    for (name, file) in files {
        let path = version.path().join(name);
        for folder in parents(name).map(|folder| version.path().join(folder)) {
            if !folder.is_dir() {
                fs::create_dir(&folder).map_err(failed("create", &folder))?;
                pod_directory::set_mode(&folder, 0o755)?;
            }
        }
        pod_directory::write(&path, &file.bytes, file.mode)?;
    }
    pod_directory::set_mode(version.path(), 0o755)?;
    if let Some(ownership) = ownership {
        ownership.give(version.path(), Access::Read)?;
    }
    Ok(version.keep())
}

/// The folders above a file, the outermost first.
fn parents(name: &str) -> impl Iterator<Item = &str> {
    name.match_indices('/').filter_map(|(end, _)| name.get(..end))
}

fn first(path: &str) -> Option<&OsStr> {
    Path::new(path).iter().next()
}

/// Whether these files, and no others, are there.
fn shows(data: &Path, files: &Files, ownership: Option<Ownership>) -> bool {
    let same = |(name, file): (&String, &super::content::File)| {
        let path = data.join(name);
        let mode = fs::metadata(&path).map(|metadata| metadata.permissions().mode() & 0o777);
        let expected = ownership.map_or(file.mode, |one| one.mode_of_file(file.mode, Access::Read));
        mode.is_ok_and(|mode| mode == expected)
            && fs::read(&path).is_ok_and(|bytes| bytes == file.bytes)
    };
    data.is_dir() && count(data).is_some_and(|count| count == files.len()) && files.iter().all(same)
}

/// How many files are in a directory and those below it.
fn count(directory: &Path) -> Option<usize> {
    let mut files = 0;
    for entry in fs::read_dir(directory).ok()? {
        let entry = entry.ok()?;
        let is_directory = entry.file_type().ok()?.is_dir();
        files += if is_directory { count(&entry.path())? } else { 1 };
    }
    Some(files)
}

/// Removes what earlier versions have left.
fn remove_old(
    directory: &Path,
    version: &OsStr,
    visible: &BTreeSet<&OsStr>,
) -> Result<(), FileError> {
    for entry in fs::read_dir(directory).map_err(failed("read", directory))? {
        let entry = entry.map_err(failed("read", directory))?;
        let (name, path) = (entry.file_name(), entry.path());
        if name == DATA || name == version || visible.contains(name.as_os_str()) {
            continue;
        }
        let removed =
            if path.is_symlink() { fs::remove_file(&path) } else { fs::remove_dir_all(&path) };
        removed.map_err(failed("remove", &path))?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::super::content::File;
    use super::*;

    fn files(files: &[(&str, &str, u32)]) -> Files {
        let files = files.iter().map(|(name, text, mode)| {
            ((*name).to_owned(), File { bytes: text.as_bytes().to_vec(), mode: *mode })
        });
        files.collect::<BTreeMap<_, _>>()
    }

    fn names(directory: &Path) -> Vec<String> {
        let entries = fs::read_dir(directory).unwrap();
        let mut names: Vec<_> =
            entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
        names.retain(|name| !name.starts_with("..2"));
        names.sort();
        names
    }

    #[test]
    fn files_are_exchanged_at_once() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path();
        write(path, &files(&[("a", "1", 0o644), ("deep/down/b", "2", 0o400)]), None).unwrap();
        assert_eq!(names(path), ["..data", "a", "deep"]);
        assert_eq!(fs::read_to_string(path.join("deep/down/b")).unwrap(), "2");
        let mode = fs::metadata(path.join("deep/down/b")).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o400);
        let first = fs::read_link(path.join(DATA)).unwrap();
        write(path, &files(&[("a", "1", 0o644), ("deep/down/b", "2", 0o400)]), None).unwrap();
        assert_eq!(fs::read_link(path.join(DATA)).unwrap(), first, "nothing has changed");
        write(path, &files(&[("a", "3", 0o644), ("c", "4", 0o644)]), None).unwrap();
        assert_eq!(names(path), ["..data", "a", "c"]);
        assert_eq!(fs::read_to_string(path.join("a")).unwrap(), "3");
        assert!(!path.join(first).exists(), "the old version is removed");
        write(path, &files(&[("a", "3", 0o600), ("c", "4", 0o644)]), None).unwrap();
        let mode = fs::metadata(path.join("a")).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600, "a mode is a change too");
        write(path, &Files::new(), None).unwrap();
        assert_eq!(names(path), ["..data"]);
    }

    #[test]
    fn what_an_interrupted_change_has_left_is_removed() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path();
        fs::create_dir(path.join("..2020_01_01_00_00_00.old")).unwrap();
        symlink("..2020_01_01_00_00_00.old", path.join(NEW_DATA)).unwrap();
        write(path, &files(&[("a", "1", 0o644)]), None).unwrap();
        assert_eq!(fs::read_dir(path).unwrap().count(), 3);
        assert_eq!(fs::read_to_string(path.join("a")).unwrap(), "1");
    }
}
