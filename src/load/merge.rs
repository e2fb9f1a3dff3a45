//! One document over another: override files, further documents, `extends` and `include`.
//!
//! By default mappings merge key by key, lists append, scalars replace, and null leaves what is
//! there alone. [`Rule`] names the exceptions.
//!
//! # Invariants
//! - The base may be canonical and the override not: a short form goes over a long form.
//! - What cannot be merged is reported here, or stays for the schema to report; nothing is lost.

mod append;
mod rule;
mod unique;

pub use unique::enforce_uniqueness;

use crate::diagnostic::{Diagnostic, Report, codes};

use super::canonical::{
    hosts_to_mapping, names_to_mapping, pairs_to_mapping, started_dependency, wrap,
};
use super::path::Path;
use super::tree::{Entry, Mapping, Node, Value};
use append::append;
use rule::Rule;

/// Merges `over` into `base`; both are whole documents.
pub fn merge(base: &mut Node, over: Node, report: &mut Report) {
    merge_at(base, over, &Path::ROOT, report);
}

/// Merges one attribute over the same attribute, at any path.
pub fn merge_attribute(base: &mut Node, over: Node, path: &Path<'_>, report: &mut Report) {
    merge_at(base, over, path, report);
}

fn merge_at(base: &mut Node, mut over: Node, path: &Path<'_>, report: &mut Report) {
    let rule = Rule::of(path);
    match rule {
        Rule::Replace => *base = over,
        Rule::Logging if !are_mappings(base, &over) => conflict(base, &over, path, report),
        Rule::Logging if drivers_differ(base, &over) => *base = over,
        Rule::Limit if !are_mappings(base, &over) => *base = over,
        Rule::Pools => merge_pools(base, over, path, report),
        _ if over.is_null() => {}
        _ if base.is_null() => *base = over,
        // the schema will refuse one of the two: it stays as it is
        _ if !can_unfold(base, rule) => {}
        _ if !can_unfold(&over, rule) => *base = over,
        _ if has_open_names(base, rule) || has_open_names(&over, rule) => {
            if rule == Rule::Pairs {
                mapping_to_pairs(base);
                mapping_to_pairs(&mut over);
            }
            merge_values(base, over, rule, path, report);
        }
        _ => {
            unfold(base, rule, path, report);
            unfold(&mut over, rule, path, report);
            merge_values(base, over, rule, path, report);
        }
    }
}

/// Whether a list that stands for a mapping holds nothing but texts.
fn can_unfold(node: &Node, rule: Rule) -> bool {
    let stands_for_mapping =
        matches!(rule, Rule::Pairs | Rule::Hosts | Rule::Names | Rule::Dependencies);
    let items = node.as_sequence().unwrap_or_default();
    !stands_for_mapping || items.iter().all(|item| item.as_str().is_some())
}

/// Whether a list that stands for a mapping has names with variables in them, which as keys would
/// never be expanded.
fn has_open_names(node: &Node, rule: Rule) -> bool {
    let stands_for_mapping =
        matches!(rule, Rule::Pairs | Rule::Hosts | Rule::Names | Rule::Dependencies);
    let names = node.as_sequence().unwrap_or_default().iter().filter_map(Node::as_str);
    let mut names = names.filter_map(|item| item.split('=').next());
    stands_for_mapping && names.any(|name| name.contains('$'))
}

/// `{K: V, L: null}` to `[K=V, L]`.
fn mapping_to_pairs(node: &mut Node) {
    let Value::Mapping(mapping) = &node.value else { return };
    let pair = |(name, entry): (&String, &Entry)| {
        let text =
            entry.node.to_text().map_or_else(|| name.clone(), |text| format!("{name}={text}"));
        Node::string(text, &entry.node.span)
    };
    node.value = Value::Sequence(mapping.iter().map(pair).collect());
}

/// Brings a value into the one form that its rule merges.
fn unfold(node: &mut Node, rule: Rule, path: &Path<'_>, report: &mut Report) {
    match rule {
        Rule::Plain | Rule::Replace | Rule::Logging | Rule::Limit | Rule::Pools => return,
        Rule::Build => return wrap(node, "context"),
        Rule::Requests => wrap(node, "count"),
        Rule::Pairs | Rule::Hosts | Rule::List | Rule::Names | Rule::Dependencies => {}
    }
    if node.as_sequence().is_none() && (rule == Rule::Requests || node.is_scalar()) {
        let span = node.span.clone();
        let item = std::mem::replace(node, Node::null(&span));
        node.value = Value::Sequence(vec![item]);
    }
    match rule {
        Rule::Pairs => pairs_to_mapping(node, path, report),
        Rule::Hosts => hosts_to_mapping(node, path, report),
        Rule::Names => names_to_mapping(node, Node::null),
        Rule::Dependencies => names_to_mapping(node, started_dependency),
        _ => {}
    }
}

fn merge_values(base: &mut Node, over: Node, rule: Rule, path: &Path<'_>, report: &mut Report) {
    match (&mut base.value, over.value) {
        (Value::Mapping(base), Value::Mapping(over)) => match rule {
            Rule::Pairs => over.into_iter().for_each(|(key, entry)| {
                base.insert(key, entry);
            }),
            Rule::Hosts => merge_hosts(base, over),
            _ => merge_mappings(base, over, path, report),
        },
        (Value::Sequence(base), Value::Sequence(over)) => append(base, over),
        (Value::Mapping(_) | Value::Sequence(_), value) => {
            conflict(base, &Node::new(value, over.span), path, report);
        }
        (_, value) => *base = Node::new(value, over.span),
    }
}

fn merge_mappings(base: &mut Mapping, over: Mapping, path: &Path<'_>, report: &mut Report) {
    for (key, entry) in over {
        match base.get_mut(&key) {
            Some(node) => merge_at(node, entry.node, &path.key(&key), report),
            None => {
                base.insert(key, entry);
            }
        }
    }
}

fn merge_hosts(base: &mut Mapping, over: Mapping) {
    for (host, entry) in over {
        match (base.get_mut(&host).and_then(Node::as_sequence_mut), entry.node.value) {
            (Some(known), Value::Sequence(addresses)) => append(known, addresses),
            (_, value) => {
                base.insert(host, Entry { node: Node::new(value, entry.node.span), ..entry });
            }
        }
    }
}

/// Address pools of the same subnet merge, others are added.
fn merge_pools(base: &mut Node, over: Node, path: &Path<'_>, report: &mut Report) {
    let (Value::Sequence(pools), Value::Sequence(_)) = (&mut base.value, &over.value) else {
        return conflict(base, &over, path, report);
    };
    let Value::Sequence(over) = over.value else { return };
    for pool in over {
        let subnet = pool.get("subnet").and_then(Node::as_str);
        let same = pools.iter_mut().enumerate().find(|(_, known)| {
            let known_subnet = known.get("subnet").and_then(Node::as_str);
            are_mappings(known, &pool) && known_subnet == subnet
        });
        match same {
            Some((index, known)) => merge_at(known, pool, &path.index(index), report),
            None => pools.push(pool),
        }
    }
}

fn conflict(base: &Node, over: &Node, path: &Path<'_>, report: &mut Report) {
    let message = format!("`{path}` is {} here, but {} before", over.kind(), base.kind());
    let help = if over.is_null() {
        "remove the line, or take out what was there with `!reset null`"
    } else {
        "write both in the same form, or replace the first one with `!override`"
    };
    report.push(
        Diagnostic::error(codes::MERGE_CONFLICT, path, message)
            .at(over.span.clone())
            .related(base.span.clone(), "what it would be merged with")
            .help(help),
    );
}

fn are_mappings(base: &Node, over: &Node) -> bool {
    base.as_mapping().is_some() && over.as_mapping().is_some()
}

/// Whether both name a driver, and not the same one.
fn drivers_differ(base: &Node, over: &Node) -> bool {
    match (base.get("driver"), over.get("driver")) {
        (Some(base), Some(over)) => base.to_text() != over.to_text(),
        _ => false,
    }
}

#[cfg(test)]
mod tests;
