//! The grammar of `$NAME` and `${NAME…}` in values.
//!
//! ```text
//! text   := ( '$$' | named | braced | '$' other | char )*
//! named  := '$' NAME
//! braced := '${' NAME '}' | '${' NAME ( ':-' | '-' | ':+' | '+' | ':?' | '?' ) WORD '}'
//! ```
//!
//! A WORD ends at the brace that balances the opening one and is expanded only when it is used.
//! Nothing of an expression may stand on another line, and no result is expanded again.

mod uses;

pub use uses::{UsedVariable, UsedVariables, note_variables};

use std::collections::BTreeSet;

/// How deep words may stand in each other: `${A:-${B:-${C}}}` is three.
const MAX_NESTING: usize = 100;
/// How many bytes one value may become.
const MAX_LENGTH: usize = 4 << 20;

/// An expanded text.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Expanded {
    /// The text.
    pub text: String,
    /// The variables that had no value and no default; each became an empty string.
    pub unset: BTreeSet<String>,
    /// Through what parts of the text came, the nearest to the text first.
    pub used: Vec<Used>,
}

/// Through what a part of an expanded text came.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Used {
    /// The value of this variable.
    Value(String),
    /// The default of this variable, `DEFAULT` in `${NAME:-DEFAULT}`.
    Default(String),
}

impl Expanded {
    fn mark_used(&mut self, used: Used) {
        // more nobody reads, and to look for one among thousands takes long
        const MANY: usize = 20;
        if self.used.len() < MANY && !self.used.contains(&used) {
            self.used.push(used);
        }
    }
}

/// Why a text cannot be expanded.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum TemplateError {
    /// The text does not follow the grammar.
    #[error("invalid interpolation format: `{0}`")]
    Invalid(String),
    /// `${NAME:?message}` and `NAME` has no value.
    #[error("required variable `{name}` is missing a value{}", message_suffix(.message))]
    Required {
        /// The variable.
        name: String,
        /// What the file says about it; may be empty.
        message: String,
    },
    /// Words stand in words without end.
    #[error("more than {MAX_NESTING} variables stand in the defaults of one another")]
    TooDeep,
    /// The result is too long.
    #[error("the value is longer than {MAX_LENGTH} bytes once its variables are expanded")]
    TooLong,
}

fn message_suffix(message: &str) -> String {
    if message.is_empty() { String::new() } else { format!(": {message}") }
}

/// Expands all variables of a text.
pub fn expand<'v>(
    text: &str,
    lookup: &impl Fn(&str) -> Option<&'v str>,
) -> Result<Expanded, TemplateError> {
    let mut expanded = Expanded::default();
    expand_into(text, lookup, 0, &mut expanded)?;
    Ok(expanded)
}

fn expand_into<'v>(
    text: &str,
    lookup: &impl Fn(&str) -> Option<&'v str>,
    depth: usize,
    out: &mut Expanded,
) -> Result<(), TemplateError> {
    let mut rest = text;
    while let Some((before, after)) = rest.split_once('$') {
        out.text.push_str(before);
        if let Some(after) = after.strip_prefix('$') {
            out.text.push('$');
            rest = after;
        } else if let Some(inner) = after.strip_prefix('{') {
            let (expression, after) =
                split_braced(inner).ok_or_else(|| invalid(&format!("${after}")))?;
            expand_braced(expression, lookup, depth, out)?;
            rest = after;
        } else {
            let (name, after) = split_name(after);
            if name.is_empty() {
                out.text.push('$');
            } else {
                push_plain(name, lookup(name), out);
            }
            rest = after;
        }
        if out.text.len() > MAX_LENGTH {
            return Err(TemplateError::TooLong);
        }
    }
    out.text.push_str(rest);
    Ok(())
}

fn expand_braced<'v>(
    expression: &str,
    lookup: &impl Fn(&str) -> Option<&'v str>,
    depth: usize,
    out: &mut Expanded,
) -> Result<(), TemplateError> {
    let invalid = || invalid(&format!("${{{expression}}}"));
    let (name, operation) = split_name(expression);
    if name.is_empty() {
        return Err(invalid());
    }
    if depth >= MAX_NESTING {
        return Err(TemplateError::TooDeep);
    }
    let value = lookup(name);
    if operation.is_empty() {
        push_plain(name, value, out);
        return Ok(());
    }
    // with a colon an empty value counts as no value
    let (value, operation) = match operation.strip_prefix(':') {
        Some(operation) => (value.filter(|value| !value.is_empty()), operation),
        None => (value, operation),
    };
    let mut characters = operation.chars();
    let operator = characters.next();
    let word = characters.as_str();
    match (operator, value) {
        (Some('-' | '?'), Some(value)) => push_value(name, value, out),
        (Some('-'), None) => {
            expand_into(word, lookup, depth + 1, out)?;
            out.mark_used(Used::Default(name.to_owned()));
        }
        (Some('+'), Some(_)) => {
            expand_into(word, lookup, depth + 1, out)?;
            out.mark_used(Used::Value(name.to_owned()));
        }
        (Some('+'), None) => {}
        (Some('?'), None) => {
            let mut message = Expanded::default();
            expand_into(word, lookup, depth + 1, &mut message)?;
            return Err(TemplateError::Required { name: name.to_owned(), message: message.text });
        }
        _ => return Err(invalid()),
    }
    Ok(())
}

/// The error for an expression, of which only the beginning is shown when it goes on and on.
fn invalid(expression: &str) -> TemplateError {
    const SHOWN: usize = 60;
    let mut shown: String = expression.chars().take(SHOWN).collect();
    if shown.len() < expression.len() {
        shown.push('…');
    }
    TemplateError::Invalid(shown)
}

fn push_plain(name: &str, value: Option<&str>, out: &mut Expanded) {
    match value {
        Some(value) => push_value(name, value, out),
        None => {
            out.unset.insert(name.to_owned());
        }
    }
}

fn push_value(name: &str, value: &str, out: &mut Expanded) {
    out.text.push_str(value);
    out.mark_used(Used::Value(name.to_owned()));
}

/// Splits after the brace that closes the expression; `${` itself is already gone.
///
/// Braces count as they do in Compose, which passes over the character behind an opening one:
/// `{{` opens once, and the `}` of `{}` closes nothing. An expression that is not closed by this
/// count goes up to the last brace of its line.
fn split_braced(inner: &str) -> Option<(&str, &str)> {
    let line = inner.split('\n').next().unwrap_or_default();
    let mut open = 1_usize;
    let mut passed_over = true;
    for (index, character) in line.char_indices() {
        match character {
            _ if passed_over => passed_over = false,
            '{' => (open, passed_over) = (open + 1, true),
            '}' => open -= 1,
            _ => {}
        }
        if open == 0 {
            return split_at_brace(inner, index);
        }
    }
    split_at_brace(inner, line.rfind('}')?)
}

fn split_at_brace(text: &str, brace: usize) -> Option<(&str, &str)> {
    Some((text.get(..brace)?, text.get(brace + 1..)?))
}

/// Splits a leading `[_A-Za-z][_A-Za-z0-9]*` off.
fn split_name(text: &str) -> (&str, &str) {
    if text.starts_with(|c: char| c.is_ascii_digit()) {
        return ("", text);
    }
    let end = text.find(|c: char| !(c == '_' || c.is_ascii_alphanumeric())).unwrap_or(text.len());
    text.split_at(end)
}

#[cfg(test)]
mod tests;
