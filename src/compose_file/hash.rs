//! The hash by which Compose sees that containers must be made anew.

mod shape;

use std::fmt::Write as _;

use serde_json::{Map, Value};
use sha2::{Digest, Sha256};

use crate::model::Service;
use shape::{Field, SERVICE, Shape, Written};

/// The hash of a service, in hex, as `docker compose config --hash` has it.
///
/// Covers all attributes but `build`, `pull_policy`, `scale`, `deploy.replicas`, `depends_on` and
/// `profiles`. What `env_file` and `label_file` say is part of it; the content of configs and secrets
/// is not. The same service has the same hash on every machine, as long as its paths are the same.
///
/// Where the canonical form no longer shows how an attribute was written, the usual way is taken:
/// volumes in the short form, a config on its default path without `target`, a secret below
/// `/run/secrets` by its name. Not part of it, unlike in Compose, are the paths in `label_file`.
pub fn service_hash(service: &Service) -> String {
    let mut tree = super::tree_of(service);
    as_written(&mut tree);
    let hooks = tree.get_mut("pre_start").and_then(Value::as_array_mut);
    hooks.into_iter().flatten().for_each(as_written);
    let text = json(&tree, Shape::Fields(SERVICE));
    let mut hex = String::new();
    for byte in Sha256::digest(text) {
        let _ = write!(hex, "{byte:02x}");
    }
    hex
}

/// Takes back what the canonical form of a container says more than Compose does.
fn as_written(container: &mut Value) {
    for (list, directory) in [("configs", "/"), ("secrets", "/run/secrets/")] {
        for mount in items(container, list) {
            let source = mount.get("source").cloned();
            let Some(target) = mount.get_mut("target") else { continue };
            let name = target.as_str().and_then(|target| target.strip_prefix(directory));
            let name = name.map(|name| Value::String(name.to_owned()));
            match (list, name) {
                ("configs", name) if name == source => *target = Value::Null,
                ("secrets", Some(name)) if Some(&name) != source.as_ref() => *target = name,
                _ => {}
            }
        }
    }
    for mount in items(container, "volumes").filter_map(Value::as_object_mut) {
        if mount.get("type").and_then(Value::as_str) == Some("volume") {
            mount.entry("volume").or_insert_with(|| Value::Object(Map::new()));
        }
        if let Some(bind) = mount.get_mut("bind").and_then(Value::as_object_mut) {
            bind.retain(|key, value| key != "create_host_path" || value == &Value::Bool(false));
        }
    }
    items(container, "gpus").for_each(count_all);
    let reserved = container.pointer_mut("/deploy/resources/reservations");
    if let Some(reserved) = reserved {
        items(reserved, "devices").for_each(count_all);
    }
    if let Some(hosts) = container.get_mut("extra_hosts").and_then(Value::as_array_mut) {
        hosts.sort_by(|a, b| a.as_str().cmp(&b.as_str()));
    }
}

fn items<'v>(container: &'v mut Value, list: &str) -> impl Iterator<Item = &'v mut Value> {
    container.get_mut(list).and_then(Value::as_array_mut).into_iter().flatten()
}

/// `all` is the number -1.
fn count_all(request: &mut Value) {
    if let Some(count) = request.get_mut("count")
        && count.as_str() == Some("all")
    {
        *count = Value::from(-1);
    }
}

/// The JSON of a value, as Go writes it.
fn json(value: &Value, shape: Shape) -> String {
    match (value, shape) {
        (Value::Object(fields), Shape::Fields(known)) => object(known.iter().filter_map(|field| {
            attribute(fields, field).map(|value| (field.name.to_owned(), value))
        })),
        (Value::Object(fields), _) => {
            let shape = each(shape);
            let mut fields: Vec<_> = fields.iter().collect();
            fields.sort_unstable_by_key(|(key, _)| *key);
            object(fields.into_iter().map(|(key, value)| (key.clone(), json(value, shape))))
        }
        (Value::Array(items), _) => {
            let items: Vec<String> = items.iter().map(|item| json(item, each(shape))).collect();
            format!("[{}]", items.join(","))
        }
        (Value::String(text), _) => quoted(text),
        (Value::Number(number), _) => match number.as_f64().filter(|_| number.is_f64()) {
            #[expect(clippy::cast_possible_truncation, reason = "Compose holds no longer ones")]
            Some(fraction) => (fraction as f32).to_string(),
            None => number.to_string(),
        },
        (Value::Bool(_) | Value::Null, _) => value.to_string(),
    }
}

fn each(shape: Shape) -> Shape {
    match shape {
        Shape::Each(each) => *each,
        Shape::Plain | Shape::Fields(_) => Shape::Plain,
    }
}

fn attribute(fields: &Map<String, Value>, field: &Field) -> Option<String> {
    let value = fields.get(field.key).filter(|value| !value.is_null());
    match field.written {
        Written::Said(none) => value.filter(|value| !is_nothing(value, field.shape, none)),
        Written::There => value,
        Written::Always(none) => {
            return Some(value.map_or_else(|| none.to_owned(), |value| json(value, field.shape)));
        }
    }
    .map(|value| json(value, field.shape))
}

/// Whether the value is what Go calls zero, or the text of such a value.
fn is_nothing(value: &Value, shape: Shape, none: &str) -> bool {
    match value {
        Value::Null => true,
        Value::Bool(value) => !value,
        Value::Number(number) => number.as_f64() == Some(0.0),
        Value::String(text) => text.is_empty() || text == none,
        Value::Array(items) => items.is_empty(),
        // attributes are there even if there are none of them
        Value::Object(fields) => fields.is_empty() && !matches!(shape, Shape::Fields(_)),
    }
}

fn object(fields: impl Iterator<Item = (String, String)>) -> String {
    let fields: Vec<String> =
        fields.map(|(key, value)| format!("{}:{value}", quoted(&key))).collect();
    format!("{{{}}}", fields.join(","))
}

/// A text in quotes; Go escapes what HTML and JavaScript would read otherwise.
fn quoted(text: &str) -> String {
    let mut quoted = String::new();
    for character in Value::from(text).to_string().chars() {
        if matches!(character, '<' | '>' | '&' | '\u{2028}' | '\u{2029}') {
            let _ = write!(quoted, "\\u{:04x}", u32::from(character));
        } else {
            quoted.push(character);
        }
    }
    quoted
}

#[cfg(test)]
mod tests;
