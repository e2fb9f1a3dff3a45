use serde::ser::SerializeMap as _;
use serde::{Serialize, Serializer};

use super::{Attribute as _, Extensions};

/// One entry of `ulimits`: <https://github.com/compose-spec/compose-spec/blob/main/05-services.md#ulimits>.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Ulimit {
    /// `soft`.
    pub soft: i64,
    /// `hard`.
    pub hard: i64,
    /// `x-*`.
    pub extensions: Extensions,
}

impl Ulimit {
    /// The same number for both sides.
    pub fn both(limit: i64) -> Self {
        Self { soft: limit, hard: limit, extensions: Extensions::default() }
    }
}

/// One number where both sides are the same.
impl Serialize for Ulimit {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let Self { soft, hard, extensions } = self;
        if soft == hard && extensions.is_unset() {
            return serializer.serialize_i64(*soft);
        }
        let mut map = serializer.serialize_map(None)?;
        map.serialize_entry("soft", soft)?;
        map.serialize_entry("hard", hard)?;
        for (key, value) in &extensions.0 {
            map.serialize_entry(key, value)?;
        }
        map.end()
    }
}
