use std::collections::BTreeMap;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::Value;

use crate::kubernetes::{Object, labels};

/// A value of an object that is no list or mapping.
#[derive(Debug, Clone, PartialEq)]
pub enum Leaf {
    /// A text.
    Text(String),
    /// A text that the object has in base64.
    Base64(String),
    /// A number, as it is written.
    Number(String),
    /// Anything else, also an empty list or mapping.
    Other(Value),
}

impl Leaf {
    /// Its text, if it is one or stands for one.
    pub fn text(&self) -> Option<&str> {
        match self {
            Self::Text(text) | Self::Base64(text) | Self::Number(text) => Some(text),
            Self::Other(_) => None,
        }
    }
}

/// The leaves of an object by their JSON pointers.
pub fn leaves(object: &Object) -> BTreeMap<String, Leaf> {
    let mut found = BTreeMap::new();
    let encoded = if object.kind() == "Secret" { "/data/" } else { "\0" };
    for (key, value) in object.fields() {
        walk(value, format!("/{}", escape(key)), encoded, &mut found);
    }
    found
}

/// All texts of the objects, to find out what is in none of them.
pub fn all_text(objects: &[Object]) -> String {
    let leaves = objects.iter().flat_map(leaves);
    let texts = leaves.flat_map(|(pointer, leaf)| [pointer, leaf.text().unwrap_or("").to_owned()]);
    texts.flat_map(|text| [text, "\n".to_owned()]).collect()
}

/// The annotations of pods that change with what a pod depends on, so that it is replaced.
pub const HASHES: [&str; 2] = [labels::CONFIG_HASH, labels::RESTART_HASH];

/// Whether a leaf is a hash: it changes with variables without holding them.
pub fn is_hash(pointer: &str) -> bool {
    HASHES.iter().any(|key| pointer.ends_with(&format!("/annotations/{}", escape(key))))
}

/// A key as one part of a JSON pointer.
pub fn escape(key: &str) -> String {
    key.replace('~', "~0").replace('/', "~1")
}

fn walk(value: &Value, pointer: String, encoded: &str, found: &mut BTreeMap<String, Leaf>) {
    let leaf = match value {
        Value::Object(fields) if !fields.is_empty() => {
            for (key, value) in fields {
                walk(value, format!("{pointer}/{}", escape(key)), encoded, found);
            }
            return;
        }
        Value::Array(items) if !items.is_empty() => {
            for (index, value) in items.iter().enumerate() {
                walk(value, format!("{pointer}/{index}"), encoded, found);
            }
            return;
        }
        Value::String(text) if pointer.starts_with(encoded) => decode(text),
        Value::String(text) => Leaf::Text(text.clone()),
        Value::Number(number) => Leaf::Number(number.to_string()),
        other => Leaf::Other(other.clone()),
    };
    found.insert(pointer, leaf);
}

fn decode(text: &str) -> Leaf {
    let decoded = STANDARD.decode(text).ok().and_then(|bytes| String::from_utf8(bytes).ok());
    decoded.map_or_else(|| Leaf::Text(text.to_owned()), Leaf::Base64)
}
