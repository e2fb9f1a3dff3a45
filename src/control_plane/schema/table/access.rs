use serde_json::{Value, json};

use super::view::View;
use super::{AGE, Layout, NAME, text, wide};

/// Roles and the like: the time of their creation, not their age.
pub(super) const CREATED_AT: Layout = Layout {
    columns: &[NAME, text("Created At")],
    cells: |object| vec![object.name(), json!(object.text("/metadata/creationTimestamp"))],
};

pub(super) const BINDING: Layout = Layout {
    columns: &[NAME, text("Role"), AGE, wide("Users"), wide("Groups"), wide("ServiceAccounts")],
    cells: |object| {
        let role = format!("{}/{}", object.text("/roleRef/kind"), object.text("/roleRef/name"));
        vec![
            object.name(),
            json!(role),
            object.age(),
            subjects(object, "User"),
            subjects(object, "Group"),
            subjects(object, "ServiceAccount"),
        ]
    },
};

fn subjects(binding: View<'_>, kind: &str) -> Value {
    let names: Vec<_> = binding
        .items("/subjects")
        .filter(|subject| subject.text("/kind") == kind)
        .map(|subject| match (kind, subject.text("/namespace")) {
            ("ServiceAccount", namespace) => format!("{namespace}/{}", subject.text("/name")),
            _ => subject.text("/name").to_owned(),
        })
        .collect();
    json!(names.join(", "))
}
