//! Short forms, brought into the one form that merges.

use crate::diagnostic::Report;
use crate::load::canonical::{
    hosts_to_mapping, names_to_mapping, pairs_to_mapping, started_dependency, string_to_list, wrap,
};
use crate::load::path::Path;
use crate::load::tree::{Entry, Node, Value};

use super::rule::Rule;

/// Whether a list that stands for a mapping holds nothing but texts.
pub fn can_unfold(node: &Node, rule: Rule) -> bool {
    let items = node.as_sequence().unwrap_or_default();
    !stands_for_mapping(rule) || items.iter().all(|item| item.as_str().is_some())
}

/// Brings both values of a key into one form.
pub fn unfold(base: &mut Node, over: &mut Node, rule: Rule, path: &Path<'_>, report: &mut Report) {
    if !has_open_names(base, rule) && !has_open_names(over, rule) {
        unfold_one(base, rule, path, report);
        unfold_one(over, rule, path, report);
    } else if rule == Rule::Pairs {
        mapping_to_pairs(base);
        mapping_to_pairs(over);
    }
}

fn unfold_one(node: &mut Node, rule: Rule, path: &Path<'_>, report: &mut Report) {
    match rule {
        Rule::Plain | Rule::Replace | Rule::Logging | Rule::Limit | Rule::Pools => return,
        Rule::Build => return wrap(node, "context"),
        Rule::Requests => return wrap_request(node),
        Rule::Pairs | Rule::Hosts | Rule::List | Rule::Names | Rule::Dependencies => {
            string_to_list(node);
        }
    }
    match rule {
        Rule::Pairs => pairs_to_mapping(node, path, report),
        Rule::Hosts => hosts_to_mapping(node, path, report),
        Rule::Names => names_to_mapping(node, Node::null),
        Rule::Dependencies => names_to_mapping(node, started_dependency),
        _ => {}
    }
}

fn stands_for_mapping(rule: Rule) -> bool {
    matches!(rule, Rule::Pairs | Rule::Hosts | Rule::Names | Rule::Dependencies)
}

/// Whether a list that stands for a mapping has names with variables in them, which as keys would
/// never be expanded.
fn has_open_names(node: &Node, rule: Rule) -> bool {
    let names = node.as_sequence().unwrap_or_default().iter().filter_map(Node::as_str);
    let mut names = names.filter_map(|item| item.split('=').next());
    stands_for_mapping(rule) && names.any(|name| name.contains('$'))
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

/// `all` to `[{count: all}]`.
fn wrap_request(node: &mut Node) {
    if let Value::String(_) = node.value {
        wrap(node, "count");
        let request = std::mem::replace(&mut node.value, Value::Null);
        node.value = Value::Sequence(vec![Node::new(request, node.span.clone())]);
    }
}
