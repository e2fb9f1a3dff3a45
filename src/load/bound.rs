//! What is bind-mounted from the project, so that it can be held without this machine.
//!
//! # Invariants
//! - Nothing outside of the project directory is read, also not through links.
//! - What is read has limits; what cannot be read is no error, because the path may be one of a node.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use crate::model::{Bound, BoundFile, MountSource, Project};

use super::read::read_bytes;

/// How large a file may be: the limit of a Kubernetes object.
const MAX_FILE: u64 = 1 << 20;

/// How large all files of a mount may be.
const MAX_BYTES: u64 = 8 << 20;

/// How many files and directories a mount may have.
const MAX_ENTRIES: usize = 1000;

/// Reads what the bind mounts of all services have in the project directory, by the path of this
/// machine.
pub fn read_bound(project: &Project) -> BTreeMap<String, Bound> {
    let mounts = project.services.values().flat_map(|service| &service.container.volumes);
    let paths = mounts.filter_map(|mount| match &mount.source {
        MountSource::Bind { path, is_file: _, options: _ } => Some(path),
        _ => None,
    });
    let devices = project.volumes.values().filter_map(|volume| volume.driver_opts.get("device"));
    let root = Root {
        named: &project.directory,
        real: project.directory.canonicalize().unwrap_or_default(),
    };
    let mut bound = BTreeMap::new();
    for path in paths.chain(devices) {
        if !bound.contains_key(path)
            && let Some(found) = root.read(Path::new(path))
        {
            bound.insert(path.clone(), found);
        }
    }
    bound
}

/// The project directory.
struct Root<'a> {
    named: &'a Path,
    /// Without links.
    real: PathBuf,
}

impl Root<'_> {
    /// What there is, none for a path outside of the project.
    fn read(&self, path: &Path) -> Option<Bound> {
        if !path.starts_with(self.named) && !path.starts_with(&self.real) {
            return None;
        }
        let Ok(real) = path.canonicalize() else {
            // A link to nowhere may lead anywhere.
            return path.symlink_metadata().is_err().then_some(Bound::Missing);
        };
        if real == self.real {
            return Some(Bound::Unfit("it is the whole project".to_owned()));
        }
        if !real.starts_with(&self.real) {
            return None;
        }
        let found =
            if real.is_dir() { self.directory(&real) } else { file(&real).map(Bound::File) };
        Some(found.unwrap_or_else(Bound::Unfit))
    }

    /// All files below a directory, or why they cannot be had.
    fn directory(&self, top: &Path) -> Result<Bound, String> {
        let mut found = Vec::new();
        let mut bytes = 0;
        let mut entries = 0;
        let mut directories = vec![(top.to_owned(), String::new())];
        while let Some((directory, prefix)) = directories.pop() {
            let unreadable = |error| format!("`{}` cannot be read: {error}", directory.display());
            for entry in std::fs::read_dir(&directory).map_err(unreadable)? {
                let path = entry.map_err(unreadable)?.path();
                entries += 1;
                if entries > MAX_ENTRIES {
                    return Err(format!("it has more than {MAX_ENTRIES} files"));
                }
                let name = path.file_name().and_then(|name| name.to_str());
                let name = name.ok_or("a name in it is not UTF-8")?;
                let real = path.canonicalize().map_err(|_| format!("`{name}` leads nowhere"))?;
                if !real.starts_with(&self.real) {
                    return Err(format!("`{name}` leads out of the project"));
                }
                let name = format!("{prefix}{name}");
                let size = real.metadata().map_err(unreadable)?.len();
                if !real.is_dir() {
                    bytes += size;
                    found.push((name, real));
                } else if path.is_symlink() {
                    return Err(format!("`{name}` is a link to a directory"));
                } else {
                    directories.push((real, format!("{name}/")));
                }
                if bytes > MAX_BYTES {
                    return Err(format!("it has more than {} MiB", MAX_BYTES >> 20));
                }
            }
        }
        let read = |(name, path): (String, PathBuf)| Ok((name, file(&path)?));
        found.into_iter().map(read).collect::<Result<_, String>>().map(Bound::Directory)
    }
}

fn file(path: &Path) -> Result<BoundFile, String> {
    let content = read_bytes(path, MAX_FILE).map_err(|error| error.to_string())?;
    Ok(BoundFile { content, executable: is_executable(path) })
}

#[cfg(unix)]
fn is_executable(path: &Path) -> bool {
    use std::os::unix::fs::PermissionsExt as _;

    path.metadata().is_ok_and(|metadata| metadata.permissions().mode() & 0o111 != 0)
}

#[cfg(not(unix))]
fn is_executable(_path: &Path) -> bool {
    false
}

#[cfg(test)]
mod tests {
    use super::*;

    fn describe(bound: Option<Bound>) -> String {
        match bound {
            None => "outside".to_owned(),
            Some(Bound::File(file)) => format!("file of {}", file.content.len()),
            Some(Bound::Directory(files)) => files.keys().cloned().collect::<Vec<_>>().join(" "),
            Some(Bound::Missing) => "missing".to_owned(),
            Some(Bound::Unfit(reason)) => reason,
        }
    }

    #[test]
    fn what_is_in_the_project_is_read_and_nothing_else() {
        let directory = tempfile::tempdir().unwrap();
        let project = directory.path().join("project");
        std::fs::create_dir_all(project.join("conf/deep/er")).unwrap();
        std::fs::create_dir(project.join("empty")).unwrap();
        std::fs::create_dir(project.join("large")).unwrap();
        std::fs::write(directory.path().join("secret"), "x").unwrap();
        std::fs::write(project.join("conf/b"), "bb").unwrap();
        std::fs::write(project.join("conf/deep/er/a"), "").unwrap();
        std::fs::write(project.join("large/a"), vec![b'a'; (1 << 20) + 1]).unwrap();
        let root = Root { named: &project, real: project.canonicalize().unwrap() };
        let read = |path: &str| describe(root.read(&project.join(path)));
        assert_eq!(read("conf"), "b deep/er/a");
        assert_eq!(read("conf/b"), "file of 2");
        assert_eq!(read("empty"), "");
        assert_eq!(read("nothing"), "missing");
        assert_eq!(read(""), "it is the whole project");
        assert_eq!(read("../secret"), "outside");
        assert!(read("large").contains("larger than 1048576 bytes"), "{}", read("large"));
        assert_eq!(describe(root.read(Path::new("/etc/hostname"))), "outside");
    }

    #[cfg(unix)]
    #[test]
    fn links_do_not_lead_out_of_the_project() {
        use std::os::unix::fs::{PermissionsExt as _, symlink};

        let directory = tempfile::tempdir().unwrap();
        let project = directory.path().join("project");
        std::fs::create_dir_all(project.join("conf")).unwrap();
        std::fs::write(directory.path().join("secret"), "x").unwrap();
        std::fs::write(project.join("run"), "y").unwrap();
        let mode = std::fs::Permissions::from_mode(0o755);
        std::fs::set_permissions(project.join("run"), mode).unwrap();
        let root = Root { named: &project, real: project.canonicalize().unwrap() };
        let read = |path: &str| describe(root.read(&project.join(path)));
        symlink(project.join("run"), project.join("conf/run")).unwrap();
        let Some(Bound::Directory(files)) = root.read(&project.join("conf")) else {
            panic!("a directory")
        };
        assert!(files["run"].executable);
        symlink(directory.path().join("secret"), project.join("conf/link")).unwrap();
        symlink(directory.path().join("secret"), project.join("link")).unwrap();
        assert_eq!(read("conf"), "`link` leads out of the project");
        assert_eq!(read("link"), "outside");
    }
}
