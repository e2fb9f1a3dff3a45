//! What no service that takes part uses.

use std::collections::HashSet;

use crate::diagnostic::{Diagnostic, Loss, Report, codes};

use super::path::Path;
use super::tree::{Mapping, Node};

/// Removes the volumes, configs and secrets that no service mounts, as Compose itself makes none of
/// them; one that only an image build needs is none of the cluster's business either.
pub fn drop_unused(root: &mut Node, report: &mut Report) {
    for section in ["volumes", "configs", "secrets"] {
        let used = used(root, section);
        let Some(members) = root.get_mut(section).and_then(Node::as_mapping_mut) else { continue };
        members.retain(|name, entry| {
            let is_used = used.contains(name);
            if !is_used {
                let path = Path::ROOT.key(section);
                let message = format!("no service mounts `{name}`, so it is left out");
                let mut note = Diagnostic::note(codes::NOT_TRANSLATED, &path.key(name), message)
                    .at(entry.key.clone())
                    .help("nothing to do, unless a service or a profile is missing");
                note.loss = Loss::IgnoredHarmless;
                report.push(note);
            }
            is_used
        });
    }
}

fn used(root: &Node, section: &str) -> HashSet<String> {
    let services = root.get("services").and_then(Node::as_mapping);
    services
        .into_iter()
        .flat_map(Mapping::iter)
        .filter_map(|(_, service)| service.node.get(section)?.as_sequence())
        .flatten()
        .filter_map(|mount| mount.get("source")?.to_text())
        .collect()
}
