//! Expands the variables in all values of a document, before it is merged with anything.

use std::collections::BTreeSet;

use crate::diagnostic::{Diagnostic, Loss, Report, codes};

use super::environment::Environment;
use super::path::Path;
use super::suggest::did_you_mean;
use super::template::{TemplateError, expand};
use super::tree::{Node, Value};
use super::variables::history;

/// Expands every string value; keys stay as they are.
///
/// A value that cannot be expanded is reported and stays as written.
pub fn interpolate(root: &mut Node, environment: &mut Environment, report: &mut Report) {
    walk(root, &Path::ROOT, environment, report);
}

/// Expands one value.
pub fn interpolate_value(
    node: &mut Node,
    path: &Path<'_>,
    environment: &mut Environment,
    report: &mut Report,
) {
    let Value::String(text) = &mut node.value else { return };
    if !text.contains('$') {
        return;
    }
    match expand(text, &|name| environment.get(name)) {
        Ok(expanded) => {
            if !environment.take_expanded(expanded.text.len()) {
                let message = "the values of the project are too long once variables are expanded";
                let diagnostic = Diagnostic::error(codes::LIMIT_EXCEEDED, path, message);
                report.push(diagnostic.at(node.span.clone()));
                return;
            }
            *text = expanded.text;
            if !expanded.used.is_empty() {
                let via = history(&expanded.used, |name| environment.via(name));
                node.span.set_via(via.and_all(node.span.via()));
            }
            if let Some(diagnostic) = unset_diagnostic(expanded.unset, path, environment) {
                report.push(diagnostic.at(node.span.clone()));
            }
        }
        Err(error) => {
            let diagnostic = || template_diagnostic(&error, path, environment);
            report.push_error(|| diagnostic().at(node.span.clone()));
        }
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

fn walk(node: &mut Node, path: &Path<'_>, environment: &mut Environment, report: &mut Report) {
    match &mut node.value {
        Value::String(_) => interpolate_value(node, path, environment, report),
        Value::Sequence(items) => {
            for (index, item) in items.iter_mut().enumerate() {
                walk(item, &path.index(index), environment, report);
            }
        }
        Value::Mapping(mapping) => {
            for (key, entry) in mapping.iter_mut() {
                walk(&mut entry.node, &path.key(key), environment, report);
            }
        }
        Value::Null | Value::Bool(_) | Value::Int(_) | Value::Float(_) => {}
    }
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
