//! One document over another: override files, further documents, `extends` and `include`.
//!
//! By default mappings merge key by key, lists append, scalars replace, and null leaves what is
//! there alone. The tables below name the exceptions.

mod unique;

pub use unique::enforce_uniqueness;

use crate::diagnostic::{Diagnostic, Report, codes};

use super::canonical::{
    hosts_to_mapping, names_to_mapping, pairs_to_mapping, started_dependency, string_to_list,
};
use super::path::Path;
use super::tree::{Entry, Mapping, Node, Value};

/// Lists that are replaced, not appended to.
const REPLACED: &[&[&str]] = &[
    &["services", "*", "command"],
    &["services", "*", "entrypoint"],
    &["services", "*", "healthcheck", "test"],
    &["services", "*", "ulimits", "*"],
];

/// `K=V` lists or mappings: a later value of a key counts, also when it is null.
const PAIRS: &[&[&str]] = &[
    &["services", "*", "environment"],
    &["services", "*", "labels"],
    &["services", "*", "annotations"],
    &["services", "*", "sysctls"],
    &["services", "*", "build", "args"],
    &["services", "*", "build", "labels"],
    &["services", "*", "build", "additional_contexts"],
    &["services", "*", "build", "ssh"],
    &["services", "*", "deploy", "labels"],
    &["services", "*", "volumes", "[]", "volume", "labels"],
    &["networks", "*", "labels"],
    &["volumes", "*", "labels"],
];

/// Single values that stand for a list of one.
const LISTS: &[&[&str]] = &[
    &["services", "*", "env_file"],
    &["services", "*", "label_file"],
    &["services", "*", "dns"],
    &["services", "*", "dns_opt"],
    &["services", "*", "dns_search"],
    &["services", "*", "tmpfs"],
    &["services", "*", "build", "no_cache_filter"],
];

const HOSTS: &[&[&str]] =
    &[&["services", "*", "extra_hosts"], &["services", "*", "build", "extra_hosts"]];

/// Lists of names that stand for a mapping to nothing.
const NAMES: &[&[&str]] = &[&["services", "*", "networks"], &["services", "*", "models"]];

/// Merges `over` into `base`; both are whole documents.
pub fn merge(base: &mut Node, over: Node, report: &mut Report) {
    merge_at(base, over, &Path::ROOT, report);
}

/// Merges one service over the service it extends.
pub fn merge_service(base: &mut Node, over: Node, name: &str, report: &mut Report) {
    merge_at(base, over, &Path::ROOT.key("services").key(name), report);
}

/// Merges one attribute over the same attribute, at any path.
pub fn merge_attribute(base: &mut Node, over: Node, path: &Path<'_>, report: &mut Report) {
    merge_at(base, over, path, report);
}

fn merge_at(base: &mut Node, mut over: Node, path: &Path<'_>, report: &mut Report) {
    if path.matches_any(REPLACED) {
        *base = over;
        return;
    }
    if over.is_null() {
        return;
    }
    if base.is_null() {
        *base = over;
        return;
    }
    if path.matches_any(PAIRS) {
        pairs_to_mapping(base, path, report);
        pairs_to_mapping(&mut over, path, report);
        return merge_pairs(base, over, path, report);
    }
    if path.matches_any(HOSTS) {
        hosts_to_mapping(base, path, report);
        hosts_to_mapping(&mut over, path, report);
        return merge_hosts(base, over, path, report);
    }
    if path.matches_any(LISTS) {
        string_to_list(base);
        string_to_list(&mut over);
    } else if path.matches_any(NAMES) {
        names_to_mapping(base, Node::null);
        names_to_mapping(&mut over, Node::null);
    } else if path.matches(&["services", "*", "depends_on"]) {
        names_to_mapping(base, started_dependency);
        names_to_mapping(&mut over, started_dependency);
    } else if path.matches(&["services", "*", "build"]) {
        string_to_context(base);
        string_to_context(&mut over);
    } else if path.matches(&["services", "*", "logging"]) && drivers_differ(base, &over) {
        *base = over;
        return;
    } else if path.matches(&["networks", "*", "ipam", "config"]) {
        return merge_pools(base, over, path, report);
    }
    merge_values(base, over, path, report);
}

fn merge_values(base: &mut Node, over: Node, path: &Path<'_>, report: &mut Report) {
    match (&mut base.value, over.value) {
        (Value::Mapping(base), Value::Mapping(over)) => {
            for (key, entry) in over {
                match base.get_mut(&key) {
                    Some(node) => merge_at(node, entry.node, &path.key(&key), report),
                    None => {
                        base.insert(key, entry);
                    }
                }
            }
        }
        (Value::Sequence(base), Value::Sequence(mut over)) => base.append(&mut over),
        (Value::Mapping(_) | Value::Sequence(_), value)
        | (_, value @ (Value::Mapping(_) | Value::Sequence(_))) => {
            let over = Node::new(value, over.span);
            conflict(base, &over, path, report);
        }
        (_, value) => *base = Node::new(value, over.span),
    }
}

fn conflict(base: &Node, over: &Node, path: &Path<'_>, report: &mut Report) {
    let message = format!("`{path}` is {} here, but {} before", over.kind(), base.kind());
    report.push(
        Diagnostic::error(codes::MERGE_CONFLICT, path, message)
            .at(over.span.clone())
            .related(base.span.clone(), "what it would be merged with")
            .help("write both in the same form, or replace the first one with `!override`"),
    );
}

fn merge_pairs(base: &mut Node, over: Node, path: &Path<'_>, report: &mut Report) {
    match (&mut base.value, over.value) {
        (Value::Mapping(base), Value::Mapping(over)) => {
            for (key, entry) in over {
                base.insert(key, entry);
            }
        }
        (_, value) => conflict(base, &Node::new(value, over.span), path, report),
    }
}

fn merge_hosts(base: &mut Node, over: Node, path: &Path<'_>, report: &mut Report) {
    let Value::Mapping(over) = over.value else { return conflict(base, &over, path, report) };
    let Value::Mapping(hosts) = &mut base.value else { return };
    for (host, entry) in over {
        let Some(known) = hosts.get_mut(&host).and_then(Node::as_sequence_mut) else {
            hosts.insert(host, entry);
            continue;
        };
        if let Value::Sequence(addresses) = entry.node.value {
            for address in addresses {
                if !known.iter().any(|known| known.value == address.value) {
                    known.push(address);
                }
            }
        }
    }
}

/// Address pools of the same subnet merge, others are added.
fn merge_pools(base: &mut Node, over: Node, path: &Path<'_>, report: &mut Report) {
    let (Value::Sequence(pools), Value::Sequence(over)) = (&mut base.value, over.value) else {
        return;
    };
    for pool in over {
        let subnet = pool.get("subnet").and_then(Node::as_str);
        let same = pools.iter_mut().enumerate().find(|(_, known)| {
            subnet.is_some() && known.get("subnet").and_then(Node::as_str) == subnet
        });
        match same {
            Some((index, known)) => merge_at(known, pool, &path.index(index), report),
            None => pools.push(pool),
        }
    }
}

fn drivers_differ(base: &Node, over: &Node) -> bool {
    let driver = |node: &Node| node.get("driver").and_then(Node::as_str).map(str::to_owned);
    match (driver(base), driver(over)) {
        (Some(base), Some(over)) => base != over,
        _ => false,
    }
}

fn string_to_context(node: &mut Node) {
    if let Value::String(_) = node.value {
        let span = node.span.clone();
        let context = std::mem::replace(node, Node::null(&span));
        let entry = Entry { key: span, node: context };
        node.value = Value::Mapping(Mapping::from_iter([("context".to_owned(), entry)]));
    }
}

#[cfg(test)]
mod tests;
