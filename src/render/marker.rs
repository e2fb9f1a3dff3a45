//! Each printed line remembers the template line that it comes from.
//!
//! Before a template is registered, `U+E0F2 TEMPLATE:LINE U+E0F3` is appended to its lines; after
//! rendering the markers are taken off again. Lines that hold only block tags get none, because
//! handlebars drops such lines and would keep them with a marker.

use std::fmt::Write as _;

const START: char = '\u{e0f2}';
const END: char = '\u{e0f3}';

/// Printed lines.
pub struct Lines(pub Vec<Line>);

impl Lines {
    /// The lines as one text.
    pub fn text(&self) -> String {
        let mut text = String::new();
        for Line { text: line, origin: _ } in &self.0 {
            text.push_str(line);
            text.push('\n');
        }
        text
    }
}

/// A printed line.
pub struct Line {
    /// Without its end.
    pub text: String,
    /// The number of the template and the line in it, from 1.
    pub origin: Option<(usize, usize)>,
}

/// Appends the markers.
pub fn mark(template: &str, number: usize) -> String {
    let mut marked = String::with_capacity(template.len() * 2);
    let mut inside = None;
    for (index, line) in template.split_inclusive('\n').enumerate() {
        let content = line.trim_end_matches(['\n', '\r']);
        let standalone = inside.is_some() || is_standalone(content);
        inside = open_tag(content, inside);
        marked.push_str(content);
        if !standalone && inside.is_none() && !content.trim().is_empty() {
            // Writing to a string cannot fail.
            let _ = write!(marked, "{START}{number}:{}{END}", index + 1);
        }
        marked.push_str(&line[content.len()..]);
    }
    marked
}

/// Takes the markers off. A line on which nothing but its marker was printed is dropped.
pub fn unmark(printed: &str) -> Lines {
    let mut lines = Vec::new();
    for line in printed.lines() {
        let mut origin = None;
        let mut text = String::with_capacity(line.len());
        let mut rest = line;
        while let Some((before, after)) = rest.split_once(START) {
            text.push_str(before);
            let parsed =
                after.split_once(END).and_then(|(marker, after)| Some((parse(marker)?, after)));
            if let Some((parsed, after)) = parsed {
                origin = origin.or(Some(parsed));
                rest = after;
            } else {
                // The character is the user's own.
                text.push(START);
                rest = after;
            }
        }
        text.push_str(rest);
        if origin.is_none() || !text.trim().is_empty() {
            lines.push(Line { text, origin });
        }
    }
    Lines(lines)
}

fn parse(marker: &str) -> Option<(usize, usize)> {
    let (number, line) = marker.split_once(':')?;
    Some((number.parse().ok()?, line.parse().ok()?))
}

/// Whether the line is one tag that prints nothing on it: a block, a partial or a comment.
fn is_standalone(line: &str) -> bool {
    let Some(mut rest) = line.trim().strip_prefix("{{") else { return false };
    loop {
        rest = rest.trim_start_matches(['~', ' ']);
        if !(rest.starts_with(['#', '/', '>', '!', '^']) || rest.starts_with("else")) {
            return false;
        }
        let Some((_, after)) = rest.split_once("}}") else { return true };
        match after.trim_start().strip_prefix("{{") {
            Some(next) => rest = next,
            None => return after.trim_start_matches('}').trim().is_empty(),
        }
    }
}

/// What ends the tag or comment that is open at the end of the line, if one is.
fn open_tag(line: &str, open: Option<&'static str>) -> Option<&'static str> {
    let mut rest = match open {
        Some(end) => match line.split_once(end) {
            Some((_, after)) => after,
            None => return open,
        },
        None => line,
    };
    while let Some((_, after)) = rest.split_once("{{") {
        let comment = after.trim_start_matches('~').starts_with("!--");
        let end = if comment { "--}}" } else { "}}" };
        match after.split_once(end) {
            Some((_, after)) => rest = after,
            None => return Some(end),
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(text: &str) -> String {
        text.replace(START, "<").replace(END, ">")
    }

    #[test]
    fn lines_that_print_nothing_get_no_marker() {
        let template = "a: {{b}}\n  {{#if c}}\nd\n  {{/if}}\n{{> e}}\n\n{{!-- f\n g --}}\n{{yaml\n h}}\ni {{#if j}}k{{/if}}";
        assert_eq!(
            shown(&mark(template, 7)),
            "a: {{b}}<7:1>\n  {{#if c}}\nd<7:3>\n  {{/if}}\n{{> e}}\n\n{{!-- f\n g --}}\n{{yaml\n h}}\ni {{#if j}}k{{/if}}<7:11>"
        );
    }

    #[test]
    fn what_is_marked_comes_back_unmarked() {
        let lines = unmark(&mark("a\n  b\n\nc\u{e0f2}", 3));
        let text: Vec<_> = lines.0.iter().map(|line| (line.text.as_str(), line.origin)).collect();
        let expected =
            [("a", Some((3, 1))), ("  b", Some((3, 2))), ("", None), ("c\u{e0f2}", Some((3, 4)))];
        assert_eq!(text, expected);
    }
}
