//! Lists that stand for mappings, and single values that stand for lists.

use crate::diagnostic::{Diagnostic, Loss, Report, Span, codes};
use crate::load::path::Path;
use crate::load::tree::{Entry, Mapping, Node, Value};

/// `dns: 1.1.1.1` to `dns: [1.1.1.1]`.
pub fn string_to_list(node: &mut Node) {
    if let Value::String(_) = node.value {
        let span = node.span.clone();
        let item = std::mem::replace(node, Node::null(&span));
        node.value = Value::Sequence(vec![item]);
    }
}

/// `[a, b]` to `{a: …, b: …}`.
pub fn names_to_mapping(node: &mut Node, value: impl Fn(&Span) -> Node) {
    let Value::Sequence(items) = &node.value else { return };
    let mut mapping = Mapping::default();
    for item in items {
        if let Some(name) = item.as_str() {
            mapping.insert(name, Entry { key: item.span.clone(), node: value(&item.span) });
        }
    }
    node.value = Value::Mapping(mapping);
}

/// `[K=V, L]` to `{K: V, L: null}`; a later item replaces an earlier one in its place.
///
/// Only names of variables must not end in a blank: Compose lets labels have such names. An item
/// that a variable without a value made empty is left out.
pub fn pairs_to_mapping(node: &mut Node, path: &Path<'_>, report: &mut Report) {
    let Value::Sequence(items) = &node.value else { return };
    let are_variables = matches!(path.last_key(), Some("environment" | "args"));
    let mut mapping = Mapping::default();
    for (index, item) in items.iter().enumerate() {
        let Some(text) = item.as_str() else { continue };
        let (name, value) = match text.split_once('=') {
            Some((name, value)) => (name, Node::string(value, &item.part(value))),
            None => (text, Node::null(&item.span)),
        };
        // as the schema has it for mappings
        if !name.contains(|character| character != '\n') {
            report.push(nameless(text, item, &path.index(index)));
            continue;
        }
        if are_variables && name.ends_with(|c: char| c.is_ascii_whitespace()) {
            report.push(
                Diagnostic::error(
                    codes::INVALID_VALUE,
                    &path.index(index),
                    format!("the name `{}` is followed by a blank", name.trim_end()),
                )
                .at(item.part(name))
                .help("remove the blank in front of `=`"),
            );
        }
        mapping.insert(name, Entry { key: item.part(name), node: value });
    }
    node.value = Value::Mapping(mapping);
}

fn nameless(text: &str, item: &Node, path: &Path<'_>) -> Diagnostic {
    let diagnostic = if text.contains('=') {
        let message = format!("`{text}` has no name in front of `=`");
        Diagnostic::error(codes::INVALID_VALUE, path, message).help("write `NAME=VALUE`")
    } else {
        let message = "the item is empty, so it is left out";
        let loss = Loss::IgnoredHarmless;
        Diagnostic::warning(codes::INVALID_VALUE, loss, path, message).help("remove it")
    };
    diagnostic.at(item.span.clone())
}
