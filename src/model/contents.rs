use std::collections::BTreeMap;
use std::fmt;

use super::Bound;

/// The bytes of the configs and secrets of a project, by key; those that are external have none. And
/// what it mounts of itself.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Contents {
    /// Of `configs`.
    pub configs: BTreeMap<String, Vec<u8>>,
    /// Of `secrets`.
    pub secrets: BTreeMap<String, Vec<u8>>,
    /// Of bind mounts, by the path of this machine; those outside of the project have none.
    pub bound: BTreeMap<String, Bound>,
}

/// Without the bytes: what is secret must not reach a log, and not even its length is anybody's
/// business.
impl fmt::Debug for Contents {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { configs, secrets, bound } = self;
        f.debug_struct("Contents")
            .field("configs", &configs.keys())
            .field("secrets", &secrets.keys())
            .field("bound", &bound.keys())
            .finish()
    }
}
