//! Diagnostics for people: rustc's layout, with source excerpts.

use std::borrow::Cow;
use std::collections::BTreeSet;
use std::ops::Range;
use std::sync::Arc;

use annotate_snippets::{AnnotationKind, Element, Group, Level, Origin, Renderer, Snippet};
use indexmap::IndexMap;
use indexmap::map::Entry;

use super::masked::mask;
use super::{Diagnostic, Loss, Report, Severity, Span, StepKind};

/// The whole report as text; `color` chooses ANSI colours.
pub fn render(report: &Report, color: bool) -> String {
    let renderer = if color { Renderer::styled() } else { Renderer::plain() };
    let mut text = String::new();
    let rest = report.rest();
    for (diagnostic, places) in gathered(report.iter().chain(&rest)) {
        text.push_str(&render_one(diagnostic, &places, &renderer));
        text.push_str("\n\n");
    }
    if let Some(summary) = summary(report) {
        text.push_str(&summary);
        text.push('\n');
    }
    text
}

/// How many findings there are; one counts itself.
fn summary(report: &Report) -> Option<String> {
    let severities = [Severity::Error, Severity::Warning, Severity::Note];
    let counts = severities.map(|severity| (report.count(severity), severity.name()));
    let total: usize = counts.iter().map(|(count, _)| count).sum();
    let counts = counts.iter().filter(|(count, _)| *count > 0);
    let mut parts: Vec<String> = counts
        .map(|(count, name)| format!("{count} {name}{}", if *count == 1 { "" } else { "s" }))
        .collect();
    let allowed = report.allowed().len();
    if allowed > 0 {
        parts.push(format!("{allowed} allowed"));
    }
    (total > 1 || allowed > 0).then(|| parts.join(", "))
}

/// A further place of a finding, with what it names there.
type Further<'d> = (&'d Span, Vec<&'d str>);

/// The findings, each with the further places of which it says the same: who reads that the volumes are empty does not
/// want to read it for each of them. A note is the same also where it names something else.
fn gathered<'d>(
    diagnostics: impl Iterator<Item = &'d Diagnostic>,
) -> impl Iterator<Item = (&'d Diagnostic, Vec<Further<'d>>)> {
    let mut all: IndexMap<_, (&Diagnostic, Vec<Further>)> = IndexMap::new();
    for (index, diagnostic) in diagnostics.enumerate() {
        let Diagnostic { code, severity, loss, path: _, also, span, message, help, related } =
            diagnostic;
        let is_alone = *severity == Severity::Error || !also.is_empty() || !related.is_empty();
        let span = span.as_ref().filter(|span| !is_alone && span.via().is_empty());
        let alone = span.is_none().then_some(index);
        let said = if *severity == Severity::Note { said(message) } else { vec![message.as_str()] };
        let text = (code.id, severity.name(), loss.name(), said, help.as_deref(), alone);
        match all.entry(text) {
            Entry::Occupied(mut first) => {
                let (diagnostic, places) = first.get_mut();
                let names = if *message == diagnostic.message { vec![] } else { named(message) };
                places.extend(span.map(|span| (span, names)));
            }
            Entry::Vacant(entry) => {
                entry.insert((diagnostic, Vec::new()));
            }
        }
    }
    all.into_values()
}

/// A message without the names in it.
fn said(message: &str) -> Vec<&str> {
    message.split('`').step_by(2).collect()
}

/// The names in a message.
fn named(message: &str) -> Vec<&str> {
    message.split('`').skip(1).step_by(2).collect()
}

fn render_one(diagnostic: &Diagnostic, places: &[Further], renderer: &Renderer) -> String {
    let level = match diagnostic.severity {
        Severity::Error => Level::ERROR,
        Severity::Warning => Level::WARNING,
        Severity::Note => Level::NOTE,
    };
    let id = diagnostic.code.to_string();
    let title = level.primary_title(diagnostic.message.as_str()).id(id);
    let mut group = Group::with_title(title);
    for element in excerpts(diagnostic) {
        group = group.element(element);
    }
    for step in diagnostic.span.iter().flat_map(|span| span.via().steps()) {
        let note = step.to_string();
        group = group.element(Level::NOTE.message(printable(&note).into_owned()));
    }
    if let Some(note) = also(&diagnostic.also) {
        group = group.element(Level::NOTE.message(printable(&note).into_owned()));
    }
    if !places.is_empty() {
        let places: Vec<String> = places.iter().map(further).collect();
        let note = format!("the same at {}", places.join(", "));
        group = group.element(Level::NOTE.message(printable(&note).into_owned()));
    }
    if diagnostic.loss != Loss::Exact {
        group = group.element(Level::NOTE.with_name("loss").message(diagnostic.loss.name()));
    }
    if let Some(help) = &diagnostic.help {
        group = group.element(Level::HELP.message(printable(help)));
    }
    renderer.render(&[group])
}

fn further((span, names): &Further) -> String {
    let (line, column) = span.line_column();
    let place = format!("{}:{line}:{column}", span.source.name);
    if names.is_empty() { place } else { format!("{place} (`{}`)", names.join("`, `")) }
}

/// The further paths, of many only the first.
fn also(paths: &BTreeSet<String>) -> Option<String> {
    const SHOWN: usize = 5;
    let mut names: Vec<String> = paths.iter().take(SHOWN).map(|path| format!("`{path}`")).collect();
    if paths.len() > SHOWN {
        names.push(format!("{} more", paths.len() - SHOWN));
    }
    let last = names.pop()?;
    let all = if names.is_empty() { last } else { format!("{} and {last}", names.join(", ")) };
    Some(format!("it also reaches {all}"))
}

/// How many bytes an excerpt may have.
const MAX_EXCERPT: usize = 20_000;

/// A place to show: the finding's own has no label.
type Shown<'d> = (&'d Span, Option<Cow<'d, str>>);

/// The place itself, what is related to it, and where the variables are set that it came through.
/// Places that stand near each other in one source share an excerpt.
fn excerpts(diagnostic: &Diagnostic) -> Vec<Element<'_>> {
    let primary = diagnostic.span.iter().map(|span| (span, None));
    let related = diagnostic.related.iter().map(|(span, label)| (span, Some(printable(label))));
    let steps = diagnostic.span.iter().flat_map(|span| span.via().steps());
    let settings = steps.filter(|step| step.kind == StepKind::Variable).filter_map(|step| {
        let place = step.place.as_ref().filter(|place| !place.source.confidential)?;
        Some((place, Some(format!("`{}` is set here", printable(&step.name)).into())))
    });
    let mut groups: Vec<Vec<Shown<'_>>> = Vec::new();
    for place in primary.chain(related).chain(settings) {
        match groups.iter_mut().find(|group| group.iter().any(|(span, _)| near(span, place.0))) {
            Some(group) => group.push(place),
            None => groups.push(vec![place]),
        }
    }
    groups.iter().filter_map(|group| excerpt(group)).collect()
}

/// Whether two places can share an excerpt without it becoming endless.
fn near(a: &Span, b: &Span) -> bool {
    const LINES: usize = 50;
    Arc::ptr_eq(&a.source, &b.source)
        && a.source.line(a.start).0.abs_diff(b.source.line(b.start).0) <= LINES
}

/// The lines from the first to the last of some places in one source.
///
/// Only these lines are given to the renderer, which reads all that it gets; when they are too
/// long to be read by anybody, there is only the name of the place.
fn excerpt<'d>(places: &[Shown<'d>]) -> Option<Element<'d>> {
    let (first_span, _) = places.first()?;
    let source = &first_span.source;
    let text = source.text.as_str();
    let ranges: Vec<Range<usize>> = places.iter().map(|(span, _)| visible(span)).collect();
    let start = ranges.iter().map(|range| range.start).min()?;
    let end = ranges.iter().map(|range| range.end).max()?;
    let (line, first) = source.line(start);
    let last = text.get(end..)?.find('\n').map_or(text.len(), |newline| end + newline);
    let lines = text.get(first..last)?;
    if source.confidential || lines.len() > MAX_EXCERPT {
        let (line, column) = first_span.line_column();
        return Some(Origin::path(printable(&source.name)).line(line).char_column(column).into());
    }
    let annotations = places.iter().zip(ranges).map(|((_, label), range)| {
        let range = range.start - first..range.end - first;
        match label {
            Some(label) => AnnotationKind::Context.span(range).label(label.clone()),
            None => AnnotationKind::Primary.span(range),
        }
    });
    let snippet = Snippet::source(mask(lines)).line_start(line);
    Some(snippet.path(printable(&source.name)).annotations(annotations).into())
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
    let inside = text.get(start..text.floor_char_boundary(span.end)).unwrap_or_default();
    let line = inside.find(['\n', '\r']).unwrap_or(inside.len());
    start..start + line
}

#[cfg(test)]
mod tests {
    use crate::diagnostic::{Source, Step, Via, codes};

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
error[LS0102 duplicate-key]: twice
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
    fn a_finding_says_through_what_its_value_came() {
        let file = source("x: &p ${PORT}\n\nservices:\n  web:\n    ports: [*p]\n");
        let env = Arc::new(Source::new(".env", "A=1\nPORT=80x\n"));
        let port = Step::at(StepKind::Variable, "PORT", &Span::new(env, 4, 12));
        let alias = Step::at(StepKind::Alias, "p", &Span::new(Arc::clone(&file), 44, 46));
        let span = Span::new(file, 6, 13);
        let via = Via::default().and(&Arc::new(port)).and(&Arc::new(alias));
        let mut report = Report::new();
        report.push(
            Diagnostic::error(codes::INVALID_VALUE, "", "`80x` is no port").at(span.with_via(via)),
        );
        similar_asserts::assert_eq!(
            render(&report, false),
            "\
error[LS0205 invalid-value]: `80x` is no port
 --> compose.yaml:1:7
  |
1 | x: &p ${PORT}
  |       ^^^^^^^
  |
 ::: .env:2:1
  |
2 | PORT=80x
  | -------- `PORT` is set here
  |
  = note: through the variable `PORT`, set in .env:2
  = note: through the alias `*p` at compose.yaml:5:13

"
        );
    }

    /// A project with ten volumes had the same two notes ten times.
    #[test]
    fn what_is_said_of_several_places_is_said_once() {
        let source = source("volumes:\n  a:\n  b:\n  c:\n");
        let mut report = Report::new();
        for (at, message) in [(11, "empty"), (11, "small"), (16, "empty"), (21, "empty")] {
            let span = Span::new(Arc::clone(&source), at, at + 1);
            report.push(Diagnostic::note(codes::EMPTY_VOLUME, "", message).at(span).help("fill"));
        }
        similar_asserts::assert_eq!(
            render(&report, false),
            "\
note[LS1008 empty-volume]: empty
 --> compose.yaml:2:3
  |
2 |   a:
  |   ^
  |
  = note: the same at compose.yaml:3:3, compose.yaml:4:3
  = loss: ignored-harmless
  = help: fill

note[LS1008 empty-volume]: small
 --> compose.yaml:2:3
  |
2 |   a:
  |   ^
  |
  = loss: ignored-harmless
  = help: fill

4 notes
"
        );
    }

    /// Each service with `build` had a note of its own, since it names the image.
    #[test]
    fn what_is_said_of_several_names_is_said_once() {
        let source = source("services:\n  a:\n  b:\n");
        let note = |at: usize, message: &str| {
            let span = Span::new(Arc::clone(&source), at, at + 1);
            Diagnostic::note(codes::LOCAL_IMAGE, "", message).at(span)
        };
        let warning = |at: usize, message: &str| {
            let span = Span::new(Arc::clone(&source), at, at + 1);
            Diagnostic::warning(codes::RENAMED, Loss::Approximated, "", message).at(span)
        };
        let mut report = Report::new();
        report.push(note(12, "the image is called `a`"));
        report.push(note(17, "the image is called `b`"));
        report.push(warning(12, "`a` is called `x`"));
        report.push(warning(17, "`b` is called `y`"));
        let text = render(&report, false);
        assert_eq!(text.matches("local-image").count(), 1, "{text}");
        assert!(text.contains("= note: the same at compose.yaml:3:3 (`b`)\n"), "{text}");
        assert_eq!(text.matches("renamed").count(), 2, "{text}");
    }

    #[test]
    fn a_confidential_source_is_named_but_not_shown() {
        let source = Arc::new(Source::confidential("web.env", "A=\nB='hunter2\n"));
        let mut report = Report::new();
        let diagnostic = Diagnostic::error(codes::INVALID_VALUE, "", "the quote has no end");
        report.push(diagnostic.at(Span::new(source, 5, 13)).help("close it"));
        similar_asserts::assert_eq!(
            render(&report, false),
            "\
error[LS0205 invalid-value]: the quote has no end
--> web.env:2:3
 = help: close it

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
            proptest::prop_assert!(render(&report, false).starts_with("error[LS0203 wrong-type]: x"));
        }
    }
}
