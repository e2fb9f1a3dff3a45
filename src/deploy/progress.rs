use super::Id;

/// Shows what happens while it happens; written by the command line.
pub trait Progress: Send {
    /// An object has got into another state.
    fn change(&mut self, change: &Change);

    /// Something that the user must know, about no object in particular.
    fn note(&mut self, text: &str);
}

/// An object's new state.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Change {
    /// The object.
    pub id: Id,
    /// The Compose service that it serves, when it serves one.
    pub service: Option<String>,
    /// The state.
    pub step: Step,
    /// More about it; may be empty.
    pub detail: String,
}

/// The states of an object on its way into the cluster and out of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Step {
    /// Made anew.
    Created,
    /// Changed in place.
    Configured,
    /// Deleted and made anew.
    Replaced,
    /// As it was.
    Unchanged,
    /// Not touched, for a reason.
    Kept,
    /// Its pods are on their way.
    Waiting,
    /// A pod of it runs, and nobody waits for more yet.
    Started,
    /// As it shall be.
    Ready,
    /// A Job that has done its work.
    Complete,
    /// It will not become ready.
    Failed,
    /// Told to go.
    Deleting,
    /// Gone.
    Deleted,
    /// What a pod does while its project is followed.
    Pod,
    /// What the cluster says about an object.
    Event,
}

impl Step {
    /// The word for it.
    pub fn word(self) -> &'static str {
        match self {
            Self::Created => "created",
            Self::Configured => "configured",
            Self::Replaced => "replaced",
            Self::Unchanged => "unchanged",
            Self::Kept => "kept",
            Self::Waiting => "waiting",
            Self::Started => "started",
            Self::Ready => "ready",
            Self::Complete => "complete",
            Self::Failed => "failed",
            Self::Deleting => "deleting",
            Self::Deleted => "deleted",
            Self::Pod => "pod",
            Self::Event => "event",
        }
    }
}
