use std::collections::HashSet;

use serde_json::json;

use super::field::Field;
use super::findings::Findings;
use crate::control_plane::schema::names;

/// The volumes of a pod; returns their names.
pub(super) fn validate_volumes<'a>(
    volumes: &Field<'a>,
    findings: &mut Findings,
) -> HashSet<&'a str> {
    let mut known = HashSet::new();
    for volume in volumes.items() {
        let name = volume.child("name");
        if findings.require(&name) {
            findings.check(&name, names::check_label(name.text()));
            if !known.insert(name.text()) {
                findings.duplicate(&name, &json!(name.text()));
            }
        }
        validate_source(&volume, findings);
    }
    known
}

/// Exactly one source, with what it cannot do without.
fn validate_source(volume: &Field<'_>, findings: &mut Findings) {
    let object = volume.value().and_then(|value| value.as_object()).into_iter().flatten();
    let mut sources = object.map(|(name, _)| name.as_str()).filter(|name| *name != "name");
    let Some(source) = sources.next() else {
        findings.required(volume, "must specify a volume type");
        return;
    };
    for more in sources {
        findings.forbidden(&volume.child(more), "may not specify more than 1 volume type");
    }
    let field = volume.child(source);
    match source {
        "configMap" => {
            findings.require(&field.child("name"));
            validate_items(&field, findings);
        }
        "secret" => {
            findings.require(&field.child("secretName"));
            validate_items(&field, findings);
        }
        "hostPath" => {
            findings.require(&field.child("path"));
            let kinds = [
                "",
                "BlockDevice",
                "CharDevice",
                "Directory",
                "DirectoryOrCreate",
                "File",
                "FileOrCreate",
                "Socket",
            ];
            findings.one_of(&field.child("type"), &kinds);
        }
        "persistentVolumeClaim" => {
            findings.require(&field.child("claimName"));
        }
        "emptyDir" => {
            findings.quantity(&field.child("sizeLimit"));
        }
        "nfs" => {
            findings.require(&field.child("server"));
            findings.require(&field.child("path"));
        }
        "csi" => {
            findings.require(&field.child("driver"));
        }
        _ => {}
    }
}

fn validate_items(source: &Field<'_>, findings: &mut Findings) {
    let mode = source.child("defaultMode");
    if mode.number().is_some_and(|mode| !(0..=0o777).contains(&mode)) {
        findings.invalid(&mode, "must be a number between 0 and 0777 (octal), both inclusive");
    }
    for item in source.child("items").items() {
        findings.require(&item.child("key"));
        let path = item.child("path");
        if findings.require(&path) {
            if path.text().starts_with('/') {
                findings.invalid(&path, "must be a relative path");
            }
            if path.text().split('/').any(|part| part == "..") {
                findings.invalid(&path, "must not contain '..'");
            }
        }
    }
}
