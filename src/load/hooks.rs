//! `pre_start`: containers that have what their service has, unless they say otherwise.

use crate::diagnostic::Report;

use super::budget::Budget;
use super::merge::merge_attribute;
use super::path::Path;
use super::schema::container_attributes;
use super::tree::{Mapping, Node};

/// Completes the hooks of a normalised service with what the service says of its container.
///
/// Volumes stay out: whatever runs the hook gives it the mounts of the service.
pub fn complete_hooks(service: &mut Mapping, name: &str, budget: &mut Budget, report: &mut Report) {
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
