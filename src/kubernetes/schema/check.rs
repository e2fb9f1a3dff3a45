use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Map, Value};

use super::trail::Trail;
use super::{Quantity, Shape, Type};
use crate::kubernetes::kinds;

/// A field that the type does not know, or a value of the wrong type.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    /// The field, e.g. `spec.template.spec.containers[0].imagePullPolicy`.
    pub path: String,
    /// What is wrong with it.
    pub fault: Fault,
    /// One sentence.
    pub message: String,
}

/// What is wrong with a field.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fault {
    /// The type has no such field: the API server drops it, warns, or refuses, as the client wishes.
    Unknown,
    /// The value has the wrong type: always refused.
    Mistyped,
    /// A required field is not there: the API server's decoder takes the zero value, and its validation decides.
    Missing,
    /// `apiVersion` and `kind` name nothing that the API has.
    UnknownKind,
}

/// Checks an object against the type that its `apiVersion` and `kind` name.
///
/// Custom resources, whose types nobody here knows, have no problems.
pub fn check(object: &Value) -> Vec<Problem> {
    let text = |field| object.get(field).and_then(Value::as_str).unwrap_or_default();
    let (api_version, kind) = (text("apiVersion"), text("kind"));
    let mut problems = Vec::new();
    if let Some(place) = Type::of_kind(api_version, kind) {
        check_value(place, object, &Trail::OBJECT, &mut problems);
    } else if is_of_upstream(api_version) {
        let elsewhere = kinds::all().iter().find(|row| row.kind == kind);
        let help = match elsewhere {
            Some(row) => format!("; it is in `{}`", row.api_version()),
            None => suggest(kind, kinds::all().iter().map(|row| row.kind)),
        };
        problems.push(Problem {
            path: "kind".to_owned(),
            message: format!("no kind `{kind}` in version `{api_version}`{help}"),
            fault: Fault::UnknownKind,
        });
    }
    problems
}

/// Groups without a dot and those of `k8s.io` belong to upstream; the rest are custom resources.
fn is_of_upstream(api_version: &str) -> bool {
    match api_version.split_once('/') {
        None => true,
        Some((group, _)) => {
            kinds::all().iter().any(|kind| kind.group == group) || !group.contains('.')
        }
    }
}

fn check_value(place: Type, value: &Value, trail: &Trail, problems: &mut Vec<Problem>) {
    if value.is_null() {
        return;
    }
    match (place.shape(), value) {
        (Shape::Any, _) => {}
        (Shape::Struct, Value::Object(fields)) => check_struct(place, fields, trail, problems),
        (Shape::Map, Value::Object(fields)) => {
            for (key, value) in fields {
                check_value(place.values(), value, &trail.key(key), problems);
            }
        }
        (Shape::List, Value::Array(items)) => {
            for (index, item) in items.iter().enumerate() {
                check_value(place.items(), item, &trail.item(index), problems);
            }
        }
        (shape, value) => {
            if let Some(message) = check_scalar(shape, value) {
                let path = trail.to_string();
                problems.push(Problem { path, message, fault: Fault::Mistyped });
            }
        }
    }
}

fn check_struct(
    place: Type,
    fields: &Map<String, Value>,
    trail: &Trail,
    problems: &mut Vec<Problem>,
) {
    for (name, value) in fields {
        let trail = trail.field(name);
        if let Some(field) = place.field(name) {
            check_value(field, value, &trail, problems);
        } else {
            let help = suggest(name, place.fields().map(|(known, _)| known));
            let message = format!("unknown field `{name}`{help}");
            let path = trail.to_string();
            problems.push(Problem { path, message, fault: Fault::Unknown });
        }
    }
    for name in place.required() {
        if fields.get(*name).is_none_or(Value::is_null) {
            let message = format!("required field `{name}` is missing");
            let path = trail.field(name).to_string();
            problems.push(Problem { path, message, fault: Fault::Missing });
        }
    }
}

/// What is wrong with a value; `None` when nothing is.
fn check_scalar(shape: Shape, value: &Value) -> Option<String> {
    let fits =
        |range: std::ops::RangeInclusive<i64>| value.as_i64().is_some_and(|n| range.contains(&n));
    let parses = |check: fn(&str) -> bool| value.as_str().is_some_and(check);
    let (right, wanted) = match shape {
        Shape::Struct | Shape::Map => (false, "an object"),
        Shape::List => (false, "a list"),
        Shape::String => (value.is_string(), "a string"),
        Shape::Boolean => (value.is_boolean(), "`true` or `false`"),
        Shape::Number => (value.is_number(), "a number"),
        Shape::Int64 => (value.is_i64(), "an integer"),
        Shape::Int32 => (fits(i32::MIN.into()..=i32::MAX.into()), "an integer of 32 bits"),
        Shape::IntOrString => (
            value.is_string() || fits(i32::MIN.into()..=i32::MAX.into()),
            "a string or an integer of 32 bits",
        ),
        Shape::Quantity => (
            value.is_number() || parses(|text| text.parse::<Quantity>().is_ok()),
            "a quantity such as `500m` or `128Mi`",
        ),
        Shape::Time => (
            parses(|text| text.parse::<jiff::Timestamp>().is_ok()),
            "a time such as `2025-01-31T12:00:00Z`",
        ),
        Shape::Bytes => (parses(|text| STANDARD.decode(text).is_ok()), "base64 text"),
        Shape::Any => return None,
    };
    (!right).then(|| format!("expected {wanted}, found {}", describe(value)))
}

fn describe(value: &Value) -> String {
    match value {
        Value::Object(_) => "an object".to_owned(),
        Value::Array(_) => "a list".to_owned(),
        Value::String(text) => {
            let shown: String = text.chars().take(40).collect();
            format!("the string `{shown}`")
        }
        Value::Number(number) => format!("the number `{number}`"),
        other => format!("`{other}`"),
    }
}

/// `; did you mean ...?` when something known is close.
fn suggest<'a>(name: &str, known: impl Iterator<Item = &'a str>) -> String {
    known
        .map(|known| {
            (strsim::damerau_levenshtein(&name.to_lowercase(), &known.to_lowercase()), known)
        })
        .filter(|(distance, known)| *distance <= known.len().min(name.len()) / 3)
        .min()
        .map(|(_, known)| format!("; did you mean `{known}`?"))
        .unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn problems(object: &Value) -> Vec<String> {
        check(object)
            .iter()
            .map(|problem| format!("{}: {}", problem.path, problem.message))
            .collect()
    }

    #[test]
    fn a_right_object_has_no_problems() {
        let deployment = json!({
            "apiVersion": "apps/v1",
            "kind": "Deployment",
            "metadata": {"name": "web", "labels": {"a": "b"}, "creationTimestamp": null},
            "spec": {
                "replicas": 2,
                "selector": {"matchLabels": {"a": "b"}},
                "strategy": {"rollingUpdate": {"maxSurge": "25%", "maxUnavailable": 0}},
                "template": {"spec": {"containers": [{
                    "name": "web",
                    "ports": [{"containerPort": 80}],
                    "resources": {"limits": {"cpu": "500m", "memory": 1000}},
                    "livenessProbe": {"httpGet": {"port": "http"}},
                }]}},
            },
        });
        assert_eq!(problems(&deployment), [] as [&str; 0]);
        assert_eq!(
            problems(&json!({"apiVersion": "example.com/v1", "kind": "Widget", "x": 1})),
            [] as [&str; 0]
        );
    }

    #[test]
    fn problems_say_where_and_what_to_write() {
        let pod = json!({
            "apiVersion": "v1",
            "kind": "Pod",
            "metadata": {"labels": {"a.b/c": 1}, "creationTimestamp": "yesterday"},
            "spec": {
                "restartPolicy": true,
                "containers": [
                    {"name": "a", "imagePullpolicy": "Always", "ports": [{"containerPort": "80"}]},
                    {"resources": {"limits": {"cpu": "1 core"}}, "args": "x"},
                ],
                "activeDeadlineSeconds": 1.5,
                "priority": 3_000_000_000_u64,
                "zzz": 1,
            },
        });
        assert_eq!(
            problems(&pod),
            [
                "metadata.labels[a.b/c]: expected a string, found the number `1`",
                "metadata.creationTimestamp: expected a time such as `2025-01-31T12:00:00Z`, found the string `yesterday`",
                "spec.restartPolicy: expected a string, found `true`",
                "spec.containers[0].imagePullpolicy: unknown field `imagePullpolicy`; did you mean `imagePullPolicy`?",
                "spec.containers[0].ports[0].containerPort: expected an integer of 32 bits, found the string `80`",
                "spec.containers[1].resources.limits[cpu]: expected a quantity such as `500m` or `128Mi`, found the string `1 core`",
                "spec.containers[1].args: expected a list, found the string `x`",
                "spec.containers[1].name: required field `name` is missing",
                "spec.activeDeadlineSeconds: expected an integer, found the number `1.5`",
                "spec.priority: expected an integer of 32 bits, found the number `3000000000`",
                "spec.zzz: unknown field `zzz`",
            ]
        );
    }

    #[test]
    fn an_unknown_kind_is_a_problem_in_upstream_groups() {
        assert_eq!(
            problems(&json!({"apiVersion": "apps/v1", "kind": "Deploymnet"})),
            ["kind: no kind `Deploymnet` in version `apps/v1`; did you mean `Deployment`?"]
        );
        assert_eq!(
            problems(&json!({"apiVersion": "extensions/v1beta1", "kind": "Ingress"})),
            [
                "kind: no kind `Ingress` in version `extensions/v1beta1`; it is in `networking.k8s.io/v1`"
            ]
        );
        assert_eq!(problems(&json!({})), ["kind: no kind `` in version ``"]);
    }
}
