//! The names that kompose gives to what has none of its own, and how its claims are made: what is in a cluster
//! under these names stays in use.

use crate::model::{Config, Source};

use super::name::dns_label;
use super::service_mounts::Mounted;
use super::volume::last_part;

/// How much its claims ask for that say no size.
pub const VOLUME_SIZE: &str = "100Mi";

/// The claim of the entry of `volumes` with this number.
pub fn claim_name(service: &str, index: usize) -> String {
    format!("{service}-claim{index}")
}

/// The `ConfigMap` of the entry of `volumes` with this number.
pub fn config_map_name(service: &str, index: usize) -> String {
    format!("{service}-cm{index}")
}

/// The `ConfigMap` of an `env_file`, by its path from the project.
pub fn env_file_name(path: &str, service: &str) -> String {
    let name: String = path
        .trim_matches(['.', '/'])
        .chars()
        .map(|character| if character.is_ascii_alphanumeric() { character } else { '-' })
        .collect();
    dns_label(&if name.starts_with('-') { format!("{service}{name}") } else { name })
}

/// The key of a config in its `ConfigMap`: the name of its file.
pub fn config_key(key: &str, config: &Config) -> String {
    match &config.source {
        Source::File(path) => last_part(path).to_owned(),
        Source::Content(_) | Source::Environment(_) | Source::External => key.to_owned(),
    }
}

/// The key of a secret in its Secret: the name of the Secret.
pub fn secret_key(key: &str) -> String {
    dns_label(key)
}

/// How a claim may be had, which cannot be changed later: as the first service by name mounts it.
pub fn access_mode(mounts: &[Mounted]) -> &'static str {
    let first = mounts.iter().min_by_key(|(key, _)| *key);
    if first.is_some_and(|(_, it)| it.mount.read_only) { "ReadOnlyMany" } else { "ReadWriteOnce" }
}
