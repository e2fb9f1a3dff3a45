//! `build`.

use crate::load::path::Path;
use crate::load::tree::{Node, Value};

use super::container::file_mounts;
use super::{Forms, wrap};

impl Forms<'_> {
    pub(super) fn build(&mut self, node: &mut Node, path: &Path<'_>) {
        wrap(node, "context");
        let Some(build) = node.as_mapping_mut() else { return };
        for key in ["args", "labels"] {
            self.rewrite(build, key, path, Self::pairs);
        }
        self.rewrite(build, "additional_contexts", path, Self::contexts);
        self.rewrite(build, "ssh", path, Self::ssh);
        self.rewrite(build, "extra_hosts", path, Self::hosts);
        Self::reshape(build, "secrets", file_mounts);
        self.rewrite(build, "ulimits", path, Self::ulimits);
        for key in ["provenance", "sbom"] {
            if let Some(node) = build.get_mut(key)
                && let Value::Bool(value) = node.value
            {
                node.value = Value::String(value.to_string());
            }
        }
    }

    fn contexts(&mut self, node: &mut Node, path: &Path<'_>) {
        self.complete_pairs(node, path, |name| Some(format!("the context `{name}` has no value")));
    }

    /// `default` is the agent of this machine; any other name needs the path of a key.
    fn ssh(&mut self, node: &mut Node, path: &Path<'_>) {
        self.complete_pairs(node, path, |name| {
            (name != "default").then(|| format!("the key `{name}` has no path"))
        });
    }

    /// Expands a list of pairs; the function says what is wrong with a name that has no value. A
    /// number is the path that it spells.
    fn complete_pairs(
        &mut self,
        node: &mut Node,
        path: &Path<'_>,
        fault: impl Fn(&str) -> Option<String>,
    ) {
        let is_list = node.as_sequence().is_some();
        self.pairs(node, path);
        let Some(mapping) = node.as_mapping_mut() else { return };
        for value in mapping.nodes_mut() {
            if let (true, Some(text)) = (value.is_scalar(), value.to_text()) {
                value.value = Value::String(text);
            }
        }
        if !is_list {
            return;
        }
        mapping.retain(|name, entry| {
            let fault = fault(name).filter(|_| entry.node.is_null());
            if let Some(message) = &fault {
                self.invalid(&entry.node, &path.key(name), message, "write `NAME=VALUE`");
            }
            fault.is_none()
        });
    }
}
