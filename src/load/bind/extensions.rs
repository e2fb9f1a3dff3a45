use serde_json::{Map, Number, Value as Json};

use crate::load::tree::{Node, Value, float_text};

/// A tree as JSON; numbers that JSON does not have become texts.
pub(super) fn json(node: &Node) -> Json {
    match &node.value {
        Value::Null => Json::Null,
        Value::Bool(value) => Json::Bool(*value),
        Value::Int(value) => {
            Number::from_i128(*value).map_or_else(|| Json::String(value.to_string()), Json::Number)
        }
        Value::Float(value) => {
            Number::from_f64(*value).map_or_else(|| Json::String(float_text(*value)), Json::Number)
        }
        Value::String(text) => Json::String(text.clone()),
        Value::Sequence(items) => Json::Array(items.iter().map(json).collect()),
        Value::Mapping(mapping) => Json::Object(
            mapping
                .iter()
                .map(|(key, entry)| (key.clone(), json(&entry.node)))
                .collect::<Map<_, _>>(),
        ),
    }
}
