//! The `OpenAPI` v3 documents that kubectl validates and explains with.
//!
//! One document per group and version, built when it is first asked for: the types that its kinds reach, with
//! descriptions, list types and merge keys, and the paths with the parameters that kubectl looks for.

mod paths;

use std::collections::{BTreeMap, HashMap};
use std::fmt::Write as _;
use std::sync::{Arc, LazyLock, Mutex, PoisonError};

use serde_json::{Map, Value, json};
use sha2::{Digest as _, Sha256};

use crate::kubernetes::schema::documents;
use crate::kubernetes::{Kind, kinds};

/// The index at `/openapi/v3`: one entry per group and version, with the hash of its document.
pub fn index() -> Value {
    let hash = hash();
    let entries = kinds::all().iter().map(|kind| {
        let path = path_of(kind);
        let url = format!("/openapi/v3/{path}?hash={hash}");
        (path, json!({"serverRelativeURL": url}))
    });
    json!({"paths": entries.collect::<Value>()})
}

/// The document of `api/v1` or `apis/GROUP/VERSION`, as JSON text.
pub fn document(path: &str) -> Option<Arc<[u8]>> {
    static BUILT: LazyLock<Mutex<HashMap<String, Arc<[u8]>>>> = LazyLock::new(Mutex::default);
    let kinds: Vec<_> = kinds::all().iter().filter(|kind| path_of(kind) == path).collect();
    if kinds.is_empty() {
        return None;
    }
    let mut built = BUILT.lock().unwrap_or_else(PoisonError::into_inner);
    let document = built
        .entry(path.to_owned())
        .or_insert_with(|| build(&kinds).to_string().into_bytes().into());
    Some(Arc::clone(document))
}

/// The hash of all documents: they change with the program only.
fn hash() -> &'static str {
    static HASH: LazyLock<String> = LazyLock::new(|| {
        let mut hasher = Sha256::new();
        hasher.update(env!("CARGO_PKG_VERSION"));
        for (name, schema, descriptions) in documents() {
            hasher.update([name, schema, descriptions].concat());
        }
        hasher.finalize().iter().fold(String::new(), |mut text, byte| {
            let _ = write!(text, "{byte:02X}");
            text
        })
    });
    &HASH
}

fn path_of(kind: &Kind) -> String {
    match kind.group {
        "" => format!("api/{}", kind.version),
        group => format!("apis/{group}/{}", kind.version),
    }
}

fn build(kinds: &[&Kind]) -> Value {
    let types: BTreeMap<_, _> =
        documents().map(|(name, schema, texts)| (name, (schema, texts))).collect();
    let mut schemas = BTreeMap::new();
    let mut type_names = HashMap::new();
    for (name, (schema, _)) in &types {
        let Ok(schema) = serde_json::from_str::<Value>(schema) else { continue };
        if let Some(kind) = kinds.iter().find(|kind| is_type_of(&schema, kind)) {
            type_names.insert(kind.kind, *name);
        }
    }
    let mut wanted: Vec<String> = type_names.values().map(|name| (*name).to_owned()).collect();
    while let Some(name) = wanted.pop() {
        if schemas.contains_key(&name) {
            continue;
        }
        let Some((schema, texts)) = types.get(name.as_str()) else { continue };
        schemas.insert(name, component(schema, texts, &mut wanted));
    }
    let paths = kinds
        .iter()
        .filter_map(|kind| Some(paths::of_kind(kind, type_names.get(kind.kind)?)))
        .flatten();
    json!({
        "openapi": "3.0.0",
        "info": {"title": "Kubernetes", "version": "v1.35.0"},
        "paths": paths.collect::<Value>(),
        "components": {"schemas": schemas.into_iter().collect::<Value>()},
    })
}

fn is_type_of(schema: &Value, kind: &Kind) -> bool {
    schema.pointer("/x-kubernetes-group-version-kind/0").is_some_and(|gvk| {
        gvk["group"] == kind.group && gvk["version"] == kind.version && gvk["kind"] == kind.kind
    })
}

/// One entry of `components.schemas`; the types that it refers to are added to `wanted`.
fn component(schema: &str, descriptions: &str, wanted: &mut Vec<String>) -> Value {
    let mut schema = parse(schema);
    let mut descriptions = parse(descriptions);
    finish(&mut schema, wanted);
    if let Some(properties) = schema.get_mut("properties").and_then(Value::as_object_mut) {
        for (name, property) in properties {
            if let (Some(text), Some(property)) =
                (descriptions.shift_remove(name), property.as_object_mut())
            {
                property.insert("description".to_owned(), text);
            }
        }
    }
    if let Some(text) = descriptions.shift_remove("") {
        schema.insert("description".to_owned(), text);
    }
    Value::Object(schema)
}

fn parse(text: &str) -> Map<String, Value> {
    serde_json::from_str(text).unwrap_or_default()
}

/// Brings a schema of our table into the form of upstream's documents.
fn finish(schema: &mut Map<String, Value>, wanted: &mut Vec<String>) {
    if let Some(Value::String(name)) = schema.shift_remove("$ref") {
        let target = format!("#/components/schemas/{name}");
        schema.insert("allOf".to_owned(), json!([{"$ref": target}]));
        wanted.push(name);
    }
    match schema.get("format").and_then(Value::as_str) {
        Some("quantity") => {
            *schema = parse(r#"{"oneOf":[{"type":"string"},{"type":"number"}]}"#);
        }
        Some("int-or-string") => {
            *schema = parse(
                r#"{"format":"int-or-string","oneOf":[{"type":"integer"},{"type":"string"}]}"#,
            );
        }
        Some("micro-time") => {
            schema.insert("format".to_owned(), json!("date-time"));
        }
        _ => {}
    }
    for field in ["items", "additionalProperties"] {
        if let Some(child) = schema.get_mut(field).and_then(Value::as_object_mut) {
            finish(child, wanted);
        }
    }
    for child in schema.get_mut("properties").and_then(Value::as_object_mut).into_iter().flatten() {
        if let Some(child) = child.1.as_object_mut() {
            finish(child, wanted);
        }
    }
}

#[cfg(test)]
mod tests;
