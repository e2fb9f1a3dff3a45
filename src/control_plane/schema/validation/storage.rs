use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};

use super::Change;
use super::field::Field;
use super::findings::Findings;
use crate::control_plane::schema::names;

/// The most that all values of a `ConfigMap` or `Secret` may have together, in bytes.
const MOST_DATA: usize = 1024 * 1024;

/// pkg/apis/core/validation: `ValidateConfigMap` and its update.
pub(super) fn validate_config_map(change: &Change<'_>, findings: &mut Findings) {
    let (data, binary) = (change.new.child("data"), change.new.child("binaryData"));
    let mut size = 0;
    for (key, value) in data.entries() {
        check_key(key, &value, findings);
        size += value.text().len();
        if binary.child(key).exists() {
            findings.invalid_value(&value, &json!(key), "duplicate of key present in binaryData");
        }
    }
    for (key, value) in binary.entries() {
        check_key(key, &value, findings);
        size += decoded_length(&value);
    }
    if size > MOST_DATA {
        findings.too_long(&change.new.child("data"), MOST_DATA);
    }
    keep_immutable(change, &["data", "binaryData"], findings);
}

/// pkg/apis/core/validation: `ValidateSecret` and its update.
pub(super) fn validate_secret(change: &Change<'_>, findings: &mut Findings) {
    let data = change.new.child("data");
    let mut size = 0;
    for (key, value) in data.entries() {
        check_key(key, &value, findings);
        size += decoded_length(&value);
    }
    if size > MOST_DATA {
        findings.too_long(&data, MOST_DATA);
    }
    let required: &[&str] = match change.new.child("type").text() {
        "kubernetes.io/tls" => &["tls.crt", "tls.key"],
        "kubernetes.io/dockerconfigjson" => &[".dockerconfigjson"],
        "kubernetes.io/dockercfg" => &[".dockercfg"],
        "kubernetes.io/ssh-auth" => &["ssh-privatekey"],
        _ => &[],
    };
    for key in required {
        if !data.key(key).exists() {
            findings.required(&data.key(key), "");
        }
    }
    change.immutable("type", findings);
    keep_immutable(change, &["data"], findings);
}

fn check_key(key: &str, value: &Field<'_>, findings: &mut Findings) {
    if let Err(sentence) = names::check_data_key(key) {
        findings.invalid_value(value, &json!(key), &sentence);
    }
}

fn decoded_length(value: &Field<'_>) -> usize {
    STANDARD.decode(value.text()).map_or(0, |bytes| bytes.len())
}

/// `immutable: true` locks the data and itself.
fn keep_immutable(change: &Change<'_>, fields: &[&str], findings: &mut Findings) {
    const SENTENCE: &str = "field is immutable when `immutable` is set";
    let Some(old) = &change.old else { return };
    if !old.child("immutable").is_true() {
        return;
    }
    if !change.new.child("immutable").is_true() {
        findings.forbidden(&change.new.child("immutable"), SENTENCE);
    }
    for field in fields {
        if let Some((new, _)) = change.changed(field) {
            findings.forbidden(&new, SENTENCE);
        }
    }
}

const ACCESS_MODES: [&str; 4] =
    ["ReadOnlyMany", "ReadWriteMany", "ReadWriteOnce", "ReadWriteOncePod"];

/// pkg/apis/core/validation: `ValidatePersistentVolumeClaim` and its update.
pub(super) fn validate_claim(change: &Change<'_>, findings: &mut Findings) {
    let spec = change.child("spec");
    let modes = spec.new.child("accessModes");
    if modes.is_empty() {
        findings.required(&modes, "at least 1 access mode is required");
    }
    for mode in modes.items() {
        findings.one_of(&mode, &ACCESS_MODES);
    }
    findings.one_of(&spec.new.child("volumeMode"), &["Block", "Filesystem"]);
    let resources = spec.new.child("resources");
    let storage = resources.child("requests").key("storage");
    if storage.exists() {
        let amount = findings.quantity(&storage);
        if amount.is_some_and(|amount| amount.units() == 0) {
            findings.invalid(&storage, "must be greater than zero");
        }
    } else {
        findings.required(&resources.key("storage"), "");
    }
    let class = spec.new.child("storageClassName");
    if !class.is_empty() {
        findings.check(&class, names::check_subdomain(class.text()));
    }
    validate_claim_update(&spec, findings);
}

fn validate_claim_update(spec: &Change<'_>, findings: &mut Findings) {
    let Some(old) = &spec.old else { return };
    let is_bound = !old.child("volumeName").is_empty();
    let fixed = |field: &Field<'_>| {
        let mut value = field.value().cloned().unwrap_or_default();
        let Some(fields) = value.as_object_mut() else { return value };
        // The controllers bind a claim once, and name its class when there was no default before.
        if !is_bound {
            fields.shift_remove("volumeName");
        }
        if old.child("storageClassName").is_empty() {
            fields.shift_remove("storageClassName");
        }
        if is_bound {
            fields.shift_remove("volumeAttributesClassName");
            fields.shift_remove("resources");
        }
        value
    };
    if fixed(&spec.new) != fixed(old) {
        findings.forbidden(
            &spec.new,
            "spec is immutable after creation except resources.requests and volumeAttributesClassName for bound claims",
        );
    }
    let amount = |field: &Field<'_>| {
        Findings::default().quantity(&field.child("resources").child("requests").child("storage"))
    };
    if amount(&spec.new).zip(amount(old)).is_some_and(|(new, old)| new < old) {
        let storage = spec.new.child("resources").child("requests").child("storage");
        findings.forbidden(&storage, "field can not be less than previous value");
    }
}

/// Fields of a volume's spec that say how, not where, it is stored.
const NOT_A_SOURCE: [&str; 9] = [
    "accessModes",
    "capacity",
    "claimRef",
    "mountOptions",
    "nodeAffinity",
    "persistentVolumeReclaimPolicy",
    "storageClassName",
    "volumeAttributesClassName",
    "volumeMode",
];

/// pkg/apis/core/validation: `ValidatePersistentVolume` and its update.
pub(super) fn validate_volume(change: &Change<'_>, findings: &mut Findings) {
    let spec = change.child("spec");
    let capacity = spec.new.child("capacity");
    if findings.require(&capacity) {
        for (_, amount) in capacity.entries() {
            findings.quantity(&amount);
        }
    }
    let modes = spec.new.child("accessModes");
    findings.require(&modes);
    for mode in modes.items() {
        findings.one_of(&mode, &ACCESS_MODES);
    }
    let policies = ["Delete", "Recycle", "Retain"];
    findings.one_of(&spec.new.child("persistentVolumeReclaimPolicy"), &policies);
    let sources = |field: &Field<'_>| {
        let fields = field.value().and_then(Value::as_object).into_iter().flatten();
        fields
            .filter(|(name, _)| !NOT_A_SOURCE.contains(&name.as_str()))
            .map(|(name, value)| (name.clone(), value.clone()))
            .collect::<Vec<_>>()
    };
    match sources(&spec.new).as_slice() {
        [] => findings.required(&spec.new, "must specify a volume type"),
        [_] => {}
        [_, more @ ..] => {
            for (name, _) in more {
                let sentence = "may not specify more than 1 volume type";
                findings.forbidden(&spec.new.child(name), sentence);
            }
        }
    }
    if spec.old.as_ref().is_some_and(|old| sources(old) != sources(&spec.new)) {
        findings.forbidden(
            &spec.new.child("persistentvolumesource"),
            "spec.persistentvolumesource is immutable after creation",
        );
    }
    spec.immutable("volumeMode", findings);
}

/// pkg/apis/storage/validation: `ValidateStorageClass` and its update.
pub(super) fn validate_class(change: &Change<'_>, findings: &mut Findings) {
    findings.require(&change.new.child("provisioner"));
    findings.one_of(&change.new.child("reclaimPolicy"), &["Delete", "Retain"]);
    let modes = ["Immediate", "WaitForFirstConsumer"];
    findings.one_of(&change.new.child("volumeBindingMode"), &modes);
    for field in ["parameters", "provisioner", "reclaimPolicy"] {
        if let Some((new, _)) = change.changed(field) {
            findings.forbidden(&new, &format!("updates to {field} are forbidden."));
        }
    }
    change.immutable("volumeBindingMode", findings);
}
