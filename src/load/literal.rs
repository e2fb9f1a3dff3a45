//! Projects whose variables stay as they are written.
//!
//! What a value means is not known before its variables are: an attribute with a variable in it
//! keeps the form that it was written in, and only its relative paths become absolute.

mod paths;

use std::path::Path as FilePath;

use serde_json::Value as Json;

use super::environment::Environment;
use super::normalise;
use super::tree::{Entry, Mapping, Node, Value, float_text};

/// Parts of a tree that are taken out of it, while null stands in their places.
#[derive(Debug, Default)]
pub struct Aside {
    parts: Vec<(Vec<String>, Node)>,
}

/// How deep below the root the parts with variables are taken out whole.
const SECTIONS: [(&str, usize); 7] = [
    ("services", 2),
    ("jobs", 2),
    ("networks", 1),
    ("volumes", 1),
    ("configs", 1),
    ("secrets", 1),
    ("models", 1),
];

impl Aside {
    /// Takes out the attributes of services, and the members of the other sections, that have
    /// variables in them.
    pub fn take(root: &mut Node) -> Self {
        let mut parts = Vec::new();
        for (section, depth) in SECTIONS {
            if let Some(members) = root.get_mut(section).and_then(Node::as_mapping_mut) {
                take(members, depth, &mut vec![section.to_owned()], &mut parts);
            }
        }
        Self { parts }
    }

    /// Makes their paths start from a directory.
    pub fn prefix_paths(&mut self, directory: &FilePath, home: Option<&str>) {
        for (path, part) in &mut self.parts {
            paths::prefix_paths(part, path, directory, home);
        }
    }

    /// Puts them back, over what stands there now.
    pub fn put_back(self, root: &mut Node) {
        for (path, part) in self.parts {
            let place = path.iter().try_fold(&mut *root, |node, key| node.get_mut(key));
            if let Some(place) = place {
                *place = part;
            }
        }
    }
}

fn take(
    members: &mut Mapping,
    depth: usize,
    path: &mut Vec<String>,
    parts: &mut Vec<(Vec<String>, Node)>,
) {
    for (key, Entry { key: span, node }) in members.iter_mut() {
        path.push(key.clone());
        if depth > 1 {
            if let Some(attributes) = node.as_mapping_mut() {
                take(attributes, depth - 1, path, parts);
            }
        } else if has_variables(node) || (key == "build" && takes_from_environment(node)) {
            parts.push((path.clone(), std::mem::replace(node, Node::null(span))));
        }
        path.pop();
    }
}

/// Adds what the parts of a project mean for each other, as far as that is known. Where variables
/// name the project, nothing is named after it. Hooks keep to what they say themselves.
pub fn normalise(root: &mut Node, name: Option<&str>) {
    let aside = Aside::take(root);
    // what the environment says is as open as what variables say
    normalise::normalise(root, name, &Environment::default());
    aside.put_back(root);
    let span = root.span.clone();
    if let (Some(name), Some(mapping)) = (name, root.as_mapping_mut()) {
        let mut entries = std::mem::take(mapping);
        entries.remove("name");
        let name =
            ("name".to_owned(), Entry { key: span.clone(), node: Node::string(name, &span) });
        *mapping = std::iter::once(name).chain(entries).collect();
    }
}

/// Whether some value below may be one thing or another, depending on a variable.
pub fn has_variables(node: &Node) -> bool {
    match &node.value {
        Value::String(text) => text.contains('$'),
        Value::Sequence(items) => items.iter().any(has_variables),
        Value::Mapping(mapping) => mapping.iter().any(|(_, entry)| has_variables(&entry.node)),
        Value::Null | Value::Bool(_) | Value::Int(_) | Value::Float(_) => false,
    }
}

/// Whether a build has arguments without a value, which the environment gives.
fn takes_from_environment(build: &Node) -> bool {
    let arguments = build.get("args").and_then(Node::as_mapping);
    arguments.into_iter().flat_map(Mapping::iter).any(|(_, entry)| entry.node.is_null())
}

/// The tree as JSON. The numbers that JSON does not have become texts.
pub fn to_json(node: &Node) -> Json {
    match &node.value {
        Value::Null => Json::Null,
        Value::Bool(value) => Json::Bool(*value),
        Value::Int(value) => i64::try_from(*value).map_or_else(
            |_| u64::try_from(*value).map_or_else(|_| Json::String(value.to_string()), Json::from),
            Json::from,
        ),
        Value::Float(value) => serde_json::Number::from_f64(*value)
            .map_or_else(|| Json::String(float_text(*value)), Json::Number),
        Value::String(text) => Json::String(text.clone()),
        Value::Sequence(items) => Json::Array(items.iter().map(to_json).collect()),
        Value::Mapping(mapping) => {
            let entries = mapping.iter().map(|(key, entry)| (key.clone(), to_json(&entry.node)));
            Json::Object(entries.collect())
        }
    }
}
