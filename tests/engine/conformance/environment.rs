use serde_json::{Value, json};

use crate::engine::cluster::{Namespace, namespace, task};

async fn object(namespace: &Namespace, kind: &str, name: &str) {
    let (field, value) = match kind {
        "Secret" => ("stringData", "value-1"),
        _ => ("data", "value-1"),
    };
    let object = json!({
        "apiVersion": "v1",
        "kind": kind,
        "metadata": {"name": name},
        (field): {"data_1": value, "data_2": "value-2"},
    });
    namespace.apply(object).await;
}

/// A task that prints its variables, with these fields of the container.
fn printing(fields: &Value) -> Value {
    let mut spec = task("env | sort");
    for (name, value) in fields.as_object().unwrap() {
        spec["containers"][0][name] = value.clone();
    }
    spec
}

#[tokio::test]
async fn config_map_is_consumable_via_environment_variable() {
    let Some(namespace) = namespace().await else { return };
    object(&namespace, "ConfigMap", "config").await;
    let from = json!({"configMapKeyRef": {"name": "config", "key": "data_1"}});
    let fields = json!({"env": [{"name": "CONFIG_DATA_1", "valueFrom": from}]});
    let output = namespace.output("pod", printing(&fields)).await;
    assert!(output.contains("CONFIG_DATA_1=value-1\n"), "{output}");
}

#[tokio::test]
async fn config_map_is_consumable_via_the_environment() {
    let Some(namespace) = namespace().await else { return };
    object(&namespace, "ConfigMap", "config").await;
    let fields = json!({"envFrom": [
        {"configMapRef": {"name": "config"}},
        {"prefix": "p_", "configMapRef": {"name": "config"}},
    ]});
    let output = namespace.output("pod", printing(&fields)).await;
    for line in ["data_1=value-1\n", "data_2=value-2\n", "p_data_1=value-1\n"] {
        assert!(output.contains(line), "{output}");
    }
}

#[tokio::test]
async fn secret_is_consumable_in_env_vars() {
    let Some(namespace) = namespace().await else { return };
    object(&namespace, "Secret", "secret").await;
    let from = json!({"secretKeyRef": {"name": "secret", "key": "data_1"}});
    let fields = json!({"env": [{"name": "SECRET_DATA", "valueFrom": from}]});
    let output = namespace.output("pod", printing(&fields)).await;
    assert!(output.contains("SECRET_DATA=value-1\n"), "{output}");
}

#[tokio::test]
async fn secret_is_consumable_via_the_environment() {
    let Some(namespace) = namespace().await else { return };
    object(&namespace, "Secret", "secret").await;
    let fields = json!({"envFrom": [{"secretRef": {"name": "secret"}}]});
    let output = namespace.output("pod", printing(&fields)).await;
    assert!(output.contains("data_1=value-1\n"), "{output}");
}

#[tokio::test]
async fn variable_expansion_composes_env_vars_into_new_env_vars() {
    let Some(namespace) = namespace().await else { return };
    let fields = json!({"env": [
        {"name": "FOO", "value": "foo-value"},
        {"name": "BAR", "value": "bar-value"},
        {"name": "FOOBAR", "value": "$(FOO);;$(BAR)"},
    ]});
    let output = namespace.output("pod", printing(&fields)).await;
    assert!(output.contains("FOOBAR=foo-value;;bar-value\n"), "{output}");
}

#[tokio::test]
async fn variable_expansion_substitutes_values_in_a_containers_command() {
    let Some(namespace) = namespace().await else { return };
    let mut spec = task("TEST_VAR=wrong echo \"$(TEST_VAR)\"");
    spec["containers"][0]["env"] = json!([{"name": "TEST_VAR", "value": "test-value"}]);
    assert_eq!(namespace.output("pod", spec).await, "test-value\n");
}

#[tokio::test]
async fn variable_expansion_substitutes_values_in_a_containers_args() {
    let Some(namespace) = namespace().await else { return };
    let mut spec = task("");
    spec["containers"][0]["command"] = json!(["sh", "-c"]);
    spec["containers"][0]["args"] = json!(["TEST_VAR=wrong echo \"$(TEST_VAR)\""]);
    spec["containers"][0]["env"] = json!([{"name": "TEST_VAR", "value": "test-value"}]);
    assert_eq!(namespace.output("pod", spec).await, "test-value\n");
}
