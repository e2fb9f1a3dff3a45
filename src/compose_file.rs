//! Projects as the text of Compose files that load to the same projects.
//!
//! # Invariants
//! - The same project gives the same bytes.
//! - No value is read as another one, by this loader or any YAML reader: neither as a variable, nor
//!   as a number that was a text.

mod hash;
mod listing;

pub use hash::service_hash;
pub use listing::{images, models, services};

use std::fmt::Write as _;

use serde::Serialize;
use serde_json::{Map, Value};

use crate::model::Project;
use crate::yaml;

/// How a Compose file is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    /// As people write it.
    Yaml,
    /// As programs read it; it is a Compose file all the same.
    Json,
}

/// The canonical Compose file of a project: services in the order of the project, their attributes by
/// name. Every `$` of a value is written as `$$`, so that it does not start a variable when the file
/// is loaded.
pub fn write_project(project: &Project, format: Format) -> String {
    let mut tree = tree_of(project);
    for section in ["services", "jobs"] {
        let members = tree.get_mut(section).and_then(Value::as_object_mut);
        let members = members.into_iter().flat_map(Map::values_mut);
        for member in members.filter_map(Value::as_object_mut) {
            keep_hooks_apart(member);
            member.sort_keys();
        }
    }
    double_dollars(&mut tree);
    write_tree(&tree, format)
}

/// A hook without the command of its service says so: it would have that again when it is loaded.
fn keep_hooks_apart(service: &mut Map<String, Value>) {
    for attribute in ["command", "entrypoint"] {
        if !service.contains_key(attribute) {
            continue;
        }
        let hooks = service.get_mut("pre_start").and_then(Value::as_array_mut);
        for hook in hooks.into_iter().flatten().filter_map(Value::as_object_mut) {
            hook.entry(attribute).or_insert(Value::Null);
        }
    }
}

/// A part of the model as a tree.
fn tree_of(part: &impl Serialize) -> Value {
    serde_json::to_value(part).expect("the keys of the model are texts")
}

/// A tree as it is.
pub fn write_tree(tree: &Value, format: Format) -> String {
    match format {
        Format::Yaml => yaml::write(tree),
        Format::Json => plain_json(tree),
    }
}

/// JSON that YAML readers take, too: what YAML has no plain character for is escaped.
fn plain_json(tree: &Value) -> String {
    let json = format!("{tree:#}\n");
    let mut plain = String::with_capacity(json.len());
    for character in json.chars() {
        if character == '\n' || yaml::is_printable(character) {
            plain.push(character);
        } else {
            for unit in character.encode_utf16(&mut [0; 2]) {
                let _ = write!(plain, "\\u{unit:04x}");
            }
        }
    }
    plain
}

/// Keys stay: they hold no variables.
fn double_dollars(value: &mut Value) {
    match value {
        Value::String(text) if text.contains('$') => *text = text.replace('$', "$$"),
        Value::Array(items) => items.iter_mut().for_each(double_dollars),
        Value::Object(fields) => fields.values_mut().for_each(double_dollars),
        Value::String(_) | Value::Null | Value::Bool(_) | Value::Number(_) => {}
    }
}
