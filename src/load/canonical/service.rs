//! Services and jobs.

use crate::diagnostic::Span;
use crate::load::path::Path;
use crate::load::tree::{Mapping, Node, Value};

use super::{Forms, names_to_mapping, string_to_list, wrap};

/// What `depends_on: [name]` means.
pub fn started_dependency(span: &Span) -> Node {
    let mut dependency = Mapping::default();
    dependency.set("condition", Node::string("service_started", span));
    dependency.set("required", Node::bool(true, span));
    Node::mapping(dependency, span)
}

impl Forms<'_> {
    pub(super) fn service(&mut self, service: &mut Mapping, path: &Path<'_>) {
        self.container(service, path);
        self.workload(service, path);
        self.rewrite(service, "deploy", path, Self::deploy);
        self.rewrite(service, "develop", path, Self::develop);
        for key in ["post_start", "pre_stop"] {
            self.rewrite(service, key, path, |f, node, path| f.mappings(node, path, Self::hook));
        }
        self.rewrite(service, "pre_start", path, |f, node, path| {
            f.mappings(node, path, Self::container);
        });
    }

    pub(super) fn job(&mut self, job: &mut Mapping, path: &Path<'_>) {
        self.container(job, path);
        self.workload(job, path);
        let triggers = job.get_mut("triggers").and_then(|triggers| triggers.get_mut("schedule"));
        for schedule in triggers.and_then(Node::as_sequence_mut).into_iter().flatten() {
            wrap(schedule, "cron");
        }
    }

    fn workload(&mut self, workload: &mut Mapping, path: &Path<'_>) {
        self.rewrite(workload, "build", path, Self::build);
        Self::reshape(workload, "depends_on", depends_on);
        Self::reshape(workload, "healthcheck", healthcheck);
        self.rewrite(workload, "ports", path, |f, node, path| f.items(node, path, Self::port));
    }

    fn hook(&mut self, hook: &mut Mapping, path: &Path<'_>) {
        self.rewrite(hook, "command", path, Self::command);
        self.rewrite(hook, "environment", path, Self::pairs);
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

    fn develop(&mut self, node: &mut Node, path: &Path<'_>) {
        let Some(develop) = node.as_mapping_mut() else { return };
        self.rewrite(develop, "watch", path, |f, node, path| f.mappings(node, path, Self::watch));
    }

    fn watch(&mut self, watch: &mut Mapping, path: &Path<'_>) {
        Self::reshape(watch, "ignore", string_to_list);
        Self::reshape(watch, "include", string_to_list);
        if let Some(hook) = watch.get_mut("exec").and_then(Node::as_mapping_mut) {
            self.hook(hook, &path.key("exec"));
        }
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
