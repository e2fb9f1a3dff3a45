//! `pre_start`: containers that have what their service has, unless they say otherwise.

use crate::diagnostic::Report;

use super::budget::Budget;
use super::environment::Environment;
use super::merge::merge_attribute;
use super::normalise::resolve_environment;
use super::path::Path;
use super::schema::container_attributes;
use super::tree::{Mapping, Node};

/// Completes the hooks of a normalised tree with what their services say of their containers.
pub fn complete_hooks(
    root: &mut Node,
    environment: &Environment,
    budget: &mut Budget,
    report: &mut Report,
) {
    let services = root.get_mut("services").and_then(Node::as_mapping_mut);
    for (name, entry) in services.into_iter().flat_map(Mapping::iter_mut) {
        let Some(service) = entry.node.as_mapping_mut() else { continue };
        inherit(service, name, budget, report);
        let hooks = service.get_mut("pre_start").and_then(Node::as_sequence_mut);
        for hook in hooks.into_iter().flatten().filter_map(Node::as_mapping_mut) {
            resolve_environment(hook, environment);
        }
    }
}

/// Volumes stay out: whatever runs the hook gives it the mounts of the service.
fn inherit(service: &mut Mapping, name: &str, budget: &mut Budget, report: &mut Report) {
    let Some(hooks) = service.get("pre_start").and_then(Node::as_sequence) else { return };
    let mut inherited = Mapping::default();
    for attribute in container_attributes().filter(|attribute| *attribute != "volumes") {
        if let Some(entry) = service.entry(attribute) {
            inherited.insert(attribute, entry.clone());
        }
    }
    let path = Path::ROOT.key("services");
    let values: usize = inherited.iter().map(|(_, entry)| entry.node.count()).sum();
    let mut completed = Vec::with_capacity(hooks.len());
    for hook in hooks {
        // what a service has is copied for each of its hooks
        if !budget.take_values(values, Some(&hook.span), report) {
            return;
        }
        let mut container = Node::mapping(inherited.clone(), &hook.span);
        merge_attribute(&mut container, hook.clone(), &path.key(name), report);
        completed.push(container);
    }
    if let Some(hooks) = service.get_mut("pre_start").and_then(Node::as_sequence_mut) {
        *hooks = completed;
    }
}
