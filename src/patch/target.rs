use serde_json::{Map, Value};

use crate::kubernetes::Object;

/// Which objects a patch is for: what is not said fits all.
///
/// The fields are those of a target of Kustomize.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Target {
    group: Option<String>,
    version: Option<String>,
    kind: Option<String>,
    name: Option<String>,
    namespace: Option<String>,
    labels: Vec<Requirement>,
}

/// One term of a label selector.
#[derive(Debug, PartialEq, Eq)]
enum Requirement {
    Equal(String, String),
    Unequal(String, String),
    Exists(String),
    Missing(String),
}

impl Target {
    /// The `target` of a document; an error says at which field.
    pub fn parse(fields: &Map<String, Value>) -> Result<Self, (String, String)> {
        let mut target = Self::default();
        for (field, value) in fields {
            let Some(text) = value.as_str() else {
                return Err((field.clone(), format!("`{field}` must be a text")));
            };
            let text = text.to_owned();
            match field.as_str() {
                "group" => target.group = Some(text),
                "version" => target.version = Some(text),
                "kind" => target.kind = Some(text),
                "name" => target.name = Some(literal(field, text)?),
                "namespace" => target.namespace = Some(literal(field, text)?),
                "labelSelector" => {
                    target.labels = text.split(',').map(|term| requirement(term.trim())).collect();
                }
                _ => {
                    let message = format!(
                        "a target has no `{field}` here: it has group, version, kind, name, namespace and labelSelector"
                    );
                    return Err((field.clone(), message));
                }
            }
        }
        Ok(target)
    }

    /// The object that a partial object is about; an error says at which field.
    pub fn of_object(fields: &Map<String, Value>) -> Result<Self, (String, String)> {
        let text = |value: Option<&Value>| value.and_then(Value::as_str).map(str::to_owned);
        let metadata = fields.get("metadata");
        let required = |value: Option<String>, field: &str| {
            value.ok_or_else(|| {
                let message =
                    format!("a patch without `target` names its object: `{field}` is missing");
                (field.to_owned(), message)
            })
        };
        let api_version = text(fields.get("apiVersion"));
        let (group, version) = match &api_version {
            Some(text) => {
                let (group, version) = text.rsplit_once('/').unwrap_or(("", text));
                (Some(group.to_owned()), Some(version.to_owned()))
            }
            None => (None, None),
        };
        Ok(Self {
            group,
            version,
            kind: Some(required(text(fields.get("kind")), "kind")?),
            name: Some(required(
                text(metadata.and_then(|metadata| metadata.get("name"))),
                "metadata.name",
            )?),
            namespace: text(metadata.and_then(|metadata| metadata.get("namespace"))),
            labels: Vec::new(),
        })
    }

    /// Whether the patch is for this object.
    pub fn selects(&self, object: &Object) -> bool {
        let Self { group, version, kind, name, namespace, labels } = self;
        let api_version = object.api_version();
        let (object_group, object_version) =
            api_version.rsplit_once('/').unwrap_or(("", api_version));
        let fits = |wanted: &Option<String>, actual: &str| {
            wanted.as_deref().is_none_or(|wanted| wanted == actual)
        };
        fits(group, object_group)
            && fits(version, object_version)
            && fits(kind, object.kind())
            && fits(name, object.name())
            && fits(namespace, object.namespace().unwrap_or_default())
            && labels.iter().all(|requirement| requirement.holds(object))
    }
}

impl std::fmt::Display for Target {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match (&self.kind, &self.name) {
            (Some(kind), Some(name)) => write!(formatter, "{kind} `{name}`"),
            (Some(kind), None) => write!(formatter, "{kind} of this target"),
            (None, Some(name)) => write!(formatter, "object `{name}`"),
            (None, None) => formatter.write_str("object of this target"),
        }
    }
}

impl Requirement {
    fn holds(&self, object: &Object) -> bool {
        match self {
            Self::Equal(key, value) => object.label(key) == Some(value),
            Self::Unequal(key, value) => object.label(key) != Some(value),
            Self::Exists(key) => object.label(key).is_some(),
            Self::Missing(key) => object.label(key).is_none(),
        }
    }
}

fn requirement(term: &str) -> Requirement {
    let parts = |(key, value): (&str, &str)| (key.trim().to_owned(), value.trim().to_owned());
    if let Some((key, value)) = term.split_once("!=").map(parts) {
        return Requirement::Unequal(key, value);
    }
    if let Some((key, value)) = term.split_once("==").or_else(|| term.split_once('=')).map(parts) {
        return Requirement::Equal(key, value);
    }
    match term.strip_prefix('!') {
        Some(key) => Requirement::Missing(key.trim().to_owned()),
        None => Requirement::Exists(term.to_owned()),
    }
}

/// Kustomize takes names as regular expressions; what only they can mean is not passed over.
fn literal(field: &str, text: String) -> Result<String, (String, String)> {
    let is_name = |character: char| character.is_alphanumeric() || "-.".contains(character);
    if text.chars().all(is_name) && !text.is_empty() {
        return Ok(text);
    }
    let message = format!(
        "`{text}` is no name, and regular expressions are not supported: leave `{field}` out to select all"
    );
    Err((field.to_owned(), message))
}
