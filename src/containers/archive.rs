use std::fs::File;
use std::io::{self, Read, Write};
use std::path::Path;

/// Writes a file or directory as an archive in which it has a name.
pub(super) fn pack(from: &Path, name: &Path, to: impl Write) -> io::Result<()> {
    let mut archive = tar::Builder::new(to);
    archive.follow_symlinks(false);
    if from.metadata()?.is_dir() {
        archive.append_dir_all(name, from)?;
    } else {
        // What a link leads to is meant, not the link.
        archive.append_file(name, &mut File::open(from)?)?;
    }
    archive.into_inner()?.flush()
}

/// Reads an archive whose files are all below `name`, which becomes `to`: inside of it when it is
/// a directory, else in its place.
pub(super) fn unpack(from: impl Read, name: &Path, to: &Path) -> io::Result<()> {
    if to.is_dir() {
        return unpack_in(from, to);
    }
    let parent = match to.parent() {
        Some(parent) if parent != Path::new("") => parent,
        _ => Path::new("."),
    };
    // Beside its place, so that it appears whole or not at all.
    let beside = tempfile::Builder::new().prefix(".longshore-").tempdir_in(parent)?;
    unpack_in(from, beside.path())?;
    std::fs::rename(beside.path().join(name), to)
}

/// The archive comes from a container, which is not to be trusted: nothing leaves the directory.
fn unpack_in(from: impl Read, directory: &Path) -> io::Result<()> {
    let mut archive = tar::Archive::new(from);
    for entry in archive.entries()? {
        let mut entry = entry?;
        if !entry.unpack_in(directory)? {
            let path = entry.path()?.display().to_string();
            return Err(io::Error::other(format!("`{path}` would lie outside of the copy")));
        }
    }
    // Behind its end an archive is filled up, and who writes it wants that to be read.
    io::copy(&mut archive.into_inner(), &mut io::sink())?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn archive(entries: &[(&str, &str)]) -> Vec<u8> {
        let mut archive = tar::Builder::new(Vec::new());
        for (path, text) in entries {
            let mut header = tar::Header::new_gnu();
            header.set_size(text.len() as u64);
            header.set_mode(0o644);
            // Past the check of `set_path`, as somebody evil would.
            header.as_old_mut().name[..path.len()].copy_from_slice(path.as_bytes());
            header.set_cksum();
            archive.append(&header, text.as_bytes()).unwrap();
        }
        archive.into_inner().unwrap()
    }

    #[test]
    fn what_is_packed_is_unpacked_inside_or_in_place() {
        let directory = tempfile::tempdir().unwrap();
        let path = |name: &str| directory.path().join(name);
        std::fs::create_dir_all(path("src/deep")).unwrap();
        std::fs::write(path("src/deep/a"), "a").unwrap();
        std::os::unix::fs::symlink("deep/a", path("src/link")).unwrap();
        let mut packed = Vec::new();
        pack(&path("src"), Path::new("src"), &mut packed).unwrap();
        unpack(&packed[..], Path::new("src"), &path("new")).unwrap();
        assert_eq!(std::fs::read_to_string(path("new/deep/a")).unwrap(), "a");
        assert_eq!(std::fs::read_link(path("new/link")).unwrap(), Path::new("deep/a"));
        unpack(&packed[..], Path::new("src"), &path("new")).unwrap();
        assert_eq!(std::fs::read_to_string(path("new/src/deep/a")).unwrap(), "a");
        let mut file = Vec::new();
        pack(&path("src/link"), Path::new("link"), &mut file).unwrap();
        unpack(&file[..], Path::new("link"), &path("b")).unwrap();
        assert_eq!(std::fs::read_to_string(path("b")).unwrap(), "a");
    }

    #[test]
    fn an_archive_is_read_to_its_last_byte() {
        // What busybox had filled up met a closed pipe: the copy was there, and an error.
        let directory = tempfile::tempdir().unwrap();
        let mut bytes = archive(&[("a", "x")]);
        bytes.extend([0; 8 << 10]);
        let mut unread = &bytes[..];
        unpack(&mut unread, Path::new("a"), &directory.path().join("b")).unwrap();
        assert!(unread.is_empty(), "{} bytes", unread.len());
    }

    #[test]
    fn nothing_leaves_the_directory() {
        let directory = tempfile::tempdir().unwrap();
        let inside = directory.path().join("inside");
        std::fs::create_dir(&inside).unwrap();
        let evil = archive(&[("../out", "x")]);
        let error = unpack(&evil[..], Path::new("x"), &inside).unwrap_err();
        assert_eq!(error.to_string(), "`../out` would lie outside of the copy");
        assert!(!directory.path().join("out").exists());
        assert_eq!(std::fs::read_dir(directory.path()).unwrap().count(), 1);
    }
}
