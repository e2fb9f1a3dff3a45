//! Diagnostics for people: rustc's layout, with source excerpts.

use std::borrow::Cow;
use std::ops::Range;
use std::sync::Arc;

use annotate_snippets::{Annotation, AnnotationKind, Group, Level, Renderer, Snippet};

use super::{Diagnostic, Report, Severity, Span};

/// The whole report as text; `color` chooses ANSI colours.
pub fn render(report: &Report, color: bool) -> String {
    let renderer = if color { Renderer::styled() } else { Renderer::plain() };
    let mut text = String::new();
    for diagnostic in report.iter() {
        text.push_str(&render_one(diagnostic, &renderer));
        text.push_str("\n\n");
    }
    text
}

fn render_one(diagnostic: &Diagnostic, renderer: &Renderer) -> String {
    let level = match diagnostic.severity {
        Severity::Error => Level::ERROR,
        Severity::Warning => Level::WARNING,
        Severity::Note => Level::NOTE,
    };
    let title = level.primary_title(diagnostic.message.as_str()).id(diagnostic.code.name);
    let mut group = Group::with_title(title);
    for excerpt in excerpts(diagnostic) {
        group = group.element(excerpt);
    }
    if let Some(help) = &diagnostic.help {
        group = group.element(Level::HELP.message(printable(help)));
    }
    renderer.render(&[group])
}

/// One excerpt per source: the place itself, then what is related to it.
fn excerpts(diagnostic: &Diagnostic) -> Vec<Snippet<'_, Annotation<'_>>> {
    let primary = diagnostic.span.iter().map(|span| (span, None));
    let related = diagnostic.related.iter().map(|(span, label)| (span, Some(label.as_str())));
    let mut sources: Vec<Vec<(&Span, Option<&str>)>> = Vec::new();
    for place in primary.chain(related) {
        let same = |places: &&mut Vec<(&Span, _)>| {
            places.first().is_some_and(|(span, _)| Arc::ptr_eq(&span.source, &place.0.source))
        };
        match sources.iter_mut().find(same) {
            Some(places) => places.push(place),
            None => sources.push(vec![place]),
        }
    }
    sources.iter().filter_map(|places| excerpt(places)).collect()
}

/// The lines from the first to the last of some places in one source.
///
/// Only these lines are given to the renderer, which reads all that it gets.
fn excerpt<'d>(places: &[(&'d Span, Option<&'d str>)]) -> Option<Snippet<'d, Annotation<'d>>> {
    let source = &places.first()?.0.source;
    let text = source.text.as_str();
    let ranges: Vec<Range<usize>> = places.iter().map(|(span, _)| visible(span)).collect();
    let start = ranges.iter().map(|range| range.start).min()?;
    let end = ranges.iter().map(|range| range.end).max()?;
    let (line, first) = source.line(start);
    let last = text.get(end..)?.find('\n').map_or(text.len(), |newline| end + newline);
    let annotations = places.iter().zip(ranges).map(|((_, label), range)| {
        let range = range.start - first..range.end - first;
        match label {
            Some(label) => AnnotationKind::Context.span(range).label(printable(label)),
            None => AnnotationKind::Primary.span(range),
        }
    });
    let snippet = Snippet::source(text.get(first..last)?).line_start(line);
    Some(snippet.path(printable(&source.name)).annotations(annotations))
}

/// A text without control characters, for the places where the renderer lets them through:
/// what a user wrote must not reach the terminal as a command.
fn printable(text: &str) -> Cow<'_, str> {
    let dangerous = |c: char| c.is_control() && c != '\n';
    if text.contains(dangerous) {
        Cow::Owned(text.replace(dangerous, "\u{fffd}"))
    } else {
        Cow::Borrowed(text)
    }
}

/// The part of a span that is pointed at: of several lines only the first.
fn visible(span: &Span) -> Range<usize> {
    let text = span.source.text.as_str();
    let start = text.floor_char_boundary(span.start);
    let rest = text.get(start..).unwrap_or_default();
    let line = rest.find(['\n', '\r']).unwrap_or(rest.len());
    let wanted = span.end.saturating_sub(start).min(line);
    start..text.floor_char_boundary(start + wanted).max(start)
}

#[cfg(test)]
mod tests {
    use crate::diagnostic::{Source, codes};

    use super::*;

    fn source(text: &str) -> Arc<Source> {
        Arc::new(Source::new("compose.yaml", text))
    }

    #[test]
    fn a_finding_shows_place_and_remedy() {
        let source = source("services:\n  web:\n    image: a\n    image: b\n");
        let mut report = Report::new();
        report.push(
            Diagnostic::error(codes::DUPLICATE_KEY, "services.web.image", "twice")
                .at(Span::new(Arc::clone(&source), 34, 39))
                .related(Span::new(source, 21, 26), "first here")
                .help("remove one"),
        );
        similar_asserts::assert_eq!(
            render(&report, false),
            "\
error[duplicate-key]: twice
 --> compose.yaml:4:5
  |
3 |     image: a
  |     ----- first here
4 |     image: b
  |     ^^^^^
  |
  = help: remove one

"
        );
    }

    #[test]
    fn colours_are_only_there_when_asked_for() {
        let mut report = Report::new();
        report.push(Diagnostic::note(codes::RENAMED, "", "x"));
        assert!(!render(&report, false).contains('\u{1b}'));
        assert!(render(&report, true).contains('\u{1b}'));
    }

    #[test]
    fn control_characters_of_the_input_do_not_reach_the_terminal() {
        let source = source("a: \u{1b}[31m\n");
        let mut report = Report::new();
        report.push(
            Diagnostic::error(codes::WRONG_TYPE, "a", "bad \u{1b}[31m")
                .at(Span::new(source, 3, 8))
                .help("no \u{1b}[31m"),
        );
        assert!(!render(&report, false).contains('\u{1b}'));
    }

    proptest::proptest! {
        #[test]
        fn any_span_of_any_text_can_be_shown(text in "[a-zü€🦀 \\t\\r\\n]{0,30}", start in 0..40_usize, end in 0..40_usize) {
            let source = source(&text);
            let mut report = Report::new();
            report.push(
                Diagnostic::error(codes::WRONG_TYPE, "", "x")
                    .at(Span::new(Arc::clone(&source), start, end))
                    .related(Span::new(source, end, start), "y"),
            );
            proptest::prop_assert!(render(&report, false).starts_with("error[wrong-type]: x"));
        }
    }
}
