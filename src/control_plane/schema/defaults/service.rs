use serde_json::{Value, json};

use super::{Fields, set, text, with, with_each, with_new};

/// pkg/apis/core/v1: `SetDefaults_Service`, and the address family of a cluster with IPv4 alone.
pub(super) fn default_service(object: &mut Fields) {
    with_new(object, "spec", |spec| {
        set(spec, "type", json!("ClusterIP"));
        set(spec, "sessionAffinity", json!("None"));
        if text(spec, "sessionAffinity") == "ClientIP" {
            with_new(spec, "sessionAffinityConfig", |config| {
                with_new(config, "clientIP", |client| set(client, "timeoutSeconds", json!(10800)));
            });
        }
        with_each(spec, "ports", |port| {
            set(port, "protocol", json!("TCP"));
            if matches!(port.get("targetPort").and_then(Value::as_i64), Some(0)) {
                port.shift_remove("targetPort");
            }
            if let Some(number) = port.get("port").cloned() {
                set(port, "targetPort", number);
            }
        });
        let kind = text(spec, "type").to_owned();
        if kind != "ExternalName" {
            set(spec, "internalTrafficPolicy", json!("Cluster"));
            set(spec, "ipFamilies", json!(["IPv4"]));
            set(spec, "ipFamilyPolicy", json!("SingleStack"));
        }
        let has_external = spec
            .get("externalIPs")
            .and_then(Value::as_array)
            .is_some_and(|addresses| !addresses.is_empty());
        if matches!(kind.as_str(), "NodePort" | "LoadBalancer")
            || kind == "ClusterIP" && has_external
        {
            set(spec, "externalTrafficPolicy", json!("Cluster"));
        }
        if kind == "LoadBalancer" {
            set(spec, "allocateLoadBalancerNodePorts", json!(true));
        }
    });
    with_new(object, "status", |status| set(status, "loadBalancer", json!({})));
}

/// pkg/apis/core/v1: `SetDefaults_Endpoints`.
pub(super) fn default_endpoints(object: &mut Fields) {
    with_each(object, "subsets", |subset| {
        with_each(subset, "ports", |port| set(port, "protocol", json!("TCP")));
    });
}

/// pkg/apis/discovery/v1: `SetDefaults_EndpointPort`.
pub(super) fn default_endpoint_slice(object: &mut Fields) {
    with_each(object, "ports", |port| {
        set(port, "name", json!(""));
        set(port, "protocol", json!("TCP"));
    });
}

/// pkg/apis/networking/v1: `SetDefaults_NetworkPolicy`.
pub(super) fn default_network_policy(object: &mut Fields) {
    with(object, "spec", |spec| {
        let has_egress =
            spec.get("egress").and_then(Value::as_array).is_some_and(|rules| !rules.is_empty());
        let types = if has_egress { json!(["Ingress", "Egress"]) } else { json!(["Ingress"]) };
        set(spec, "policyTypes", types);
        for direction in ["ingress", "egress"] {
            with_each(spec, direction, |rule| {
                with_each(rule, "ports", |port| set(port, "protocol", json!("TCP")));
            });
        }
    });
}
