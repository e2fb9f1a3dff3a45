use std::collections::HashMap;
use std::sync::Arc;

use super::{Diagnostic, Severity, codes};

/// Of how many further paths a finding tells.
const MAX_PATHS: usize = 1_000;

/// All findings of a run, in a stable order.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Report {
    diagnostics: Vec<Diagnostic>,
    limit: Option<Limit>,
    kept: Tally,
    omitted: Tally,
    allowed: Vec<Allowed>,
}

/// A finding that the user has allowed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Allowed {
    /// The finding.
    pub diagnostic: Diagnostic,
    /// How it is allowed.
    pub by: AllowedBy,
}

/// Where a finding is allowed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AllowedBy {
    /// In the compose files.
    Source,
    /// On the command line.
    CommandLine,
}

/// What keeps a report short.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
struct Limit {
    /// How many findings of each severity are kept.
    findings: usize,
    /// Where the finding about a subject is.
    known: HashMap<Subject, usize>,
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

    /// An empty report that keeps this many findings of each severity and counts the others.
    ///
    /// What is wrong with a value is told once, however many stages trip over it and however
    /// many services it goes to by aliases, `extends` and the like.
    pub fn bounded(findings: usize) -> Self {
        let limit = Limit { findings, known: HashMap::new() };
        Self { limit: Some(limit), ..Self::default() }
    }

    /// Adds a finding, without the values of variables of the process environment.
    pub fn push(&mut self, mut diagnostic: Diagnostic) {
        hide_values(&mut diagnostic);
        let severity = diagnostic.severity;
        let is_full = self.is_full(severity);
        if let Some(limit) = &mut self.limit
            && let Some(subject) = Subject::of(&diagnostic)
        {
            if let Some(first) = limit.known.get(&subject) {
                if let Some(first) = self.diagnostics.get_mut(*first) {
                    add_path(first, diagnostic);
                }
                return;
            }
            if !is_full {
                limit.known.insert(subject, self.diagnostics.len());
            }
        }
        if is_full {
            *self.omitted.of(severity) += 1;
        } else {
            *self.kept.of(severity) += 1;
            self.diagnostics.push(diagnostic);
        }
    }

    /// Adds an error that is only worded when there is room for it.
    pub fn push_error(&mut self, diagnostic: impl FnOnce() -> Diagnostic) {
        if self.is_full(Severity::Error) {
            self.omitted.errors += 1;
        } else {
            self.push(diagnostic());
        }
    }

    /// Adds all findings of another report.
    pub fn extend(&mut self, other: Report) {
        for severity in [Severity::Error, Severity::Warning, Severity::Note] {
            *self.kept.of(severity) += other.kept.get(severity);
            *self.omitted.of(severity) += other.omitted.get(severity);
        }
        self.diagnostics.extend(other.diagnostics);
        self.allowed.extend(other.allowed);
    }

    /// Takes out the findings that are allowed.
    pub fn allow(&mut self, mut is_allowed: impl FnMut(&Diagnostic) -> Option<AllowedBy>) {
        if let Some(limit) = &mut self.limit {
            limit.known.clear();
        }
        for diagnostic in std::mem::take(&mut self.diagnostics) {
            match is_allowed(&diagnostic) {
                None => self.diagnostics.push(diagnostic),
                Some(by) => {
                    *self.kept.of(diagnostic.severity) -= 1;
                    self.allowed.push(Allowed { diagnostic, by });
                }
            }
        }
    }

    /// The findings that are allowed, and not among the others.
    pub fn allowed(&self) -> &[Allowed] {
        &self.allowed
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

    /// The file that findings without a place are about: the first one with findings.
    pub fn main_file(&self) -> &str {
        let mut spans = self.iter().filter_map(|diagnostic| diagnostic.span.as_ref());
        spans.next().map_or("compose.yaml", |span| span.source.name.as_str())
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
        if let Some(limit) = &mut self.limit {
            limit.known.clear();
        }
        self.diagnostics.sort_by(|a, b| sort_key(a).cmp(&sort_key(b)));
    }

    /// Whether findings of this severity are only counted from now on.
    fn is_full(&self, severity: Severity) -> bool {
        let kept = self.kept.get(severity);
        self.limit.as_ref().is_some_and(|limit| kept >= limit.findings)
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
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
struct Subject {
    code: &'static str,
    /// The address of the source, which lives as long as the finding about it.
    source: usize,
    range: (usize, usize),
    /// The Compose path; without the name of the service where the value may be shared.
    role: String,
}

impl Subject {
    fn of(diagnostic: &Diagnostic) -> Option<Self> {
        let span = diagnostic.span.as_ref()?;
        let source = Arc::as_ptr(&span.source).addr();
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
        std::mem::swap(&mut first.also, &mut second.also);
    }
    if first.also.len() < MAX_PATHS {
        first.also.insert(second.path);
    }
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
    use crate::diagnostic::{Source, Span, Step, Via};

    fn finding(path: &str, span: &Span) -> Diagnostic {
        Diagnostic::error(codes::WRONG_TYPE, path, format!("`{path}` is wrong")).at(span.clone())
    }

    fn shown(report: &Report) -> Vec<String> {
        report.iter().map(|it| format!("{} {:?}", it.path, it.also)).collect()
    }

    #[test]
    fn what_several_services_share_is_told_once_where_the_way_is_shortest() {
        let place = Span::new(Arc::new(Source::new("compose.yaml", "a: b")), 3, 4);
        let step = Arc::new(Step::own_variable("X"));
        let far = place.with_via(Via::default().and(&step));
        let mut report = Report::bounded(10);
        report.push(finding("services.a.image", &far));
        report.push(finding("services.b.image", &place));
        report.push(finding("services.b.image", &place));
        report.push(finding("services.c.image", &far));
        report.push(finding("services.c.image", &far));
        report.push(finding("services.c.restart", &far));
        assert_eq!(
            shown(&report),
            [
                r#"services.b.image {"services.a.image", "services.c.image"}"#,
                "services.c.restart {}"
            ]
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
        assert_eq!(report.iter().count(), 21);
        assert_eq!(report.count(Severity::Error), 2000);
        let rest: Vec<String> = report.rest().into_iter().map(|it| it.message).collect();
        assert_eq!(rest, ["1980 more errors are not shown"]);
    }
}
