//! What a canonical tree means beyond what it says: defaults, implicit networks, dependencies
//! and names.

use crate::diagnostic::Span;

use super::canonical::started_dependency;
use super::environment::Environment;
use super::paths::clean;
use super::tree::{Entry, Mapping, Node, Value};

/// Sets the defaults that do not depend on the rest of the project.
pub fn set_defaults(root: &mut Node) {
    for service in services(root) {
        if let Some(build) = service.get_mut("build").and_then(Node::as_mapping_mut) {
            default_context(build);
        }
        for volume in items(service, "volumes") {
            if let Some(target) = volume.get_mut("target")
                && let Value::String(path) = &mut target.value
                && !path.is_empty()
            {
                *path = clean(path);
            }
        }
        for port in items(service, "ports") {
            if let Some(span) = port.get("target").map(|target| target.span.clone()) {
                port.set_default("protocol", || Node::string("tcp", &span));
                port.set_default("mode", || Node::string("ingress", &span));
            }
        }
        for request in items(service, "gpus") {
            default_count(request);
        }
    }
}

/// Adds what the parts of a project mean for each other.
pub fn normalise(root: &mut Node, project: &str, environment: &Environment) {
    let mut default_network = None;
    for service in services(root) {
        resolve_arguments(service, environment);
        resolve_environment(service, environment);
        inherit_image(service);
        imply_dependencies(service);
        merge_scale(service);
        if let Some(span) = joins_default_network(service) {
            let mut networks = Mapping::default();
            networks.set("default", Node::null(&span));
            service.set("networks", Node::mapping(networks, &span));
        }
        let networks = service.get("networks").and_then(Node::as_mapping);
        if let Some(entry) = networks.and_then(|networks| networks.entry("default")) {
            default_network.get_or_insert_with(|| entry.key.clone());
        }
    }
    if let (Some(span), Some(root)) = (default_network, root.as_mapping_mut()) {
        root.set_default("networks", || Node::mapping(Mapping::default(), &span));
        if let Some(networks) = root.get_mut("networks").and_then(Node::as_mapping_mut) {
            networks.set_default("default", || Node::mapping(Mapping::default(), &span));
        }
    }
    for section in ["networks", "volumes", "configs", "secrets"] {
        if let Some(members) = root.get_mut(section).and_then(Node::as_mapping_mut) {
            set_names(members, project);
        }
    }
}

fn services(root: &mut Node) -> impl Iterator<Item = &mut Mapping> {
    let services = root.get_mut("services").and_then(Node::as_mapping_mut);
    services.into_iter().flat_map(Mapping::nodes_mut).filter_map(Node::as_mapping_mut)
}

fn items<'s>(service: &'s mut Mapping, key: &str) -> impl Iterator<Item = &'s mut Mapping> {
    let items = service.get_mut(key).and_then(Node::as_sequence_mut);
    items.into_iter().flatten().filter_map(Node::as_mapping_mut)
}

fn default_context(build: &mut Mapping) {
    let span = build.iter().next().map(|(_, entry)| entry.key.clone());
    if let Some(span) = span {
        build.set_default("context", || Node::string(".", &span));
    }
}

fn default_count(request: &mut Mapping) {
    let span = request.iter().next().map(|(_, entry)| entry.key.clone());
    if let Some(span) = span
        && !request.contains("device_ids")
    {
        request.set_default("count", || Node::string("all", &span));
    }
}

/// Build arguments without a value take that of the environment, or go.
fn resolve_arguments(service: &mut Mapping, environment: &Environment) {
    let build = service.get_mut("build").and_then(Node::as_mapping_mut);
    let args = build.and_then(|build| build.get_mut("args")).and_then(Node::as_mapping_mut);
    if let Some(args) = args {
        inherit(args, environment);
        args.retain(|_, entry| !entry.node.is_null());
    }
}

fn resolve_environment(service: &mut Mapping, environment: &Environment) {
    if let Some(variables) = service.get_mut("environment").and_then(Node::as_mapping_mut) {
        inherit(variables, environment);
    }
}

fn inherit(variables: &mut Mapping, environment: &Environment) {
    for (name, Entry { key, node }) in variables.iter_mut() {
        if node.is_null()
            && let Some(value) = environment.get(name)
        {
            let via = environment.via(name).and_all(key.via());
            *node = Node::string(value, &key.with_via(via));
        }
    }
}

fn inherit_image(service: &mut Mapping) {
    let Some(image) = service.get("image").cloned() else { return };
    for hook in items(service, "pre_start") {
        hook.set_default("image", || image.clone());
    }
}

/// `links`, shared namespaces and `volumes_from` make a service depend on another.
fn imply_dependencies(service: &mut Mapping) {
    let mut implied: Vec<(String, Span, bool)> = Vec::new();
    let listed = |key: &str| {
        let items = service.get(key).and_then(Node::as_sequence).unwrap_or_default();
        items.iter().filter_map(|item| Some((item.as_str()?, &item.span)))
    };
    for (link, span) in listed("links") {
        let name = link.split(':').next().unwrap_or_default();
        implied.push((name.to_owned(), span.clone(), true));
    }
    for key in ["network_mode", "ipc", "pid", "uts", "cgroup"] {
        if let Some(node) = service.get(key)
            && let Some(name) = node.as_str().and_then(|mode| mode.strip_prefix("service:"))
        {
            implied.push((name.to_owned(), node.span.clone(), true));
        }
    }
    for (source, span) in listed("volumes_from") {
        if !source.starts_with("container:") {
            let name = source.split(':').next().unwrap_or_default();
            implied.push((name.to_owned(), span.clone(), false));
        }
    }
    let Some((_, first, _)) = implied.first() else { return };
    let first = first.clone();
    service.set_default("depends_on", || Node::mapping(Mapping::default(), &first));
    let Some(dependencies) = service.get_mut("depends_on").and_then(Node::as_mapping_mut) else {
        return;
    };
    for (name, span, restart) in implied {
        dependencies.set_default(&name, || {
            let mut dependency = started_dependency(&span);
            if let (true, Some(dependency)) = (restart, dependency.as_mapping_mut()) {
                dependency.set("restart", Node::bool(true, &span));
            }
            dependency
        });
    }
}

/// `scale` and `deploy.replicas` say the same; with a `deploy` section both have the value.
fn merge_scale(service: &mut Mapping) {
    let Some(scale) = service.get("scale").cloned() else { return };
    if let Some(deploy) = service.get_mut("deploy").and_then(Node::as_mapping_mut) {
        deploy.set_default("replicas", || scale);
    }
}

/// The place to name when the service joins `default` without saying so.
fn joins_default_network(service: &Mapping) -> Option<Span> {
    let networks = service.get("networks").and_then(Node::as_mapping);
    if networks.is_some_and(|networks| !networks.is_empty()) {
        return None;
    }
    let elsewhere = ["network_mode", "provider"].iter().any(|key| service.contains(key));
    if elsewhere {
        return None;
    }
    service.iter().next().map(|(_, entry)| entry.key.clone())
}

fn set_names(members: &mut Mapping, project: &str) {
    for (key, Entry { key: span, node }) in members.iter_mut() {
        if node.is_null() {
            *node = Node::mapping(Mapping::default(), span);
        }
        let external = node.get("external").and_then(Node::as_bool).unwrap_or(false);
        if let Some(member) = node.as_mapping_mut() {
            let name = if external { key.clone() } else { format!("{project}_{key}") };
            member.set_default("name", || Node::string(name, span));
        }
    }
}
