use std::fmt;
use std::sync::{Arc, OnceLock};

use super::Via;

/// A text that came from the user, under the name the user knows it by.
#[derive(Debug)]
pub struct Source {
    /// The path as it is shown: relative to the working directory where possible, `-` for standard input.
    pub name: String,
    /// The whole text.
    pub text: String,
    /// Whether the text may hold secrets: no excerpt of it is shown.
    pub confidential: bool,
    /// Where each line starts; found once, because a long file may have thousands of findings.
    line_starts: OnceLock<Vec<usize>>,
}

impl Source {
    /// A text under its name.
    pub fn new(name: impl Into<String>, text: impl Into<String>) -> Self {
        let (name, text) = (name.into(), text.into());
        Self { name, text, confidential: false, line_starts: OnceLock::new() }
    }

    /// A text that may hold secrets.
    pub fn confidential(name: impl Into<String>, text: impl Into<String>) -> Self {
        Self { confidential: true, ..Self::new(name, text) }
    }

    /// The line that holds a byte, counted from 1, and the line's first byte.
    pub fn line(&self, byte: usize) -> (usize, usize) {
        let starts = self.line_starts.get_or_init(|| {
            let newlines = self.text.match_indices('\n').map(|(newline, _)| newline + 1);
            std::iter::once(0).chain(newlines).collect()
        });
        let line = starts.partition_point(|start| *start <= byte);
        (line, starts.get(line - 1).copied().unwrap_or(0))
    }
}

impl PartialEq for Source {
    fn eq(&self, other: &Self) -> bool {
        self.name == other.name && self.text == other.text
    }
}

impl Eq for Source {}

/// A range of bytes in a [`Source`], and through what they came to where they count.
#[derive(Clone, PartialEq, Eq)]
pub struct Span {
    /// The text.
    pub source: Arc<Source>,
    /// First byte.
    pub start: usize,
    /// One past the last byte.
    pub end: usize,
    via: Via,
}

impl Span {
    /// A span whose ends are moved to the nearest character boundaries inside the text; what
    /// stands there counts there.
    pub fn new(source: Arc<Source>, start: usize, end: usize) -> Self {
        let start = floor_boundary(&source.text, start);
        let end = floor_boundary(&source.text, end).max(start);
        Self { source, start, end, via: Via::default() }
    }

    /// A line, counted from 1, without the blanks around its content.
    pub fn of_line(source: &Arc<Source>, line: usize) -> Self {
        let mut start = 0;
        for (index, text) in source.text.split_inclusive('\n').enumerate() {
            if index + 1 == line {
                let content = text.trim();
                let indent = text.len() - text.trim_start().len();
                let start = start + indent;
                return Self::new(Arc::clone(source), start, start + content.len());
            }
            start += text.len();
        }
        Self::new(Arc::clone(source), start, start)
    }

    /// The same place, reached in another way.
    #[must_use]
    pub fn with_via(&self, via: Via) -> Self {
        Self { via, ..self.clone() }
    }

    /// Records another way to the same place.
    pub fn set_via(&mut self, via: Via) {
        self.via = via;
    }

    /// The place alone.
    #[must_use]
    pub fn without_via(&self) -> Self {
        self.with_via(Via::default())
    }

    /// The place of a part of a value that is written here: `part` is a slice of `value`. The
    /// whole place when the file says it in other letters, by escapes or variables.
    #[must_use]
    pub fn part(&self, value: &str, part: &str) -> Self {
        let offset = part.as_ptr().addr().checked_sub(value.as_ptr().addr());
        let range = offset.map(|offset| offset..offset + part.len());
        let Some(before) = range.and_then(|range| value.get(..range.end)) else {
            return self.clone();
        };
        let written = self.text();
        let quotes = usize::from(written.starts_with(['"', '\'']));
        if part.is_empty() || !written.get(quotes..).is_some_and(|text| text.starts_with(before)) {
            return self.clone();
        }
        let end = self.start + quotes + before.len();
        Self { start: end - part.len(), end, ..self.clone() }
    }

    /// The place where an expression is written for the first time; the whole place when it is
    /// not written like this.
    #[must_use]
    pub fn find(&self, expression: &str) -> Self {
        match self.text().find(expression) {
            Some(offset) if !expression.is_empty() => {
                let start = self.start + offset;
                Self { start, end: start + expression.len(), ..self.clone() }
            }
            _ => self.clone(),
        }
    }

    /// Through what the text came to where it counts.
    pub fn via(&self) -> &Via {
        &self.via
    }

    /// The text of the span.
    pub fn text(&self) -> &str {
        self.source.text.get(self.start..self.end).unwrap_or("")
    }

    /// Line and column of the first byte, both counted from 1, the column in characters.
    pub fn line_column(&self) -> (usize, usize) {
        let (line, start) = self.source.line(self.start);
        let before = self.source.text.get(start..self.start).unwrap_or("");
        // editors do not count a byte order mark
        let before = before.strip_prefix('\u{feff}').unwrap_or(before);
        (line, before.chars().count() + 1)
    }

    /// Line and column of the first byte and of the end, which is behind the last one.
    pub fn region(&self) -> ((usize, usize), (usize, usize)) {
        let end = Self { start: self.end, ..self.clone() };
        (self.line_column(), end.line_column())
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

#[cfg(test)]
mod tests {
    use super::*;

    fn whole(text: &str) -> Span {
        let source = Arc::new(Source::new("compose.yaml", format!("- {text}\n")));
        Span::new(source, 2, 2 + text.len())
    }

    #[test]
    fn a_part_of_a_value_has_its_own_place() {
        let value = "data:/data:ro";
        for text in [value, "\"data:/data:ro\"", "'data:/data:ro'", "\"data:/data:ro"] {
            let part = whole(text).part(value, &value[6..10]);
            assert_eq!(part.text(), "data", "{text}");
            assert!(text.as_bytes()[part.start - 3] == b'/');
        }
    }

    #[test]
    fn a_part_that_is_written_otherwise_has_the_place_of_the_whole() {
        let value = "data:/data:ro";
        for text in ["\"d\\x61ta:/data:ro\"", "${X}", "da", ""] {
            assert_eq!(whole(text).part(value, &value[5..10]), whole(text), "{text}");
        }
        let foreign = String::from("data");
        assert_eq!(whole(value).part(value, &foreign), whole(value));
        assert_eq!(whole(value).part(value, ""), whole(value));
    }

    #[test]
    fn columns_count_characters_from_the_start_of_the_line() {
        let source = Arc::new(Source::new("compose.yaml", "\u{feff}a: 1\r\n\tü🦀: é\r\n"));
        let place = |text: &str| {
            let start = source.text.find(text).unwrap();
            Span::new(Arc::clone(&source), start, start + text.len()).to_string()
        };
        assert_eq!(place("a"), "compose.yaml:1:1");
        assert_eq!(place("1"), "compose.yaml:1:4");
        assert_eq!(place("ü"), "compose.yaml:2:2");
        assert_eq!(place("é"), "compose.yaml:2:6");
    }
}
