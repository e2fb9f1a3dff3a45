use std::collections::HashSet;
use std::sync::Arc;

use super::{Diagnostic, Severity};

/// All findings of a run, in a stable order.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Report {
    diagnostics: Vec<Diagnostic>,
}

impl Report {
    /// An empty report.
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds a finding, without the values of variables of the process environment.
    pub fn push(&mut self, mut diagnostic: Diagnostic) {
        hide_values(&mut diagnostic);
        self.diagnostics.push(diagnostic);
    }

    /// Adds all findings of another report.
    pub fn extend(&mut self, other: Report) {
        self.diagnostics.extend(other.diagnostics);
    }

    /// The findings in the order they were made.
    pub fn iter(&self) -> impl Iterator<Item = &Diagnostic> {
        self.diagnostics.iter()
    }

    /// How many findings are of this severity.
    pub fn count(&self, severity: Severity) -> usize {
        self.iter().filter(|diagnostic| diagnostic.severity == severity).count()
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

    /// Keeps only the first of several findings with the same code about the same place: what is
    /// wrong with a value is told once, however many stages trip over it.
    pub fn deduplicate(&mut self) {
        let mut seen = HashSet::new();
        self.diagnostics.retain(|diagnostic| {
            let Some(span) = &diagnostic.span else { return true };
            let source = Arc::as_ptr(&span.source);
            seen.insert((diagnostic.code.id, diagnostic.path.clone(), source, span.start, span.end))
        });
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
