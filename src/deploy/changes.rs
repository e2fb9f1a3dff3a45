use serde_json::Value;

/// What the cluster writes by itself, and what changes with every write.
const NOT_OURS: [(&str, &str); 5] = [
    ("metadata", "managedFields"),
    ("metadata", "resourceVersion"),
    ("metadata", "generation"),
    ("metadata", "uid"),
    ("metadata", "creationTimestamp"),
];

/// The paths of the fields in which two states of an object differ, but for `status` and what
/// changes with every write; values are never told.
pub(super) fn changed_fields(before: &Value, after: &Value) -> Vec<String> {
    let mut paths = Vec::new();
    compare("", &without_noise(before), &without_noise(after), &mut paths);
    paths
}

fn without_noise(object: &Value) -> Value {
    let mut object = object.clone();
    if let Value::Object(fields) = &mut object {
        fields.remove("status");
        for (parent, field) in NOT_OURS {
            if let Some(Value::Object(parent)) = fields.get_mut(parent) {
                parent.remove(field);
            }
        }
    }
    object
}

fn compare(path: &str, before: &Value, after: &Value, paths: &mut Vec<String>) {
    match (before, after) {
        (Value::Object(before), Value::Object(after)) => {
            for (key, value) in before {
                let path = child(path, key);
                match after.get(key) {
                    Some(other) => compare(&path, value, other, paths),
                    None => paths.push(path),
                }
            }
            let added = after.keys().filter(|key| !before.contains_key(*key));
            paths.extend(added.map(|key| child(path, key)));
        }
        (Value::Array(before), Value::Array(after)) if before.len() == after.len() => {
            for (index, (before, after)) in before.iter().zip(after).enumerate() {
                compare(&format!("{path}[{index}]"), before, after, paths);
            }
        }
        _ if before == after => {}
        _ => paths.push(path.to_owned()),
    }
}

/// Keys with dots, such as labels, are written in brackets so that the path stays readable.
fn child(path: &str, key: &str) -> String {
    if key.contains(['.', '/']) {
        format!("{path}[{key}]")
    } else if path.is_empty() {
        key.to_owned()
    } else {
        format!("{path}.{key}")
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::changed_fields;

    #[test]
    fn names_paths_and_never_values() {
        let before = json!({
            "metadata": {"labels": {"a.b/c": "1"}, "generation": 1, "resourceVersion": "5"},
            "spec": {"replicas": 1, "containers": [{"image": "a", "args": ["x"]}], "gone": true},
            "status": {"ready": 1},
        });
        let after = json!({
            "metadata": {"labels": {"a.b/c": "2"}, "generation": 2, "resourceVersion": "6"},
            "spec": {"replicas": 1, "containers": [{"image": "b", "args": []}], "new": 1},
            "status": {"ready": 0},
        });
        assert_eq!(
            changed_fields(&before, &after),
            [
                "metadata.labels[a.b/c]",
                "spec.containers[0].image",
                "spec.containers[0].args",
                "spec.gone",
                "spec.new",
            ]
        );
        assert!(changed_fields(&before, &before).is_empty());
    }
}
