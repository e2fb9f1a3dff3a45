use crate::diagnostic::{Diagnostic, Loss, Report, codes};
use crate::load::merge::merge_attribute;
use crate::load::path::Path;
use crate::load::removal::Removal;
use crate::load::tree::{Entry, Mapping, Node, Value};

use super::item::Inclusion;

/// What an included project brings.
const SECTIONS: [&str; 7] =
    ["services", "jobs", "networks", "volumes", "configs", "secrets", "models"];

/// Drops all that an included project does not bring: its name and its extensions.
pub(super) fn keep_sections(root: &mut Node) {
    if let Some(root) = root.as_mapping_mut() {
        root.retain(|section, _| SECTIONS.contains(&section.as_str()));
    }
}

/// Adds the members of an included project to a document. What both have is merged, with the
/// document on top; what earlier inclusions brought counts as the document's own.
pub(super) fn import(
    included: Node,
    root: &mut Node,
    removed: &Removal,
    inclusion: &Inclusion,
    report: &mut Report,
) {
    let (Value::Mapping(sections), Some(root)) = (included.value, root.as_mapping_mut()) else {
        return;
    };
    for (section, Entry { key, node }) in sections {
        let Value::Mapping(members) = node.value else { continue };
        if root.get(&section).is_none_or(Node::is_null) {
            let empty = Node::mapping(Mapping::default(), &node.span);
            root.insert(section.clone(), Entry { key, node: empty });
        }
        // another kind of value is for the schema to report
        let Some(own) = root.get_mut(&section).and_then(Node::as_mapping_mut) else { continue };
        let removed = removed.below(&section);
        for (name, member) in members {
            let removed = removed.and_then(|members| members.below(&name));
            if removed.is_some_and(Removal::is_whole) {
                report.push(not_removed(&section, &name, &member, inclusion));
            }
            add(own, name, member, &section, removed, report);
        }
    }
}

fn add(
    own: &mut Mapping,
    name: String,
    member: Entry,
    section: &str,
    removed: Option<&Removal>,
    report: &mut Report,
) {
    let Some(known) = own.get_mut(&name) else {
        own.insert(name, member);
        return;
    };
    // The same file comes in twice when two included ones include it: lists would double.
    if known.same_value(&member.node) {
        return;
    }
    let mut merged = member.node;
    if let Some(removed) = removed {
        removed.apply(&mut merged);
    }
    let over = std::mem::replace(known, Node::null(&merged.span));
    let path = Path::ROOT.key(section);
    merge_attribute(&mut merged, over, &path.key(&name), report);
    *known = merged;
}

/// As in Compose: a tag is about earlier files, and inside of a member also about what is
/// included; but a whole member that the same document includes stays.
fn not_removed(section: &str, name: &str, member: &Entry, inclusion: &Inclusion) -> Diagnostic {
    let path = Path::ROOT.key(section);
    let path = path.key(name);
    let message =
        format!("`!reset` and `!override` of `{path}` do not reach what is included here");
    let place = inclusion.files.first().map(|(_, span)| span.clone());
    Diagnostic::warning(codes::INVALID_VALUE, Loss::IgnoredBehaviourChange, &path, message)
        .at(place)
        .related(member.key.clone(), "what stays")
        .help("put the tag into a further file, such as `compose.override.yaml`")
}
