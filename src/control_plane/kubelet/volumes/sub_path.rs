//! Paths in a volume that a container mounts alone.
//!
//! Links are followed as long as they stay in the volume. The engine mounts by path: a container
//! that exchanges a folder for a link between this check and the start of another one of its pod is
//! not held up, as upstream does by mounting what it has opened.

use std::fs::{self, DirBuilder};
use std::os::unix::fs::{DirBuilderExt as _, PermissionsExt as _};
use std::path::{Component, Path, PathBuf};

use super::MountError;
use crate::control_plane::kubelet::pod_directory::{FileError, failed, set_mode};

/// The parts of a path that is relative and goes only down.
pub(super) fn parts(path: &str) -> Result<Vec<&str>, MountError> {
    let mut parts = Vec::new();
    for component in Path::new(path).components() {
        match component {
            Component::Normal(part) => parts.extend(part.to_str()),
            Component::CurDir => {}
            Component::ParentDir => return Err(MountError::BackStep { path: path.to_owned() }),
            Component::RootDir | Component::Prefix(_) => {
                return Err(MountError::Absolute { path: path.to_owned() });
            }
        }
    }
    Ok(parts)
}

/// Where a path in a volume lies; folders that are missing are made, as open as the volume is.
pub(super) fn resolve(volume: (&str, &Path), path: &str) -> Result<PathBuf, MountError> {
    let (name, root) = volume;
    let file_error = |source: FileError| MountError::File { volume: name.to_owned(), source };
    let root = fs::canonicalize(root).map_err(failed("find", root)).map_err(file_error)?;
    let mode = fs::metadata(&root).map(|metadata| metadata.permissions().mode() & 0o7777);
    let mode = mode.map_err(failed("read", &root)).map_err(file_error)?;
    let mut current = root.clone();
    for part in parts(path)? {
        let next = current.join(part);
        if !next.is_symlink() && !next.exists() {
            let created = DirBuilder::new().mode(mode).create(&next);
            let created = created.map_err(failed("create", &next));
            created.and_then(|()| set_mode(&next, mode)).map_err(file_error)?;
        }
        current = fs::canonicalize(&next).map_err(failed("find", &next)).map_err(file_error)?;
        if !current.starts_with(&root) {
            let volume = root.display().to_string();
            return Err(MountError::Outside { path: path.to_owned(), volume });
        }
    }
    Ok(current)
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::symlink;

    use super::*;

    #[test]
    fn a_path_stays_in_its_volume() {
        let outer = tempfile::tempdir().unwrap();
        let outer = fs::canonicalize(outer.path()).unwrap();
        let root = outer.join("volume");
        fs::create_dir_all(root.join("real/deep")).unwrap();
        fs::write(root.join("file"), "x").unwrap();
        fs::set_permissions(&root, fs::Permissions::from_mode(0o777)).unwrap();
        symlink("real", root.join("inside")).unwrap();
        symlink("..", root.join("above")).unwrap();
        symlink("/etc", root.join("absolute")).unwrap();
        symlink("nowhere", root.join("dangling")).unwrap();
        let check = |path: &str, expected: Result<&str, &str>| {
            let resolved = resolve(("v", &root), path).map_err(|error| error.to_string());
            let shown = match &resolved {
                Ok(path) => Ok(path.strip_prefix(&root).unwrap().to_str().unwrap()),
                Err(message) => Err(message.as_str()),
            };
            let matches = match (shown, expected) {
                (Ok(shown), Ok(expected)) => shown == expected,
                (Err(shown), Err(expected)) => shown.contains(expected),
                _ => false,
            };
            assert!(matches, "{path}: {shown:?}");
        };
        check("", Ok(""));
        check(".", Ok(""));
        check("real/deep", Ok("real/deep"));
        check("file", Ok("file"));
        check("inside/deep", Ok("real/deep"));
        check("new/one", Ok("new/one"));
        check("inside/new", Ok("real/new"));
        check("../volume", Err("must not contain '..'"));
        check("real/../..", Err("must not contain '..'"));
        check("/etc", Err("must not be an absolute path"));
        check("above", Err("not within volume path"));
        check("above/volume/real", Err("not within volume path"));
        check("absolute/passwd", Err("not within volume path"));
        check("dangling", Err("failed to prepare subPath for volumeMount \"v\""));
        check("file/below", Err("failed to prepare subPath for volumeMount \"v\""));
        let mode = fs::metadata(root.join("new/one")).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o777);
        assert!(!outer.join("new").exists());
    }
}
