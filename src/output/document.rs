use std::collections::BTreeMap;

use serde_json::{Value, json};

use crate::kubernetes::Object;
use crate::yaml;

use super::OutputError;

/// How objects are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    /// YAML, several objects as several documents.
    Yaml,
    /// JSON, several objects as a `List`.
    Json,
}

/// What the files of objects are called in a directory.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum FileNames {
    /// `deployment-web.yaml`.
    #[default]
    KindFirst,
    /// `web-deployment.yaml`, as kompose has it.
    NameFirst,
}

impl Format {
    fn extension(self) -> &'static str {
        match self {
            Self::Yaml => "yaml",
            Self::Json => "json",
        }
    }
}

/// What others refer to comes first; kinds that are not here come last.
const APPLY_ORDER: &[&str] = &[
    "Namespace",
    "ServiceAccount",
    "Role",
    "RoleBinding",
    "NetworkPolicy",
    "ConfigMap",
    "Secret",
    "PersistentVolume",
    "PersistentVolumeClaim",
    "Service",
    "Deployment",
    "StatefulSet",
    "DaemonSet",
    "Job",
    "CronJob",
    "Ingress",
];

/// All objects as one text, in apply order.
pub fn all(objects: &[Object], format: Format) -> String {
    let fields = in_apply_order(objects).into_iter().map(Object::fields);
    match format {
        Format::Yaml => fields.map(yaml::write_fields).collect::<Vec<_>>().join("---\n"),
        Format::Json => {
            let items: Vec<_> = fields.collect();
            json(&json!({ "apiVersion": "v1", "kind": "List", "items": items }))
        }
    }
}

/// The objects so that what others refer to comes first.
pub fn in_apply_order(objects: &[Object]) -> Vec<&Object> {
    let mut objects: Vec<&Object> = objects.iter().collect();
    objects.sort_by_key(|object| rank(object));
    objects
}

/// One text per object, by file name.
pub fn files(
    objects: &[Object],
    format: Format,
    names: FileNames,
) -> Result<BTreeMap<String, String>, OutputError> {
    let mut files = BTreeMap::new();
    for object in objects {
        let text = match format {
            Format::Yaml => yaml::write_fields(object.fields()),
            Format::Json => json(&json!(object.fields())),
        };
        if files.insert(file_name(object, format, names), text).is_some() {
            let (kind, name) = (object.kind().to_owned(), object.name().to_owned());
            return Err(OutputError::Duplicate { kind, name });
        }
    }
    Ok(files)
}

fn rank(object: &Object) -> usize {
    APPLY_ORDER.iter().position(|kind| *kind == object.kind()).unwrap_or(APPLY_ORDER.len())
}

/// The name of a file: a name of a template of the user's must not leave the directory.
pub fn file_name(object: &Object, format: Format, names: FileNames) -> String {
    let (kind, name) = (object.kind(), object.name());
    let stem = match names {
        FileNames::KindFirst => format!("{kind}-{name}"),
        FileNames::NameFirst => format!("{name}-{kind}"),
    };
    let stem = stem.to_lowercase();
    let safe = |character: char| {
        if character.is_alphanumeric() || matches!(character, '-' | '.') { character } else { '-' }
    };
    format!("{}.{}", stem.chars().map(safe).collect::<String>(), format.extension())
}

fn json(value: &Value) -> String {
    format!("{value:#}\n")
}
