//! The Compose Specification's schema, and what a tree must look like to follow it.
//!
//! Only the keywords that the schema uses are known; an unknown one fails a test.

mod message;
mod pattern;
mod validate;

pub use validate::{Damage, validate};

use std::collections::HashMap;
use std::sync::LazyLock;

use indexmap::IndexMap;
use serde::Deserialize;
use serde::de::IgnoredAny;

use pattern::Pattern;

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
    #[serde(default = "yes")]
    unevaluated_properties: bool,
    #[serde(default)]
    required: Vec<String>,
    items: Option<Box<Schema>>,
    #[serde(default)]
    unique_items: bool,
    #[serde(default)]
    one_of: Vec<Schema>,
    #[serde(default)]
    all_of: Vec<Schema>,
    #[serde(default)]
    any_of: Vec<Schema>,
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
}

/// The attributes of everything that runs in a container: services, jobs and `pre_start` hooks.
pub fn container_attributes() -> impl Iterator<Item = &'static str> {
    let container = ROOT.definitions.get("container_spec");
    container.into_iter().flat_map(|container| container.properties.keys()).map(String::as_str)
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

    /// This schema and those that it is made of: a service is a container and a workload.
    fn parts(&self) -> impl Iterator<Item = &Schema> {
        std::iter::once(self).chain(self.all_of.iter().map(Schema::resolve))
    }

    /// The names of the attributes.
    fn attributes(&self) -> impl Iterator<Item = &str> {
        self.parts().flat_map(|part| part.properties.keys()).map(String::as_str)
    }

    /// The schema of an attribute; none of one that is not known.
    fn attribute(&self, key: &str) -> Option<&Schema> {
        let named = self.parts().find_map(|part| part.properties.get(key));
        named.or_else(|| {
            let mut patterns = self.parts().flat_map(|part| &part.pattern_properties);
            patterns.find(|(pattern, _)| pattern.matches(key)).map(|(_, schema)| schema)
        })
    }

    /// Whether any other attribute is accepted as well.
    fn is_open(&self) -> bool {
        self.additional_properties && self.unevaluated_properties
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

#[cfg(test)]
mod tests;
