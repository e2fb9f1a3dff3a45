use std::fs;
use std::io::{ErrorKind, Write as _};
use std::os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _, PermissionsExt as _};
use std::path::{Path, PathBuf};

/// The directory of one pod.
///
/// ```text
/// DIR/pods/UID (0700)
///  ├─ volumes/NAME/             what the pod's containers mount
///  ├─ containers/NAME/ATTEMPT   the termination message of a run
///  └─ hosts                     /etc/hosts
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct PodDirectory(PathBuf);

/// A file or directory that could not be used.
#[derive(Debug, thiserror::Error)]
#[error("cannot {action} `{}`: {source}", .path.display())]
pub(super) struct FileError {
    pub(super) action: &'static str,
    pub(super) path: PathBuf,
    pub(super) source: std::io::Error,
}

impl PodDirectory {
    /// The directory of the pod that has a uid, below the one of all pods.
    pub(super) fn of(pods: &Path, uid: &str) -> Self {
        Self(pods.join(uid))
    }

    /// The directory itself.
    pub(super) fn path(&self) -> &Path {
        &self.0
    }

    /// Where a volume is.
    pub(super) fn volume(&self, name: &str) -> PathBuf {
        self.0.join("volumes").join(name)
    }

    /// Where the termination message of a run is.
    pub(super) fn termination_message(&self, container: &str, attempt: u32) -> PathBuf {
        self.0.join("containers").join(container).join(attempt.to_string())
    }

    /// Where the pod's `/etc/hosts` is.
    pub(super) fn hosts(&self) -> PathBuf {
        self.0.join("hosts")
    }
}

/// Makes a directory, and those above it, for us alone.
pub(super) fn create(path: &Path) -> Result<(), FileError> {
    let mut builder = fs::DirBuilder::new();
    builder.recursive(true).mode(0o700).create(path).map_err(failed("create", path))
}

/// Sets the mode of a file or directory, whatever the umask is.
pub(super) fn set_mode(path: &Path, mode: u32) -> Result<(), FileError> {
    let permissions = fs::Permissions::from_mode(mode);
    fs::set_permissions(path, permissions).map_err(failed("set the mode of", path))
}

/// Writes a file in place: containers that have it mounted see it.
pub(super) fn write(path: &Path, content: &[u8], mode: u32) -> Result<(), FileError> {
    let mut options = fs::OpenOptions::new();
    options.write(true).create(true).truncate(true).mode(mode);
    let written = options.open(path).and_then(|mut file| file.write_all(content));
    written.map_err(failed("write", path))?;
    set_mode(path, mode)
}

/// Removes a file that may be gone already.
pub(super) fn remove_file(path: &Path) -> Result<(), FileError> {
    match fs::remove_file(path) {
        Err(error) if error.kind() != ErrorKind::NotFound => Err(failed("remove", path)(error)),
        _ => Ok(()),
    }
}

/// What turns an I/O error into one that says what was tried.
pub(super) fn failed(
    action: &'static str,
    path: &Path,
) -> impl FnOnce(std::io::Error) -> FileError {
    let path = path.to_owned();
    move |source| FileError { action, path, source }
}
