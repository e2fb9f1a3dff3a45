use std::collections::HashSet;

use serde_json::{Value, json};

use super::Change;
use super::field::Field;
use super::findings::Findings;
use super::metadata::validate_labels;
use crate::control_plane::schema::names;

/// pkg/apis/core/validation: `ValidateService` and its update.
pub(super) fn validate_service(change: &Change<'_>, findings: &mut Findings) {
    let spec = change.child("spec");
    let kind = spec.new.child("type");
    let kinds = ["ClusterIP", "ExternalName", "LoadBalancer", "NodePort"];
    findings.one_of(&kind, &kinds);
    findings.one_of(&spec.new.child("sessionAffinity"), &["ClientIP", "None"]);
    validate_labels(&spec.new.child("selector"), findings);
    validate_external_name(&spec.new, findings);
    validate_ports(&spec.new, findings);
    validate_cluster_ip(&spec, findings);
}

fn validate_external_name(spec: &Field<'_>, findings: &mut Findings) {
    if spec.child("type").text() != "ExternalName" {
        return;
    }
    let name = spec.child("externalName");
    if findings.require(&name) {
        let text = name.text().strip_suffix('.').unwrap_or(name.text());
        findings.check(&name, names::check_subdomain(text));
    }
    let address = spec.child("clusterIP");
    if !address.is_empty() {
        findings.forbidden(&address, "may not be set when `type` is 'ExternalName'");
    }
}

fn validate_ports(spec: &Field<'_>, findings: &mut Findings) {
    let (ports, kind) = (spec.child("ports"), spec.child("type").text());
    let is_headless = spec.child("clusterIP").text() == "None";
    if ports.is_empty() && !is_headless && kind != "ExternalName" {
        findings.required(&ports, "");
    }
    let several = ports.items().count() > 1;
    let (mut known_names, mut known_numbers) = (HashSet::new(), HashSet::new());
    for port in ports.items() {
        let name = port.child("name");
        if name.is_empty() {
            if several {
                findings.required(&name, "");
            }
        } else {
            findings.check(&name, names::check_label(name.text()));
            if !known_names.insert(name.text()) {
                findings.duplicate(&name, &json!(name.text()));
            }
        }
        let (number, protocol) = (port.child("port"), port.child("protocol"));
        findings.within(&number, 1, 65535);
        if !number.exists() {
            findings.invalid_value(&number, &json!(0), "must be between 1 and 65535, inclusive");
        }
        findings.one_of(&protocol, &["SCTP", "TCP", "UDP"]);
        if !known_numbers.insert((number.number(), protocol.text())) {
            let value = json!({"protocol": protocol.text(), "port": number.number()});
            findings.duplicate(&port, &value);
        }
        let target = port.child("targetPort");
        if target.exists() {
            findings.port(&target);
        }
        let node_port = port.child("nodePort");
        if node_port.is_empty() {
            continue;
        }
        if matches!(kind, "ClusterIP" | "ExternalName") {
            findings.forbidden(&node_port, &format!("may not be used when `type` is '{kind}'"));
        } else if node_port.number().is_some_and(|number| !(30000..=32767).contains(&number)) {
            findings.invalid(
                &node_port,
                "provided port is not in the valid range. The range of valid ports is 30000-32767",
            );
        }
    }
}

/// The address stays while the type does not become, or was not, `ExternalName`.
fn validate_cluster_ip(spec: &Change<'_>, findings: &mut Findings) {
    let address = spec.new.child("clusterIP");
    let is_address =
        matches!(address.text(), "" | "None") || address.text().parse::<std::net::IpAddr>().is_ok();
    if !is_address {
        let sentence = "must be a valid IP address, (e.g. 10.9.8.7 or 2001:db8::ffff)";
        let first = spec.new.child("clusterIPs").items().next().unwrap_or(address);
        findings.invalid(&first, sentence);
        return;
    }
    let Some(old) = &spec.old else { return };
    let is_external = |field: &Field<'_>| field.child("type").text() == "ExternalName";
    let before = old.child("clusterIP");
    if !is_external(&spec.new)
        && !is_external(old)
        && !before.is_empty()
        && !address.same_value(&before)
    {
        let all = spec.new.child("clusterIPs");
        let field = all.items().next().unwrap_or(address.clone());
        let value = json!([address.text()]);
        findings.invalid_value(&field, &value, "may not change once set");
    }
}

/// pkg/apis/networking/validation: `ValidateIngress`.
pub(super) fn validate_ingress(change: &Change<'_>, findings: &mut Findings) {
    let spec = change.new.child("spec");
    let (rules, backend) = (spec.child("rules"), spec.child("defaultBackend"));
    if rules.is_empty() && !backend.exists() {
        let value = spec.value().cloned().unwrap_or_else(|| json!({}));
        findings.invalid_value(
            &spec,
            &value,
            "either `defaultBackend` or `rules` must be specified",
        );
    }
    if backend.exists() {
        validate_backend(&backend, findings);
    }
    for rule in rules.items() {
        let host = rule.child("host");
        let name = host.text().strip_prefix("*.").unwrap_or(host.text());
        if !host.is_empty() {
            findings.check(&host, names::check_subdomain(name));
        }
        let http = rule.child("http");
        let paths = http.child("paths");
        if http.exists() && paths.is_empty() {
            findings.required(&paths, "");
        }
        for path in paths.items() {
            validate_path(&path, findings);
        }
    }
}

fn validate_path(place: &Field<'_>, findings: &mut Findings) {
    let (kind, path) = (place.child("pathType"), place.child("path"));
    if kind.is_empty() {
        findings.required(&kind, "pathType must be specified");
    }
    findings.one_of(&kind, &["Exact", "ImplementationSpecific", "Prefix"]);
    let must_be_absolute = matches!(kind.text(), "Exact" | "Prefix") || !path.is_empty();
    if must_be_absolute && !path.text().starts_with('/') {
        findings.invalid_value(&path, &json!(path.text()), "must be an absolute path");
    }
    validate_backend(&place.child("backend"), findings);
}

fn validate_backend(backend: &Field<'_>, findings: &mut Findings) {
    let (service, resource) = (backend.child("service"), backend.child("resource"));
    if resource.exists() {
        if service.exists() {
            let sentence = "cannot set both resource and service backends";
            findings.invalid_value(backend, backend.value().unwrap_or(&Value::Null), sentence);
        }
        return;
    }
    if !service.exists() {
        findings.required(backend, "must specify either a service or resource backend");
        return;
    }
    let (name, port) = (service.child("name"), service.child("port"));
    if findings.require(&name) {
        findings.check(&name, names::check_dns1035_label(name.text()));
    }
    if port.child("name").is_empty() && port.child("number").is_empty() {
        findings.required(&port, "port name or number is required");
    }
    findings.within(&port.child("number"), 1, 65535);
}

/// pkg/apis/networking/validation: `ValidateIngressClassUpdate`.
pub(super) fn validate_ingress_class(change: &Change<'_>, findings: &mut Findings) {
    let spec = change.child("spec");
    findings.require(&spec.new.child("controller"));
    spec.immutable("controller", findings);
}
