//! What services, jobs and `pre_start` hooks have in common.

use crate::diagnostic::{Diagnostic, Loss, codes};
use crate::load::path::Path;
use crate::load::tree::{Mapping, Node, Value};

use super::words::split_words;
use super::{Forms, names_to_mapping, string_to_list, wrap};

impl Forms<'_> {
    pub(super) fn container(&mut self, container: &mut Mapping, path: &Path<'_>) {
        for key in ["environment", "labels", "annotations", "sysctls"] {
            self.rewrite(container, key, path, Self::pairs);
        }
        for key in ["dns", "dns_search", "label_file", "tmpfs"] {
            Self::reshape(container, key, string_to_list);
        }
        Self::reshape(container, "dns", drop_empty);
        for key in ["networks", "models"] {
            Self::reshape(container, key, |node| names_to_mapping(node, Node::null));
        }
        for key in ["command", "entrypoint"] {
            self.rewrite(container, key, path, Self::command);
        }
        for key in ["configs", "secrets"] {
            Self::reshape(container, key, file_mounts);
        }
        self.rewrite(container, "devices", path, |f, node, path| f.items(node, path, Self::device));
        Self::reshape(container, "env_file", env_files);
        self.rewrite(container, "extra_hosts", path, Self::hosts);
        self.rewrite(container, "gpus", path, Self::gpus);
        self.rewrite(container, "ulimits", path, Self::ulimits);
        self.rewrite(container, "volumes", path, |f, node, path| f.items(node, path, Self::mount));
    }

    /// A text to its words.
    pub(super) fn command(&mut self, node: &mut Node, path: &Path<'_>) {
        let Value::String(line) = &node.value else { return };
        match split_words(line) {
            Ok(line) => {
                if !line.ignored.is_empty() {
                    self.report.push(ignored_end(line.ignored, node, path));
                }
                let words = line.words.into_iter().map(|word| Node::string(word, &node.span));
                node.value = Value::Sequence(words.collect());
            }
            Err(error) => {
                let message = format!("the command line cannot be split into words: {error}");
                self.invalid(node, path, message, "write the words as a list");
                node.value = Value::Null;
            }
        }
    }

    /// Limits are numbers or pairs of them; a text is one only where it has been cast, which is
    /// not everywhere.
    pub(super) fn ulimits(&mut self, node: &mut Node, path: &Path<'_>) {
        let Some(limits) = node.as_mapping_mut() else { return };
        limits.retain(|name, entry| {
            let path = path.key(name);
            match &entry.node.value {
                Value::String(_) | Value::Float(_) => {
                    self.whole_number(&entry.node, &path);
                    false
                }
                Value::Mapping(sides) => {
                    let wrong: Vec<_> = sides
                        .iter()
                        .filter(|(side, _)| matches!(side.as_str(), "soft" | "hard"))
                        .filter(|(_, side)| !matches!(side.node.value, Value::Int(_)))
                        .collect();
                    for (side, entry) in &wrong {
                        self.whole_number(&entry.node, &path.key(side));
                    }
                    wrong.is_empty()
                }
                _ => true,
            }
        });
    }

    fn whole_number(&mut self, node: &Node, path: &Path<'_>) {
        let text = node.to_text().unwrap_or_default();
        let message = format!("`{path}` must be a whole number, but is `{text}`");
        self.invalid(node, path, message, "write it in digits, without quotes");
    }
}

fn ignored_end(ignored: &str, node: &Node, path: &Path<'_>) -> Diagnostic {
    let message = format!("no shell runs a command: `{ignored}` is left out, as Compose does");
    Diagnostic::warning(codes::INVALID_VALUE, Loss::IgnoredBehaviourChange, path, message)
        .at(node.span.clone())
        .help("run it in a shell: `[\"sh\", \"-c\", \"…\"]`, or put the characters in quotes")
}

/// `s` to `{source: s}`.
pub(super) fn file_mounts(node: &mut Node) {
    for item in node.as_sequence_mut().into_iter().flatten() {
        wrap(item, "source");
    }
}

fn env_files(node: &mut Node) {
    string_to_list(node);
    for item in node.as_sequence_mut().into_iter().flatten() {
        let span = item.span.clone();
        wrap(item, "path");
        if let Some(file) = item.as_mapping_mut() {
            file.set_default("required", || Node::bool(true, &span));
        }
    }
}

/// Compose leaves out what a variable without a value made empty.
fn drop_empty(node: &mut Node) {
    if let Some(items) = node.as_sequence_mut() {
        items.retain(|item| item.as_str() != Some("") && !item.is_null());
    }
}
