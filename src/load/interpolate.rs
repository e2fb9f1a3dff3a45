//! Expands the variables in all values of a document, before it is merged with anything.

use std::collections::BTreeSet;

use crate::diagnostic::{Diagnostic, Loss, Report, Span, codes};

use super::environment::Environment;
use super::path::Path;
use super::schema::Damage;
use super::suggest::did_you_mean;
use super::template::{TemplateError, expand};
use super::tree::{Mapping, Node, Value};
use super::variables::history;

/// Expands every string value; keys stay as they are.
///
/// A value that cannot be expanded is reported and taken out: whatever else is wrong with it
/// would be said about a text that nobody wrote.
pub fn interpolate(
    root: &mut Node,
    environment: &mut Environment,
    damage: &mut Damage,
    report: &mut Report,
) {
    Interpolation { environment, damage, report }.expand(root, &Path::ROOT);
}

/// Expands what names other files and services, and nothing else.
pub fn interpolate_references(
    root: &mut Node,
    environment: &mut Environment,
    damage: &mut Damage,
    report: &mut Report,
) {
    let mut interpolation = Interpolation { environment, damage, report };
    if let Some(include) = root.get_mut("include") {
        interpolation.expand(include, &Path::ROOT.key("include"));
    }
    let path = Path::ROOT.key("services");
    let services = root.get_mut("services").and_then(Node::as_mapping_mut);
    for (name, entry) in services.into_iter().flat_map(Mapping::iter_mut) {
        let Some(service) = entry.node.as_mapping_mut() else { continue };
        let path = path.key(name);
        let expansion = service
            .get_mut("extends")
            .map(|extends| interpolation.expand(extends, &path.key("extends")));
        if expansion == Some(Expansion::Failed) {
            service.remove("extends");
        }
    }
}

/// Expands one value; whether it could be.
pub fn interpolate_value(
    node: &mut Node,
    path: &Path<'_>,
    environment: &mut Environment,
    report: &mut Report,
) -> bool {
    let Value::String(text) = &mut node.value else { return true };
    if !text.contains('$') {
        return true;
    }
    match expand(text, &|name| environment.get(name)) {
        Ok(expanded) => {
            if !environment.take_expanded(expanded.text.len()) {
                let message = "the values of the project are too long once variables are expanded";
                let diagnostic = Diagnostic::error(codes::LIMIT_EXCEEDED, path, message);
                report.push(
                    diagnostic.at(node.span.clone()).help("let fewer values hold long variables"),
                );
                return false;
            }
            *text = expanded.text;
            let place = place_of_unset(&node.span, &expanded.unset);
            if !expanded.used.is_empty() {
                let via = history(&expanded.used, |name| environment.via(name));
                node.span.set_via(via.and_all(node.span.via()));
            }
            if let Some(diagnostic) = unset_diagnostic(expanded.unset, path, environment) {
                report.push(diagnostic.at(place));
            }
            true
        }
        Err(error) => {
            report.push_error(|| {
                template_diagnostic(&error, path, environment)
                    .at(place_of_error(&node.span, &error))
            });
            false
        }
    }
}

struct Interpolation<'a> {
    environment: &'a mut Environment,
    damage: &'a mut Damage,
    report: &'a mut Report,
}

/// How much of a node could be expanded.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Expansion {
    Whole,
    /// Something below it is taken out.
    Partial,
    Failed,
}

impl Interpolation<'_> {
    fn expand(&mut self, node: &mut Node, path: &Path<'_>) -> Expansion {
        let mut expansion = Expansion::Whole;
        match &mut node.value {
            Value::String(_) => {
                if !interpolate_value(node, path, self.environment, self.report) {
                    self.damage.insert_part(path);
                    expansion = Expansion::Failed;
                }
            }
            Value::Sequence(items) => {
                let mut index = 0;
                items.retain_mut(|item| {
                    let whole = self.expand(item, &path.index(index)) == Expansion::Whole;
                    index += 1;
                    if !whole {
                        expansion = Expansion::Partial;
                    }
                    // an item without one of its attributes would lack it
                    whole
                });
            }
            Value::Mapping(mapping) => mapping.retain(|key, entry| {
                let of_entry = self.expand(&mut entry.node, &path.key(key));
                if of_entry != Expansion::Whole {
                    expansion = Expansion::Partial;
                }
                of_entry != Expansion::Failed
            }),
            Value::Null | Value::Bool(_) | Value::Int(_) | Value::Float(_) => {}
        }
        expansion
    }
}

/// The warning about variables that have no value and no default; none where each of them was
/// reported before.
pub fn unset_diagnostic(
    unset: BTreeSet<String>,
    path: impl Into<String>,
    environment: &mut Environment,
) -> Option<Diagnostic> {
    let names: Vec<String> =
        unset.into_iter().filter(|name| environment.mark_reported(name)).collect();
    let first = names.first()?;
    let quoted: Vec<String> = names.iter().map(|name| format!("`{name}`")).collect();
    let quoted = quoted.join(", ");
    let message = match names.as_slice() {
        [_] => format!("the variable {quoted} is not set, an empty string is used"),
        _ => format!("the variables {quoted} are not set, empty strings are used"),
    };
    let set = || {
        format!(
            "set {quoted} in the environment or in `.env`, or write `${{{first}:-default}}`; \
             a `$` that starts no variable is written `$$`"
        )
    };
    let help = match names.as_slice() {
        [name] => did_you_mean(name, environment.names(), set),
        _ => set(),
    };
    Some(Diagnostic::warning(codes::UNSET_VARIABLE, Loss::Exact, path, message).help(help))
}

fn template_diagnostic(
    error: &TemplateError,
    path: &Path<'_>,
    environment: &Environment,
) -> Diagnostic {
    let message = error.to_string();
    match error {
        TemplateError::Invalid(_) => Diagnostic::error(codes::INVALID_INTERPOLATION, path, message)
            .help("write `$$` for a `$` that starts no variable"),
        TemplateError::Required { name, .. } => {
            let help = did_you_mean(name, environment.names(), || {
                format!(
                    "set `{name}` in the environment, in `.env` or in a file given with `--env-file`"
                )
            });
            Diagnostic::error(codes::REQUIRED_VARIABLE, path, message).help(help)
        }
        TemplateError::TooDeep | TemplateError::TooLong => {
            Diagnostic::error(codes::LIMIT_EXCEEDED, path, message)
        }
    }
}

/// Where a variable without a value is used; the whole value when there are several.
fn place_of_unset(span: &Span, unset: &BTreeSet<String>) -> Span {
    let mut names = unset.iter();
    match (names.next(), names.next()) {
        (Some(name), None) => {
            let (braced, plain) = (format!("${{{name}}}"), format!("${name}"));
            span.find(if span.text().contains(&braced) { &braced } else { &plain })
        }
        _ => span.clone(),
    }
}

fn place_of_error(span: &Span, error: &TemplateError) -> Span {
    match error {
        TemplateError::Invalid(expression) => span.find(expression.trim_end_matches('…')),
        TemplateError::Required { name, .. } => {
            let written = span.text();
            let starts = [format!("${{{name}:?"), format!("${{{name}?")];
            let found = starts.iter().find_map(|start| {
                let (_, rest) = written.split_once(start.as_str())?;
                let end = rest.find('}')?;
                Some(format!("{start}{}}}", rest.get(..end)?))
            });
            found.map_or_else(|| span.clone(), |expression| span.find(&expression))
        }
        TemplateError::TooDeep | TemplateError::TooLong => span.clone(),
    }
}
