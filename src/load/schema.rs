//! The Compose Specification's schema, and what a tree must look like to follow it.
//!
//! Only the keywords that the schema uses are known; an unknown one fails a test.

mod message;
mod validate;

pub use validate::{Damage, validate};

use std::collections::HashMap;
use std::sync::LazyLock;

use indexmap::IndexMap;
use serde::Deserialize;
use serde::de::IgnoredAny;

static TEXT: &str = include_str!("schema.json");

static ROOT: LazyLock<Schema> =
    LazyLock::new(|| serde_json::from_str(TEXT).expect("a test reads the embedded schema"));

/// A schema or one of its parts.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Schema {
    #[serde(rename = "type", default)]
    types: Types,
    #[serde(default)]
    properties: IndexMap<String, Schema>,
    #[serde(default)]
    pattern_properties: IndexMap<Pattern, Schema>,
    #[serde(default = "yes")]
    additional_properties: bool,
    #[serde(default)]
    required: Vec<String>,
    items: Option<Box<Schema>>,
    #[serde(default)]
    unique_items: bool,
    #[serde(default)]
    one_of: Vec<Schema>,
    #[serde(rename = "enum", default)]
    variants: Vec<String>,
    pattern: Option<Pattern>,
    minimum: Option<i128>,
    maximum: Option<i128>,
    #[serde(rename = "$ref")]
    reference: Option<String>,
    #[serde(rename = "$defs", default)]
    definitions: HashMap<String, Schema>,
    #[serde(rename = "$schema")]
    _dialect: Option<IgnoredAny>,
    #[serde(rename = "$id")]
    _id: Option<IgnoredAny>,
    #[serde(rename = "default")]
    _default: Option<IgnoredAny>,
    #[serde(rename = "deprecated")]
    _deprecated: Option<IgnoredAny>,
    #[serde(rename = "format")]
    _format: Option<IgnoredAny>,
}

fn yes() -> bool {
    true
}

impl Schema {
    /// The schema that a reference stands for, or this one.
    fn resolve(&self) -> &Schema {
        self.reference
            .as_deref()
            .and_then(|reference| reference.strip_prefix("#/$defs/"))
            .and_then(|name| ROOT.definitions.get(name))
            .unwrap_or(self)
    }
}

/// `type`: one or several; none means any.
#[derive(Debug, Default, Deserialize)]
#[serde(from = "OneOrMany")]
struct Types(Vec<Type>);

#[derive(Deserialize)]
#[serde(untagged)]
enum OneOrMany {
    One(Type),
    Many(Vec<Type>),
}

impl From<OneOrMany> for Types {
    fn from(types: OneOrMany) -> Self {
        match types {
            OneOrMany::One(one) => Self(vec![one]),
            OneOrMany::Many(many) => Self(many),
        }
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Type {
    Null,
    Boolean,
    Integer,
    Number,
    String,
    Array,
    Object,
}

/// The regular expressions of the schema; there are six, which needs no engine.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Deserialize)]
enum Pattern {
    #[serde(rename = "^x-")]
    Extension,
    #[serde(rename = "^.+$", alias = ".+")]
    NotEmpty,
    #[serde(rename = "^[a-zA-Z0-9._-]+$")]
    Name,
    #[serde(rename = "^[a-z]+$")]
    Lowercase,
    #[serde(rename = "[a-zA-Z0-9][a-zA-Z0-9_.-]+")]
    ContainerName,
    #[serde(
        rename = "always|never|build|if_not_present|missing|refresh|daily|weekly|every_([0-9]+[wdhms])+"
    )]
    PullPolicy,
}

impl Pattern {
    fn matches(self, text: &str) -> bool {
        let name_byte = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'.' | b'_' | b'-');
        match self {
            Self::Extension => text.starts_with("x-"),
            Self::NotEmpty => !text.is_empty(),
            Self::Name => !text.is_empty() && text.bytes().all(name_byte),
            Self::Lowercase => !text.is_empty() && text.bytes().all(|b| b.is_ascii_lowercase()),
            Self::ContainerName => text
                .bytes()
                .zip(text.bytes().skip(1))
                .any(|(first, second)| first.is_ascii_alphanumeric() && name_byte(second)),
            Self::PullPolicy => {
                const WORDS: [&str; 8] = [
                    "always",
                    "never",
                    "build",
                    "if_not_present",
                    "missing",
                    "refresh",
                    "daily",
                    "weekly",
                ];
                WORDS.iter().any(|word| text.contains(word)) || text.contains("every_")
            }
        }
    }

    /// What a text must be to match.
    fn description(self) -> &'static str {
        match self {
            Self::Extension => "a name that starts with `x-`",
            Self::NotEmpty => "not empty",
            Self::Name => "made of letters, digits, `.`, `_` and `-`",
            Self::Lowercase => "made of lower-case letters",
            Self::ContainerName => "made of letters, digits, `_`, `.` and `-`, at least two",
            Self::PullPolicy => {
                "`always`, `never`, `missing`, `build`, `daily`, `weekly` or `every_…`"
            }
        }
    }
}

#[cfg(test)]
mod tests;
