//! Diagnostics for programs: one JSON object per line.

use serde_json::{Value, json};

use super::{Diagnostic, Report, Span, Step};

/// The whole report, each finding on a line.
pub fn render(report: &Report) -> String {
    let mut lines = String::new();
    for diagnostic in report.iter().chain(&report.rest()) {
        lines.push_str(&object(diagnostic).to_string());
        lines.push('\n');
    }
    lines
}

/// One finding.
pub fn object(diagnostic: &Diagnostic) -> Value {
    let Diagnostic { code, severity, loss, path, also, span, message, help, related } = diagnostic;
    json!({
        "code": code.id,
        "name": code.name,
        "severity": severity,
        "loss": loss,
        "path": path,
        "also": also,
        "message": message,
        "help": help,
        "place": span.as_ref().map(place),
        "via": span.iter().flat_map(|span| span.via().steps()).map(step).collect::<Vec<_>>(),
        "related": related
            .iter()
            .map(|(span, label)| json!({ "message": label, "place": place(span) }))
            .collect::<Vec<_>>(),
    })
}

/// A step without a file has no place: the process environment, or a default.
fn step(step: &Step) -> Value {
    let place = step.place.as_ref();
    let (line, column) = place.map(Span::line_column).unzip();
    json!({
        "kind": step.kind,
        "name": step.name,
        "file": place.map(|place| &place.source.name),
        "line": line,
        "column": column,
    })
}

/// Lines and columns count from 1; columns count characters, and the end is behind the last one.
fn place(span: &Span) -> Value {
    let ((line, column), (end_line, end_column)) = span.region();
    json!({
        "file": span.source.name,
        "line": line,
        "column": column,
        "endLine": end_line,
        "endColumn": end_column,
    })
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::diagnostic::{Source, StepKind, Via, codes};

    #[test]
    fn one_line_per_finding() {
        let source = Arc::new(Source::new("compose.yaml", "a:\n  b: 1\n"));
        let mut report = Report::new();
        let diagnostic = Diagnostic::error(codes::WRONG_TYPE, "a.b", "not a list");
        report.push(diagnostic.at(Span::new(source, 5, 6)).help("write a list"));
        report.push(Diagnostic::note(codes::LOCAL_ONLY, "", "x"));
        let text = render(&report);
        let lines: Vec<Value> =
            text.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
        assert_eq!(lines.len(), 2);
        let place =
            json!({"file": "compose.yaml", "line": 2, "column": 3, "endLine": 2, "endColumn": 4});
        assert_eq!(lines[0]["place"], place);
        assert_eq!(lines[0]["severity"], "error");
        assert_eq!(lines[0]["via"], json!([]));
        assert_eq!(lines[1]["loss"], "ignored-harmless");
    }

    #[test]
    fn the_way_of_a_value_is_a_list() {
        let source = Arc::new(Source::new("compose.yaml", "a: &x ${A}\nb: *x\n"));
        let variable = Arc::new(Step::process_variable("A", "hunter2"));
        let alias = Step::at(StepKind::Alias, "x", &Span::new(Arc::clone(&source), 14, 16));
        let span = Span::new(source, 6, 10);
        let span = span.with_via(Via::default().and(&variable).and(&Arc::new(alias)));
        let mut report = Report::new();
        report.push(Diagnostic::error(codes::WRONG_TYPE, "b", "`hunter2` is no list").at(span));
        let text = render(&report);
        assert!(!text.contains("hunter2"));
        let line: Value = serde_json::from_str(&text).unwrap();
        let via = json!([
            {"kind": "variable", "name": "A", "file": null, "line": null, "column": null},
            {"kind": "alias", "name": "x", "file": "compose.yaml", "line": 2, "column": 4},
        ]);
        assert_eq!(line["via"], via);
    }
}
