use serde_json::{Value, json};

use super::container::{default_container, default_field_reference, pull_policy, request_limits};
use super::{Fields, is_true, set, text, with, with_each, with_new};
use crate::control_plane::schema::quality;

/// The fields of a pod's spec that hold containers.
const CONTAINERS: [&str; 3] = ["initContainers", "containers", "ephemeralContainers"];

/// A pod of its own: the template's defaults, and those of the admission plugins that need no store.
pub(super) fn default_pod(pod: &mut Fields) {
    with_new(pod, "spec", |spec| {
        default_spec(spec);
        set(spec, "enableServiceLinks", json!(true));
        let host_network = is_true(spec, "hostNetwork");
        for field in ["initContainers", "containers"] {
            with_each(spec, field, |container| {
                request_limits(container);
                if host_network {
                    with_each(container, "ports", publish_on_host);
                }
            });
        }
        set(spec, "serviceAccountName", json!("default"));
        keep_both_service_accounts(spec);
        set(spec, "priority", json!(0));
        set(spec, "preemptionPolicy", json!("PreemptLowerPriority"));
        tolerate_for_a_while(spec, "node.kubernetes.io/not-ready");
        tolerate_for_a_while(spec, "node.kubernetes.io/unreachable");
    });
    let class = quality::class_of(pod.get("spec").unwrap_or(&Value::Null));
    with_new(pod, "status", |status| {
        set(status, "phase", json!("Pending"));
        set(status, "qosClass", json!(class));
    });
}

/// The `template` of a workload.
pub(super) fn default_template(template: &mut Fields) {
    with_new(template, "spec", default_spec);
}

/// pkg/apis/core/v1: `SetDefaults_PodSpec` and what it holds.
fn default_spec(spec: &mut Fields) {
    set(spec, "dnsPolicy", json!("ClusterFirst"));
    set(spec, "restartPolicy", json!("Always"));
    set(spec, "schedulerName", json!("default-scheduler"));
    set(spec, "securityContext", json!({}));
    set(spec, "terminationGracePeriodSeconds", json!(30));
    for field in CONTAINERS {
        with_each(spec, field, default_container);
    }
    with_each(spec, "volumes", default_volume);
    with_each(spec, "topologySpreadConstraints", |constraint| {
        set(constraint, "nodeAffinityPolicy", json!("Honor"));
        set(constraint, "nodeTaintsPolicy", json!("Ignore"));
    });
    keep_both_service_accounts(spec);
}

/// `serviceAccount` is the old name of `serviceAccountName`: what is read always has both.
fn keep_both_service_accounts(spec: &mut Fields) {
    let old = text(spec, "serviceAccount").to_owned();
    if !old.is_empty() {
        set(spec, "serviceAccountName", json!(old));
    }
    let name = text(spec, "serviceAccountName").to_owned();
    if !name.is_empty() {
        spec.insert("serviceAccount".to_owned(), json!(name));
    }
}

fn publish_on_host(port: &mut Fields) {
    if let Some(number) = port.get("containerPort").cloned() {
        set(port, "hostPort", number);
    }
}

/// The admission plugin `DefaultTolerationSeconds`.
fn tolerate_for_a_while(spec: &mut Fields, taint: &str) {
    let tolerated = |toleration: &Value| {
        let field = |name| toleration.get(name).and_then(Value::as_str).unwrap_or_default();
        (field("key") == taint || field("key").is_empty() && field("operator") == "Exists")
            && matches!(field("effect"), "" | "NoExecute")
    };
    set(spec, "tolerations", json!([]));
    if let Some(tolerations) = spec.get_mut("tolerations").and_then(Value::as_array_mut)
        && !tolerations.iter().any(tolerated)
    {
        tolerations.push(json!({
            "key": taint,
            "operator": "Exists",
            "effect": "NoExecute",
            "tolerationSeconds": 300,
        }));
    }
}

fn default_volume(volume: &mut Fields) {
    if volume.keys().all(|field| field == "name") {
        volume.insert("emptyDir".to_owned(), json!({}));
    }
    for source in ["secret", "configMap"] {
        with(volume, source, |source| set(source, "defaultMode", json!(0o644)));
    }
    with(volume, "downwardAPI", |source| {
        set(source, "defaultMode", json!(0o644));
        default_downward_items(source);
    });
    with(volume, "projected", |source| {
        set(source, "defaultMode", json!(0o644));
        with_each(source, "sources", |source| {
            with(source, "serviceAccountToken", |token| {
                set(token, "expirationSeconds", json!(3600));
            });
            with(source, "downwardAPI", default_downward_items);
        });
    });
    with(volume, "hostPath", |source| set(source, "type", json!("")));
    with(volume, "iscsi", |source| set(source, "iscsiInterface", json!("default")));
    with(volume, "ephemeral", |source| {
        with(source, "volumeClaimTemplate", |template| {
            with(template, "spec", |spec| set(spec, "volumeMode", json!("Filesystem")));
        });
    });
    with(volume, "image", |source| {
        let policy = pull_policy(text(source, "reference"));
        set(source, "pullPolicy", json!(policy));
    });
}

fn default_downward_items(source: &mut Fields) {
    with_each(source, "items", |item| with(item, "fieldRef", default_field_reference));
}
