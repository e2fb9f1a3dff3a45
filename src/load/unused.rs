//! What no service that takes part uses.

use std::collections::HashSet;

use crate::diagnostic::{Diagnostic, Loss, Report, codes};

use super::path::Path;
use super::profiles::Selection;
use super::tree::{Mapping, Node};

/// A section of the project, how services name its members, and what is said of the others.
const SECTIONS: [(&str, Uses, &str); 5] = [
    ("networks", Uses::Keys("networks"), "no service is on"),
    ("volumes", Uses::Sources("volumes"), "no service mounts"),
    ("configs", Uses::Sources("configs"), "no service uses"),
    ("secrets", Uses::Sources("secrets"), "no service uses"),
    ("models", Uses::Keys("models"), "no service uses"),
];

/// Where a service names the members of a section.
enum Uses {
    /// The keys of an attribute.
    Keys(&'static str),
    /// `source` of the items of an attribute.
    Sources(&'static str),
}

/// Removes what no service uses, as Compose itself makes none of it. When only some services are
/// selected, that goes without saying, and beside an error it may come of that.
///
/// The `credential_spec` of these sections is a use: Compose passes over that of a job, and so does what
/// is only printed.
pub fn drop_unused(
    root: &mut Node,
    credential_specs_of: &[&str],
    selection: &Selection,
    report: &mut Report,
) {
    let is_told = !selection.is_partial() && !report.has_errors();
    for (section, uses, nobody) in SECTIONS {
        let used = used(root, &uses, credential_specs_of);
        let Some(members) = root.get_mut(section).and_then(Node::as_mapping_mut) else { continue };
        members.retain(|name, entry| {
            let is_used = used.contains(name);
            if !is_used && is_told {
                let path = Path::ROOT.key(section);
                let message = format!("{nobody} `{name}`, so it is left out");
                let mut note = Diagnostic::note(codes::UNUSED, &path.key(name), message)
                    .at(entry.key.clone())
                    .help("nothing to do, unless a service or a profile is missing");
                note.loss = Loss::IgnoredHarmless;
                report.push(note);
            }
            is_used
        });
    }
}

fn used(root: &Node, uses: &Uses, credential_specs_of: &[&str]) -> HashSet<String> {
    let members = ["services", "jobs"].iter().filter_map(|section| root.get(section)?.as_mapping());
    let services = members.flat_map(Mapping::iter).map(|(_, entry)| &entry.node);
    match uses {
        Uses::Keys(attribute) => services
            .filter_map(|service| service.get(attribute)?.as_mapping())
            .flat_map(|named| named.keys().cloned())
            .collect(),
        Uses::Sources(attribute) => services
            .flat_map(|service| {
                let hooks = service.get("pre_start").and_then(Node::as_sequence);
                [Some(service), service.get("build")]
                    .into_iter()
                    .flatten()
                    .chain(hooks.unwrap_or_default())
            })
            .filter_map(|place| place.get(attribute)?.as_sequence())
            .flatten()
            .filter(|mount| {
                let kind = mount.get("type").and_then(Node::as_str);
                kind.is_none_or(|kind| kind == "volume" || kind == "cluster")
            })
            .filter_map(|mount| mount.get("source")?.to_text())
            .chain(credential_specs(root, attribute, credential_specs_of))
            .collect(),
    }
}

/// The configs that are the `credential_spec` of members of these sections, or of a container before them.
fn credential_specs(root: &Node, section: &str, of: &[&str]) -> Vec<String> {
    of.iter()
        .filter(|_| section == "configs")
        .filter_map(|members| root.get(members)?.as_mapping())
        .flat_map(Mapping::iter)
        .flat_map(|(_, entry)| {
            let hooks = entry.node.get("pre_start").and_then(Node::as_sequence);
            std::iter::once(&entry.node).chain(hooks.unwrap_or_default())
        })
        .filter_map(|container| container.get("credential_spec")?.get("config")?.to_text())
        .collect()
}
