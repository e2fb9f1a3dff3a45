use std::collections::HashSet;
use std::net::IpAddr;

use serde_json::Value;

use super::Change;
use super::container::Pod;
use super::field::Field;
use super::findings::Findings;
use super::metadata::{validate_annotations, validate_labels};
use super::volume::validate_volumes;
use crate::control_plane::schema::names;

/// pkg/apis/core/validation: `ValidatePodCreate` and `ValidatePodUpdate`.
pub(super) fn validate_pod(change: &Change<'_>, findings: &mut Findings) {
    let spec = change.child("spec");
    validate_spec(&spec.new, HashSet::new(), findings);
    let restart = spec.new.child("restartPolicy");
    findings.one_of(&restart, &["Always", "OnFailure", "Never"]);
    if let (Some(new), Some(old)) = (spec.new.value(), spec.old.as_ref().and_then(Field::value))
        && without_what_may_change(new, old) != without_what_may_change(old, old)
    {
        findings.forbidden(
            &spec.new,
            "pod updates may not change fields other than `spec.containers[*].image`,`spec.initContainers[*].image`,`spec.activeDeadlineSeconds`,`spec.tolerations` (only additions to existing tolerations),`spec.terminationGracePeriodSeconds` (allow it to be set to 1 if it was previously negative)",
        );
    }
}

/// The `template` of a workload.
pub(super) fn validate_template(template: &Field<'_>, findings: &mut Findings) {
    validate_template_with_volumes(template, HashSet::new(), findings);
}

/// The `template` of a workload that adds volumes to its pods.
pub(super) fn validate_template_with_volumes<'a>(
    template: &Field<'a>,
    volumes: HashSet<&'a str>,
    findings: &mut Findings,
) {
    let metadata = template.child("metadata");
    validate_labels(&metadata.child("labels"), findings);
    validate_annotations(&metadata.child("annotations"), findings);
    validate_spec(&template.child("spec"), volumes, findings);
}

fn validate_spec<'a>(spec: &Field<'a>, mut volumes: HashSet<&'a str>, findings: &mut Findings) {
    volumes.extend(validate_volumes(&spec.child("volumes"), findings));
    Pod::new(volumes).validate_containers(spec, findings);
    let policies = ["ClusterFirstWithHostNet", "ClusterFirst", "Default", "None"];
    findings.one_of(&spec.child("dnsPolicy"), &policies);
    findings.not_negative(&spec.child("terminationGracePeriodSeconds"));
    findings.within(&spec.child("activeDeadlineSeconds"), 1, i32::MAX.into());
    for name in ["hostname", "subdomain"] {
        let field = spec.child(name);
        if !field.is_empty() {
            findings.check(&field, names::check_label(field.text()));
        }
    }
    for name in ["serviceAccountName", "nodeName", "priorityClassName", "runtimeClassName"] {
        let field = spec.child(name);
        if !field.is_empty() {
            findings.check(&field, names::check_subdomain(field.text()));
        }
    }
    validate_labels(&spec.child("nodeSelector"), findings);
    for alias in spec.child("hostAliases").items() {
        let address = alias.child("ip");
        if address.text().parse::<IpAddr>().is_err() {
            findings
                .invalid(&address, "must be a valid IP address, (e.g. 10.9.8.7 or 2001:db8::ffff)");
        }
        for host in alias.child("hostnames").items() {
            findings.check(&host, names::check_subdomain(host.text()));
        }
    }
    for toleration in spec.child("tolerations").items() {
        validate_toleration(&toleration, findings);
    }
    let dns_config = spec.child("dnsConfig").child("nameservers");
    if spec.child("dnsPolicy").text() == "None" && dns_config.is_empty() {
        findings.required(
            &dns_config,
            "must provide at least one DNS nameserver when `dnsPolicy` is None",
        );
    }
}

fn validate_toleration(toleration: &Field<'_>, findings: &mut Findings) {
    let (key, operator) = (toleration.child("key"), toleration.child("operator"));
    if key.is_empty() {
        if operator.text() != "Exists" {
            findings.invalid_value(
                &operator,
                &Value::from(operator.text()),
                "operator must be Exists when `key` is empty, which means \"match all values and all keys\"",
            );
        }
    } else {
        findings.check(&key, names::check_label_key(key.text()));
    }
    findings.one_of(&operator, &["Equal", "Exists"]);
    let effects = ["NoSchedule", "PreferNoSchedule", "NoExecute"];
    findings.one_of(&toleration.child("effect"), &effects);
    if operator.text() == "Exists" && !toleration.child("value").is_empty() {
        findings
            .invalid(&toleration.child("value"), "value must be empty when `operator` is 'Exists'");
    }
}

/// A pod's spec with everything that updates may change put as it was.
fn without_what_may_change(spec: &Value, old: &Value) -> Value {
    let mut spec = spec.clone();
    let Some(fields) = spec.as_object_mut() else { return spec };
    for list in ["containers", "initContainers"] {
        for container in fields.get_mut(list).and_then(Value::as_array_mut).into_iter().flatten() {
            if let Some(container) = container.as_object_mut() {
                container.shift_remove("image");
            }
        }
    }
    for free in ["activeDeadlineSeconds", "schedulingGates", "ephemeralContainers"] {
        fields.shift_remove(free);
    }
    // The scheduler binds a pod once.
    if old.get("nodeName").is_none() {
        fields.shift_remove("nodeName");
    }
    let before = old.get("tolerations").and_then(Value::as_array).map_or(&[][..], Vec::as_slice);
    if let Some(tolerations) = fields.get("tolerations").and_then(Value::as_array)
        && before.iter().all(|each| tolerations.contains(each))
    {
        fields.shift_remove("tolerations");
    }
    let grace = |spec: &Value| spec.get("terminationGracePeriodSeconds").and_then(Value::as_i64);
    if grace(old).is_some_and(|seconds| seconds < 0) {
        fields.shift_remove("terminationGracePeriodSeconds");
    }
    spec
}
