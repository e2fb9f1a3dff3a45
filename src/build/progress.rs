/// Shows what happens to images; written by the command line.
pub trait Progress: Send {
    /// Something has happened to an image.
    fn event(&mut self, event: &Event);
}

/// What has happened to an image.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Event {
    /// The service whose image it is.
    pub service: String,
    /// The name of the image.
    pub image: String,
    /// What has happened.
    pub state: State,
    /// More about it; may be empty.
    pub detail: String,
}

/// The states of an image.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum State {
    /// Its build has begun.
    Building,
    /// The builder says something.
    Output,
    /// It is there.
    Built,
    /// It is on its way to its registry.
    Pushing,
    /// Its registry has it.
    Pushed,
    /// It will not be there.
    Failed,
}

impl State {
    /// The word for it.
    pub fn word(self) -> &'static str {
        match self {
            Self::Building => "building",
            Self::Output => "output",
            Self::Built => "built",
            Self::Pushing => "pushing",
            Self::Pushed => "pushed",
            Self::Failed => "failed",
        }
    }
}
