use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Map, Value, json};

const DEFINITIONS: &str = "#/definitions/";

/// A JSON schema for each kind, under the name that kubeconform looks for, made of the API
/// document of a Kubernetes version.
pub fn schemas(openapi: &Value, kinds: &BTreeSet<(String, String)>) -> BTreeMap<String, Value> {
    let definitions = openapi["definitions"].as_object().unwrap();
    let mut schemas = BTreeMap::new();
    for (name, definition) in definitions {
        let declared = definition["x-kubernetes-group-version-kind"].as_array();
        for declared in declared.into_iter().flatten() {
            let text = |field: &str| declared[field].as_str().unwrap_or_default();
            let (group, version, kind) = (text("group"), text("version"), text("kind"));
            let api_version =
                if group.is_empty() { version.to_owned() } else { format!("{group}/{version}") };
            if kinds.contains(&(api_version, kind.to_owned())) {
                let group = group.split('.').next().filter(|group| !group.is_empty());
                let suffix: Vec<&str> = group.into_iter().chain([version]).collect();
                let file = format!("{}-{}.json", kind.to_lowercase(), suffix.join("-"));
                schemas.insert(file, schema(name, definitions));
            }
        }
    }
    schemas
}

/// A definition with all that it refers to.
fn schema(name: &str, definitions: &Map<String, Value>) -> Value {
    let mut reached = Map::new();
    let mut open = vec![name.to_owned()];
    while let Some(name) = open.pop() {
        if reached.contains_key(&name) {
            continue;
        }
        let definition = strict(&name, &definitions[&name]);
        references(&definition, &mut open);
        reached.insert(name, definition);
    }
    json!({ "$ref": format!("{DEFINITIONS}{name}"), "definitions": reached })
}

/// Unknown fields are errors, and what stands for several types is said as JSON schema says it.
fn strict(name: &str, definition: &Value) -> Value {
    if name.ends_with(".intstr.IntOrString") {
        return json!({"type": ["string", "integer"]});
    }
    if name.ends_with(".resource.Quantity") {
        return json!({"type": ["string", "number"]});
    }
    let mut strict = definition.clone();
    let is_struct = definition.get("properties").is_some();
    if is_struct && definition.get("additionalProperties").is_none() {
        strict["additionalProperties"] = json!(false);
    }
    strict
}

fn references(value: &Value, found: &mut Vec<String>) {
    match value {
        Value::Object(fields) => {
            for (key, value) in fields {
                let name = value.as_str().and_then(|text| text.strip_prefix(DEFINITIONS));
                match name.filter(|_| key == "$ref") {
                    Some(name) => found.push(name.to_owned()),
                    None => references(value, found),
                }
            }
        }
        Value::Array(items) => items.iter().for_each(|item| references(item, found)),
        _ => {}
    }
}
