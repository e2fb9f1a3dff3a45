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
mod unfold;
mod unique;

pub use unique::enforce_uniqueness;

use crate::diagnostic::{Diagnostic, Report, codes};

use super::path::Path;
use super::tree::{Entry, Mapping, Node, Value};
use append::append;
use rule::Rule;
use unfold::{can_unfold, unfold};

/// Merges `over` into `base`; both are whole documents.
pub fn merge(base: &mut Node, over: Node, report: &mut Report) {
    merge_at(base, over, &Path::ROOT, report);
}

/// Merges one attribute over the same attribute, at any path.
pub fn merge_attribute(base: &mut Node, over: Node, path: &Path<'_>, report: &mut Report) {
    merge_at(base, over, path, report);
}

/// What becomes of two values of one key.
enum Fate {
    KeepBase,
    TakeOver,
    Clash,
    Merge,
}

fn fate(rule: Rule, base: &Node, over: &Node) -> Fate {
    let are_mappings = base.as_mapping().is_some() && over.as_mapping().is_some();
    let are_lists = base.as_sequence().is_some() && over.as_sequence().is_some();
    match rule {
        Rule::Replace => Fate::TakeOver,
        Rule::Limit if !are_mappings => Fate::TakeOver,
        Rule::Logging if !are_mappings => Fate::Clash,
        Rule::Logging if drivers_differ(base, over) => Fate::TakeOver,
        Rule::Pools if !are_lists => Fate::Clash,
        _ if over.is_null() => Fate::KeepBase,
        _ if base.is_scalar() && (rule == Rule::Plain || base.as_str().is_none()) => Fate::TakeOver,
        // a short form that is not canonical yet, as it is in one file
        Rule::Requests if base.is_scalar() => Fate::TakeOver,
        // the schema will refuse one of the two: that one stays, as it is
        _ if !can_unfold(base, rule) => Fate::KeepBase,
        _ if !can_unfold(over, rule) => Fate::TakeOver,
        _ => Fate::Merge,
    }
}

fn merge_at(base: &mut Node, mut over: Node, path: &Path<'_>, report: &mut Report) {
    let rule = Rule::of(path);
    match fate(rule, base, &over) {
        Fate::KeepBase => {}
        Fate::TakeOver => *base = over,
        Fate::Clash => report_conflict(base, &over, path, report),
        Fate::Merge => {
            unfold(base, &mut over, rule, path, report);
            merge_values(base, over, rule, path, report);
        }
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
        (Value::Sequence(base), Value::Sequence(over)) => match rule {
            Rule::Pools => merge_pools(base, over, path, report),
            _ => append(base, over),
        },
        (_, value) => report_conflict(base, &Node::new(value, over.span), path, report),
    }
}

fn merge_mappings(base: &mut Mapping, over: Mapping, path: &Path<'_>, report: &mut Report) {
    for (key, entry) in over {
        let path = path.key(&key);
        match base.entry_mut(&key) {
            Some(known) => match fate(Rule::of(&path), &known.node, &entry.node) {
                // the place of the key counts for null, which has none of its own
                Fate::TakeOver => *known = entry,
                _ => merge_at(&mut known.node, entry.node, &path, report),
            },
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
fn merge_pools(pools: &mut Vec<Node>, over: Vec<Node>, path: &Path<'_>, report: &mut Report) {
    for pool in over {
        let subnet = pool.get("subnet").and_then(Node::as_str);
        let same = pools.iter_mut().enumerate().find(|(_, known)| {
            known.as_mapping().is_some()
                && pool.as_mapping().is_some()
                && known.get("subnet").and_then(Node::as_str) == subnet
        });
        match same {
            Some((index, known)) => merge_at(known, pool, &path.index(index), report),
            None => pools.push(pool),
        }
    }
}

fn report_conflict(base: &Node, over: &Node, path: &Path<'_>, report: &mut Report) {
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

/// Whether both name a driver, and not the same one.
fn drivers_differ(base: &Node, over: &Node) -> bool {
    match (base.get("driver"), over.get("driver")) {
        (Some(base), Some(over)) => base.to_text() != over.to_text(),
        _ => false,
    }
}

#[cfg(test)]
mod tests;
