//! Which services take part.

use std::collections::{BTreeMap, BTreeSet};

use crate::diagnostic::{Diagnostic, Report, codes};

use super::environment::Environment;
use super::path::Path;
use super::tree::{Mapping, Node};

/// Removes the services whose profiles are not active, and what depends on them if it may.
pub fn apply_profiles(
    root: &mut Node,
    asked: &[String],
    environment: &Environment,
    report: &mut Report,
) {
    let active = active_profiles(asked, environment);
    let Some(services) = root.get_mut("services").and_then(Node::as_mapping_mut) else { return };
    let mut disabled = BTreeMap::new();
    services.retain(|name, entry| {
        let profiles = profiles(&entry.node);
        let enabled = profiles.is_empty()
            || active.contains("*")
            || profiles.iter().any(|profile| active.contains(profile));
        if !enabled {
            disabled.insert(name.clone(), profiles);
        }
        enabled
    });
    if disabled.is_empty() {
        return;
    }
    for (name, entry) in services.iter_mut() {
        let Some(dependencies) = entry.node.get_mut("depends_on").and_then(Node::as_mapping_mut)
        else {
            continue;
        };
        drop_disabled(name, dependencies, &disabled, report);
    }
}

fn drop_disabled(
    service: &str,
    dependencies: &mut Mapping,
    disabled: &BTreeMap<String, Vec<String>>,
    report: &mut Report,
) {
    dependencies.retain(|dependency, entry| {
        let Some(profiles) = disabled.get(dependency) else { return true };
        if entry.node.get("required").and_then(Node::as_bool).unwrap_or(true) {
            let services = Path::ROOT.key("services");
            let service_path = services.key(service);
            let path = service_path.key("depends_on");
            let profiles = profiles.iter().map(|profile| format!("`{profile}`"));
            report.push(
                Diagnostic::error(
                    codes::UNDEFINED_REFERENCE,
                    &path.key(dependency),
                    format!("`{service}` needs `{dependency}`, which no active profile enables"),
                )
                .at(entry.key.clone())
                .help(format!(
                    "enable one of its profiles with `--profile`: {}",
                    profiles.collect::<Vec<_>>().join(", ")
                )),
            );
        }
        false
    });
}

fn active_profiles(asked: &[String], environment: &Environment) -> BTreeSet<String> {
    if !asked.is_empty() {
        return asked.iter().cloned().collect();
    }
    let listed = environment.get("COMPOSE_PROFILES").unwrap_or_default().split(',');
    listed.map(str::trim).filter(|name| !name.is_empty()).map(str::to_owned).collect()
}

fn profiles(service: &Node) -> Vec<String> {
    let profiles = service.get("profiles").and_then(Node::as_sequence).unwrap_or_default();
    profiles.iter().filter_map(Node::as_str).map(str::to_owned).collect()
}
