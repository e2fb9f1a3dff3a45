//! Lists that go on.

use std::collections::HashSet;
use std::fmt::Write as _;

use crate::load::tree::{Node, Value};

/// Adds the items that are not there yet: the same item twice says nothing more, and merging once
/// more changes nothing. The short and the long form of an item are not the same here.
pub fn append(base: &mut Vec<Node>, over: Vec<Node>) {
    let mut known: HashSet<String> = base.iter().map(value_of).collect();
    base.extend(over.into_iter().filter(|item| known.insert(value_of(item))));
}

/// A text that is the same for the same values, wherever they are written.
fn value_of(node: &Node) -> String {
    let mut text = String::new();
    write_value(node, &mut text);
    text
}

fn write_value(node: &Node, text: &mut String) {
    let written = match &node.value {
        Value::Null => write!(text, "null"),
        Value::Bool(value) => write!(text, "{value}"),
        Value::Int(value) => write!(text, "{value}"),
        // `1` and `1.0` are two values for the reference
        Value::Float(value) => write!(text, "{value:e}"),
        Value::String(value) => write!(text, "{value:?}"),
        Value::Sequence(items) => {
            text.push('[');
            for item in items {
                write_value(item, text);
                text.push(',');
            }
            write!(text, "]")
        }
        Value::Mapping(mapping) => {
            // the order of keys means nothing
            let mut entries: Vec<_> = mapping.iter().collect();
            entries.sort_unstable_by_key(|(key, _)| *key);
            text.push('{');
            for (key, entry) in entries {
                write!(text, "{key:?}:").expect("a string takes every text");
                write_value(&entry.node, text);
                text.push(',');
            }
            write!(text, "}}")
        }
    };
    written.expect("a string takes every text");
}
