use bytes::Bytes;

use super::{Key, Stored};
use crate::kubernetes::kinds;

/// Where changes are kept so that they survive the process.
///
/// A backend knows bytes and keys only; the order of its records means nothing.
pub trait Backend: Send {
    /// Gives every live record to `visit`; returns the last revision.
    fn load(&mut self, visit: &mut dyn FnMut(Record)) -> Result<u64, BackendError>;

    /// Writes all records, or none; they are durable when this returns `Ok`.
    fn append(&mut self, batch: &[Record]) -> Result<(), BackendError>;
}

/// One change, or one live object of a load.
#[derive(Debug, Clone)]
pub struct Record {
    /// `GROUP/VERSION/PLURAL/NAMESPACE/NAME`.
    pub path: String,
    /// The revision of the change.
    pub revision: u64,
    /// Where the revision stands in the object's JSON, and the JSON; none when it is deleted.
    pub object: Option<(usize, Bytes)>,
}

impl Record {
    /// The record of an object that was written.
    pub(super) fn written(object: &Stored) -> Self {
        Self {
            path: path(&Key::from(object)),
            revision: object.revision,
            object: Some((object.revision_at, object.json.clone())),
        }
    }

    /// The record of an object that was deleted.
    pub(super) fn deleted(key: &Key, revision: u64) -> Self {
        Self { path: path(key), revision, object: None }
    }

    /// The object, when its kind is known and its JSON is whole.
    pub(super) fn read(self) -> Option<Stored> {
        let mut parts = self.path.split('/');
        let kind = kinds::find_plural(parts.next()?, parts.next()?, parts.next()?)?;
        let (revision_at, json) = self.object?;
        Stored::read(kind, revision_at, json)
    }
}

/// Why a backend cannot serve.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum BackendError {
    /// The file is not what it should be.
    #[error("the store `{path}` is damaged: {message}")]
    Damaged {
        /// The file.
        path: String,
        /// What was found.
        message: String,
    },
    /// The file could not be opened.
    #[error("cannot open the store `{path}`: {message}")]
    Open {
        /// The file.
        path: String,
        /// Why.
        message: String,
    },
    /// The changes could not be written.
    #[error("cannot write to the store `{path}`: {message}")]
    Write {
        /// The file.
        path: String,
        /// Why.
        message: String,
    },
    /// The thread that writes could not be started.
    #[error("cannot start the thread that writes to the store")]
    Thread(#[source] std::io::Error),
}

/// No backend: the objects live as long as the process.
#[derive(Debug, Default)]
pub struct InMemory;

impl Backend for InMemory {
    fn load(&mut self, _visit: &mut dyn FnMut(Record)) -> Result<u64, BackendError> {
        Ok(0)
    }

    fn append(&mut self, _batch: &[Record]) -> Result<(), BackendError> {
        Ok(())
    }
}

fn path(key: &Key) -> String {
    let Key { kind, namespace, name } = key;
    format!("{}/{}/{}/{namespace}/{name}", kind.group, kind.version, kind.plural)
}
