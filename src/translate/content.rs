use std::collections::BTreeMap;

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use indexmap::IndexMap;
use sha2::{Digest, Sha256};

use crate::model::{Config, Secret, Source};

use super::context;
use super::findings::Site;
use super::label::{self, translate_labels};
use super::name::ServiceNames;
use super::options::Secrets;
use super::scope::Scope;

/// The most that a `ConfigMap` or a Secret holds, in bytes.
const MAX_CONTENT: usize = 1 << 20;

/// The `ConfigMap` of a config, none for one that is there already.
pub fn translate_config(key: &str, config: &Config, scope: &Scope) -> Option<context::ConfigMap> {
    let Config { name: _, source: _, labels, template_driver: _, extensions: _ } = config;
    let site = scope.site(format!("configs.{key}"));
    let bytes = scope.contents.configs.get(key)?;
    report_size(bytes, &site);
    let name = scope.names.config(key).unwrap_or(key);
    let (mut data, mut binary_data) = (BTreeMap::new(), BTreeMap::new());
    match std::str::from_utf8(bytes) {
        Ok(text) => data.insert(scope.config_key(key), text.to_owned()),
        Err(_) => binary_data.insert(scope.config_key(key), STANDARD.encode(bytes)),
    };
    Some(context::ConfigMap { metadata: metadata(name, labels, scope, &site), data, binary_data })
}

/// The Secret of a secret, none for one that is there already.
pub fn translate_secret(key: &str, secret: &Secret, scope: &Scope) -> Option<context::Secret> {
    let Secret {
        name: _,
        source,
        driver: _,
        driver_opts: _,
        labels,
        template_driver: _,
        extensions: _,
    } = secret;
    let site = scope.site(format!("secrets.{key}"));
    let name = scope.names.secret(key).unwrap_or(key);
    if scope.options.secrets == Secrets::Reference {
        report_reference(key, name, source, scope, &site);
        return None;
    }
    let bytes = scope.contents.secrets.get(key)?;
    report_size(bytes, &site);
    let data = BTreeMap::from([(scope.secret_key(key), STANDARD.encode(bytes))]);
    Some(context::Secret { metadata: metadata(name, labels, scope, &site), data })
}

/// Says that a Secret is not written; those that are there anyway are told of where they are mounted.
fn report_reference(key: &str, name: &str, source: &Source, scope: &Scope, site: &Site) {
    let content = match source {
        Source::File(_) | Source::Content(_) => format!("--from-file={key}=FILE"),
        Source::Environment(variable) => format!("--from-literal={key}=\"${variable}\""),
        Source::External => return,
    };
    let mut services = scope.project.services.values();
    if services.any(|service| service.container.secrets.iter().any(|it| it.source == key)) {
        site.approximated_closely(
            format!("the Secret `{name}` must be there already, with the key `{key}`"),
            format!(
                "`kubectl create secret generic {name} {content}`, or `longshore up --secrets only`"
            ),
        );
    }
}

/// The Secret of the secret variables of a service, none when it has none or they are there already.
pub fn translate_secret_variables(
    key: &str,
    variables: &BTreeMap<String, String>,
    scope: &Scope,
) -> Option<context::Secret> {
    let ServiceNames { name: service, environment: name, .. } = scope.names.service(key);
    if scope.options.secrets == Secrets::Reference && !variables.is_empty() {
        let names: Vec<&str> = variables.keys().map(String::as_str).collect();
        let literals: Vec<String> =
            names.iter().map(|name| format!("--from-literal={name}=VALUE")).collect();
        scope.place(key).child("environment").approximated_closely(
            format!(
                "the Secret `{name}` must be there already, with the keys `{}`",
                names.join("`, `")
            ),
            format!(
                "`kubectl create secret generic {name} {}`, or `longshore up --secrets only`",
                literals.join(" ")
            ),
        );
        return None;
    }
    let data: BTreeMap<_, _> =
        variables.iter().map(|(key, value)| (key.clone(), STANDARD.encode(value))).collect();
    (!data.is_empty()).then(|| context::Secret { metadata: scope.metadata(name, service), data })
}

/// A hash over all that a pod reads from elsewhere, none when it reads nothing: when it changes, the pods are replaced, as
/// Compose replaces containers.
pub fn content_hash(
    files: &BTreeMap<(&'static str, String), &[u8]>,
    variables: &BTreeMap<String, String>,
) -> Option<String> {
    let files = files.iter().map(|((_, key), content)| (key.as_str(), *content));
    let variables = variables.iter().map(|(key, value)| (key.as_str(), value.as_bytes()));
    let mut hash = Sha256::new();
    let mut is_empty = true;
    for (key, content) in files.chain(variables) {
        is_empty = false;
        for part in [key.as_bytes(), content] {
            hash.update(part.len().to_le_bytes());
            hash.update(part);
        }
    }
    (!is_empty).then(|| URL_SAFE_NO_PAD.encode(hash.finalize()))
}

fn metadata(
    name: &str,
    labels: &IndexMap<String, String>,
    scope: &Scope,
    site: &Site,
) -> context::Metadata {
    let mut metadata = scope.metadata(name, name);
    let label::Metadata { labels, annotations } =
        translate_labels(labels, &[], &site.child("labels"));
    metadata.labels.extend(labels);
    metadata.annotations = annotations;
    metadata
}

fn report_size(bytes: &[u8], site: &Site) {
    if bytes.len() > MAX_CONTENT {
        site.invalid(
            format!("the content has {} bytes; Kubernetes takes {MAX_CONTENT}", bytes.len()),
            "put it into the image or on a volume",
        );
    }
}
