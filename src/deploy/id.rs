use std::fmt;

use crate::kubernetes::Object;

/// Names one object of a project: kinds are unique among those that longshore makes.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Id {
    /// `kind`.
    pub kind: String,
    /// `metadata.name`.
    pub name: String,
}

impl Id {
    /// From kind and name.
    pub fn new(kind: impl Into<String>, name: impl Into<String>) -> Self {
        Self { kind: kind.into(), name: name.into() }
    }

    /// The name of an object.
    pub fn of(object: &Object) -> Self {
        Self::new(object.kind(), object.name())
    }
}

impl fmt::Display for Id {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.kind, self.name)
    }
}
