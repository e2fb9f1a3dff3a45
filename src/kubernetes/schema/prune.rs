use serde_json::Value;

use super::{Quantity, Shape, Type};

/// Brings an object into the form in which the API server holds it: without the fields that the types do not
/// know, without nulls, empty lists and empty maps (`omitempty` of Go), and with quantities in canonical form.
///
/// Custom resources stay as they are.
pub fn prune(object: &mut Value) {
    let text = |field| object.get(field).and_then(Value::as_str).unwrap_or_default();
    if let Some(place) = Type::of_kind(text("apiVersion"), text("kind")) {
        prune_value(place, object);
    }
}

fn prune_value(place: Type, value: &mut Value) {
    match (place.shape(), &mut *value) {
        (Shape::Struct, Value::Object(fields)) => fields.retain(|name, value| {
            let Some(field) = place.field(name) else { return false };
            prune_value(field, value);
            let is_bare = match (field.shape(), &*value) {
                (Shape::List, Value::Array(items)) => items.is_empty(),
                (Shape::Map, Value::Object(fields)) => fields.is_empty(),
                (_, value) => value.is_null(),
            };
            !is_bare || (!value.is_null() && place.required().contains(&name.as_str()))
        }),
        (Shape::Map, Value::Object(fields)) => {
            for value in fields.values_mut() {
                // To Go, null in a map of strings is the empty string.
                if value.is_null() && place.values().shape() == Shape::String {
                    *value = Value::from("");
                }
                prune_value(place.values(), value);
            }
        }
        (Shape::List, Value::Array(items)) => {
            for item in items {
                prune_value(place.items(), item);
            }
        }
        (Shape::Quantity, Value::String(_) | Value::Number(_)) => {
            let text = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
            if let Ok(canonical) = Quantity::canonical(&text) {
                *value = Value::String(canonical);
            }
        }
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn drops_what_no_type_knows_and_nothing_else() {
        let mut pod = json!({
            "apiVersion": "v1",
            "kind": "Pod",
            "metadata": {"creationTimestamp": null, "labels": {"a": null, "b": "c"}, "annotations": {}},
            "spec": {
                "containers": [{"name": "a", "x": 1, "args": [], "resources": {"limits": {"cpu": 0.5, "memory": "1024Mi"}}}],
                "volumes": [{"name": "v", "emptyDir": {}}],
            },
            "more": {},
        });
        prune(&mut pod);
        assert_eq!(
            pod,
            json!({
                "apiVersion": "v1",
                "kind": "Pod",
                "metadata": {"labels": {"a": "", "b": "c"}},
                "spec": {
                    "containers": [{"name": "a", "resources": {"limits": {"cpu": "500m", "memory": "1Gi"}}}],
                    "volumes": [{"name": "v", "emptyDir": {}}],
                },
            })
        );
        let mut empty = json!({"apiVersion": "v1", "kind": "Pod", "spec": {"containers": []}});
        prune(&mut empty);
        assert_eq!(empty["spec"]["containers"], json!([]));
        let mut custom = json!({"apiVersion": "example.com/v1", "kind": "Widget", "x": null});
        prune(&mut custom);
        assert_eq!(custom, json!({"apiVersion": "example.com/v1", "kind": "Widget", "x": null}));
    }
}
