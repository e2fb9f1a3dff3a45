//! Diagnostics as a Code Quality report of GitLab, for `artifacts:reports:codequality`.
//!
//! <https://docs.gitlab.com/ci/testing/code_quality/#code-quality-report-format>

use serde_json::{Value, json};

use super::fingerprint::Fingerprints;
use super::{Diagnostic, Loss, Report, Repository, Severity};

/// The whole report as one JSON array.
pub fn render(report: &Report, repository: &Repository) -> String {
    let rest = report.rest();
    let mut fingerprints = Fingerprints::new(repository);
    let fallback = repository.path(report.main_file());
    let issues: Vec<Value> = report
        .iter()
        .chain(&rest)
        .map(|diagnostic| {
            let (name, count) = fingerprints.next(diagnostic);
            // GitLab drops a finding with a fingerprint that it has seen.
            let fingerprint = if count == 1 { name } else { format!("{name}{count}") };
            issue(diagnostic, &fingerprint, &fallback, repository)
        })
        .collect();
    format!("{:#}\n", Value::from(issues))
}

fn issue(
    diagnostic: &Diagnostic,
    fingerprint: &str,
    fallback: &str,
    repository: &Repository,
) -> Value {
    let Diagnostic { code, message, help, .. } = diagnostic;
    let place = diagnostic.span.as_ref().map(|span| {
        let ((begin, _), (end, _)) = span.region();
        (repository.path(&span.source.name), begin, end)
    });
    let (path, begin, end) = place.unwrap_or_else(|| (fallback.to_owned(), 1, 1));
    let help = help.as_ref().map(|help| format!("; {help}")).unwrap_or_default();
    json!({
        "description": format!("{code}: {message}{help}"),
        "check_name": code.id,
        "fingerprint": fingerprint,
        "severity": severity(diagnostic),
        "location": { "path": path, "lines": { "begin": begin, "end": end } },
    })
}

fn severity(diagnostic: &Diagnostic) -> &'static str {
    match (diagnostic.severity, diagnostic.loss) {
        (Severity::Error, _) => "critical",
        (Severity::Warning, Loss::IgnoredBehaviourChange | Loss::Unsupported) => "major",
        (Severity::Warning, _) => "minor",
        (Severity::Note, _) => "info",
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;
    use std::sync::Arc;

    use super::*;
    use crate::diagnostic::{Source, Span, codes};

    #[test]
    fn each_finding_has_a_place_and_a_fingerprint_of_its_own() {
        let source = Arc::new(Source::new("compose.yaml", "services:\n  web: x\n"));
        let warning = |span| {
            Diagnostic::warning(codes::BIND_MOUNT, Loss::Approximated, "services.web", "m").at(span)
        };
        let span = Span::new(Arc::clone(&source), 17, 18);
        let mut report = Report::new();
        report.push(warning(Some(span.clone())).help("h"));
        report.push(warning(Some(span)));
        report.push(warning(None));
        let issues: Vec<Value> =
            serde_json::from_str(&render(&report, &Repository::default())).unwrap();
        let fingerprints: BTreeSet<&str> =
            issues.iter().map(|issue| issue["fingerprint"].as_str().unwrap()).collect();
        assert_eq!(fingerprints.len(), 3);
        assert_eq!(issues[0]["description"], "LS1004 bind-mount: m; h");
        assert_eq!(issues[0]["severity"], "minor");
        let place = json!({ "path": "compose.yaml", "lines": { "begin": 2, "end": 2 } });
        assert_eq!(issues[0]["location"], place);
        assert_eq!(issues[2]["location"]["path"], "compose.yaml");
    }

    #[test]
    fn nothing_found_is_an_empty_list() {
        assert_eq!(render(&Report::new(), &Repository::default()), "[]\n");
    }
}
