use serde_json::{Map, Value, json};

use crate::kubernetes::Kind;

/// The paths of a kind: the collection and the single object.
pub(super) fn of_kind(kind: &Kind, type_name: &str) -> [(String, Value); 2] {
    let root = match kind.group {
        "" => format!("/api/{}", kind.version),
        group => format!("/apis/{group}/{}", kind.version),
    };
    let namespace = if kind.namespaced { "/namespaces/{namespace}" } else { "" };
    let collection = format!("{root}{namespace}/{}", kind.plural);
    let object = format!("{collection}/{{name}}");

    let operation = |action: &str, parameters: &[&str], content_types: &[&str]| {
        let reference = json!({"$ref": format!("#/components/schemas/{type_name}")});
        let mut operation = json!({
            "operationId": format!("{action}{}{}", capitalised(kind.version), kind.kind),
            "parameters": parameters.iter().map(|name| query(name)).collect::<Vec<_>>(),
            "responses": {
                "200": {
                    "description": "OK",
                    "content": {"application/json": {"schema": reference}},
                },
            },
            "x-kubernetes-action": action,
            "x-kubernetes-group-version-kind": {
                "group": kind.group,
                "kind": kind.kind,
                "version": kind.version,
            },
        });
        if let (false, Some(fields)) = (content_types.is_empty(), operation.as_object_mut()) {
            let body =
                if action == "patch" { json!({"type": "object"}) } else { reference.clone() };
            let content =
                content_types.iter().map(|name| ((*name).to_owned(), json!({"schema": body})));
            let body = json!({"content": content.collect::<Value>(), "required": true});
            fields.insert("requestBody".to_owned(), body);
        }
        operation
    };
    let write = ["dryRun", "fieldManager", "fieldValidation"];
    let mut of_collection = Map::new();
    of_collection.insert("get".to_owned(), operation("list", &LIST, &[]));
    of_collection.insert("post".to_owned(), operation("post", &write, &["application/json"]));
    let mut of_object = Map::new();
    of_object.insert("get".to_owned(), operation("get", &[], &[]));
    of_object.insert("put".to_owned(), operation("put", &write, &["application/json"]));
    of_object.insert(
        "patch".to_owned(),
        operation("patch", &["dryRun", "fieldManager", "fieldValidation", "force"], &PATCHES),
    );
    of_object.insert("delete".to_owned(), operation("delete", &DELETE, &[]));

    let mut in_path = Vec::new();
    if kind.namespaced {
        in_path.push(parameter("namespace", "path", "string"));
    }
    of_collection.insert("parameters".to_owned(), json!(in_path));
    in_path.insert(0, parameter("name", "path", "string"));
    of_object.insert("parameters".to_owned(), json!(in_path));
    [(collection, Value::Object(of_collection)), (object, Value::Object(of_object))]
}

const LIST: [&str; 7] = [
    "allowWatchBookmarks",
    "continue",
    "fieldSelector",
    "labelSelector",
    "limit",
    "resourceVersion",
    "watch",
];

const DELETE: [&str; 3] = ["dryRun", "gracePeriodSeconds", "propagationPolicy"];

const PATCHES: [&str; 4] = [
    "application/apply-patch+yaml",
    "application/json-patch+json",
    "application/merge-patch+json",
    "application/strategic-merge-patch+json",
];

fn query(name: &str) -> Value {
    let kind = match name {
        "force" | "watch" | "allowWatchBookmarks" => "boolean",
        "limit" | "gracePeriodSeconds" => "integer",
        _ => "string",
    };
    parameter(name, "query", kind)
}

fn parameter(name: &str, place: &str, kind: &str) -> Value {
    json!({
        "name": name,
        "in": place,
        "required": place == "path",
        "schema": {"type": kind, "uniqueItems": true},
    })
}

fn capitalised(version: &str) -> String {
    version.replacen('v', "V", 1)
}
