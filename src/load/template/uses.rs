use std::collections::BTreeMap;

use serde::Serialize;

use super::{MAX_NESTING, split_braced, split_name};
use crate::load::tree::{Node, Value};

/// A variable that compose files use; of several uses the first one that says something counts.
///
/// The serialised names are those of Compose.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct UsedVariable {
    /// The name.
    pub name: String,
    /// `DEFAULT` in `${NAME:-DEFAULT}`, as written.
    #[serde(rename = "DefaultValue")]
    pub default: String,
    /// `ALTERNATE` in `${NAME:+ALTERNATE}`, as written.
    #[serde(rename = "PresenceValue")]
    pub alternate: String,
    /// Whether some use of it is an error while it has no value: `${NAME:?MESSAGE}`.
    pub required: bool,
    /// `MESSAGE` in `${NAME:?MESSAGE}`, as written; Compose does not list it.
    #[serde(skip)]
    pub message: String,
}

/// The variables by name.
pub type UsedVariables = BTreeMap<String, UsedVariable>;

/// Notes the variables in all values of a document; what follows no grammar is passed over.
pub fn note_variables(node: &Node, used: &mut UsedVariables) {
    match &node.value {
        Value::String(text) => note_text(text, 0, used),
        Value::Sequence(items) => items.iter().for_each(|item| note_variables(item, used)),
        Value::Mapping(mapping) => {
            mapping.iter().for_each(|(_, entry)| note_variables(&entry.node, used));
        }
        Value::Null | Value::Bool(_) | Value::Int(_) | Value::Float(_) => {}
    }
}

fn note_text(text: &str, depth: usize, used: &mut UsedVariables) {
    let mut rest = text;
    while let Some((_, after)) = rest.split_once('$') {
        rest = if let Some(after) = after.strip_prefix('$') {
            after
        } else if let Some(inner) = after.strip_prefix('{') {
            let Some((expression, after)) = split_braced(inner) else { return };
            note_expression(expression, depth, used);
            after
        } else {
            let (name, after) = split_name(after);
            note(UsedVariable { name: name.to_owned(), ..UsedVariable::default() }, used);
            after
        };
    }
}

fn note_expression(expression: &str, depth: usize, used: &mut UsedVariables) {
    let (name, operation) = split_name(expression);
    let mut variable = UsedVariable { name: name.to_owned(), ..UsedVariable::default() };
    let operation = operation.strip_prefix(':').unwrap_or(operation);
    let mut characters = operation.chars();
    let operator = characters.next();
    let word = characters.as_str();
    match operator {
        Some('-') => word.clone_into(&mut variable.default),
        Some('+') => word.clone_into(&mut variable.alternate),
        Some('?') => {
            variable.required = true;
            word.clone_into(&mut variable.message);
        }
        _ => {}
    }
    note(variable, used);
    // the message of a required variable is no value of the project
    if matches!(operator, Some('-' | '+')) && depth < MAX_NESTING {
        note_text(word, depth + 1, used);
    }
}

fn note(variable: UsedVariable, used: &mut UsedVariables) {
    if variable.name.is_empty() {
        return;
    }
    let UsedVariable { name, default, alternate, required, message } = variable;
    let known = used.entry(name.clone()).or_default();
    known.name = name;
    known.required |= required;
    if known.default.is_empty() {
        known.default = default;
    }
    if known.alternate.is_empty() {
        known.alternate = alternate;
    }
    if known.message.is_empty() {
        known.message = message;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn variables_of_texts() {
        // NAME, default, alternate and `!` when it is required
        let cases: [(&[&str], &[&str]); 18] = [
            (&["bar"], &[]),
            (&["$bar"], &["bar"]),
            (&["$bar_1"], &["bar_1"]),
            (&["${bar}"], &["bar"]),
            (&["${bar?:foo}"], &["bar !"]),
            (&["${bar_1?foo}"], &["bar_1 !"]),
            (&["${bar:?}"], &["bar !"]),
            (&["${bar:-foo}"], &["bar -foo"]),
            (&["${bar_1-foo}"], &["bar_1 -foo"]),
            (&["${bar:+foo}"], &["bar +foo"]),
            (&["${bar+foo}"], &["bar +foo"]),
            (&["$docker:${project:-cli}", "$toto"], &["docker", "project -cli", "toto"]),
            (&["${SUB:-redis}.${ROOT:?}"], &["ROOT !", "SUB -redis"]),
            (&["(`${D:?}`)", "^(https://${D})/"], &["D !"]),
            (&["prefix-${V}", "${V:-value}", "${V:-other}"], &["V -value"]),
            (
                &["${SUB:-$ROOT}", "${A:+${B:-${C?}}}"],
                &["A +${B:-${C?}}", "B -${C?}", "C !", "ROOT", "SUB -$ROOT"],
            ),
            (&["$$no ${", "$1 ${1x} $ ${A:?${no}}"], &["A !"]),
            (&["${A!}"], &["A"]),
        ];
        for (texts, expected) in cases {
            let mut used = UsedVariables::new();
            for text in texts {
                note_text(text, 0, &mut used);
            }
            let shown: Vec<String> = used.values().map(shown).collect();
            assert_eq!(shown, expected, "{texts:?}");
        }
    }

    fn shown(variable: &UsedVariable) -> String {
        let UsedVariable { name, default, alternate, required, message: _ } = variable;
        let mut shown = name.clone();
        for (sign, text) in [(" -", default), (" +", alternate)] {
            if !text.is_empty() {
                shown += sign;
                shown += text;
            }
        }
        shown + if *required { " !" } else { "" }
    }

    /// Deep nesting overflowed nothing when it was expanded, and must not when it is listed.
    #[test]
    fn deep_nesting_ends() {
        let text = "${A:-".repeat(100_000);
        note_text(&text, 0, &mut UsedVariables::new());
        let closed = format!("{}x{}", "${A:-".repeat(5_000), "}".repeat(5_000));
        let mut used = UsedVariables::new();
        note_text(&closed, 0, &mut used);
        assert_eq!(used.len(), 1);
    }
}
