use std::fmt::Write as _;

use serde_json::{Map, Value, json};

use crate::yaml;

use super::trial::Variable;

/// The values of a chart.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Values {
    /// The variables of the compose files.
    pub variables: Vec<Variable>,
    /// By workload: what differs from place to place.
    pub services: Map<String, Value>,
    /// By claim.
    pub persistence: Map<String, Value>,
}

impl Values {
    /// The values of a workload, to add to.
    pub fn service(&mut self, name: &str) -> &mut Map<String, Value> {
        let entry = self.services.entry(name).or_insert_with(|| json!({}));
        if !entry.is_object() {
            *entry = json!({});
        }
        entry.as_object_mut().expect("it was made an object")
    }
}

/// `values.yaml`.
pub fn write(values: &Values) -> String {
    let Values { variables, services, persistence } = values;
    let mut text =
        "# The defaults. Give your own in another file: helm install NAME DIR -f FILE\n".to_owned();
    let mut section = |comment: &str, name: &str, value: Value| {
        // Writing to a string cannot fail.
        let _ = write!(text, "\n# {comment}\n{}", yaml::write(&json!({ name: value })));
    };
    if !variables.is_empty() {
        let missing: Vec<&str> = variables
            .iter()
            .filter(|it| it.required.is_some() && it.default.is_none())
            .map(|it| it.name.as_str())
            .collect();
        let comment = match missing.as_slice() {
            [] => "The variables of the compose files.".to_owned(),
            missing => {
                format!("The variables of the compose files. To be set: {}", missing.join(", "))
            }
        };
        let defaults: Map<String, Value> = variables
            .iter()
            .map(|it| (it.name.clone(), it.default.clone().unwrap_or_default().into()))
            .collect();
        section(&comment, "variables", defaults.into());
    }
    section("The services, by name.", "services", services.clone().into());
    if !persistence.is_empty() {
        let comment = "The volumes, by claim. One that is not enabled is empty for each pod.";
        section(comment, "persistence", persistence.clone().into());
    }
    section(
        "Secrets with what registries ask for, e.g. `- name: my-registry`.",
        "imagePullSecrets",
        json!([]),
    );
    text
}
