//! The dialect of `.env`, `env_file` and `label_file`: quotes, comments, variables in values.
//!
//! Errors name the line and never show the text: such files hold secrets.

use std::collections::HashMap;
use std::iter::Peekable;
use std::ops::Range;
use std::str::Chars;

use super::template::{TemplateError, Used, expand};

/// How many bytes all values of a file may take after expansion.
const MAX_TOTAL: usize = 16 << 20;

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
            Reason::BlankInName | Reason::UnexpectedCharacter(_) => {
                "write `NAME=VALUE`, and `#` in front of a comment"
            }
            Reason::UnterminatedQuote => {
                "close the quote; a quote that belongs to the value needs quotes of the other kind around it"
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
    /// The values expand to more than the limit.
    #[error("the values are longer than {MAX_TOTAL} bytes once their variables are expanded")]
    TooLong,
}

/// Reads a file; a later value of a name counts. `lookup` knows variables from elsewhere, which
/// go before those of the file.
pub fn parse_dotenv<'v>(
    text: &str,
    lookup: &impl Fn(&str) -> Option<&'v str>,
) -> Result<Vec<Variable>, DotenvError> {
    let plain = text.strip_prefix('\u{feff}').unwrap_or(text);
    let mut parser = Parser {
        rest: plain.chars().peekable(),
        offset: text.len() - plain.len(),
        known: Vec::new(),
        values: HashMap::new(),
        total: 0,
        lookup,
    };
    parser.file()?;
    Ok(parser.known)
}

/// Reads `format: raw`: `NAME=VALUE` lines and comments, nothing is interpreted.
pub fn parse_raw(text: &str) -> Vec<Variable> {
    let mut variables = Vec::new();
    let mut next = 0;
    for whole in text.split_inclusive('\n') {
        let start = next;
        next += whole.len();
        let line = whole.strip_suffix('\n').unwrap_or(whole);
        let line = line.strip_suffix('\r').unwrap_or(line);
        let trimmed = line.trim_start();
        if trimmed.is_empty() || trimmed.starts_with('#') {
            continue;
        }
        let (name, value) = match trimmed.split_once('=') {
            Some((name, value)) => (name, Some(value.to_owned())),
            None => (trimmed, None),
        };
        let end = start + line.len();
        let range = end - trimmed.len()..end;
        variables.push(Variable { name: name.to_owned(), value, range, used: Vec::new() });
    }
    variables
}

struct Parser<'t, 'l, L> {
    rest: Peekable<Chars<'t>>,
    /// The byte of the file that comes next.
    offset: usize,
    known: Vec<Variable>,
    values: HashMap<String, String>,
    total: usize,
    lookup: &'l L,
}

impl<'v, L: Fn(&str) -> Option<&'v str>> Parser<'_, '_, L> {
    fn file(&mut self) -> Result<(), DotenvError> {
        while let Some(character) = self.skip_blank() {
            if character == '#' {
                self.take_line();
            } else {
                self.statement()?;
            }
        }
        Ok(())
    }

    fn statement(&mut self) -> Result<(), DotenvError> {
        let start = self.offset;
        let (name, separated) = self.name()?;
        if !separated {
            let value = (self.lookup)(&name).map(str::to_owned);
            let used = value.iter().map(|_| Used::Value(name.clone())).collect();
            let range = start..self.offset;
            self.known.push(Variable { name, value, range, used });
            return Ok(());
        }
        while self.advance_if(|c| matches!(c, ' ' | '\t')).is_some() {}
        let (value, used) = match self.rest.peek() {
            Some('\'') => (self.single_quoted()?, Vec::new()),
            Some('"') => {
                let text = self.double_quoted()?;
                self.expand(text, start)?
            }
            _ => {
                let text = self.take_line();
                self.expand(cut_comment(&text).trim_end().to_owned(), start)?
            }
        };
        self.total += value.len();
        if self.total > MAX_TOTAL {
            return Err(DotenvError { at: start, reason: Reason::TooLong });
        }
        self.values.insert(name.clone(), value.clone());
        let range = start..self.offset;
        self.known.push(Variable { name, value: Some(value), range, used });
        Ok(())
    }

    /// The name and whether a separator follows it.
    fn name(&mut self) -> Result<(String, bool), DotenvError> {
        let start = self.offset;
        let mut name = String::new();
        loop {
            match self.rest.peek().copied() {
                None | Some('\n') => {
                    return checked(name.strip_prefix("export ").unwrap_or(&name), start, false);
                }
                Some('=' | ':') => {
                    self.advance();
                    return checked(name.strip_prefix("export ").unwrap_or(&name), start, true);
                }
                Some(c) if c.is_alphanumeric() || matches!(c, '_' | '.' | '-' | '[' | ']') => {
                    name.push(c);
                }
                Some('\r') => {}
                Some(c) if c.is_whitespace() => name.push(' '),
                Some(c) => {
                    let reason = Reason::UnexpectedCharacter(c);
                    return Err(DotenvError { at: self.offset, reason });
                }
            }
            self.advance();
        }
    }

    fn single_quoted(&mut self) -> Result<String, DotenvError> {
        let at = self.offset;
        self.advance();
        let mut value = String::new();
        loop {
            match self.advance() {
                None => return Err(DotenvError { at, reason: Reason::UnterminatedQuote }),
                Some('\'') => return Ok(value),
                Some('\\') if self.rest.peek() == Some(&'\'') => value.extend(self.advance()),
                Some(character) => value.push(character),
            }
        }
    }

    /// The text between double quotes, escapes resolved, ready to be expanded.
    fn double_quoted(&mut self) -> Result<String, DotenvError> {
        let at = self.offset;
        self.advance();
        let mut value = String::new();
        loop {
            match self.advance() {
                None => return Err(DotenvError { at, reason: Reason::UnterminatedQuote }),
                Some('"') => return Ok(value),
                Some('\\') => self.escape(&mut value),
                Some(character) => value.push(character),
            }
        }
    }

    fn escape(&mut self, value: &mut String) {
        let Some(&character) = self.rest.peek() else {
            value.push('\\');
            return;
        };
        let simple = match character {
            'a' => '\u{7}',
            'b' => '\u{8}',
            'f' => '\u{c}',
            'n' => '\n',
            'r' => '\r',
            't' => '\t',
            'v' => '\u{b}',
            '\\' | '"' => character,
            '$' => {
                // doubled, so that the expansion that follows makes one dollar of it
                value.push('$');
                '$'
            }
            '0' => {
                self.advance();
                self.octal(value);
                return;
            }
            _ => {
                value.push('\\');
                return;
            }
        };
        self.advance();
        value.push(simple);
    }

    /// Up to three octal digits after `\0`.
    fn octal(&mut self, value: &mut String) {
        let mut number = 0;
        for _ in 0..3 {
            match self.advance_if(|c| c.is_digit(8)).and_then(|c| c.to_digit(8)) {
                Some(digit) => number = number * 8 + digit,
                None => break,
            }
        }
        value.extend(char::from_u32(number));
    }

    fn expand(&self, text: String, at: usize) -> Result<(String, Vec<Used>), DotenvError> {
        if !text.contains('$') {
            return Ok((text, Vec::new()));
        }
        let earlier = |name: &str| self.values.get(name).map(String::as_str);
        match expand(&text, &|name| (self.lookup)(name).or_else(|| earlier(name))) {
            Ok(expanded) => Ok((expanded.text, expanded.used)),
            Err(error) => {
                let reason = match error {
                    TemplateError::Invalid(_) => {
                        Reason::Template("invalid interpolation format".to_owned())
                    }
                    TemplateError::TooLong => Reason::TooLong,
                    TemplateError::Required { .. } | TemplateError::TooDeep => {
                        Reason::Template(error.to_string())
                    }
                };
                Err(DotenvError { at, reason })
            }
        }
    }

    fn skip_blank(&mut self) -> Option<char> {
        while self.rest.peek().is_some_and(|c| c.is_whitespace()) {
            self.advance();
        }
        self.rest.peek().copied()
    }

    fn take_line(&mut self) -> String {
        let mut text = String::new();
        while let Some(character) = self.advance_if(|c| c != '\n') {
            text.push(character);
        }
        text
    }

    fn advance_if(&mut self, accept: impl Fn(char) -> bool) -> Option<char> {
        if accept(*self.rest.peek()?) { self.advance() } else { None }
    }

    fn advance(&mut self) -> Option<char> {
        let character = self.rest.next()?;
        self.offset += character.len_utf8();
        Some(character)
    }
}

/// A name without the blanks around it, and whether a separator follows.
fn checked(name: &str, at: usize, separated: bool) -> Result<(String, bool), DotenvError> {
    let name = name.trim();
    if name.contains(' ') {
        return Err(DotenvError { at, reason: Reason::BlankInName });
    }
    Ok((name.to_owned(), separated))
}

/// The text up to the first `#` that follows a blank.
fn cut_comment(text: &str) -> &str {
    if text.starts_with('#') {
        return "";
    }
    let comment = text
        .match_indices('#')
        .find(|(index, _)| text.get(..*index).is_some_and(|before| before.ends_with([' ', '\t'])));
    comment.and_then(|(index, _)| text.get(..index)).unwrap_or(text)
}

#[cfg(test)]
mod tests;
