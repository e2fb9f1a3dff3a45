//! Files of the user, with limits and errors that say what to do.

use std::fs::File;
use std::io::Read;
use std::path::{Path, PathBuf};

/// Why a file cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum ReadError {
    /// There is no such file.
    #[error("the file `{}` does not exist", .0.display())]
    NotFound(PathBuf),
    /// It is a directory.
    #[error("`{}` is a directory, not a file", .0.display())]
    Directory(PathBuf),
    /// It is a pipe, a socket or a device.
    #[error("`{}` is a pipe, a socket or a device, not a file", .0.display())]
    Special(PathBuf),
    /// The system refuses.
    #[error("the file `{}` cannot be read: {source}", path.display())]
    Io {
        /// The file.
        path: PathBuf,
        /// What the system says.
        source: std::io::Error,
    },
    /// It is larger than the limit.
    #[error("the file `{}` is larger than {limit} bytes", path.display())]
    TooLarge {
        /// The file.
        path: PathBuf,
        /// The limit, in bytes.
        limit: u64,
    },
    /// It is not text.
    #[error("the file `{}` is not UTF-8 text (byte {offset})", path.display())]
    NotText {
        /// The file.
        path: PathBuf,
        /// The first byte that is not.
        offset: usize,
    },
}

impl ReadError {
    /// What to do about it.
    pub fn help(&self) -> &'static str {
        match self {
            Self::NotFound(_) => "create it, or correct the path",
            Self::Directory(_) => "name a file inside it",
            Self::Special(_) => "write what it gives to a file, and name the file",
            Self::Io { .. } => "check that you may read it",
            Self::TooLarge { .. } => "use a smaller file",
            Self::NotText { .. } => "save it as UTF-8",
        }
    }
}

/// The bytes of a file.
///
/// Anything but a regular file is refused, because reading it may last for ever; `/dev/null` is
/// an empty file.
pub fn read_bytes(path: &Path, limit: u64) -> Result<Vec<u8>, ReadError> {
    let kind = std::fs::metadata(path).map_err(|error| io_error(path, error))?.file_type();
    if kind.is_dir() {
        return Err(ReadError::Directory(path.to_owned()));
    }
    let is_empty_device =
        || std::fs::canonicalize(path).is_ok_and(|path| path == Path::new("/dev/null"));
    if !kind.is_file() && !is_empty_device() {
        return Err(ReadError::Special(path.to_owned()));
    }
    read_any(path, limit)
}

/// The text of a file.
pub fn read_text(path: &Path, limit: u64) -> Result<String, ReadError> {
    to_text(read_bytes(path, limit)?, path)
}

/// The text of what the user names on the command line, which may be a pipe.
pub fn read_text_or_pipe(path: &Path, limit: u64) -> Result<String, ReadError> {
    to_text(read_any(path, limit)?, path)
}

/// The text of standard input, under the name it is shown with.
pub fn read_standard_input(name: &Path, limit: u64) -> Result<String, ReadError> {
    to_text(read_limited(std::io::stdin().lock(), name, limit)?, name)
}

fn read_any(path: &Path, limit: u64) -> Result<Vec<u8>, ReadError> {
    let file = File::open(path).map_err(|error| io_error(path, error))?;
    let metadata = file.metadata().map_err(|error| io_error(path, error))?;
    if metadata.is_file() && metadata.len() > limit {
        return Err(ReadError::TooLarge { path: path.to_owned(), limit });
    }
    read_limited(file, path, limit)
}

fn io_error(path: &Path, source: std::io::Error) -> ReadError {
    match source.kind() {
        std::io::ErrorKind::NotFound => ReadError::NotFound(path.to_owned()),
        std::io::ErrorKind::IsADirectory => ReadError::Directory(path.to_owned()),
        _ => ReadError::Io { path: path.to_owned(), source },
    }
}

fn read_limited(input: impl Read, path: &Path, limit: u64) -> Result<Vec<u8>, ReadError> {
    let mut bytes = Vec::new();
    let result = input.take(limit + 1).read_to_end(&mut bytes);
    result.map_err(|error| io_error(path, error))?;
    if u64::try_from(bytes.len()).is_ok_and(|length| length > limit) {
        return Err(ReadError::TooLarge { path: path.to_owned(), limit });
    }
    Ok(bytes)
}

fn to_text(bytes: Vec<u8>, path: &Path) -> Result<String, ReadError> {
    String::from_utf8(bytes).map_err(|error| ReadError::NotText {
        path: path.to_owned(),
        offset: error.utf8_error().valid_up_to(),
    })
}
