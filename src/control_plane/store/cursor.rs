use std::collections::VecDeque;
use std::sync::Arc;

use tokio::sync::watch;

use super::Event;
use super::memory::Memory;
use crate::kubernetes::Kind;

/// Events that a cursor takes at once, so that a busy ring is not locked once per event.
const CHUNK: usize = 64;

/// The ring was overrun: list again.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the events after this revision are forgotten")]
pub struct Expired;

/// A reader of the event ring, for all kinds or for one.
pub struct Cursor {
    memory: Arc<Memory>,
    kind: Option<&'static Kind>,
    /// All events up to this revision were taken from the ring.
    after: u64,
    taken: VecDeque<Arc<Event>>,
    changed: watch::Receiver<()>,
}

impl Cursor {
    pub(super) fn new(
        memory: Arc<Memory>,
        kind: Option<&'static Kind>,
        after: u64,
    ) -> Result<Self, Expired> {
        let changed = memory.changed(kind);
        let mut cursor = Self { memory, kind, after, taken: VecDeque::new(), changed };
        cursor.take()?;
        Ok(cursor)
    }

    /// The next event, when there is one.
    pub async fn next(&mut self) -> Result<Arc<Event>, Expired> {
        loop {
            if let Some(event) = self.try_next()? {
                return Ok(event);
            }
            if self.changed.changed().await.is_err() {
                // The store is gone, and with it all who could write.
                std::future::pending::<()>().await;
            }
        }
    }

    /// The next event, if there is one now.
    pub fn try_next(&mut self) -> Result<Option<Arc<Event>>, Expired> {
        if self.taken.is_empty() {
            self.take()?;
        }
        Ok(self.taken.pop_front())
    }

    /// The revision up to which every event was handed out; none while some wait.
    pub fn seen(&mut self) -> Option<u64> {
        if self.taken.is_empty() {
            self.take().ok()?;
        }
        self.taken.is_empty().then_some(self.after)
    }

    fn take(&mut self) -> Result<(), Expired> {
        self.changed.mark_unchanged();
        let (events, seen) = self.memory.events(self.kind, self.after, CHUNK)?;
        self.taken.extend(events);
        self.after = self.after.max(seen);
        Ok(())
    }
}
