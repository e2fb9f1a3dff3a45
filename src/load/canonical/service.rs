//! The attributes of a service.

use crate::diagnostic::Span;
use crate::load::path::Path;
use crate::load::tree::{Mapping, Node, Value};

use super::words::split_words;
use super::{Forms, names_to_mapping, string_to_list};

/// What `depends_on: [name]` means.
pub fn started_dependency(span: &Span) -> Node {
    let mut dependency = Mapping::default();
    dependency.set("condition", Node::string("service_started", span));
    dependency.set("required", Node::bool(true, span));
    Node::mapping(dependency, span)
}

impl Forms<'_> {
    pub(super) fn service(&mut self, service: &mut Mapping, path: &Path<'_>) {
        for key in ["environment", "labels", "annotations", "sysctls"] {
            self.rewrite(service, key, path, Self::pairs);
        }
        for key in ["dns", "dns_search", "label_file", "tmpfs"] {
            Self::reshape(service, key, string_to_list);
        }
        for key in ["networks", "models"] {
            Self::reshape(service, key, |node| names_to_mapping(node, Node::null));
        }
        for key in ["command", "entrypoint"] {
            self.rewrite(service, key, path, Self::command);
        }
        for key in ["configs", "secrets"] {
            Self::reshape(service, key, file_mounts);
        }
        for key in ["pre_start", "post_start", "pre_stop"] {
            self.rewrite(service, key, path, Self::hooks);
        }
        self.rewrite(service, "build", path, Self::build);
        Self::reshape(service, "depends_on", depends_on);
        self.rewrite(service, "deploy", path, Self::deploy);
        Self::reshape(service, "develop", develop);
        self.rewrite(service, "devices", path, |f, node, path| f.items(node, path, Self::device));
        Self::reshape(service, "env_file", env_files);
        self.rewrite(service, "extra_hosts", path, Self::hosts);
        self.rewrite(service, "gpus", path, Self::gpus);
        Self::reshape(service, "healthcheck", healthcheck);
        self.rewrite(service, "ports", path, |f, node, path| f.items(node, path, Self::port));
        self.rewrite(service, "volumes", path, |f, node, path| f.items(node, path, Self::mount));
    }

    fn command(&mut self, node: &mut Node, path: &Path<'_>) {
        let Value::String(line) = &node.value else { return };
        if let Some(words) = split_words(line) {
            let words = words.into_iter().map(|word| Node::string(word, &node.span));
            node.value = Value::Sequence(words.collect());
        } else {
            let message = "the command line has a quote that is not closed, or ends in `\\`";
            self.invalid(node, path, message, "close the quote, or write the words as a list");
            node.value = Value::Null;
        }
    }

    fn hooks(&mut self, node: &mut Node, path: &Path<'_>) {
        for (index, item) in node.as_sequence_mut().into_iter().flatten().enumerate() {
            let path = path.index(index);
            if let Some(hook) = item.as_mapping_mut() {
                self.rewrite(hook, "command", &path, Self::command);
                self.rewrite(hook, "environment", &path, Self::pairs);
            }
        }
    }

    fn deploy(&mut self, node: &mut Node, path: &Path<'_>) {
        let Some(deploy) = node.as_mapping_mut() else { return };
        self.rewrite(deploy, "labels", path, Self::pairs);
        let path = path.key("resources");
        if let Some(resources) = deploy.get_mut("resources").and_then(Node::as_mapping_mut) {
            let path = path.key("reservations");
            if let Some(side) = resources.get_mut("reservations").and_then(Node::as_mapping_mut) {
                self.rewrite(side, "devices", &path, Self::device_requests);
            }
        }
    }

    fn gpus(&mut self, node: &mut Node, path: &Path<'_>) {
        if let Value::String(_) = node.value {
            wrap(node, "count");
            let request = std::mem::replace(&mut node.value, Value::Null);
            node.value = Value::Sequence(vec![Node::new(request, node.span.clone())]);
        }
        self.device_requests(node, path);
    }

    fn device_requests(&mut self, node: &mut Node, path: &Path<'_>) {
        for (index, item) in node.as_sequence_mut().into_iter().flatten().enumerate() {
            if let Some(request) = item.as_mapping_mut() {
                self.rewrite(request, "options", &path.index(index), Self::pairs);
            }
        }
    }

    /// `SOURCE[:TARGET[:PERMISSIONS]]`
    fn device(&mut self, item: Node, path: &Path<'_>) -> Vec<Node> {
        let Value::String(text) = &item.value else { return vec![item] };
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
        let mut device = Mapping::default();
        device.set("source", Node::string(source, &item.span));
        device.set("target", Node::string(target, &item.span));
        device.set("permissions", Node::string(permissions, &item.span));
        vec![Node::mapping(device, &item.span)]
    }
}

fn healthcheck(node: &mut Node) {
    let Some(test) = node.get_mut("test") else { return };
    if let Value::String(_) = test.value {
        let shell = Node::string("CMD-SHELL", &test.span);
        string_to_list(test);
        if let Some(words) = test.as_sequence_mut() {
            words.insert(0, shell);
        }
    }
}

fn depends_on(node: &mut Node) {
    names_to_mapping(node, started_dependency);
    let Some(dependencies) = node.as_mapping_mut() else { return };
    for dependency in dependencies.nodes_mut() {
        let span = dependency.span.clone();
        if let Some(dependency) = dependency.as_mapping_mut() {
            let started = || Node::string("service_started", &span);
            dependency.set_default("condition", started);
            dependency.set_default("required", || Node::bool(true, &span));
        }
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

pub(super) fn file_mounts(node: &mut Node) {
    for item in node.as_sequence_mut().into_iter().flatten() {
        wrap(item, "source");
    }
}

fn develop(node: &mut Node) {
    let Some(watches) = node.get_mut("watch").and_then(Node::as_sequence_mut) else { return };
    for item in watches {
        if let Some(watch) = item.as_mapping_mut() {
            Forms::reshape(watch, "ignore", string_to_list);
            Forms::reshape(watch, "include", string_to_list);
        }
    }
}

/// `s` to `{key: s}`.
fn wrap(node: &mut Node, key: &str) {
    if let Value::String(_) = node.value {
        let span = node.span.clone();
        let inner = std::mem::replace(node, Node::null(&span));
        let mut mapping = Mapping::default();
        mapping.set(key, inner);
        node.value = Value::Mapping(mapping);
    }
}
