use std::sync::Arc;

use super::{Allow, Scope, find};
use crate::diagnostic::{Diagnostic, Loss, Report, Source, Span, codes};

/// The leaves that the comments of a compose file give: `# longshore: allow CODE, CODE -- reason`,
/// on the line of an attribute or on lines of their own above it. Comments that cannot be
/// understood are reported.
pub fn comments(source: &Arc<Source>, report: &mut Report) -> Vec<Allow> {
    let mut allows = Vec::new();
    let mut start = 0;
    let lines: Vec<&str> = source.text.split('\n').collect();
    for (index, line) in lines.iter().enumerate() {
        if let Some(comment) = Comment::find(line) {
            let is_alone = line.get(..comment.start).is_some_and(|text| text.trim().is_empty());
            let line = if is_alone { next_attribute(&lines, index) } else { Some(index + 1) };
            let place = |text: &str| {
                let offset = text.as_ptr().addr() - comment.line.as_ptr().addr();
                Span::new(Arc::clone(source), start + offset, start + offset + text.len())
            };
            match (comment.codes(), line) {
                (Ok(_), None) => {
                    let message = "no attribute stands below the comment".to_owned();
                    report.push(wrong(message, place(comment.text)));
                }
                (Ok(names), Some(line)) => {
                    for name in names {
                        match find(name) {
                            Ok(code) => allows.push(Allow {
                                code,
                                scope: Scope::Line { source: Arc::clone(source), line },
                                given: format!("allow {name}"),
                                place: Some(place(name)),
                            }),
                            Err(message) => report.push(wrong(message, place(name))),
                        }
                    }
                }
                (Err(message), _) => report.push(wrong(message, place(comment.text))),
            }
        }
        start += line.len() + 1;
    }
    allows
}

fn wrong(message: String, place: Span) -> Diagnostic {
    Diagnostic::warning(codes::INVALID_SETTING, Loss::Exact, "", message)
        .at(place)
        .help("write `# longshore: allow CODE`, with an optional reason behind `--`")
}

/// The line, counted from 1, of the first attribute below a comment that stands alone.
fn next_attribute(lines: &[&str], comment: usize) -> Option<usize> {
    let below = lines.iter().enumerate().skip(comment + 1);
    let mut attributes = below.filter(|(_, line)| {
        let line = line.trim();
        !line.is_empty() && !line.starts_with('#')
    });
    attributes.next().map(|(index, _)| index + 1)
}

/// A comment that speaks to longshore.
struct Comment<'a> {
    line: &'a str,
    /// The byte of `#`.
    start: usize,
    /// What stands behind `longshore:`.
    text: &'a str,
}

impl<'a> Comment<'a> {
    fn find(line: &'a str) -> Option<Self> {
        for (start, _) in line.match_indices('#') {
            let starts_comment =
                line.get(..start)?.chars().next_back().is_none_or(char::is_whitespace);
            let behind = line.get(start + 1..)?.trim_start();
            if let Some(text) = behind.strip_prefix("longshore:").filter(|_| starts_comment) {
                return Some(Self { line, start, text: text.trim() });
            }
        }
        None
    }

    fn codes(&self) -> Result<Vec<&'a str>, String> {
        let text = self.text.split_once("--").map_or(self.text, |(before, _)| before);
        let mut words = text.split([' ', '\t', ',']).filter(|word| !word.is_empty());
        match words.next() {
            Some("allow") => {}
            Some(word) => {
                return Err(format!("`{word}` means nothing to longshore; it knows `allow`"));
            }
            None => return Err("nothing stands behind `longshore:`".to_owned()),
        }
        let codes: Vec<&str> = words.collect();
        if codes.is_empty() {
            return Err("`allow` names no code".to_owned());
        }
        Ok(codes)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn comments_give_leave_to_a_line() {
        let text = "\
# longshore: allow LS1305 -- for all
services:
  web:  # longshore: allow ulimits, cpuset
    # longshore: allow LS1313

    # another comment
    cpuset: '0' # not longshore: allow
    image: a#longshore: allow LS1004
    x: 1 # longshore: alow LS1004
    y: 1 # longshore: allow LS9999 -- a reason
    z: 1 # longshore: allow
# longshore: allow LS1004";
        let source = Arc::new(Source::new("compose.yaml", text));
        let mut report = Report::new();
        let allows: Vec<String> = comments(&source, &mut report)
            .into_iter()
            .map(|Allow { code, scope, place, .. }| {
                let Scope::Line { line, .. } = scope else { panic!("a line") };
                format!("{} {line} {}", code.id, place.unwrap())
            })
            .collect();
        assert_eq!(
            allows,
            [
                "LS1305 2 compose.yaml:1:20",
                "LS1305 3 compose.yaml:3:28",
                "LS1313 3 compose.yaml:3:37",
                "LS1313 7 compose.yaml:4:24",
            ]
        );
        let wrong: Vec<String> = report
            .iter()
            .map(|it| format!("{} {}", it.span.as_ref().unwrap(), it.message))
            .collect();
        assert_eq!(
            wrong,
            [
                "compose.yaml:9:23 `alow` means nothing to longshore; it knows `allow`",
                "compose.yaml:10:29 there is no code `LS9999`; `longshore explain` lists all codes",
                "compose.yaml:11:23 `allow` names no code",
                "compose.yaml:12:14 no attribute stands below the comment",
            ]
        );
    }
}
