use std::fmt;
use std::sync::Arc;

/// A text that came from the user, under the name the user knows it by.
#[derive(Debug, PartialEq, Eq)]
pub struct Source {
    /// The path as it is shown: relative to the working directory where possible, `-` for standard input.
    pub name: String,
    /// The whole text.
    pub text: String,
}

/// A range of bytes in a [`Source`].
#[derive(Clone, PartialEq, Eq)]
pub struct Span {
    /// The text.
    pub source: Arc<Source>,
    /// First byte.
    pub start: usize,
    /// One past the last byte.
    pub end: usize,
}

impl Span {
    /// A span whose ends are moved to the nearest character boundaries inside the text.
    pub fn new(source: Arc<Source>, start: usize, end: usize) -> Self {
        let start = floor_boundary(&source.text, start);
        let end = floor_boundary(&source.text, end).max(start);
        Self { source, start, end }
    }

    /// The text of the span.
    pub fn text(&self) -> &str {
        self.source.text.get(self.start..self.end).unwrap_or("")
    }

    /// Line and column of the first byte, both counted from 1, the column in characters.
    pub fn line_column(&self) -> (usize, usize) {
        let before = self.source.text.get(..self.start).unwrap_or("");
        let line_start = before.rfind('\n').map_or(0, |newline| newline + 1);
        let line = before.bytes().filter(|byte| *byte == b'\n').count() + 1;
        let column = before.get(line_start..).map_or(0, |text| text.chars().count()) + 1;
        (line, column)
    }
}

/// `file:line:column`.
impl fmt::Display for Span {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (line, column) = self.line_column();
        write!(f, "{}:{line}:{column}", self.source.name)
    }
}

/// Short, because a span holds the whole text.
impl fmt::Debug for Span {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{self}")
    }
}

fn floor_boundary(text: &str, index: usize) -> usize {
    text.floor_char_boundary(index)
}
