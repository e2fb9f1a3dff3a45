//! `build`.

use crate::load::path::Path;
use crate::load::tree::{Mapping, Node, Value};

use super::service::file_mounts;
use super::{Forms, string_to_list};

impl Forms<'_> {
    pub(super) fn build(&mut self, node: &mut Node, path: &Path<'_>) {
        if let Value::String(_) = node.value {
            let span = node.span.clone();
            let context = std::mem::replace(node, Node::null(&span));
            let mut build = Mapping::default();
            build.set("context", context);
            node.value = Value::Mapping(build);
        }
        let Some(build) = node.as_mapping_mut() else { return };
        for key in ["args", "labels", "ssh"] {
            self.rewrite(build, key, path, Self::pairs);
        }
        self.rewrite(build, "additional_contexts", path, Self::contexts);
        Self::reshape(build, "no_cache_filter", string_to_list);
        self.rewrite(build, "extra_hosts", path, Self::hosts);
        Self::reshape(build, "secrets", file_mounts);
        for key in ["provenance", "sbom"] {
            if let Some(node) = build.get_mut(key)
                && let Value::Bool(value) = node.value
            {
                node.value = Value::String(value.to_string());
            }
        }
    }

    fn contexts(&mut self, node: &mut Node, path: &Path<'_>) {
        self.pairs(node, path);
        let Some(mapping) = node.as_mapping() else { return };
        for (name, entry) in mapping.iter().filter(|(_, entry)| entry.node.is_null()) {
            let message = format!("the context `{name}` has no value");
            self.invalid(&entry.node, &path.key(name), message, "write `NAME=CONTEXT`");
        }
    }
}
