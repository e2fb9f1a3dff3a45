use std::cmp::Ordering;
use std::fmt;
use std::hash::{Hash, Hasher};

use super::Stored;
use crate::kubernetes::Kind;

/// Which object: its kind, namespace and name.
#[derive(Debug, Clone)]
pub struct Key {
    /// The kind.
    pub kind: &'static Kind,
    /// The namespace, empty for cluster-scoped objects.
    pub namespace: String,
    /// The name.
    pub name: String,
}

impl Key {
    /// The key of an object.
    pub fn new(kind: &'static Kind, namespace: impl Into<String>, name: impl Into<String>) -> Self {
        Self { kind, namespace: namespace.into(), name: name.into() }
    }

    fn parts(&self) -> [&str; 5] {
        let Kind { group, version, plural, .. } = self.kind;
        [group, plural, version, &self.namespace, &self.name]
    }
}

impl From<&Stored> for Key {
    fn from(object: &Stored) -> Self {
        Self::new(object.kind, object.namespace.clone(), object.name.clone())
    }
}

impl fmt::Display for Key {
    /// `deployments.apps shop/web`, for logs.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.kind.plural)?;
        if !self.kind.group.is_empty() {
            write!(f, ".{}", self.kind.group)?;
        }
        match self.namespace.as_str() {
            "" => write!(f, " {}", self.name),
            namespace => write!(f, " {namespace}/{}", self.name),
        }
    }
}

impl PartialEq for Key {
    fn eq(&self, other: &Self) -> bool {
        self.parts() == other.parts()
    }
}

impl Eq for Key {}

impl Hash for Key {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.parts().hash(state);
    }
}

impl PartialOrd for Key {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Key {
    fn cmp(&self, other: &Self) -> Ordering {
        self.parts().cmp(&other.parts())
    }
}
