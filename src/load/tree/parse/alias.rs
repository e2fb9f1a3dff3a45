//! Anchors and the aliases that stand for them.

use std::collections::HashMap;

use crate::diagnostic::{Diagnostic, Span, Step, StepKind, codes};
use crate::load::suggest::nearest;
use crate::load::tree::{Mapping, Node, Value};

use super::{Builder, Built};

/// The anchors of the document so far.
#[derive(Default)]
pub(super) struct Anchors {
    built: HashMap<usize, Built>,
    names: HashMap<usize, String>,
    copied: usize,
}

impl Anchors {
    /// Starts the next document: anchors count only in the document that defines them.
    pub fn forget(&mut self) {
        self.built.clear();
        self.names.clear();
    }

    pub fn name(&mut self, id: usize, name: &str) {
        self.names.insert(id, name.to_owned());
    }

    /// Keeps a copy of a node for its aliases.
    pub fn define(&mut self, id: usize, built: &Built) {
        self.copied += built.size;
        self.built.insert(id, built.clone());
    }

    /// How many values are kept: anchors around anchors add up.
    pub fn copied(&self) -> usize {
        self.copied
    }
}

impl Builder<'_> {
    pub(super) fn alias(&mut self, id: usize, span: Span) -> Option<()> {
        let Some(mut built) = self.anchors.built.get(&id).cloned() else {
            let message = "the alias stands inside the node it refers to";
            let help = "an alias cannot contain itself; write the inner part out";
            self.report.push(
                Diagnostic::error(codes::LIMIT_EXCEEDED, self.path(), message)
                    .at(span.clone())
                    .help(help),
            );
            return self.leave_out(&span);
        };
        self.nodes += built.size - 1;
        self.check_limits(built.height, &span)?;
        let name = span.text().trim_start_matches('*');
        built.node.go_through(Step::at(StepKind::Alias, name, &span));
        if let Some(frame) = self.stack.last_mut() {
            frame.end = frame.end.max(span.end);
        }
        // what stands below a key is written here, whatever gave the key its name
        let node = if self.awaits_key() { Node { span, ..built.node } } else { built.node };
        self.finish(Built { node, ..built }, 0, false)
    }

    pub(super) fn unresolved_alias(&mut self, name: &str, span: &Span) -> Option<()> {
        let names = self.anchors.names.values().map(String::as_str);
        let help = match nearest(name, names) {
            Some(nearest) => format!("did you mean `*{nearest}`?"),
            None => format!(
                "define the anchor with `&{name}` before the alias, in the same document; put a \
                 text that starts with `*` in quotes"
            ),
        };
        let message = format!("there is no anchor `&{name}` for the alias `*{name}`");
        self.report.push(
            Diagnostic::error(codes::YAML_SYNTAX, self.path(), message).at(span.clone()).help(help),
        );
        self.leave_out(span)
    }

    /// Goes on with nothing in the place of an alias that cannot be resolved.
    fn leave_out(&mut self, span: &Span) -> Option<()> {
        self.broken = true;
        if self.drop_merge_key() {
            return Some(());
        }
        // what fits in each place, so that nothing else is reported: a key or what `<<` can merge
        let value = if self.awaits_key() {
            Value::String(span.text().to_owned())
        } else {
            Value::Mapping(Mapping::default())
        };
        let node = Node::new(value, span.clone());
        self.finish(Built { node, size: 1, height: 0 }, 0, false)
    }
}
