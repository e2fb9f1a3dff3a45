use std::collections::{BTreeSet, HashMap};

use crate::diagnostic::{Diagnostic, Report, Span};
use crate::load::path::Path;
use crate::load::suggest::nearest;
use crate::load::tree::{Mapping, Node, Value};

use super::{ROOT, Schema, Type, message};

/// The parts of a tree that lost something because it was wrong: checks that would only repeat
/// the first error leave them out.
#[derive(Debug, Default)]
pub struct Damage(BTreeSet<String>);

impl Damage {
    /// Whether this section, service, network, … is damaged.
    pub fn contains(&self, path: &str) -> bool {
        self.0.contains(path)
    }

    /// Remembers that a part is damaged.
    pub fn insert(&mut self, path: impl Into<String>) {
        self.0.insert(path.into());
    }

    /// Remembers that a part is damaged, and with it its section and its service, network, ….
    pub fn insert_part(&mut self, path: &Path<'_>) {
        let path = path.to_string();
        for (end, _) in path.match_indices(['.', '[']).take(2) {
            self.insert(path.get(..end).unwrap_or_default());
        }
        self.insert(path);
    }
}

/// Reports all that does not follow the schema, and takes it out of the tree. Texts that the
/// function spares may be anything yet.
pub fn validate(
    root: &mut Node,
    is_value: fn(&str) -> bool,
    damage: &mut Damage,
    report: &mut Report,
) {
    Validator { is_value, damage, report }.keeps(&ROOT, root, &Path::ROOT);
}

struct Validator<'a> {
    is_value: fn(&str) -> bool,
    damage: &'a mut Damage,
    report: &'a mut Report,
}

impl Validator<'_> {
    /// Whether the node can stay.
    fn keeps(&mut self, schema: &Schema, node: &mut Node, path: &Path<'_>) -> bool {
        let schema = schema.resolve();
        if !schema.one_of.is_empty() {
            // the branches of every choice in the schema differ in their types
            let branch =
                schema.one_of.iter().map(Schema::resolve).find(|branch| fits(branch, node));
            return match branch {
                Some(branch) => self.keeps(branch, node, path),
                None => self.wrong_type(schema, node, path),
            };
        }
        if !fits(schema, node) {
            return self.wrong_type(schema, node, path);
        }
        match &mut node.value {
            Value::Mapping(mapping) => {
                let complete = complete(schema, mapping, &node.span, path);
                self.properties(schema, mapping, path);
                match complete {
                    Ok(()) => true,
                    Err(Some(missing)) => self.reject(path, || missing),
                    Err(None) => {
                        self.damage.insert_part(path);
                        false
                    }
                }
            }
            Value::Sequence(items) => {
                self.items(schema, items, path);
                true
            }
            Value::String(_) => self.string(schema, node, path),
            Value::Int(value) => {
                let low = schema.minimum.is_some_and(|minimum| *value < minimum);
                let high = schema.maximum.is_some_and(|maximum| *value > maximum);
                !(low || high) || self.reject(path, || message::out_of_range(schema, node, path))
            }
            #[expect(clippy::cast_precision_loss, reason = "limits are small")]
            Value::Float(value) => {
                let low = schema.minimum.is_some_and(|minimum| *value < minimum as f64);
                let high = schema.maximum.is_some_and(|maximum| *value > maximum as f64);
                !(low || high) || self.reject(path, || message::out_of_range(schema, node, path))
            }
            Value::Null | Value::Bool(_) => true,
        }
    }

    fn properties(&mut self, schema: &Schema, mapping: &mut Mapping, path: &Path<'_>) {
        mapping.retain(|key, entry| {
            let path = path.key(key);
            if entry.node.is_null() {
                // nothing stands there; the key is what can be seen
                entry.node.span = entry.span().clone();
            }
            if let Some(property) = schema.attribute(key) {
                return self.keeps(property, &mut entry.node, &path);
            }
            schema.is_open()
                || self.reject(&path, || message::unknown_attribute(schema, key, entry, &path))
        });
    }

    fn items(&mut self, schema: &Schema, items: &mut Vec<Node>, path: &Path<'_>) {
        if let Some(item_schema) = &schema.items {
            let mut index = 0;
            items.retain_mut(|item| {
                let keep = self.keeps(item_schema, item, &path.index(index));
                index += 1;
                keep
            });
        }
        if schema.unique_items {
            let mut first_of = HashMap::new();
            for (index, item) in items.iter().enumerate() {
                if let Some(first) = first_of.insert(signature(item), item) {
                    let diagnostic = message::repeated_item(first, item, &path.index(index));
                    self.report.push(diagnostic);
                }
            }
        }
    }

    fn string(&mut self, schema: &Schema, node: &Node, path: &Path<'_>) -> bool {
        let text = node.as_str().unwrap_or_default();
        if !(self.is_value)(text) {
            return true;
        }
        if !schema.variants.is_empty() && !schema.variants.iter().any(|variant| variant == text) {
            return self.reject(path, || message::not_a_variant(&schema.variants, node, path));
        }
        let pattern = schema.pattern.filter(|pattern| !pattern.matches(text));
        pattern.is_none_or(|pattern| self.reject(path, || message::no_match(pattern, node, path)))
    }

    fn wrong_type(&mut self, schema: &Schema, node: &Node, path: &Path<'_>) -> bool {
        self.reject(path, || message::wrong_type(schema, node, path))
    }

    /// Reports a fault; always false, because what is at fault cannot stay.
    fn reject(&mut self, path: &Path<'_>, diagnostic: impl FnOnce() -> Diagnostic) -> bool {
        self.damage.insert_part(path);
        self.report.push_error(diagnostic);
        false
    }
}

/// Whether the keys are there that must be, before any is taken out for its value. Of a missing one
/// that is there misspelt, that other finding says enough.
fn complete(
    schema: &Schema,
    mapping: &Mapping,
    span: &Span,
    path: &Path<'_>,
) -> Result<(), Option<Diagnostic>> {
    if let Some(missing) = schema.required.iter().find(|name| !mapping.contains(name)) {
        let mut unknown = mapping.keys().filter(|key| schema.attribute(key).is_none());
        let is_misspelt = unknown.any(|key| nearest(key, schema.attributes()) == Some(missing));
        let diagnostic = || message::missing_attribute(missing, span, path);
        return Err((!is_misspelt).then(diagnostic));
    }
    // the schema has `anyOf` only for attributes of which one must be there
    let alternatives: Vec<&str> =
        schema.any_of.iter().flat_map(|branch| &branch.required).map(String::as_str).collect();
    if alternatives.is_empty() || alternatives.iter().any(|name| mapping.contains(name)) {
        Ok(())
    } else {
        Err(Some(message::missing_alternatives(&alternatives, span, path)))
    }
}

/// Whether the type of the node is one of the schema's.
fn fits(schema: &Schema, node: &Node) -> bool {
    let schema = schema.resolve();
    if !schema.one_of.is_empty() {
        return schema.one_of.iter().any(|branch| fits(branch, node));
    }
    if schema.all_of.iter().any(|part| !fits(part, node)) {
        return false;
    }
    schema.types.0.is_empty()
        || schema.types.0.iter().any(|wanted| match (wanted, &node.value) {
            (Type::Null, Value::Null)
            | (Type::Boolean, Value::Bool(_))
            | (Type::Integer | Type::Number, Value::Int(_))
            | (Type::Number, Value::Float(_))
            | (Type::String, Value::String(_))
            | (Type::Array, Value::Sequence(_))
            | (Type::Object, Value::Mapping(_)) => true,
            (Type::Integer, Value::Float(value)) => value.fract() == 0.0,
            _ => false,
        })
}

/// A text that two nodes share exactly when they are equal but for their places.
fn signature(node: &Node) -> String {
    let mut text = String::new();
    sign(node, &mut text);
    text
}

fn sign(node: &Node, out: &mut String) {
    match &node.value {
        Value::Sequence(items) => {
            out.push('[');
            for item in items {
                sign(item, out);
                out.push(',');
            }
            out.push(']');
        }
        Value::Mapping(mapping) => {
            out.push('{');
            let mut entries: Vec<_> = mapping.iter().collect();
            entries.sort_unstable_by_key(|(key, _)| *key);
            for (key, entry) in entries {
                quote(key, out);
                sign(&entry.node, out);
            }
            out.push('}');
        }
        Value::String(text) => quote(text, out),
        _ => out.push_str(&node.to_text().unwrap_or_default()),
    }
}

/// The length in front makes texts with quotes or commas unmistakable.
fn quote(text: &str, out: &mut String) {
    out.push_str(&text.len().to_string());
    out.push('"');
    out.push_str(text);
}
