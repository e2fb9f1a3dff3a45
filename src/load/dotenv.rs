//! The dialect of `.env`, `env_file` and `label_file`: quotes, comments, variables in values.
//!
//! Errors name the line and never show the text: such files hold secrets.

mod quoted;

use std::collections::{BTreeSet, HashMap};
use std::ops::Range;
use std::sync::Arc;

use crate::diagnostic::{Source, Span};

use super::template::{Expanded, TemplateError, Used, expand};

/// How many bytes all values of a file may take after expansion.
const MAX_TOTAL: usize = 16 << 20;
/// What some editors put in front of a text.
const BYTE_ORDER_MARK: char = '\u{feff}';

/// One variable of a file, in the order of the file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Variable {
    /// The name; may be empty.
    pub name: String,
    /// The value; none when it is inherited and nothing sets it.
    pub value: Option<String>,
    /// The bytes of the file from the name to the end of the value.
    pub range: Range<usize>,
    /// Through which other variables the value came.
    pub used: Vec<Used>,
    /// The variables in the value that had no value and no default.
    pub unset: BTreeSet<String>,
}

/// Why a file cannot be read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{reason}")]
pub struct DotenvError {
    /// The byte of the file where it is.
    pub at: usize,
    /// What is wrong there.
    pub reason: Reason,
}

impl DotenvError {
    /// What to do about it.
    pub fn help(&self) -> &'static str {
        match self.reason {
            Reason::NoName | Reason::BlankInName | Reason::UnexpectedCharacter(_) => {
                "write `NAME=VALUE`, and `#` in front of a comment"
            }
            Reason::UnterminatedQuote => {
                "close the quote; a quote that belongs to the value needs quotes of the other kind around it"
            }
            Reason::MissingValue(_) => {
                "give the variable a value in the environment, or in a line above"
            }
            Reason::Template(_) => {
                "write `$$` for a `$` that starts no variable, or put the value in single quotes"
            }
            Reason::TooLong => "let the variables refer to each other less often",
        }
    }
}

/// What is wrong with a line.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Reason {
    /// `=a` where nothing is interpreted, or an `export` that ends the file.
    #[error("the variable has no name")]
    NoName,
    /// `A B=c`
    #[error("a variable name cannot contain a blank")]
    BlankInName,
    /// `A%=c`
    #[error("unexpected character `{0}` in a variable name")]
    UnexpectedCharacter(char),
    /// `A="b`
    #[error("the quoted value has no end")]
    UnterminatedQuote,
    /// The value of a variable cannot be expanded.
    #[error("{0}")]
    Template(String),
    /// A variable must have a value, and has none.
    #[error("{0}")]
    MissingValue(String),
    /// The values expand to more than the limit.
    #[error("the values are longer than {MAX_TOTAL} bytes once their variables are expanded")]
    TooLong,
}

/// Reads a file; a later value of a name counts. In values the variables of `lookup` go before
/// those of the lines above, and these before those of `earlier` files.
pub fn parse_dotenv<'v>(
    text: &str,
    lookup: &impl Fn(&str) -> Option<&'v str>,
    earlier: &impl Fn(&str) -> Option<&'v str>,
) -> Result<Vec<Variable>, DotenvError> {
    let mut parser = Parser {
        text,
        rest: text.strip_prefix(BYTE_ORDER_MARK).unwrap_or(text),
        known: Vec::new(),
        values: HashMap::new(),
        total: 0,
        lookup,
        earlier,
    };
    parser.file()?;
    Ok(parser.known)
}

/// Reads `format: raw`: `NAME=VALUE` lines and comments, nothing is interpreted.
pub fn parse_raw<'v>(
    text: &str,
    lookup: &impl Fn(&str) -> Option<&'v str>,
) -> Result<Vec<Variable>, DotenvError> {
    let mut variables = Vec::new();
    let plain = text.strip_prefix(BYTE_ORDER_MARK).unwrap_or(text);
    let mut next = text.len() - plain.len();
    for whole in plain.split_inclusive('\n') {
        next += whole.len();
        let line = whole.trim_start();
        let start = next - line.len();
        let line = line.strip_suffix('\n').unwrap_or(line);
        let line = line.strip_suffix('\r').unwrap_or(line);
        if line.is_empty() || line.starts_with('#') {
            continue;
        }
        let (name, value) = match line.split_once('=') {
            Some((name, value)) => (name, Some(value)),
            None => (line, None),
        };
        if name.is_empty() {
            return Err(DotenvError { at: start, reason: Reason::NoName });
        }
        if name.contains([' ', '\t']) {
            return Err(DotenvError { at: start, reason: Reason::BlankInName });
        }
        let range = start..start + line.len();
        variables.push(match value {
            Some(value) => Variable::new(name, value.to_owned(), range),
            None => Variable::inherited(name, lookup(name), range),
        });
    }
    Ok(variables)
}

impl Variable {
    /// Where its name stands in the file.
    pub fn place(&self, source: &Arc<Source>) -> Span {
        let start = self.range.start;
        Span::new(Arc::clone(source), start, start + self.name.len())
    }

    fn new(name: &str, value: String, range: Range<usize>) -> Self {
        let value = Some(value);
        Self { name: name.to_owned(), value, range, used: Vec::new(), unset: BTreeSet::new() }
    }

    fn inherited(name: &str, value: Option<&str>, range: Range<usize>) -> Self {
        Self {
            name: name.to_owned(),
            value: value.map(str::to_owned),
            range,
            used: value.iter().map(|_| Used::Value(name.to_owned())).collect(),
            unset: BTreeSet::new(),
        }
    }
}

struct Parser<'t, 'l, L, E> {
    text: &'t str,
    rest: &'t str,
    known: Vec<Variable>,
    values: HashMap<String, String>,
    total: usize,
    lookup: &'l L,
    earlier: &'l E,
}

impl<'t, 'v, L, E> Parser<'t, '_, L, E>
where
    L: Fn(&str) -> Option<&'v str>,
    E: Fn(&str) -> Option<&'v str>,
{
    fn file(&mut self) -> Result<(), DotenvError> {
        loop {
            self.rest = self.rest.trim_start();
            match self.peek() {
                None => return Ok(()),
                Some('#') => _ = self.take_line(),
                Some(_) => self.statement()?,
            }
        }
    }

    fn statement(&mut self) -> Result<(), DotenvError> {
        self.skip_export();
        let start = self.offset();
        let (name, separated) = self.name()?;
        if !separated {
            let value = (self.lookup)(name);
            self.known.push(Variable::inherited(name, value, start..start + name.len()));
            return Ok(());
        }
        self.rest = self.rest.trim_start_matches(is_blank);
        let value_start = self.offset();
        let mut end = None;
        let expanded = match self.peek() {
            Some('\'') => Expanded { text: self.single_quoted()?, ..Expanded::default() },
            Some('"') => {
                let text = self.double_quoted()?;
                self.expand(text, start)?
            }
            _ => {
                let line = self.take_line();
                let value = line.split_once(" #").map_or(line, |(value, _)| value).trim_end();
                end = Some(value_start + value.len());
                self.expand(value.to_owned(), start)?
            }
        };
        let Expanded { text: value, used, unset } = expanded;
        self.total += value.len();
        if self.total > MAX_TOTAL {
            return Err(DotenvError { at: start, reason: Reason::TooLong });
        }
        self.values.insert(name.to_owned(), value.clone());
        let variable = Variable::new(name, value, start..end.unwrap_or(self.offset()));
        self.known.push(Variable { used, unset, ..variable });
        Ok(())
    }

    /// `export ` says nothing; a name may begin with these letters.
    fn skip_export(&mut self) {
        if let Some(after) = self.rest.strip_prefix("export")
            && after.starts_with([' ', '\t', '\n', '\r', '\u{c}'])
        {
            self.rest = after.trim_start_matches(is_blank);
        }
    }

    /// The name and whether a separator follows it.
    fn name(&mut self) -> Result<(&'t str, bool), DotenvError> {
        let (text, start) = (self.rest, self.offset());
        let mut end = None;
        for (index, character) in text.char_indices() {
            match character {
                '=' | ':' | '\n' => {
                    end = Some((index, character != '\n'));
                    break;
                }
                '_' | '.' | '-' | '[' | ']' => {}
                _ if is_blank(character) || character.is_alphanumeric() => {}
                _ => {
                    let reason = Reason::UnexpectedCharacter(character);
                    return Err(DotenvError { at: start + index, reason });
                }
            }
        }
        if text.is_empty() {
            return Err(DotenvError { at: start, reason: Reason::NoName });
        }
        // Compose takes a name that ends the file for the value of a variable without a name
        let (end, separated) = end.unwrap_or((text.len(), false));
        let name = text.get(..end).unwrap_or_default().trim_end();
        if name.contains(' ') {
            return Err(DotenvError { at: start, reason: Reason::BlankInName });
        }
        self.rest = text.get(end + usize::from(separated)..).unwrap_or_default();
        Ok((name, separated))
    }

    fn expand(&self, text: String, at: usize) -> Result<Expanded, DotenvError> {
        if !text.contains('$') {
            return Ok(Expanded { text, ..Expanded::default() });
        }
        let above = |name: &str| self.values.get(name).map(String::as_str);
        let lookup = |name: &str| {
            let known = (self.lookup)(name).or_else(|| above(name));
            known.or_else(|| (self.earlier)(name))
        };
        expand(&text, &lookup).map_err(|error| {
            let reason = match error {
                TemplateError::Invalid(_) => {
                    Reason::Template("invalid interpolation format".to_owned())
                }
                TemplateError::TooLong => Reason::TooLong,
                TemplateError::Required { .. } => Reason::MissingValue(error.to_string()),
                TemplateError::TooDeep => Reason::Template(error.to_string()),
            };
            DotenvError { at, reason }
        })
    }

    /// The rest of the line; its end stays.
    fn take_line(&mut self) -> &'t str {
        let (line, rest) = self.rest.split_at(self.rest.find('\n').unwrap_or(self.rest.len()));
        self.rest = rest;
        line
    }

    fn peek(&self) -> Option<char> {
        self.rest.chars().next()
    }

    fn advance(&mut self) -> Option<char> {
        let mut characters = self.rest.chars();
        let character = characters.next();
        self.rest = characters.as_str();
        character
    }

    /// The byte of the file that comes next.
    fn offset(&self) -> usize {
        self.text.len() - self.rest.len()
    }
}

/// Whether a character stands for a blank within a line.
fn is_blank(character: char) -> bool {
    matches!(character, '\t' | '\u{b}' | '\u{c}' | '\r' | ' ' | '\u{85}' | '\u{a0}')
}

#[cfg(test)]
mod tests;
