//! Diagnostics for people: rustc's layout, with source excerpts.

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
        group = group.element(Level::HELP.message(help.as_str()));
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
    let first = text.get(..start)?.rfind('\n').map_or(0, |newline| newline + 1);
    let last = text.get(end..)?.find('\n').map_or(text.len(), |newline| end + newline);
    let line = text.get(..first)?.bytes().filter(|byte| *byte == b'\n').count() + 1;
    let annotations = places.iter().zip(ranges).map(|((_, label), range)| {
        let range = range.start - first..range.end - first;
        match label {
            Some(label) => AnnotationKind::Context.span(range).label(*label),
            None => AnnotationKind::Primary.span(range),
        }
    });
    let snippet = Snippet::source(text.get(first..last)?).line_start(line);
    Some(snippet.path(source.name.as_str()).annotations(annotations))
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
