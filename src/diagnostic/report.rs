use std::collections::HashMap;
use std::sync::Arc;

use super::{Diagnostic, Severity, Source, codes};

/// Beyond the limit this many times as many findings are kept until the report is closed:
/// repetitions are only found then.
const SPARE: usize = 10;

/// All findings of a run, in a stable order.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Report {
    diagnostics: Vec<Diagnostic>,
    /// How many findings of each severity it shows in the end.
    limit: Option<usize>,
    kept: Tally,
    omitted: Tally,
}

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
struct Tally {
    errors: usize,
    warnings: usize,
    notes: usize,
}

impl Report {
    /// An empty report.
    pub fn new() -> Self {
        Self::default()
    }

    /// An empty report that shows this many findings of each severity and counts the others.
    pub fn bounded(limit: usize) -> Self {
        Self { limit: Some(limit), ..Self::default() }
    }

    /// Adds a finding, without the values of variables of the process environment.
    pub fn push(&mut self, mut diagnostic: Diagnostic) {
        let severity = diagnostic.severity;
        if self.is_full(severity) {
            self.omit(severity);
            return;
        }
        *self.kept.of(severity) += 1;
        hide_values(&mut diagnostic);
        self.diagnostics.push(diagnostic);
    }

    /// Whether findings of this severity are only counted from now on.
    pub fn is_full(&self, severity: Severity) -> bool {
        let kept = self.kept.get(severity);
        self.limit.is_some_and(|limit| kept >= limit.saturating_mul(SPARE))
    }

    /// Counts a finding that need not be worded because the report is full.
    pub fn omit(&mut self, severity: Severity) {
        *self.omitted.of(severity) += 1;
    }

    /// Adds all findings of another report.
    pub fn extend(&mut self, other: Report) {
        for severity in [Severity::Error, Severity::Warning, Severity::Note] {
            *self.kept.of(severity) += other.kept.get(severity);
            *self.omitted.of(severity) += other.omitted.get(severity);
        }
        self.diagnostics.extend(other.diagnostics);
    }

    /// The findings in the order they were made.
    pub fn iter(&self) -> impl Iterator<Item = &Diagnostic> {
        self.diagnostics.iter()
    }

    /// What is to be said about the findings that are only counted.
    pub fn rest(&self) -> Vec<Diagnostic> {
        let Tally { errors, warnings, notes } = self.omitted;
        let more = |count: usize, one: &str| {
            let (s, verb) = if count == 1 { ("", "is") } else { ("s", "are") };
            format!("{count} more {one}{s} {verb} not shown")
        };
        let mut rest = Vec::new();
        if errors > 0 {
            let diagnostic = Diagnostic::error(codes::MORE_FINDINGS, "", more(errors, "error"));
            rest.push(diagnostic.help("correct the first ones, and try again"));
        }
        for (count, one) in [(warnings, "warning"), (notes, "note")] {
            if count > 0 {
                rest.push(Diagnostic::note(codes::MORE_FINDINGS, "", more(count, one)));
            }
        }
        rest
    }

    /// How many findings are of this severity.
    pub fn count(&self, severity: Severity) -> usize {
        self.kept.get(severity) + self.omitted.get(severity)
    }

    /// Whether the input cannot be used.
    pub fn has_errors(&self) -> bool {
        self.count(Severity::Error) > 0
    }

    /// Whether there is nothing to say.
    pub fn is_empty(&self) -> bool {
        self.diagnostics.is_empty()
    }

    /// Orders by file, position, code; findings without a position come first.
    pub fn sort(&mut self) {
        self.diagnostics.sort_by(|a, b| sort_key(a).cmp(&sort_key(b)));
    }

    /// Makes the report final: without repetitions, in order, and not above its limit.
    pub fn close(&mut self) {
        self.deduplicate();
        self.sort();
        self.kept = Tally::default();
        let Self { diagnostics, limit, kept, omitted } = self;
        diagnostics.retain(|diagnostic| {
            let kept = kept.of(diagnostic.severity);
            let shown = limit.is_none_or(|limit| *kept < limit);
            *(if shown { kept } else { omitted.of(diagnostic.severity) }) += 1;
            shown
        });
    }

    /// What is wrong with a value is told once, however many stages trip over it and however
    /// many services it goes to by aliases, `extends` and the like.
    fn deduplicate(&mut self) {
        let mut told: Vec<Diagnostic> = Vec::with_capacity(self.diagnostics.len());
        let mut known: HashMap<Subject, usize> = HashMap::new();
        for diagnostic in self.diagnostics.drain(..) {
            let Some(subject) = Subject::of(&diagnostic) else {
                told.push(diagnostic);
                continue;
            };
            let next = told.len();
            match told.get_mut(*known.entry(subject).or_insert(next)) {
                Some(first) => add_path(first, diagnostic),
                None => told.push(diagnostic),
            }
        }
        for diagnostic in &mut told {
            diagnostic.also.sort();
            diagnostic.also.dedup();
        }
        self.diagnostics = told;
    }
}

impl Tally {
    fn get(mut self, severity: Severity) -> usize {
        *self.of(severity)
    }

    fn of(&mut self, severity: Severity) -> &mut usize {
        match severity {
            Severity::Error => &mut self.errors,
            Severity::Warning => &mut self.warnings,
            Severity::Note => &mut self.notes,
        }
    }
}

/// What a finding is about: the same place in the same role.
#[derive(PartialEq, Eq, Hash)]
struct Subject {
    code: &'static str,
    source: *const Source,
    range: (usize, usize),
    /// The Compose path; without the name of the service where the value may be shared.
    role: String,
}

impl Subject {
    fn of(diagnostic: &Diagnostic) -> Option<Self> {
        let span = diagnostic.span.as_ref()?;
        let source = Arc::as_ptr(&span.source);
        let role = role(&diagnostic.path);
        Some(Self { code: diagnostic.code.id, source, range: (span.start, span.end), role })
    }
}

/// `services.web.image` to `services..image`: what stands in one place and has one role is
/// written once, and reaches different services by a detour.
fn role(path: &str) -> String {
    let mut parts = path.splitn(3, '.');
    let (section, _, rest) = (parts.next(), parts.next(), parts.next());
    match (section, rest) {
        (Some(section), Some(rest)) => format!("{section}..{rest}"),
        _ => path.to_owned(),
    }
}

/// Of two findings about one place the one with the shorter way stays, with the path of the other.
fn add_path(first: &mut Diagnostic, mut second: Diagnostic) {
    let steps = |diagnostic: &Diagnostic| {
        diagnostic.span.as_ref().map_or(0, |span| span.via().steps().len())
    };
    if first.path == second.path {
        return;
    }
    if steps(&second) < steps(first) {
        std::mem::swap(first, &mut second);
        first.also.append(&mut second.also);
    }
    first.also.push(second.path);
}

fn sort_key(diagnostic: &Diagnostic) -> (Option<(&str, usize)>, &str, &str, &str) {
    let place = diagnostic.span.as_ref().map(|span| (span.source.name.as_str(), span.start));
    (place, diagnostic.code.id, diagnostic.path.as_str(), diagnostic.message.as_str())
}

fn hide_values(diagnostic: &mut Diagnostic) {
    let Diagnostic { span, message, help, related, .. } = diagnostic;
    for span in span.iter().chain(related.iter().map(|(span, _)| span)) {
        if !span.via().is_empty() {
            span.via().hide(message);
            if let Some(help) = help {
                span.via().hide(help);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::diagnostic::{Span, Step, Via};

    fn finding(path: &str, span: &Span) -> Diagnostic {
        Diagnostic::error(codes::WRONG_TYPE, path, format!("`{path}` is wrong")).at(span.clone())
    }

    fn shown(report: &Report) -> Vec<(&str, &[String])> {
        report.iter().map(|it| (it.path.as_str(), it.also.as_slice())).collect()
    }

    #[test]
    fn what_several_services_share_is_told_once_where_the_way_is_shortest() {
        let place = Span::new(Arc::new(Source::new("compose.yaml", "a: b")), 3, 4);
        let step = Arc::new(Step::own_variable("X"));
        let far = place.with_via(Via::default().and(&step));
        let mut report = Report::new();
        report.push(finding("services.a.image", &far));
        report.push(finding("services.b.image", &place));
        report.push(finding("services.b.image", &place));
        report.push(finding("services.c.image", &far));
        report.push(finding("services.c.image", &far));
        report.push(finding("services.c.restart", &far));
        report.close();
        let also = ["services.a.image".to_owned(), "services.c.image".to_owned()];
        assert_eq!(
            shown(&report),
            [("services.b.image", also.as_slice()), ("services.c.restart", &[])]
        );
    }

    #[test]
    fn a_bounded_report_counts_what_it_does_not_show() {
        let text = "x".repeat(3000);
        let source = Arc::new(Source::new("compose.yaml", text));
        let mut report = Report::bounded(20);
        for at in 0..2000 {
            report.push(finding(&at.to_string(), &Span::new(Arc::clone(&source), at, at + 1)));
        }
        report.push(Diagnostic::note(codes::LOCAL_ONLY, "", "one note"));
        report.close();
        assert_eq!(report.iter().count(), 21);
        assert_eq!(report.count(Severity::Error), 2000);
        let rest: Vec<String> = report.rest().into_iter().map(|it| it.message).collect();
        assert_eq!(rest, ["1980 more errors are not shown"]);
    }
}
