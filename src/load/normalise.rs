//! What a canonical tree means beyond what it says: implicit networks, dependencies and names.

use crate::diagnostic::Span;

use super::canonical::{started_dependency, string_to_list};
use super::environment::Environment;
use super::tree::{Entry, Mapping, Node};

/// Adds what the parts of a project mean for each other.
///
/// Without the name of the project nothing is named after it.
pub fn normalise(root: &mut Node, project: Option<&str>, environment: &Environment) {
    let mut default_network = None;
    for section in ["services", "jobs"] {
        let members = root.get_mut(section).and_then(Node::as_mapping_mut);
        for (_, entry) in members.into_iter().flat_map(Mapping::iter_mut) {
            let place = entry.key.clone();
            let Some(member) = entry.node.as_mapping_mut() else { continue };
            complete_build(member, environment);
            resolve_environment(member, environment);
            imply_dependencies(member);
            merge_scale(member);
            join_default_network(member, &place);
            let networks = member.get("networks").and_then(Node::as_mapping);
            if let Some(entry) = networks.and_then(|networks| networks.entry("default")) {
                default_network.get_or_insert_with(|| entry.key.clone());
            }
        }
    }
    if let (Some(span), Some(root)) = (default_network, root.as_mapping_mut()) {
        root.set_default("networks", || Node::mapping(Mapping::default(), &span));
        if let Some(networks) = root.get_mut("networks").and_then(Node::as_mapping_mut) {
            networks.set_default("default", || Node::mapping(Mapping::default(), &span));
        }
    }
    let Some(project) = project else { return };
    for section in ["networks", "volumes", "configs", "secrets"] {
        if let Some(members) = root.get_mut(section).and_then(Node::as_mapping_mut) {
            set_names(members, project);
        }
    }
}

/// Names the Dockerfile; arguments without a value take that of the environment, or go.
fn complete_build(member: &mut Mapping, environment: &Environment) {
    let Some(build) = member.get_mut("build").and_then(Node::as_mapping_mut) else { return };
    if let Some(span) = build.get("context").map(|context| context.span.clone())
        && !build.contains("dockerfile_inline")
    {
        build.set_default("dockerfile", || Node::string("Dockerfile", &span));
    }
    // not earlier: of two texts the later one counts, of two lists both
    if let Some(filter) = build.get_mut("no_cache_filter") {
        string_to_list(filter);
    }
    if let Some(args) = build.get_mut("args").and_then(Node::as_mapping_mut) {
        inherit(args, environment);
        args.retain(|_, entry| !entry.node.is_null());
    }
}

/// Variables without a value take that of the project's environment.
pub fn resolve_environment(container: &mut Mapping, environment: &Environment) {
    if let Some(variables) = container.get_mut("environment").and_then(Node::as_mapping_mut) {
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

/// `links`, shared namespaces and `volumes_from` make a service depend on another.
fn imply_dependencies(service: &mut Mapping) {
    let mut implied: Vec<(String, Span, bool)> = Vec::new();
    let listed = |key: &str| {
        let items = service.get(key).and_then(Node::as_sequence).unwrap_or_default();
        items.iter().filter_map(|item| Some((item.as_str()?, &item.span)))
    };
    for (link, span) in listed("links") {
        let name = match link.split(':').collect::<Vec<_>>().as_slice() {
            [name, _alias] => name,
            // Compose takes anything else for a name, which then leads nowhere
            _ => link,
        };
        implied.push((name.to_owned(), span.clone(), true));
    }
    for key in ["network_mode", "ipc", "pid", "uts"] {
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

/// What says nothing of networks is on `default`; the place is that of the service.
fn join_default_network(member: &mut Mapping, place: &Span) {
    let networks = member.get("networks").and_then(Node::as_mapping);
    let is_on_some = networks.is_some_and(|networks| !networks.is_empty());
    if is_on_some || ["network_mode", "provider"].iter().any(|key| member.contains(key)) {
        return;
    }
    let mut networks = Mapping::default();
    networks.set("default", Node::null(place));
    member.set("networks", Node::mapping(networks, place));
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
