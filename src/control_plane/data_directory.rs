use std::fs::{self, File, OpenOptions, TryLockError};
use std::io::{Read, Seek, Write};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::{Path, PathBuf};
use std::time::Duration;

use sha2::{Digest, Sha256};

use super::cluster_range::ClusterRange;

/// Files of the directory, in the order in which a reset deletes them.
const FILES: &[&str] =
    &["store.redb", "kubeconfig", "ca.key", "ca.crt", "port", "range", "server.log", "lock"];
const LOCK: &str = "lock";
const VOLUMES: &str = "volumes";
const PODS: &str = "pods";
/// How the folders of claims start.
const VOLUME_PREFIX: &str = "pvc-";
/// A status query holds the lock for a moment: a start asks again before it gives up.
const LOCK_ATTEMPTS: u32 = 10;
const LOCK_PAUSE: Duration = Duration::from_millis(20);

/// The directory in which a control plane keeps all it has, and nobody else anything.
///
/// ```text
/// DIR (0700)
///  ├─ lock         held by the server that serves the directory; its process id
///  ├─ store.redb   the objects
///  ├─ ca.crt ca.key   the certificate authority (key 0600)
///  ├─ kubeconfig   for kubectl, with a client key (0600)
///  ├─ volumes/     the data of claims
///  ├─ pods/        what pods mount, each below its uid
///  ├─ range        the cluster's addresses
///  ├─ port         where the server listens, so that a kubeconfig stays valid
///  └─ server.log   of a server in the background
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DataDirectory {
    root: PathBuf,
}

/// Why the data directory cannot be used.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum DataDirectoryError {
    /// Neither `XDG_DATA_HOME` nor `HOME` is set.
    #[error("there is no home directory to keep the control plane in")]
    NoHome,
    /// Another server serves it.
    #[error("the data directory `{}` is served by another process{}", .path.display(), of_pid(*.pid))]
    Taken {
        /// The directory.
        path: PathBuf,
        /// The other server, when it has said who it is.
        pid: Option<i32>,
    },
    /// A file or directory could not be read or written.
    #[error("cannot {action} `{}`", .path.display())]
    File {
        /// What was tried.
        action: &'static str,
        /// With what.
        path: PathBuf,
        /// Why it failed.
        source: std::io::Error,
    },
}

/// The right to serve a data directory; ends when it is dropped, or the process ends.
#[derive(Debug)]
pub struct Lock {
    _file: File,
}

impl DataDirectory {
    /// The directory that is given, or `$XDG_DATA_HOME/longshore`, or `~/.local/share/longshore`.
    pub fn resolve(given: Option<&Path>) -> Result<Self, DataDirectoryError> {
        let set = |name| std::env::var_os(name).filter(|value| !value.is_empty());
        let root = match (given, set("XDG_DATA_HOME"), set("HOME")) {
            (Some(given), _, _) => given.to_owned(),
            (None, Some(data), _) => PathBuf::from(data).join("longshore"),
            (None, None, Some(home)) => PathBuf::from(home).join(".local/share/longshore"),
            (None, None, None) => return Err(DataDirectoryError::NoHome),
        };
        // The server in the background has another working directory.
        let root = std::path::absolute(&root)
            .map_err(|source| failed("find the absolute path of", &root, source))?;
        Ok(Self { root })
    }

    /// The directory.
    pub fn root(&self) -> &Path {
        &self.root
    }

    /// The store.
    pub fn store(&self) -> PathBuf {
        self.root.join("store.redb")
    }

    /// The certificate of the authority.
    pub fn ca_certificate(&self) -> PathBuf {
        self.root.join("ca.crt")
    }

    /// The key of the authority.
    pub fn ca_key(&self) -> PathBuf {
        self.root.join("ca.key")
    }

    /// The kubeconfig.
    pub fn kubeconfig(&self) -> PathBuf {
        self.root.join("kubeconfig")
    }

    /// Where volumes of claims lie.
    pub fn volumes(&self) -> PathBuf {
        self.root.join(VOLUMES)
    }

    /// Where pods have what they mount.
    pub fn pods(&self) -> PathBuf {
        self.root.join(PODS)
    }

    /// The log of a server in the background.
    pub fn log(&self) -> PathBuf {
        self.root.join("server.log")
    }

    /// Makes the directory, readable by its owner only. One that is there keeps its mode: it may
    /// be somebody else's too, and what is secret in it has a mode of its own.
    pub fn create(&self) -> Result<(), DataDirectoryError> {
        fs::DirBuilder::new()
            .recursive(true)
            .mode(0o700)
            .create(&self.root)
            .map_err(|source| failed("create the data directory", &self.root, source))
    }

    /// Takes the right to serve the directory.
    pub fn lock(&self) -> Result<Lock, DataDirectoryError> {
        let path = self.root.join(LOCK);
        let mut file = private(OpenOptions::new().read(true).write(true).create(true), &path)?;
        let mut attempts = LOCK_ATTEMPTS;
        loop {
            attempts -= 1;
            match file.try_lock() {
                Ok(()) => break,
                Err(TryLockError::WouldBlock) if attempts > 0 => std::thread::sleep(LOCK_PAUSE),
                Err(TryLockError::WouldBlock) => {
                    let pid = read_pid(&mut file);
                    return Err(DataDirectoryError::Taken { path: self.root.clone(), pid });
                }
                Err(TryLockError::Error(source)) => return Err(failed("lock", &path, source)),
            }
        }
        file.set_len(0)
            .and_then(|()| file.rewind())
            .and_then(|()| write!(file, "{}", std::process::id()))
            .map_err(|source| failed("write", &path, source))?;
        Ok(Lock { _file: file })
    }

    /// The process that serves the directory: none when nobody does, 0 when it has not said yet.
    pub fn server(&self) -> Result<Option<i32>, DataDirectoryError> {
        let path = self.root.join(LOCK);
        let mut file = match File::open(&path) {
            Ok(file) => file,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(None),
            Err(source) => return Err(failed("read", &path, source)),
        };
        match file.try_lock_shared() {
            Ok(()) => Ok(None),
            Err(TryLockError::WouldBlock) => Ok(Some(read_pid(&mut file).unwrap_or(0))),
            Err(TryLockError::Error(source)) => Err(failed("lock", &path, source)),
        }
    }

    /// The port that the server had last.
    pub fn port(&self) -> Option<u16> {
        fs::read_to_string(self.root.join("port")).ok()?.trim().parse().ok()
    }

    /// Remembers the port.
    pub fn set_port(&self, port: u16) -> Result<(), DataDirectoryError> {
        self.write(&self.root.join("port"), format!("{port}\n").as_bytes())
    }

    /// The name of the cluster on a container engine: it follows from the path, so that what is left of a directory
    /// that was deleted is found again.
    pub fn cluster(&self) -> String {
        use std::fmt::Write;

        let hash = Sha256::digest(self.root.as_os_str().as_encoded_bytes());
        hash.iter().take(6).fold(String::new(), |mut name, byte| {
            // Writing to a string does not fail.
            let _ = write!(name, "{byte:02x}");
            name
        })
    }

    /// The addresses of the cluster, once they were chosen.
    pub fn range(&self) -> Result<Option<ClusterRange>, DataDirectoryError> {
        let path = self.root.join("range");
        match fs::read_to_string(&path) {
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(None),
            Err(source) => Err(failed("read", &path, source)),
            Ok(text) => {
                text.trim().parse().map(Some).map_err(|message: String| {
                    failed("read", &path, std::io::Error::other(message))
                })
            }
        }
    }

    /// Writes down the addresses of the cluster: its services keep theirs.
    pub fn set_range(&self, range: ClusterRange) -> Result<(), DataDirectoryError> {
        self.write(&self.root.join("range"), format!("{range}\n").as_bytes())
    }

    /// Writes a file that only its owner may read, whole or not at all.
    pub fn write(&self, path: &Path, content: &[u8]) -> Result<(), DataDirectoryError> {
        // Temporary files are made with mode 0600.
        let written = tempfile::NamedTempFile::new_in(&self.root).and_then(|mut file| {
            file.write_all(content)?;
            file.as_file().sync_all()?;
            file.persist(path).map_err(|error| error.error)
        });
        written.map(drop).map_err(|source| failed("write", path, source))
    }

    /// The log, to append to.
    pub fn open_log(&self) -> Result<File, DataDirectoryError> {
        private(OpenOptions::new().append(true).create(true), &self.log())
    }

    /// Deletes all files that are the control plane's, and the directory if that leaves it empty.
    pub fn remove(&self) -> Result<(), DataDirectoryError> {
        if !self.root.exists() {
            return Ok(());
        }
        let _lock = self.lock()?;
        for name in FILES {
            let path = self.root.join(name);
            match fs::remove_file(&path) {
                Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
                    return Err(failed("delete", &path, error));
                }
                _ => {}
            }
        }
        self.remove_volumes()?;
        // Someone else's files in it stay, and so does it.
        let _ = fs::remove_dir(&self.root);
        Ok(())
    }

    /// The directories in which containers may have written: of claims, and of pods. Folders that
    /// were there before us are not among them.
    pub fn written_by_containers(&self) -> Result<Vec<PathBuf>, DataDirectoryError> {
        let mut ours = children(&self.volumes(), |name| name.starts_with(VOLUME_PREFIX))?;
        ours.extend(children(&self.pods(), |name| uuid::Uuid::parse_str(name).is_ok())?);
        Ok(ours)
    }

    fn remove_volumes(&self) -> Result<(), DataDirectoryError> {
        for path in self.written_by_containers()? {
            fs::remove_dir_all(&path).map_err(|source| failed("delete", &path, source))?;
        }
        // What is not ours is still in them.
        let _ = (fs::remove_dir(self.volumes()), fs::remove_dir(self.pods()));
        Ok(())
    }
}

/// The entries of a directory that are ours.
fn children(
    directory: &Path,
    is_ours: impl Fn(&str) -> bool,
) -> Result<Vec<PathBuf>, DataDirectoryError> {
    let entries = match fs::read_dir(directory) {
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(Vec::new()),
        entries => entries.map_err(|source| failed("read", directory, source))?,
    };
    let mut ours = Vec::new();
    for entry in entries {
        let entry = entry.map_err(|source| failed("read", directory, source))?;
        if entry.file_name().to_str().is_some_and(&is_ours) {
            ours.push(entry.path());
        }
    }
    Ok(ours)
}

fn private(options: &mut OpenOptions, path: &Path) -> Result<File, DataDirectoryError> {
    options.mode(0o600).open(path).map_err(|source| failed("open", path, source))
}

fn read_pid(file: &mut File) -> Option<i32> {
    let mut text = String::new();
    file.read_to_string(&mut text).ok()?;
    text.trim().parse().ok()
}

fn failed(action: &'static str, path: &Path, source: std::io::Error) -> DataDirectoryError {
    DataDirectoryError::File { action, path: path.to_owned(), source }
}

fn of_pid(pid: Option<i32>) -> String {
    pid.map(|pid| format!(" ({pid})")).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt as _;

    use super::*;

    fn directory() -> (tempfile::TempDir, DataDirectory) {
        let outer = tempfile::tempdir().unwrap();
        let data = DataDirectory::resolve(Some(&outer.path().join("data"))).unwrap();
        data.create().unwrap();
        (outer, data)
    }

    /// A data directory in a folder that others use too, such as `/tmp`, was closed to them.
    #[test]
    fn a_directory_that_is_there_keeps_its_mode() {
        let (_outer, data) = directory();
        fs::set_permissions(data.root(), fs::Permissions::from_mode(0o755)).unwrap();
        data.create().unwrap();
        assert_eq!(fs::metadata(data.root()).unwrap().permissions().mode() & 0o777, 0o755);
    }

    #[test]
    fn only_one_may_serve_a_directory() {
        let (_outer, data) = directory();
        assert_eq!(data.server().unwrap(), None);
        let lock = data.lock().unwrap();
        let pid = i32::try_from(std::process::id()).unwrap();
        assert_eq!(data.server().unwrap(), Some(pid));
        let message = data.lock().unwrap_err().to_string();
        assert!(message.contains(&format!("is served by another process ({pid})")), "{message}");
        drop(lock);
        assert_eq!(data.server().unwrap(), None);
        data.lock().unwrap();
    }

    #[test]
    fn a_reset_leaves_what_is_not_ours() {
        let (_outer, data) = directory();
        data.write(&data.kubeconfig(), b"secret").unwrap();
        let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
        assert_eq!((mode(&data.kubeconfig()), mode(data.root())), (0o600, 0o700));
        fs::write(data.root().join("mine.txt"), "x").unwrap();
        data.set_port(6443).unwrap();
        assert_eq!(data.port(), Some(6443));
        data.remove().unwrap();
        let left: Vec<_> =
            fs::read_dir(data.root()).unwrap().map(|e| e.unwrap().file_name()).collect();
        assert_eq!(left, ["mine.txt"]);
        fs::remove_file(data.root().join("mine.txt")).unwrap();
        data.remove().unwrap();
        assert!(!data.root().exists());
        data.remove().unwrap();
    }

    #[test]
    fn a_reset_leaves_volumes_that_are_not_ours() {
        // A folder `volumes` that was there before, say of a project, was deleted with all in it.
        let (_outer, data) = directory();
        let uid = "6f1c0f0e-95f2-4c2a-8d5e-2f6a5f0b1c2d";
        let (volumes, pods) = (data.volumes(), data.pods());
        for (parent, ours) in [(&volumes, "pvc-1_shop_data"), (&pods, uid)] {
            for folder in ["photos", ours] {
                fs::create_dir_all(parent.join(folder).join("deep")).unwrap();
            }
        }
        data.remove().unwrap();
        for parent in [&volumes, &pods] {
            let left = fs::read_dir(parent).unwrap().map(|entry| entry.unwrap().file_name());
            assert_eq!(left.collect::<Vec<_>>(), ["photos"]);
            fs::remove_dir_all(parent).unwrap();
        }
        fs::create_dir_all(data.volumes().join("pvc-1_shop_data")).unwrap();
        data.remove().unwrap();
        assert!(!data.root().exists());
    }
}
