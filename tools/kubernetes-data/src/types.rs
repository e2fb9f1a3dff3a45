use std::collections::BTreeMap;

use anyhow::{Context as _, Result};
use serde_json::{Map, Value, json};

use crate::kinds;
use crate::markers::{Markers, Message, Messages, normalise};

/// The content of `types.tsv` and `descriptions.tsv`.
pub struct Tables {
    pub types: String,
    pub descriptions: String,
}

/// Joins the schemas of all kinds with the markers.
pub fn build(messages: &Messages) -> Result<Tables> {
    let mut generator = schemars::SchemaGenerator::default();
    let mut gvks: BTreeMap<(&str, &str), Value> = BTreeMap::new();
    for root in kinds::roots() {
        (root.add_to)(&mut generator);
        let gvk = json!([{"group": root.group, "kind": root.kind, "version": root.version}]);
        gvks.insert((root.kind, root.group), gvk);
    }
    let definitions: BTreeMap<_, _> = generator.take_definitions(true).into_iter().collect();

    let mut tables = Tables { types: String::new(), descriptions: String::new() };
    for (name, mut schema) in definitions {
        let mut descriptions = Map::new();
        let schema = schema.as_object_mut().with_context(|| format!("{name} is not an object"))?;
        move_description(schema, "", &mut descriptions);
        for (field, property) in
            schema.get_mut("properties").and_then(Value::as_object_mut).into_iter().flatten()
        {
            if let Some(property) = property.as_object_mut() {
                move_description(property, field, &mut descriptions);
            }
        }
        if let Some((_, gvk)) =
            gvks.iter().find(|((kind, group), _)| is_type_of(&name, kind, group))
        {
            schema.insert("x-kubernetes-group-version-kind".to_owned(), gvk.clone());
        }
        correct(&name, schema);
        add_markers(&name, schema, messages);
        let mut schema = Value::Object(std::mem::take(schema));
        shorten_references(&mut schema);
        tables.types += &format!("{name}\t{schema}\n");
        tables.descriptions += &format!("{name}\t{}\n", Value::Object(descriptions));
    }
    Ok(tables)
}

/// `io.k8s.api.apps.v1.Deployment` is the type of kind `Deployment` in group `apps`.
fn is_type_of(name: &str, kind: &str, group: &str) -> bool {
    let folder = match group.split('.').next() {
        Some("") | None => "core",
        Some(folder) => folder,
    };
    let mut parts = name.rsplit('.');
    parts.next() == Some(kind) && parts.next().is_some() && parts.next() == Some(folder)
}

fn move_description(
    schema: &mut Map<String, Value>,
    key: &str,
    descriptions: &mut Map<String, Value>,
) {
    if let Some(description) = schema.remove("description") {
        descriptions.insert(key.to_owned(), description);
    }
}

/// Where k8s-openapi says something else than upstream's own documents.
fn correct(name: &str, schema: &mut Map<String, Value>) {
    match name.rsplit('.').next().unwrap_or_default() {
        "Quantity" => *schema = fields(json!({"type": "string", "format": "quantity"})),
        "IntOrString" => *schema = fields(json!({"type": "string", "format": "int-or-string"})),
        // Any JSON value.
        "JSON"
        | "JSONSchemaPropsOrArray"
        | "JSONSchemaPropsOrBool"
        | "JSONSchemaPropsOrStringArray" => {
            *schema = Map::new();
        }
        "MicroTime" => *schema = fields(json!({"type": "string", "format": "micro-time"})),
        _ => {}
    }
    // It has `metadata` in the structs of all kinds without `Option`, hence required; upstream does not.
    if let Some(required) = schema.get_mut("required").and_then(Value::as_array_mut) {
        required.retain(|field| field != "metadata");
    }
    if schema.get("required").is_some_and(|required| *required == json!([])) {
        schema.remove("required");
    }
}

fn fields(value: Value) -> Map<String, Value> {
    value.as_object().cloned().unwrap_or_default()
}

fn add_markers(name: &str, schema: &mut Map<String, Value>, messages: &Messages) {
    let Some((package, kind)) = name.rsplit_once('.') else { return };
    let Some(message) = messages.get(&format!("{package}.{}", normalise(kind))) else { return };
    insert(schema, &message.own);
    for (field, property) in
        schema.get_mut("properties").and_then(Value::as_object_mut).into_iter().flatten()
    {
        let markers = find(message, &normalise(field), messages);
        match (markers, property.as_object_mut()) {
            (Some(markers), Some(property)) => insert(property, markers),
            // `apiVersion` and `kind` are not fields of the protobuf messages.
            _ if field == "apiVersion" || field == "kind" => {}
            _ => eprintln!("no markers: {name}.{field}"),
        }
    }
}

fn find<'a>(message: &'a Message, field: &str, messages: &'a Messages) -> Option<&'a Markers> {
    message.fields.get(field).or_else(|| {
        message.inlined.values().find_map(|target| {
            let target = messages.get(target)?;
            target.fields.get(field).or_else(|| {
                target.inlined.values().find_map(|inner| messages.get(inner)?.fields.get(field))
            })
        })
    })
}

fn insert(schema: &mut Map<String, Value>, markers: &Markers) {
    let Markers { list_type, list_map_keys, map_type, patch_merge_key, patch_strategy, default } =
        markers;
    let is_list = schema.get("type").is_some_and(|kind| kind == "array");
    let mut set = |key: &str, value: Option<Value>| {
        if let Some(value) = value {
            schema.insert(key.to_owned(), value);
        }
    };
    if is_list {
        set("x-kubernetes-list-type", list_type.clone().map(Value::from));
        set(
            "x-kubernetes-list-map-keys",
            (!list_map_keys.is_empty()).then(|| json!(list_map_keys)),
        );
    }
    set("x-kubernetes-map-type", map_type.clone().map(Value::from));
    set("x-kubernetes-patch-merge-key", patch_merge_key.clone().map(Value::from));
    set("x-kubernetes-patch-strategy", patch_strategy.clone().map(Value::from));
    set("default", default.clone());
}

fn shorten_references(schema: &mut Value) {
    match schema {
        Value::Object(fields) => {
            for (key, value) in fields {
                match value {
                    Value::String(target) if key == "$ref" => {
                        *target = target.trim_start_matches("#/$defs/").to_owned();
                    }
                    _ => shorten_references(value),
                }
            }
        }
        Value::Array(items) => items.iter_mut().for_each(shorten_references),
        _ => {}
    }
}
