//! Defaults of single attributes, set before the tree is checked.

use crate::diagnostic::Span;

use super::paths::clean;
use super::tree::{Mapping, Node, Value};

/// Sets the defaults that do not depend on the rest of the project.
pub fn set_defaults(root: &mut Node) {
    for section in ["services", "jobs"] {
        let members = root.get_mut(section).and_then(Node::as_mapping_mut);
        for member in members.into_iter().flat_map(Mapping::nodes_mut) {
            if let Some(member) = member.as_mapping_mut() {
                set_member_defaults(member);
            }
        }
    }
}

fn set_member_defaults(member: &mut Mapping) {
    if let Some(span) = first_key(member.get("build"))
        && let Some(build) = member.get_mut("build").and_then(Node::as_mapping_mut)
    {
        build.set_default("context", || Node::string(".", &span));
    }
    set_container_defaults(member);
    items(member.get_mut("pre_start")).for_each(set_container_defaults);
    for port in items(member.get_mut("ports")) {
        if let Some(span) = port.get("target").map(|target| target.span.clone()) {
            port.set_default("protocol", || Node::string("tcp", &span));
            port.set_default("mode", || Node::string("ingress", &span));
        }
    }
    let resources = member.get_mut("deploy").and_then(|deploy| deploy.get_mut("resources"));
    let reservations = resources.and_then(|resources| resources.get_mut("reservations"));
    let devices = reservations.and_then(|reservations| reservations.get_mut("devices"));
    default_counts(devices);
}

fn set_container_defaults(container: &mut Mapping) {
    for volume in items(container.get_mut("volumes")) {
        if let Some(target) = volume.get_mut("target")
            && let Value::String(path) = &mut target.value
            && !path.is_empty()
        {
            *path = clean(path);
        }
    }
    default_counts(container.get_mut("gpus"));
}

fn items(list: Option<&mut Node>) -> impl Iterator<Item = &mut Mapping> {
    let items = list.and_then(Node::as_sequence_mut);
    items.into_iter().flatten().filter_map(Node::as_mapping_mut)
}

/// A request that names no devices is for all of them.
fn default_counts(requests: Option<&mut Node>) {
    let requests = requests.and_then(Node::as_sequence_mut);
    for request in requests.into_iter().flatten() {
        let span = first_key(Some(request));
        if let (Some(span), Some(request)) = (span, request.as_mapping_mut())
            && !request.contains("device_ids")
        {
            request.set_default("count", || Node::string("all", &span));
        }
    }
}

/// The place of what an attribute implies: its first key, or itself when it has none.
fn first_key(node: Option<&Node>) -> Option<Span> {
    let node = node?;
    let first = node.as_mapping()?.iter().next().map(|(_, entry)| entry.key.clone());
    Some(first.unwrap_or_else(|| node.span.clone()))
}
