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
            Self::Io { .. } => "check that you may read it",
            Self::TooLarge { .. } => "use a smaller file",
            Self::NotText { .. } => "save it as UTF-8",
        }
    }
}

/// The bytes of a file.
pub fn read_bytes(path: &Path, limit: u64) -> Result<Vec<u8>, ReadError> {
    let io = |source: std::io::Error| match source.kind() {
        std::io::ErrorKind::NotFound => ReadError::NotFound(path.to_owned()),
        std::io::ErrorKind::IsADirectory => ReadError::Directory(path.to_owned()),
        _ => ReadError::Io { path: path.to_owned(), source },
    };
    let file = File::open(path).map_err(io)?;
    if file.metadata().map_err(io)?.is_dir() {
        return Err(ReadError::Directory(path.to_owned()));
    }
    read_limited(file, path, limit)
}

/// The text of a file.
pub fn read_text(path: &Path, limit: u64) -> Result<String, ReadError> {
    to_text(read_bytes(path, limit)?, path)
}

/// The text of standard input, under the name it is shown with.
pub fn read_standard_input(name: &Path, limit: u64) -> Result<String, ReadError> {
    to_text(read_limited(std::io::stdin().lock(), name, limit)?, name)
}

fn read_limited(input: impl Read, path: &Path, limit: u64) -> Result<Vec<u8>, ReadError> {
    let mut bytes = Vec::new();
    let result = input.take(limit + 1).read_to_end(&mut bytes);
    result.map_err(|source| ReadError::Io { path: path.to_owned(), source })?;
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
