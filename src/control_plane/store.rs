//! The store: revisions, objects as JSON bytes, one event ring.
//!
//! ```text
//!  verbs ── Write ──▶ committer thread ── records ──▶ Backend (durable on return)
//!                        │ then
//!                        ▼
//!                     memory: objects per kind + event ring ──▶ get, list, cursors
//! ```
//!
//! # Invariants
//! - The memory image is the database; the [`Backend`] only has to survive.
//! - Nothing is visible, and nothing is acknowledged, before the backend has it durable.
//! - Revisions of one store rise strictly, over restarts too.

mod backend;
mod commit;
mod cursor;
mod draft;
mod event;
mod file;
mod key;
mod memory;
mod stored;

pub use backend::{Backend, BackendError, InMemory, Record};
pub use commit::{Rejected, Write};
pub use cursor::{Cursor, Expired};
pub use draft::Draft;
pub use event::{Change, Event};
pub use file::File;
pub use key::Key;
pub use stored::Stored;

use std::sync::Arc;

use self::commit::Committer;
use self::memory::Memory;
use crate::kubernetes::Kind;

/// The objects of one control plane; cheap to clone.
#[derive(Clone)]
pub struct Store {
    memory: Arc<Memory>,
    committer: Committer,
}

impl Store {
    /// Loads what the backend has and starts the thread that writes to it.
    pub fn open(mut backend: Box<dyn Backend>) -> Result<Self, BackendError> {
        let memory = Arc::new(Memory::default());
        let revision = backend.load(&mut |record| memory.insert(record))?;
        memory.start_at(revision);
        let committer = Committer::start(backend, Arc::clone(&memory))?;
        Ok(Self { memory, committer })
    }

    /// The revision of the last change.
    pub fn revision(&self) -> u64 {
        self.memory.revision()
    }

    /// One object.
    pub fn get(&self, key: &Key) -> Option<Arc<Stored>> {
        self.memory.get(key)
    }

    /// All objects of a kind, in one namespace or in all, sorted by namespace and name, with the
    /// revision of the list.
    pub fn list(&self, kind: &'static Kind, namespace: Option<&str>) -> (Vec<Arc<Stored>>, u64) {
        self.memory.list(kind, namespace)
    }

    /// Makes one change; returns when it is durable and visible.
    pub async fn commit(&self, write: Write) -> Result<Arc<Stored>, Rejected> {
        self.committer.commit(write).await
    }

    /// All events after a revision.
    pub fn watch(&self, after: u64) -> Result<Cursor, Expired> {
        Cursor::new(Arc::clone(&self.memory), None, after)
    }

    /// The events of one kind after a revision.
    pub fn watch_kind(&self, kind: &'static Kind, after: u64) -> Result<Cursor, Expired> {
        Cursor::new(Arc::clone(&self.memory), Some(kind), after)
    }

    /// Waits until the store is at a revision.
    pub async fn reached(&self, revision: u64) {
        let mut changed = self.memory.changed(None);
        while self.revision() < revision {
            if changed.changed().await.is_err() {
                std::future::pending::<()>().await;
            }
        }
    }

    /// Finishes what is under way and closes the backend; later writes are rejected.
    pub async fn close(&self) {
        self.committer.close().await;
    }
}

#[cfg(test)]
mod tests;
