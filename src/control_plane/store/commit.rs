use std::collections::HashMap;
use std::sync::Arc;

use tokio::sync::{mpsc, oneshot};

use super::memory::Memory;
use super::{Backend, BackendError, Change, Draft, Event, Key, Record, Stored};

/// Changes that one flush to the backend makes durable at most.
const BATCH: usize = 512;

/// One change, with what must hold for it.
#[derive(Debug)]
pub enum Write {
    /// A new object; there must be none of its key, and its namespace, when one is given, must
    /// be there and not be on its way out.
    Create(Draft, Option<Key>),
    /// A new state; the object must still be at the revision.
    Replace(Draft, u64),
    /// The end of an object, which must still be at the revision; its last state when that
    /// differs from the stored one.
    Delete(Key, u64, Option<Draft>),
}

/// Why a change was not made.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Rejected {
    /// There is an object of this key.
    #[error("the object exists")]
    Exists,
    /// The namespace is gone or going.
    #[error("the namespace is being terminated")]
    NamespaceGone,
    /// The object was changed or deleted since.
    #[error("the object was changed since")]
    Changed,
    /// The backend failed: the change may or may not be there after a restart.
    #[error("{0}")]
    Backend(Arc<BackendError>),
    /// The store is closed.
    #[error("the store is closed")]
    Closed,
}

/// The only writer: a thread that makes changes durable in batches, then visible.
#[derive(Clone)]
pub(super) struct Committer {
    requests: mpsc::Sender<Request>,
}

#[expect(clippy::large_enum_variant, reason = "closing is rare, boxing each write is not")]
enum Request {
    Commit(Write, Answer),
    Close(oneshot::Sender<()>),
}

type Answer = oneshot::Sender<Result<Arc<Stored>, Rejected>>;

impl Committer {
    pub(super) fn start(
        mut backend: Box<dyn Backend>,
        memory: Arc<Memory>,
    ) -> Result<Self, BackendError> {
        let (requests, mut queue) = mpsc::channel(BATCH);
        let work = move || {
            let mut revision = memory.revision();
            let mut batch = Vec::new();
            while queue.blocking_recv_many(&mut batch, BATCH) > 0 {
                let closing = commit(&mut *backend, &memory, &mut revision, &mut batch);
                if let Some(closed) = closing {
                    // The file must be closed before anyone is told so.
                    drop(backend);
                    let _ = closed.send(());
                    return;
                }
            }
        };
        std::thread::Builder::new()
            .name("store".to_owned())
            .spawn(work)
            .map_err(BackendError::Thread)?;
        Ok(Self { requests })
    }

    pub(super) async fn commit(&self, write: Write) -> Result<Arc<Stored>, Rejected> {
        let (answer, answered) = oneshot::channel();
        let request = Request::Commit(write, answer);
        self.requests.send(request).await.map_err(|_| Rejected::Closed)?;
        answered.await.map_err(|_| Rejected::Closed)?
    }

    pub(super) async fn close(&self) {
        let (closed, waiting) = oneshot::channel();
        if self.requests.send(Request::Close(closed)).await.is_ok() {
            // An error means that the thread ended, which is what is waited for.
            let _ = waiting.await;
        }
    }
}

/// One batch: decides in order, makes durable, makes visible, answers.
fn commit(
    backend: &mut dyn Backend,
    memory: &Memory,
    revision: &mut u64,
    batch: &mut Vec<Request>,
) -> Option<oneshot::Sender<()>> {
    let mut closing = None;
    let mut group = Group { memory, revision, latest: HashMap::new(), events: Vec::new() };
    let mut accepted = Vec::with_capacity(batch.len());
    let mut rejected = Vec::new();
    let mut records = Vec::with_capacity(batch.len());
    for request in batch.drain(..) {
        match request {
            Request::Close(closed) => closing = Some(closed),
            Request::Commit(write, answer) => match group.accept(write) {
                Ok((object, record)) => {
                    records.push(record);
                    accepted.push((answer, object));
                }
                Err(reason) => rejected.push((answer, reason)),
            },
        }
    }
    let events = group.events;
    match if records.is_empty() { Ok(()) } else { backend.append(&records) } {
        Ok(()) => {
            memory.apply(events);
            for (answer, object) in accepted {
                let _ = answer.send(Ok(object));
            }
        }
        Err(error) => {
            tracing::error!(%error, changes = records.len(), "changes are lost");
            let error = Arc::new(error);
            for (answer, _) in accepted {
                let _ = answer.send(Err(Rejected::Backend(Arc::clone(&error))));
            }
        }
    }
    // Last, so that whoever tries again after a conflict sees what it conflicted with.
    for (answer, reason) in rejected {
        let _ = answer.send(Err(reason));
    }
    closing
}

/// A batch in the making: what its earlier changes did counts for the later ones.
struct Group<'a> {
    memory: &'a Memory,
    revision: &'a mut u64,
    latest: HashMap<Key, Option<Arc<Stored>>>,
    events: Vec<Event>,
}

impl Group<'_> {
    fn accept(&mut self, write: Write) -> Result<(Arc<Stored>, Record), Rejected> {
        match write {
            Write::Create(draft, namespace) => {
                let key = draft.key();
                // Decided here, where nothing can come in between: a namespace that is swept
                // empty stays empty.
                let live = |key| self.latest(key).is_some_and(|namespace| !namespace.deleting);
                if !namespace.as_ref().is_none_or(live) {
                    return Err(Rejected::NamespaceGone);
                }
                if self.latest(&key).is_some() {
                    return Err(Rejected::Exists);
                }
                Ok(self.written(key, draft, None))
            }
            Write::Replace(draft, expected) => {
                let key = draft.key();
                let previous = self.expect(&key, expected)?;
                Ok(self.written(key, draft, Some(previous)))
            }
            Write::Delete(key, expected, last) => {
                let previous = self.expect(&key, expected)?;
                Ok(self.deleted(key, last, previous))
            }
        }
    }

    fn latest(&self, key: &Key) -> Option<Arc<Stored>> {
        match self.latest.get(key) {
            Some(latest) => latest.clone(),
            None => self.memory.get(key),
        }
    }

    fn expect(&self, key: &Key, revision: u64) -> Result<Arc<Stored>, Rejected> {
        self.latest(key).filter(|object| object.revision == revision).ok_or(Rejected::Changed)
    }

    fn written(
        &mut self,
        key: Key,
        draft: Draft,
        previous: Option<Arc<Stored>>,
    ) -> (Arc<Stored>, Record) {
        let object = Arc::new(draft.finish(self.next()));
        self.latest.insert(key, Some(Arc::clone(&object)));
        let change = if previous.is_some() { Change::Modified } else { Change::Added };
        self.tell(change, &object, previous);
        let record = Record::written(&object);
        (object, record)
    }

    fn deleted(
        &mut self,
        key: Key,
        last: Option<Draft>,
        previous: Arc<Stored>,
    ) -> (Arc<Stored>, Record) {
        let revision = self.next();
        let object = Arc::new(match last {
            Some(draft) => draft.finish(revision),
            None => previous.at_revision(revision),
        });
        let record = Record::deleted(&key, revision);
        self.latest.insert(key, None);
        self.tell(Change::Deleted, &object, Some(previous));
        (object, record)
    }

    fn tell(&mut self, change: Change, object: &Arc<Stored>, previous: Option<Arc<Stored>>) {
        let revision = object.revision;
        self.events.push(Event { revision, change, object: Arc::clone(object), previous });
    }

    fn next(&mut self) -> u64 {
        *self.revision += 1;
        *self.revision
    }
}
