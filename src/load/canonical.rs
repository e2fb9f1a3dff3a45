//! Short forms to long forms: afterwards each attribute has one form.
//!
//! # Invariants
//! - Canonical trees stay as they are, so that the result of a merge can pass again.
//! - What an item cannot be expanded to is reported, and the item is dropped.

mod build;
mod container;
mod device;
mod host;
mod list;
mod port;
mod resource;
mod service;
mod volume;
mod words;

pub use host::hosts_to_mapping;
pub use list::{names_to_mapping, pairs_to_mapping, string_to_list};
pub use port::parse_range;
pub use service::started_dependency;
pub use volume::ShortVolume;

use crate::diagnostic::{Diagnostic, Report, codes};

use super::path::Path;
use super::tree::{Mapping, Node, Value};

/// How many ports the ranges of a project may expand to.
const MAX_PORTS: usize = 100_000;

/// Expands all short forms of a tree that follows the schema.
pub fn canonicalise(root: &mut Node, report: &mut Report) {
    let mut forms = Forms { report, expanded_ports: 0 };
    forms.each(root, "services", Forms::service);
    forms.each(root, "jobs", Forms::job);
    forms.each(root, "networks", Forms::network);
    forms.each(root, "volumes", Forms::volume);
    forms.each(root, "configs", Forms::file_resource);
    forms.each(root, "secrets", Forms::file_resource);
}

/// The state of one pass.
struct Forms<'r> {
    report: &'r mut Report,
    expanded_ports: usize,
}

impl Forms<'_> {
    fn each(
        &mut self,
        root: &mut Node,
        section: &str,
        form: fn(&mut Self, &mut Mapping, &Path<'_>),
    ) {
        let Some(members) = root.get_mut(section).and_then(Node::as_mapping_mut) else { return };
        let path = Path::ROOT.key(section);
        for (name, entry) in members.iter_mut() {
            if let Value::Mapping(mapping) = &mut entry.node.value {
                form(self, mapping, &path.key(name));
            }
        }
    }

    /// Rewrites one attribute, if it is set.
    fn rewrite(
        &mut self,
        mapping: &mut Mapping,
        key: &str,
        path: &Path<'_>,
        form: fn(&mut Self, &mut Node, &Path<'_>),
    ) {
        if let Some(node) = mapping.get_mut(key).filter(|node| !node.is_null()) {
            form(self, node, &path.key(key));
        }
    }

    /// Reshapes one attribute in a way that cannot fail, if it is set.
    fn reshape(mapping: &mut Mapping, key: &str, form: fn(&mut Node)) {
        if let Some(node) = mapping.get_mut(key).filter(|node| !node.is_null()) {
            form(node);
        }
    }

    /// Replaces each item by what it expands to.
    fn items(
        &mut self,
        node: &mut Node,
        path: &Path<'_>,
        expand: fn(&mut Self, Node, &Path<'_>) -> Vec<Node>,
    ) {
        if let Some(items) = node.as_sequence_mut() {
            let short = std::mem::take(items);
            for (index, item) in short.into_iter().enumerate() {
                items.extend(expand(self, item, &path.index(index)));
            }
        }
    }

    /// Rewrites each mapping of a list.
    fn mappings(
        &mut self,
        node: &mut Node,
        path: &Path<'_>,
        form: fn(&mut Self, &mut Mapping, &Path<'_>),
    ) {
        for (index, item) in node.as_sequence_mut().into_iter().flatten().enumerate() {
            if let Some(mapping) = item.as_mapping_mut() {
                form(self, mapping, &path.index(index));
            }
        }
    }

    fn pairs(&mut self, node: &mut Node, path: &Path<'_>) {
        pairs_to_mapping(node, path, self.report);
    }

    fn hosts(&mut self, node: &mut Node, path: &Path<'_>) {
        hosts_to_mapping(node, path, self.report);
    }

    fn invalid(&mut self, node: &Node, path: &Path<'_>, message: impl Into<String>, help: &str) {
        self.report.push(
            Diagnostic::error(codes::INVALID_VALUE, path, message).at(node.span.clone()).help(help),
        );
    }
}

/// `s` to `{key: s}`.
pub fn wrap(node: &mut Node, key: &str) {
    if let Value::String(_) = node.value {
        let span = node.span.clone();
        let inner = std::mem::replace(node, Node::null(&span));
        let mut mapping = Mapping::default();
        mapping.set(key, inner);
        node.value = Value::Mapping(mapping);
    }
}

#[cfg(test)]
mod tests;
