//! Top-level networks, volumes, configs and secrets.

use crate::diagnostic::{Diagnostic, Loss, codes};
use crate::load::path::Path;
use crate::load::tree::{Mapping, Node, Value};

use super::Forms;

impl Forms<'_> {
    pub(super) fn network(&mut self, network: &mut Mapping, path: &Path<'_>) {
        self.rewrite(network, "labels", path, Self::pairs);
        self.external(network, path);
    }

    pub(super) fn volume(&mut self, volume: &mut Mapping, path: &Path<'_>) {
        self.rewrite(volume, "labels", path, Self::pairs);
        self.external(volume, path);
    }

    pub(super) fn file_resource(&mut self, resource: &mut Mapping, path: &Path<'_>) {
        self.rewrite(resource, "labels", path, Self::pairs);
        self.external(resource, path);
    }

    /// `external: {name: n}` to `external: true` and `name: n`.
    fn external(&mut self, resource: &mut Mapping, path: &Path<'_>) {
        let Some(external) = resource.get_mut("external") else { return };
        let Value::Mapping(old) = &mut external.value else { return };
        let external_name = old.remove("name");
        let span = external.span.clone();
        external.value = Value::Bool(true);
        let Some(external_name) = external_name else { return };
        let path = path.key("external");
        self.report.push(
            Diagnostic::warning(
                codes::INVALID_VALUE,
                Loss::Exact,
                &path,
                "`external.name` is an old form",
            )
            .at(external_name.key.clone())
            .help("write `external: true` and `name: …` beside it"),
        );
        match resource.get("name").and_then(Node::as_str) {
            None => {
                resource.insert("name", external_name);
            }
            Some(name) if Some(name) != external_name.node.as_str() => self.report.push(
                Diagnostic::error(
                    codes::CONFLICTING_ATTRIBUTES,
                    &path,
                    "`name` and `external.name` say different names",
                )
                .at(span)
                .help("keep `name` only"),
            ),
            Some(_) => {}
        }
    }
}
