//! `devices`, and requests for devices.

use crate::diagnostic::{Diagnostic, codes};
use crate::load::path::Path;
use crate::load::tree::{Mapping, Node, Value};

use super::{Forms, wrap};

impl Forms<'_> {
    /// `SOURCE[:TARGET[:PERMISSIONS]]`
    pub(super) fn device(&mut self, item: Node, path: &Path<'_>) -> Vec<Node> {
        let Value::String(text) = &item.value else { return self.long_device(item, path) };
        let parts: Vec<&str> = text.split(':').collect();
        let (source, target, permissions) = match parts.as_slice() {
            [source] => (*source, *source, "rwm"),
            [source, target] => (*source, *target, "rwm"),
            [source, target, permissions] => (*source, *target, *permissions),
            _ => {
                let message = format!("invalid device `{text}`: it has too many colons");
                self.invalid(&item, path, message, "write it with `source:` and `target:`");
                return Vec::new();
            }
        };
        let target = if target.is_empty() { source } else { target };
        let mut device = Mapping::default();
        device.set("source", Node::string(source, &item.part(source)));
        device.set("target", Node::string(target, &item.part(target)));
        device.set("permissions", Node::string(permissions, &item.part(permissions)));
        vec![Node::mapping(device, &item.span)]
    }

    /// The schema asks only for the source, but without a target Compose cannot tell devices apart.
    fn long_device(&mut self, item: Node, path: &Path<'_>) -> Vec<Node> {
        if item.get("target").is_some() {
            return vec![item];
        }
        let message = format!("`{path}` needs the attribute `target`");
        self.report.push(
            Diagnostic::error(codes::MISSING_ATTRIBUTE, path, message)
                .at(item.span.clone())
                .help("add `target: …`, the path of the device in the container"),
        );
        Vec::new()
    }

    /// `all` to `[{count: all}]`
    pub(super) fn gpus(&mut self, node: &mut Node, path: &Path<'_>) {
        if let Value::String(_) = node.value {
            wrap(node, "count");
            let request = std::mem::replace(&mut node.value, Value::Null);
            node.value = Value::Sequence(vec![Node::new(request, node.span.clone())]);
        }
        self.device_requests(node, path);
    }

    pub(super) fn device_requests(&mut self, node: &mut Node, path: &Path<'_>) {
        for (index, item) in node.as_sequence_mut().into_iter().flatten().enumerate() {
            if let Some(request) = item.as_mapping_mut() {
                self.rewrite(request, "options", &path.index(index), Self::pairs);
            }
        }
    }
}
