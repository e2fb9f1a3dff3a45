use std::fs::{self, DirBuilder, OpenOptions};
use std::os::unix::fs::{DirBuilderExt as _, FileTypeExt, OpenOptionsExt as _};
use std::path::{Path, PathBuf};

use super::Reason;
use crate::control_plane::kubelet::pod_directory::failed;

/// A path of the host, made where its type says so, of the type that is wanted.
pub(super) fn prepare(path: &Path, kind: Option<&str>) -> Result<PathBuf, Reason> {
    let kind = kind.unwrap_or_default();
    if !path.exists() {
        match kind {
            // Container runtimes make the directory of a path that nobody has checked.
            "" | "DirectoryOrCreate" => {
                let made = DirBuilder::new().recursive(true).mode(0o755).create(path);
                made.map_err(failed("create", path))?;
            }
            "FileOrCreate" => {
                let mut options = OpenOptions::new();
                let made = options.write(true).create(true).truncate(false).mode(0o644).open(path);
                made.map_err(failed("create", path))?;
            }
            _ => {}
        }
    }
    let file_type = fs::metadata(path).map(|metadata| metadata.file_type()).ok();
    let is = |test: fn(&fs::FileType) -> bool| file_type.as_ref().is_some_and(test);
    let (holds, expected) = match kind {
        "" => (true, ""),
        "Directory" | "DirectoryOrCreate" => (is(fs::FileType::is_dir), "a directory"),
        "File" | "FileOrCreate" => (is(fs::FileType::is_file), "a file"),
        "Socket" => (is(FileTypeExt::is_socket), "a socket file"),
        "CharDevice" => (is(FileTypeExt::is_char_device), "a character device"),
        "BlockDevice" => (is(FileTypeExt::is_block_device), "a block device"),
        _ => (false, "of a known type"),
    };
    if !holds {
        return Err(Reason::WrongType { path: path.display().to_string(), expected });
    }
    Ok(path.to_owned())
}

#[cfg(test)]
mod tests {
    use std::os::unix::net::UnixListener;

    use super::*;

    #[test]
    fn paths_are_made_and_checked_by_their_type() {
        let outer = tempfile::tempdir().unwrap();
        let path = |name: &str| outer.path().join(name);
        fs::write(path("file"), "").unwrap();
        fs::create_dir(path("directory")).unwrap();
        let _listener = UnixListener::bind(path("socket")).unwrap();
        let check = |name: &str, kind: &str, expected: Result<(), &str>| {
            let path = outer.path().join(name);
            let prepared = prepare(&path, Some(kind)).map(drop).map_err(|error| error.to_string());
            let expected = expected.map_err(|what| {
                format!("hostPath type check failed: {} is not {what}", path.display())
            });
            assert_eq!(prepared, expected, "{name} as {kind:?}");
        };
        check("file", "", Ok(()));
        check("file", "File", Ok(()));
        check("file", "FileOrCreate", Ok(()));
        check("file", "Directory", Err("a directory"));
        check("file", "DirectoryOrCreate", Err("a directory"));
        check("directory", "Directory", Ok(()));
        check("directory", "FileOrCreate", Err("a file"));
        check("socket", "Socket", Ok(()));
        check("file", "Socket", Err("a socket file"));
        check("/dev/null", "CharDevice", Ok(()));
        check("/dev/null", "BlockDevice", Err("a block device"));
        check("none", "Directory", Err("a directory"));
        check("none", "File", Err("a file"));
        check("none", "CharDevice", Err("a character device"));
        assert!(!path("none").exists());
        check("new/one", "", Ok(()));
        check("new/two", "DirectoryOrCreate", Ok(()));
        check("new/file", "FileOrCreate", Ok(()));
        assert!(path("new/one").is_dir() && path("new/two").is_dir() && path("new/file").is_file());
    }
}
