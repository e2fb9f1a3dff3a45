use serde_json::{Value, json};

use super::{Fields, set, set_unless_zero, text, with, with_each, with_new};

/// pkg/apis/core/v1: `SetDefaults_Container`, `SetDefaults_Probe`, `SetDefaults_HTTPGetAction`.
pub(super) fn default_container(container: &mut Fields) {
    let policy = pull_policy(text(container, "image"));
    set(container, "imagePullPolicy", json!(policy));
    set(container, "terminationMessagePath", json!("/dev/termination-log"));
    set(container, "terminationMessagePolicy", json!("File"));
    set(container, "resources", json!({}));
    with_each(container, "ports", |port| set(port, "protocol", json!("TCP")));
    with_each(container, "env", |variable| {
        with(variable, "valueFrom", |source| with(source, "fieldRef", default_field_reference));
    });
    for probe in ["livenessProbe", "readinessProbe", "startupProbe"] {
        with(container, probe, default_probe);
    }
    with(container, "lifecycle", |lifecycle| {
        for hook in ["postStart", "preStop"] {
            with(lifecycle, hook, |hook| with(hook, "httpGet", default_http_get));
        }
    });
}

/// `metadata.name` and the like are of version v1 unless they say otherwise.
pub(super) fn default_field_reference(reference: &mut Fields) {
    set(reference, "apiVersion", json!("v1"));
}

/// Always for what can change under its name: no tag, or `latest`.
pub(super) fn pull_policy(image: &str) -> &'static str {
    let (name, digest) = image.split_once('@').unwrap_or((image, ""));
    let last = name.rsplit('/').next().unwrap_or_default();
    let tag = last.split_once(':').map_or("", |(_, tag)| tag);
    match tag {
        "" if !digest.is_empty() => "IfNotPresent",
        "" | "latest" => "Always",
        _ => "IfNotPresent",
    }
}

fn default_probe(probe: &mut Fields) {
    set_unless_zero(probe, "timeoutSeconds", 1);
    set_unless_zero(probe, "periodSeconds", 10);
    set_unless_zero(probe, "successThreshold", 1);
    set_unless_zero(probe, "failureThreshold", 3);
    with(probe, "httpGet", default_http_get);
    with(probe, "grpc", |grpc| set(grpc, "service", json!("")));
}

fn default_http_get(action: &mut Fields) {
    set(action, "path", json!("/"));
    set(action, "scheme", json!("HTTP"));
}

/// `SetDefaults_Pod`: requests follow limits where they are not given.
pub(super) fn request_limits(container: &mut Fields) {
    with_new(container, "resources", |resources| {
        let Some(limits) = resources.get("limits").and_then(Value::as_object).cloned() else {
            return;
        };
        with_new(resources, "requests", |requests| {
            for (resource, limit) in limits {
                set(requests, &resource, limit);
            }
        });
    });
}
