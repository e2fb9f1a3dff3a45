use serde_json::{Value, json};

use super::{Fields, set, text, with, with_each, with_new};

/// pkg/apis/core/v1: `SetDefaults_Namespace`, and what the registry gives a new namespace.
pub(super) fn default_namespace(object: &mut Fields) {
    let metadata = object.get("metadata").and_then(Value::as_object);
    let name = metadata.map_or("", |metadata| text(metadata, "name")).to_owned();
    let is_leaving = metadata.is_some_and(|metadata| metadata.contains_key("deletionTimestamp"));
    if !name.is_empty() {
        with_new(object, "metadata", |metadata| {
            with_new(metadata, "labels", |labels| {
                set(labels, "kubernetes.io/metadata.name", json!(name));
            });
        });
    }
    // The namespace controller empties the list when the content is gone: it must stay empty then.
    if !is_leaving {
        with_new(object, "spec", |spec| set(spec, "finalizers", json!(["kubernetes"])));
    }
    with_new(object, "status", |status| set(status, "phase", json!("Active")));
}

/// pkg/apis/core/v1: `SetDefaults_NodeStatus`.
pub(super) fn default_node(object: &mut Fields) {
    with(object, "status", |status| {
        if let Some(capacity) = status.get("capacity").cloned() {
            set(status, "allocatable", capacity);
        }
    });
}

/// pkg/apis/core/v1: `SetDefaults_LimitRangeItem`.
pub(super) fn default_limit_range(object: &mut Fields) {
    with(object, "spec", |spec| {
        with_each(spec, "limits", |item| {
            if text(item, "type") != "Container" {
                return;
            }
            for (from, to) in
                [("max", "default"), ("default", "defaultRequest"), ("min", "defaultRequest")]
            {
                let Some(amounts) = item.get(from).and_then(Value::as_object).cloned() else {
                    continue;
                };
                with_new(item, to, |target| {
                    for (resource, amount) in amounts {
                        set(target, &resource, amount);
                    }
                });
            }
        });
    });
}

/// pkg/apis/rbac/v1: `SetDefaults_RoleBinding` and `SetDefaults_Subject`.
pub(super) fn default_binding(object: &mut Fields) {
    const GROUP: &str = "rbac.authorization.k8s.io";
    with(object, "roleRef", |role| set(role, "apiGroup", json!(GROUP)));
    with_each(object, "subjects", |subject| {
        if matches!(text(subject, "kind"), "User" | "Group") {
            set(subject, "apiGroup", json!(GROUP));
        }
    });
}
