use indexmap::IndexMap;
use serde::Serialize;
use serde_json::Value;

use super::Attribute;

/// The `x-*` attributes of a mapping, whose meaning is up to whoever wrote them:
/// <https://github.com/compose-spec/compose-spec/blob/main/11-extension.md>.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
#[serde(transparent)]
pub struct Extensions(pub IndexMap<String, Value>);

impl Attribute for Extensions {
    fn is_unset(&self) -> bool {
        self.0.is_empty()
    }
}
