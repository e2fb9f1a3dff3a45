//! What a container is started with: its variables, and its command with `$(VAR)` filled in.
//!
//! # Invariants
//! - Pure but for the objects that are looked up.

mod expansion;
mod services;

pub(super) use expansion::expand_all;

use self::expansion::expand;

use k8s_openapi::api::core::v1::{Container, EnvFromSource, EnvVar, EnvVarSource};

use super::downward::{Downward, DownwardError};
use super::objects::Objects;
use crate::control_plane::controllers::owner;

/// Variables in the order in which they were first set.
pub(super) type Variables = indexmap::IndexMap<String, String>;

/// What a container is started with.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Environment {
    /// Services, then `envFrom`, then `env`: what is set again keeps its place.
    pub(super) variables: Variables,
    pub(super) command: Option<Vec<String>>,
    pub(super) args: Option<Vec<String>>,
}

/// Why a container cannot be started: `CreateContainerConfigError`, in the kubelet's words.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(super) enum ConfigError {
    #[error("{kind} \"{name}\" not found")]
    ObjectNotFound { kind: &'static str, name: String },
    #[error("couldn't find key {key} in {kind} {namespace}/{name}")]
    KeyNotFound { key: String, kind: &'static str, namespace: String, name: String },
    #[error(transparent)]
    Downward(#[from] DownwardError),
    #[error("the source of the variable {name} is not supported")]
    UnknownSource { name: String },
}

/// The environment of a container.
pub(super) fn resolve(
    container: &Container,
    downward: Downward<'_>,
    objects: &dyn Objects,
) -> Result<Environment, ConfigError> {
    let mut variables = services::variables(downward.pod, objects);
    let namespace = owner::namespace(downward.pod);
    let resolver = Resolver { container, downward, objects, namespace };
    for source in container.env_from.iter().flatten() {
        for (name, value) in resolver.all_of(source)? {
            variables.insert(name, value);
        }
    }
    for variable in container.env.iter().flatten() {
        if let Some(value) = resolver.value(variable, &variables)? {
            variables.insert(variable.name.clone(), value);
        }
    }
    let expanded = |words: Option<&Vec<String>>| {
        let words = words.filter(|words| !words.is_empty())?;
        Some(words.iter().map(|word| expand(word, &variables)).collect())
    };
    let (command, args) = (expanded(container.command.as_ref()), expanded(container.args.as_ref()));
    Ok(Environment { variables, command, args })
}

struct Resolver<'a> {
    container: &'a Container,
    downward: Downward<'a>,
    objects: &'a dyn Objects,
    namespace: &'a str,
}

impl Resolver<'_> {
    /// All variables of an object; none when it is missing and may be.
    fn all_of(&self, source: &EnvFromSource) -> Result<Vec<(String, String)>, ConfigError> {
        let prefix = source.prefix.as_deref().unwrap_or_default();
        let prefixed = |(key, value)| (format!("{prefix}{key}"), value);
        if let Some(from) = &source.config_map_ref {
            let found = self.objects.config_map(self.namespace, &from.name);
            let map = required(found, "configmap", &from.name, from.optional)?;
            let data = map.and_then(|map| map.data).unwrap_or_default();
            return Ok(data.into_iter().map(prefixed).collect());
        }
        if let Some(from) = &source.secret_ref {
            let found = self.objects.secret(self.namespace, &from.name);
            let secret = required(found, "secret", &from.name, from.optional)?;
            let data = secret.and_then(|secret| secret.data).unwrap_or_default();
            return Ok(data
                .into_iter()
                .map(|(key, value)| prefixed((key, text(&value.0))))
                .collect());
        }
        Ok(Vec::new())
    }

    /// The value of a variable; none when its source is missing and may be.
    fn value(&self, variable: &EnvVar, before: &Variables) -> Result<Option<String>, ConfigError> {
        let given = variable.value.as_deref().unwrap_or_default();
        match &variable.value_from {
            Some(source) if given.is_empty() => self.value_from(variable, source),
            _ => Ok(Some(expand(given, before))),
        }
    }

    fn value_from(
        &self,
        variable: &EnvVar,
        source: &EnvVarSource,
    ) -> Result<Option<String>, ConfigError> {
        if let Some(field) = &source.field_ref {
            return Ok(Some(self.downward.field(field)?));
        }
        if let Some(resource) = &source.resource_field_ref {
            return Ok(Some(self.downward.resource(resource, Some(self.container))?));
        }
        if let Some(from) = &source.config_map_key_ref {
            let found = self.objects.config_map(self.namespace, &from.name);
            let map = required(found, "configmap", &from.name, from.optional)?;
            let Some(map) = map else { return Ok(None) };
            let value = map.data.and_then(|mut data| data.remove(&from.key));
            return self.key(value, "ConfigMap", (&from.name, &from.key), from.optional);
        }
        if let Some(from) = &source.secret_key_ref {
            let found = self.objects.secret(self.namespace, &from.name);
            let secret = required(found, "secret", &from.name, from.optional)?;
            let Some(secret) = secret else { return Ok(None) };
            let value = secret.data.and_then(|mut data| data.remove(&from.key));
            let value = value.map(|value| text(&value.0));
            return self.key(value, "Secret", (&from.name, &from.key), from.optional);
        }
        Err(ConfigError::UnknownSource { name: variable.name.clone() })
    }

    fn key(
        &self,
        value: Option<String>,
        kind: &'static str,
        (name, key): (&str, &str),
        optional: Option<bool>,
    ) -> Result<Option<String>, ConfigError> {
        if value.is_none() && optional != Some(true) {
            return Err(ConfigError::KeyNotFound {
                key: key.to_owned(),
                kind,
                namespace: self.namespace.to_owned(),
                name: name.to_owned(),
            });
        }
        Ok(value)
    }
}

fn required<T>(
    found: Option<T>,
    kind: &'static str,
    name: &str,
    optional: Option<bool>,
) -> Result<Option<T>, ConfigError> {
    if found.is_none() && optional != Some(true) {
        return Err(ConfigError::ObjectNotFound { kind, name: name.to_owned() });
    }
    Ok(found)
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

#[cfg(test)]
mod tests;
