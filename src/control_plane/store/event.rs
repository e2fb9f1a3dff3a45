use std::sync::Arc;

use super::Stored;

/// What happened to an object.
#[derive(Debug, Clone)]
pub struct Event {
    /// The revision of the change.
    pub revision: u64,
    /// What happened.
    pub change: Change,
    /// The object after the change; the last state, with the revision of the deletion, when deleted.
    pub object: Arc<Stored>,
    /// The object before the change.
    pub previous: Option<Arc<Stored>>,
}

/// The kind of change.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Change {
    /// The object is new.
    Added,
    /// The object was written again.
    Modified,
    /// The object is gone.
    Deleted,
}
