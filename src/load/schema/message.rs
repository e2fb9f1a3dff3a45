//! The words for what does not follow the schema, each with a remedy.

use crate::diagnostic::{Diagnostic, Span, codes};
use crate::load::path::Path;
use crate::load::suggest::nearest;
use crate::load::tree::{Entry, Node, Value};

use super::{Pattern, ROOT, Schema, Type};

/// A value has a type that the attribute cannot have.
pub(super) fn wrong_type(schema: &Schema, node: &Node, path: &Path<'_>) -> Diagnostic {
    let wanted = types(schema);
    let mut names: Vec<&str> = wanted.iter().map(|wanted| name(*wanted)).collect();
    names.dedup();
    let place = path.to_string();
    let subject = if place.is_empty() { "the file".to_owned() } else { format!("`{place}`") };
    let message = format!("{subject} must be {}, but is {}", alternatives(&names), node.kind());
    let mut diagnostic = Diagnostic::error(codes::WRONG_TYPE, place, message).at(node.span.clone());
    diagnostic.help = duration(node, path).or_else(|| remedy(&wanted, node));
    diagnostic
}

/// A key that the schema does not know.
pub(super) fn unknown_attribute(
    schema: &Schema,
    key: &str,
    entry: &Entry,
    path: &Path<'_>,
) -> Diagnostic {
    if schema.attributes().next().is_none() {
        let pattern = schema.pattern_properties.keys().next();
        let wanted = pattern.map_or("known", |pattern| pattern.description());
        let message = format!("`{key}` is not a possible name: it must be {wanted}");
        return Diagnostic::error(codes::INVALID_VALUE, path, message).at(entry.key.clone());
    }
    let known = || schema.attributes();
    let service = ROOT.definitions.get("service");
    let help = if path.matches(&["jobs", "*", key])
        && service.is_some_and(|service| service.properties.contains_key(key))
    {
        format!("services have `{key}`, jobs do not: remove it")
    } else if let Some(nearest) = nearest(key, known()) {
        format!("did you mean `{nearest}`?")
    } else if looks_like_a_service(schema, &entry.node) {
        format!("services stand under `services:`; move `{key}` there")
    } else if known().count() <= 12 {
        let known: Vec<String> = known().map(|name| format!("`{name}`")).collect();
        format!("known here are {}", known.join(", "))
    } else if schema.attribute("x-").is_some() {
        format!("remove it, or call it `x-{key}` to keep it as an extension")
    } else {
        "remove it".to_owned()
    };
    Diagnostic::error(codes::UNKNOWN_ATTRIBUTE, path, format!("unknown attribute `{key}`"))
        .at(entry.key.clone())
        .help(help)
}

/// A mapping lacks a key.
pub(super) fn missing_attribute(name: &str, span: &Span, path: &Path<'_>) -> Diagnostic {
    Diagnostic::error(
        codes::MISSING_ATTRIBUTE,
        path,
        format!("`{path}` needs the attribute `{name}`"),
    )
    .at(span.clone())
    .help(format!("add `{name}: …`"))
}

/// A mapping lacks all keys of which it needs one.
pub(super) fn missing_alternatives(names: &[&str], span: &Span, path: &Path<'_>) -> Diagnostic {
    let names: Vec<String> = names.iter().map(|name| format!("`{name}`")).collect();
    let names: Vec<&str> = names.iter().map(String::as_str).collect();
    let message = format!("`{path}` needs one of the attributes {}", alternatives(&names));
    Diagnostic::error(codes::MISSING_ATTRIBUTE, path, message).at(span.clone())
}

/// A text that does not match its pattern.
pub(super) fn no_match(pattern: Pattern, node: &Node, path: &Path<'_>) -> Diagnostic {
    let text = node.as_str().unwrap_or_default();
    let message = format!("`{path}` must be {}, but is `{text}`", pattern.description());
    let mut diagnostic =
        Diagnostic::error(codes::INVALID_VALUE, path, message).at(node.span.clone());
    diagnostic.help = nearest(text, pattern.words().iter().copied())
        .map(|nearest| format!("did you mean `{nearest}`?"));
    diagnostic
}

/// A text that is none of the allowed ones.
pub(super) fn not_a_variant(variants: &[String], node: &Node, path: &Path<'_>) -> Diagnostic {
    let text = node.as_str().unwrap_or_default();
    let names: Vec<String> = variants.iter().map(|variant| format!("`{variant}`")).collect();
    let names: Vec<&str> = names.iter().map(String::as_str).collect();
    let message = format!("`{path}` must be {}, but is `{text}`", alternatives(&names));
    let mut diagnostic =
        Diagnostic::error(codes::INVALID_VALUE, path, message).at(node.span.clone());
    diagnostic.help = nearest(text, variants.iter().map(String::as_str))
        .map(|nearest| format!("did you mean `{nearest}`?"));
    diagnostic
}

/// A number beyond its limits.
pub(super) fn out_of_range(schema: &Schema, node: &Node, path: &Path<'_>) -> Diagnostic {
    let value = node.to_text().unwrap_or_default();
    let range = match (schema.minimum, schema.maximum) {
        (Some(minimum), Some(maximum)) => format!("between {minimum} and {maximum}"),
        (Some(minimum), None) => format!("at least {minimum}"),
        (None, Some(maximum)) => format!("at most {maximum}"),
        (None, None) => "a number".to_owned(),
    };
    Diagnostic::error(
        codes::INVALID_VALUE,
        path,
        format!("`{path}` must be {range}, but is {value}"),
    )
    .at(node.span.clone())
}

/// The same item twice in a list of different items.
pub(super) fn repeated_item(first: &Node, second: &Node, path: &Path<'_>) -> Diagnostic {
    Diagnostic::error(codes::INVALID_VALUE, path, "the list holds the same item twice")
        .at(second.span.clone())
        .related(first.span.clone(), "first here")
        .help("remove one of the two")
}

fn looks_like_a_service(schema: &Schema, node: &Node) -> bool {
    schema.properties.contains_key("services")
        && (node.get("image").is_some() || node.get("build").is_some())
}

fn types(schema: &Schema) -> Vec<Type> {
    let schema = schema.resolve();
    let mut all = schema.types.0.clone();
    for wanted in schema.one_of.iter().chain(&schema.all_of).flat_map(types) {
        if !all.contains(&wanted) {
            all.push(wanted);
        }
    }
    all
}

fn name(wanted: Type) -> &'static str {
    match wanted {
        Type::Null => "null",
        Type::Boolean => "a boolean",
        Type::Integer => "a whole number",
        Type::Number => "a number",
        Type::String => "a string",
        Type::Array => "a list",
        Type::Object => "a mapping",
    }
}

fn alternatives(names: &[&str]) -> String {
    match names.split_last() {
        Some((last, [])) => (*last).to_owned(),
        Some((last, before)) => format!("{} or {last}", before.join(", ")),
        None => "something else".to_owned(),
    }
}

/// Numbers where durations stand need a unit, not quotes.
fn duration(node: &Node, path: &Path<'_>) -> Option<String> {
    const DURATIONS: [&str; 8] = [
        "delay",
        "interval",
        "monitor",
        "start_interval",
        "start_period",
        "stop_grace_period",
        "timeout",
        "window",
    ];
    let Value::Int(seconds) = node.value else { return None };
    DURATIONS.contains(&path.last_key()?).then(|| format!("write it with its unit: `{seconds}s`"))
}

fn remedy(wanted: &[Type], node: &Node) -> Option<String> {
    let scalar = node.to_text().filter(|text| text.len() <= 60 && !text.contains('\n'));
    let wants = |one: Type| wanted.contains(&one);
    match &node.value {
        Value::Bool(_) | Value::Int(_) | Value::Float(_) if wants(Type::String) => {
            let written = node.span.text();
            let written = if written.is_empty() { scalar? } else { written.to_owned() };
            Some(format!("put it in quotes: `\"{written}\"`"))
        }
        Value::Null => Some("give it a value, or remove the key".to_owned()),
        Value::Mapping(_) if wants(Type::String) => Some(
            "write it as one text, e.g. `KEY=VALUE`; text that holds `: ` needs quotes".to_owned(),
        ),
        Value::Mapping(_) if wants(Type::Array) => {
            Some("write it as a list: each item on its own line after `- `".to_owned())
        }
        Value::Sequence(_) if wants(Type::Object) => {
            Some("write it as a mapping: `KEY: VALUE` lines without `- `".to_owned())
        }
        _ if wants(Type::Array) => scalar.map(|text| format!("write it as a list: `[\"{text}\"]`")),
        _ if wants(Type::Object) => {
            Some("write it as a mapping: `KEY: VALUE` lines, indented below the key".to_owned())
        }
        _ => None,
    }
}
