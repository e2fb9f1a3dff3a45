//! `pre_start`: containers that have what their service has, unless they say otherwise.

use crate::diagnostic::Report;

use super::merge::merge_service;
use super::tree::{Mapping, Node};

/// What a hook takes over, of all that a container has: what the model holds of a hook.
const INHERITED: [&str; 6] =
    ["command", "environment", "image", "privileged", "user", "working_dir"];

/// Completes the hooks of a normalised service with what the service says of its container.
pub fn complete_hooks(service: &mut Mapping, name: &str, report: &mut Report) {
    let Some(hooks) = service.get("pre_start").and_then(Node::as_sequence) else { return };
    let mut inherited = Mapping::default();
    for attribute in INHERITED {
        if let Some(entry) = service.entry(attribute) {
            inherited.insert(attribute, entry.clone());
        }
    }
    let completed = hooks.iter().map(|hook| {
        let mut container = Node::mapping(inherited.clone(), &hook.span);
        merge_service(&mut container, hook.clone(), name, report);
        container
    });
    let completed = completed.collect();
    if let Some(hooks) = service.get_mut("pre_start").and_then(Node::as_sequence_mut) {
        *hooks = completed;
    }
}
