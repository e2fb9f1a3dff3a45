use serde_json::{Map, Value, json};

use super::trial::Variable;
use super::values::Values;

/// `values.schema.json`: a misspelt value is an error, not a silence.
pub fn schema(values: &Values) -> Value {
    let Values { variables, services, persistence } = values;
    let mut properties = Map::new();
    if !variables.is_empty() {
        let each = variables.iter().map(|it| (it.name.clone(), variable(it))).collect();
        properties.insert("variables".to_owned(), closed(&each));
    }
    properties.insert("services".to_owned(), each(services, service));
    if !persistence.is_empty() {
        properties.insert("persistence".to_owned(), each(persistence, service));
    }
    properties.insert(
        "imagePullSecrets".to_owned(),
        json!({"type": "array", "items": {"type": "object"}}),
    );
    // What a chart above this one gives to all.
    properties.insert("global".to_owned(), json!({}));
    let mut root = closed(&properties);
    if let Some(fields) = root.as_object_mut() {
        fields.shift_insert(
            0,
            "$schema".to_owned(),
            json!("http://json-schema.org/draft-07/schema#"),
        );
    }
    root
}

fn variable(variable: &Variable) -> Value {
    let mut schema = scalar();
    if let (true, Some(fields)) = (variable.is_number, schema.as_object_mut()) {
        fields.insert("pattern".to_owned(), json!("^[0-9]*$"));
    }
    if let (Some(message), Some(fields)) = (&variable.required, schema.as_object_mut()) {
        fields.insert("description".to_owned(), message.clone().into());
    }
    schema
}

fn each(values: &Map<String, Value>, schema: fn(&Map<String, Value>) -> Value) -> Value {
    let empty = Map::new();
    let schemas = values
        .iter()
        .map(|(name, value)| (name.clone(), schema(value.as_object().unwrap_or(&empty))))
        .collect();
    closed(&schemas)
}

/// The values of a workload or a claim, each by what its name says.
fn service(values: &Map<String, Value>) -> Value {
    let field = |(name, value): (&String, &Value)| {
        let schema = match (name.as_str(), value) {
            ("replicas", _) => json!({"type": "integer", "minimum": 0}),
            ("imagePullPolicy", _) => json!({"enum": ["Always", "IfNotPresent", "Never"]}),
            ("type", _) => json!({"enum": ["ClusterIP", "NodePort", "LoadBalancer"]}),
            ("env" | "secretEnv", Value::Object(variables)) => {
                closed(&variables.keys().map(|name| (name.clone(), scalar())).collect())
            }
            ("image" | "service" | "ingress", Value::Object(values)) => service(values),
            ("tag" | "size", _) => scalar(),
            (_, Value::Object(_)) => json!({"type": "object"}),
            ("extraEnv" | "tolerations", _) => {
                json!({"type": "array", "items": {"type": "object"}})
            }
            (_, Value::Array(_)) => json!({"type": "array", "items": {"type": "string"}}),
            (_, Value::Bool(_)) => json!({"type": "boolean"}),
            _ => json!({"type": "string"}),
        };
        (name.clone(), schema)
    };
    closed(&values.iter().map(field).collect())
}

fn closed(properties: &Map<String, Value>) -> Value {
    json!({"type": "object", "properties": properties, "additionalProperties": false})
}

/// Helm reads `--set x=1` as a number.
fn scalar() -> Value {
    json!({"type": ["string", "number", "boolean"]})
}
