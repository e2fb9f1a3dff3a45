use serde_json::{Value, json};

use super::Change;
use super::field::Field;
use super::findings::Findings;
use crate::control_plane::schema::names;
use crate::kubernetes::Kind;

/// The most that keys and values of all annotations may have together, in bytes.
const MOST_ANNOTATIONS: usize = 256 * 1024;

/// k8s.io/apimachinery/pkg/api/validation: `ValidateObjectMeta` and its update.
pub(super) fn validate_metadata(kind: &Kind, change: &Change<'_>, findings: &mut Findings) {
    let change = change.child("metadata");
    let metadata = &change.new;
    if change.old.is_none() {
        validate_name(kind, &metadata.child("name"), findings);
    } else {
        for field in ["name", "namespace", "uid", "creationTimestamp"] {
            change.immutable(field, findings);
        }
    }
    validate_labels(&metadata.child("labels"), findings);
    validate_annotations(&metadata.child("annotations"), findings);
    validate_owners(&metadata.child("ownerReferences"), findings);
    validate_finalizers(&change, findings);
}

fn validate_name(kind: &Kind, name: &Field<'_>, findings: &mut Findings) {
    if name.is_empty() {
        findings.required(name, "name or generateName is required");
        return;
    }
    let text = name.text();
    let result = match (kind.group, kind.kind) {
        // Named by rules of their own, which nobody but their controllers has to know.
        (_, "Event" | "IPAddress" | "APIService" | "CSINode" | "CertificateSigningRequest") => {
            Ok(())
        }
        ("", "Namespace") => names::check_label(text),
        ("", "Service") => names::check_dns1035_label(text),
        ("rbac.authorization.k8s.io", _) => names::check_path_segment(text),
        // Eleven characters are for the suffix of its jobs.
        ("batch", "CronJob") if text.len() > 52 => {
            Err("must be no more than 52 characters".to_owned())
        }
        _ => names::check_subdomain(text),
    };
    findings.check(name, result);
}

/// Keys and values of labels, here and in pod templates.
pub(super) fn validate_labels(labels: &Field<'_>, findings: &mut Findings) {
    for (key, value) in labels.entries() {
        if let Err(sentence) = names::check_label_key(key) {
            findings.invalid_value(labels, &json!(key), &sentence);
        }
        if let Err(sentence) = names::check_label_value(value.text()) {
            findings.invalid_value(labels, &json!(value.text()), &sentence);
        }
    }
}

/// Keys of annotations, and the size of all.
pub(super) fn validate_annotations(annotations: &Field<'_>, findings: &mut Findings) {
    let mut size = 0;
    for (key, value) in annotations.entries() {
        size += key.len() + value.text().len();
        if let Err(sentence) = names::check_label_key(&key.to_lowercase()) {
            findings.invalid_value(annotations, &json!(key), &sentence);
        }
    }
    if size > MOST_ANNOTATIONS {
        findings.too_long(annotations, MOST_ANNOTATIONS);
    }
}

fn validate_owners(owners: &Field<'_>, findings: &mut Findings) {
    let mut controller: Option<&str> = None;
    for owner in owners.items() {
        for (name, sentence) in [
            ("apiVersion", "version must not be empty"),
            ("kind", "must not be empty"),
            ("name", "must not be empty"),
            ("uid", "must not be empty"),
        ] {
            if owner.child(name).is_empty() {
                findings.invalid_value(&owners.child(name), &json!(""), sentence);
            }
        }
        if owner.child("controller").is_true() {
            let name = owner.child("name").text();
            if let Some(first) = controller {
                let sentence = format!(
                    "Only one reference can have Controller set to true. Found \"true\" in references for {first} and {name}"
                );
                findings.invalid_value(owners, owners.value().unwrap_or(&Value::Null), &sentence);
            }
            controller = Some(name);
        }
    }
}

fn validate_finalizers(change: &Change<'_>, findings: &mut Findings) {
    let finalizers = change.new.child("finalizers");
    for finalizer in finalizers.items() {
        if let Err(sentence) = names::check_label_key(finalizer.text()) {
            findings.invalid_value(&finalizers, &json!(finalizer.text()), &sentence);
        }
    }
    let Some(old) = &change.old else { return };
    if old.child("deletionTimestamp").is_empty() {
        return;
    }
    let before = old.child("finalizers");
    let added: Vec<_> = finalizers
        .items()
        .filter(|new| !before.items().any(|old| old.text() == new.text()))
        .map(|new| format!("{:?}", new.text()))
        .collect();
    if !added.is_empty() {
        let sentence = format!(
            "no new finalizers can be added if the object is being deleted, found new finalizers []string{{{}}}",
            added.join(", ")
        );
        findings.forbidden(&finalizers, &sentence);
    }
}
