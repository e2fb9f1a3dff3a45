//! Values between quotes.

use super::{DotenvError, Parser, Reason};

impl<'v, L, E> Parser<'_, '_, L, E>
where
    L: Fn(&str) -> Option<&'v str>,
    E: Fn(&str) -> Option<&'v str>,
{
    /// The text between single quotes.
    pub(super) fn single_quoted(&mut self) -> Result<String, DotenvError> {
        let at = self.offset();
        self.advance();
        let mut value = String::new();
        loop {
            match self.advance() {
                None => return Err(DotenvError { at, reason: Reason::UnterminatedQuote }),
                Some('\'') => return Ok(value),
                Some('\\') => match self.advance() {
                    Some('\'') => value.push('\''),
                    other => value.extend(['\\'].into_iter().chain(other)),
                },
                Some(character) => value.push(character),
            }
        }
    }

    /// The text between double quotes, escapes resolved, ready to be expanded.
    pub(super) fn double_quoted(&mut self) -> Result<String, DotenvError> {
        let at = self.offset();
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
        match self.advance() {
            Some('a') => value.push('\u{7}'),
            Some('b') => value.push('\u{8}'),
            Some('f') => value.push('\u{c}'),
            Some('n') => value.push('\n'),
            Some('r') => value.push('\r'),
            Some('t') => value.push('\t'),
            Some('v') => value.push('\u{b}'),
            Some(character @ ('\\' | '"')) => value.push(character),
            // doubled, so that the expansion that follows makes one dollar of it
            Some('$') => value.push_str("$$"),
            Some('0') => self.octal(value),
            other => value.extend(['\\'].into_iter().chain(other)),
        }
    }

    /// `\0` and three octal digits; of anything else only the zero goes.
    fn octal(&mut self, value: &mut String) {
        let end = self.rest.bytes().take(3).take_while(u8::is_ascii_digit).count();
        let (digits, rest) = self.rest.split_at(end);
        self.rest = rest;
        match u8::from_str_radix(digits, 8) {
            Ok(number) if digits.len() == 3 => value.push(char::from(number)),
            _ => value.extend(["\\", digits]),
        }
    }
}
