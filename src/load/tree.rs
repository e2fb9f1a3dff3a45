//! The value tree of a compose file: every node and every key knows where it was written.
//!
//! # Invariants
//! - Aliases and merge keys are resolved: a tree never shares nodes, and is never deeper than
//!   the limits in `parse` allow, or larger.
//! - Keys are strings.

mod entry;
mod parse;
mod scalar;
mod through;

pub use entry::{Entry, Mapping};
pub use parse::parse_documents;
pub use scalar::{float_text, resolve_plain as plain_scalar};

use crate::diagnostic::Span;

/// A value with its place.
#[derive(Debug, Clone, PartialEq)]
pub struct Node {
    /// The value.
    pub value: Value,
    /// Where it was written; where its nearest ancestor was written, for what a short form implies.
    pub span: Span,
    /// The Compose tag in front of it.
    pub tag: Option<Tag>,
}

/// A YAML value after the core schema.
#[derive(Debug, Clone, PartialEq)]
pub enum Value {
    /// `null`, `~` or nothing.
    Null,
    /// `true` or `false`.
    Bool(bool),
    /// An integer; `i128` holds all that Compose accepts, signed or not.
    Int(i128),
    /// Any other number.
    Float(f64),
    /// Text.
    String(String),
    /// A list.
    Sequence(Vec<Node>),
    /// A mapping.
    Mapping(Mapping),
}

/// The tags that Compose gives a meaning.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Tag {
    /// `!reset`: what earlier files said is removed.
    Reset,
    /// `!override`: what earlier files said is replaced, not merged.
    Override,
}

impl Node {
    /// A node without a tag.
    pub fn new(value: Value, span: Span) -> Self {
        Self { value, span, tag: None }
    }

    /// A string.
    pub fn string(text: impl Into<String>, span: &Span) -> Self {
        Self::new(Value::String(text.into()), span.clone())
    }

    /// A boolean.
    pub fn bool(value: bool, span: &Span) -> Self {
        Self::new(Value::Bool(value), span.clone())
    }

    /// A mapping.
    pub fn mapping(mapping: Mapping, span: &Span) -> Self {
        Self::new(Value::Mapping(mapping), span.clone())
    }

    /// A list.
    pub fn sequence(items: Vec<Node>, span: &Span) -> Self {
        Self::new(Value::Sequence(items), span.clone())
    }

    /// Null.
    pub fn null(span: &Span) -> Self {
        Self::new(Value::Null, span.clone())
    }

    /// The place of a part of a text, which is a slice of it.
    pub fn part(&self, part: &str) -> Span {
        self.as_str().map_or_else(|| self.span.clone(), |text| self.span.part(text, part))
    }

    /// What kind of value it is, with its article.
    pub fn kind(&self) -> &'static str {
        match self.value {
            Value::Null => "null",
            Value::Bool(_) => "a boolean",
            Value::Int(_) | Value::Float(_) => "a number",
            Value::String(_) => "a string",
            Value::Sequence(_) => "a list",
            Value::Mapping(_) => "a mapping",
        }
    }

    /// Whether it is neither a list nor a mapping.
    pub fn is_scalar(&self) -> bool {
        !matches!(self.value, Value::Sequence(_) | Value::Mapping(_))
    }

    /// Whether it is null.
    pub fn is_null(&self) -> bool {
        matches!(self.value, Value::Null)
    }

    /// The text of a string.
    pub fn as_str(&self) -> Option<&str> {
        match &self.value {
            Value::String(text) => Some(text),
            _ => None,
        }
    }

    /// The boolean.
    pub fn as_bool(&self) -> Option<bool> {
        match self.value {
            Value::Bool(value) => Some(value),
            _ => None,
        }
    }

    /// The mapping.
    pub fn as_mapping(&self) -> Option<&Mapping> {
        match &self.value {
            Value::Mapping(mapping) => Some(mapping),
            _ => None,
        }
    }

    /// The mapping, to be changed.
    pub fn as_mapping_mut(&mut self) -> Option<&mut Mapping> {
        match &mut self.value {
            Value::Mapping(mapping) => Some(mapping),
            _ => None,
        }
    }

    /// How many values there are, this one and all below it; a long text counts for several.
    pub fn count(&self) -> usize {
        1 + match &self.value {
            Value::String(text) => text.len() / 256,
            Value::Sequence(items) => items.iter().map(Self::count).sum(),
            Value::Mapping(mapping) => mapping.iter().map(|(_, entry)| entry.node.count()).sum(),
            _ => 0,
        }
    }

    /// The items of a list.
    pub fn as_sequence(&self) -> Option<&[Node]> {
        match &self.value {
            Value::Sequence(items) => Some(items),
            _ => None,
        }
    }

    /// The items of a list, to be changed.
    pub fn as_sequence_mut(&mut self) -> Option<&mut Vec<Node>> {
        match &mut self.value {
            Value::Sequence(items) => Some(items),
            _ => None,
        }
    }

    /// The value of a key, if this is a mapping that has it.
    pub fn get(&self, key: &str) -> Option<&Node> {
        self.as_mapping()?.get(key)
    }

    /// The value of a key, to be changed.
    pub fn get_mut(&mut self, key: &str) -> Option<&mut Node> {
        self.as_mapping_mut()?.get_mut(key)
    }

    /// Whether both are the same value, wherever they are written.
    pub fn same_value(&self, other: &Self) -> bool {
        match (&self.value, &other.value) {
            (Value::Sequence(own), Value::Sequence(other)) => {
                own.len() == other.len()
                    && own.iter().zip(other).all(|(own, other)| own.same_value(other))
            }
            (Value::Mapping(own), Value::Mapping(other)) => own.same_values(other),
            (own, other) => own == other,
        }
    }

    /// A scalar as the text that Compose makes of it; none for null and collections.
    pub fn to_text(&self) -> Option<String> {
        match &self.value {
            Value::Bool(value) => Some(value.to_string()),
            Value::Int(value) => Some(value.to_string()),
            Value::Float(value) => Some(float_text(*value)),
            Value::String(text) => Some(text.clone()),
            Value::Null | Value::Sequence(_) | Value::Mapping(_) => None,
        }
    }
}
