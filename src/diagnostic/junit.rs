//! Diagnostics as test results in the XML of JUnit, which every CI system shows.

use std::fmt::Write as _;

use super::{Diagnostic, Report, Repository, Severity};

/// The whole report: errors are errors, warnings are failures, and notes are skipped tests.
pub fn render(report: &Report, repository: &Repository) -> String {
    let rest = report.rest();
    let findings: Vec<&Diagnostic> = report.iter().chain(&rest).collect();
    let count = |severity| findings.iter().filter(|it| it.severity == severity).count();
    let counts = format!(
        r#"tests="{}" errors="{}" failures="{}" skipped="{}""#,
        findings.len().max(1),
        count(Severity::Error),
        count(Severity::Warning),
        count(Severity::Note),
    );
    let mut xml = format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites name=\"longshore\" {counts}>\n  \
         <testsuite name=\"longshore\" {counts}>\n"
    );
    let fallback = repository.path(report.main_file());
    if findings.is_empty() {
        // A suite without tests counts as one that was forgotten.
        let file = escape(&fallback);
        writeln!(xml, r#"    <testcase classname="{file}" name="no findings"/>"#)
            .expect("a String takes all");
    }
    for diagnostic in findings {
        write_case(&mut xml, diagnostic, &fallback, repository);
    }
    xml.push_str("  </testsuite>\n</testsuites>\n");
    xml
}

fn write_case(xml: &mut String, diagnostic: &Diagnostic, fallback: &str, repository: &Repository) {
    let Diagnostic { code, severity, loss, path, span, message, help, .. } = diagnostic;
    let place = span.as_ref().map(|span| (repository.path(&span.source.name), span.line_column()));
    let (file, (line, column)) = place.unwrap_or_else(|| (fallback.to_owned(), (1, 1)));
    let element = match severity {
        Severity::Error => "error",
        Severity::Warning => "failure",
        Severity::Note => "skipped",
    };
    let name = format!("{code} {path}");
    let help = help.as_ref().map(|help| format!("\nhelp: {help}")).unwrap_or_default();
    let body = format!("{file}:{line}:{column}: {message}{help}");
    let (file, name) = (escape(&file), escape(name.trim()));
    let kind = if *severity == Severity::Note {
        String::new()
    } else {
        format!(r#" type="{}""#, loss.name())
    };
    writeln!(
        xml,
        r#"    <testcase classname="{file}" file="{file}" line="{line}" name="{name}">
      <{element}{kind} message="{}">{}</{element}>
    </testcase>"#,
        escape(message),
        escape(&body),
    )
    .expect("a String takes all");
}

/// A text in XML; the control characters that XML does not have are replaced.
fn escape(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            '\n' => escaped.push_str("&#10;"),
            '\u{fffe}' | '\u{ffff}' => escaped.push('\u{fffd}'),
            other if other.is_control() => escaped.push('\u{fffd}'),
            other => escaped.push(other),
        }
    }
    escaped
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::diagnostic::{Loss, codes};

    #[test]
    fn each_finding_is_a_test() {
        let mut report = Report::new();
        report.push(
            Diagnostic::warning(codes::RENAMED, Loss::Approximated, "services.a", "<b> & \u{1b}")
                .help("say \"c\""),
        );
        report.push(Diagnostic::note(codes::UNUSED, "volumes.a", "d"));
        similar_asserts::assert_eq!(
            render(&report, &Repository::default()),
            r#"<?xml version="1.0" encoding="UTF-8"?>
<testsuites name="longshore" tests="2" errors="0" failures="1" skipped="1">
  <testsuite name="longshore" tests="2" errors="0" failures="1" skipped="1">
    <testcase classname="compose.yaml" file="compose.yaml" line="1" name="LS1006 renamed services.a">
      <failure type="approximated" message="&lt;b&gt; &amp; �">compose.yaml:1:1: &lt;b&gt; &amp; �&#10;help: say &quot;c&quot;</failure>
    </testcase>
    <testcase classname="compose.yaml" file="compose.yaml" line="1" name="LS1010 unused volumes.a">
      <skipped message="d">compose.yaml:1:1: d</skipped>
    </testcase>
  </testsuite>
</testsuites>
"#
        );
    }

    #[test]
    fn nothing_found_is_a_test_that_passes() {
        let xml = render(&Report::new(), &Repository::default());
        assert!(xml.contains(r#"tests="1" errors="0" failures="0""#), "{xml}");
        assert!(xml.contains(r#"name="no findings"/>"#), "{xml}");
    }
}
