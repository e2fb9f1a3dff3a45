//! Diagnostics as annotations of GitHub: workflow commands, one a line, that the runner turns into
//! remarks on the pull request.
//!
//! <https://docs.github.com/actions/reference/workflows-and-actions/workflow-commands>

use std::fmt::Write as _;

use super::{Diagnostic, Report, Repository, Severity};

/// The whole report, a command for each finding.
pub fn render(report: &Report, repository: &Repository) -> String {
    let mut lines = String::new();
    for diagnostic in report.iter().chain(&report.rest()) {
        lines.push_str(&command(diagnostic, repository));
        lines.push('\n');
    }
    lines
}

fn command(diagnostic: &Diagnostic, repository: &Repository) -> String {
    let level = match diagnostic.severity {
        Severity::Error => "error",
        Severity::Warning => "warning",
        Severity::Note => "notice",
    };
    let mut command = format!("::{level} ");
    if let Some(span) = &diagnostic.span {
        let file = property(&repository.path(&span.source.name));
        let ((line, column), (end_line, end_column)) = span.region();
        write!(command, "file={file},line={line},endLine={end_line}").expect("a String takes all");
        // Columns count only where both ends are on one line.
        if line == end_line {
            write!(command, ",col={column},endColumn={end_column}").expect("a String takes all");
        }
        command.push(',');
    }
    write!(
        command,
        "title={}::{}",
        property(&diagnostic.code.to_string()),
        data(&text(diagnostic))
    )
    .expect("a String takes all");
    command
}

fn text(diagnostic: &Diagnostic) -> String {
    let Diagnostic { path, message, help, .. } = diagnostic;
    let mut text = message.clone();
    if !path.is_empty() {
        write!(text, "\nat {path}").expect("a String takes all");
    }
    if let Some(help) = help {
        write!(text, "\nhelp: {help}").expect("a String takes all");
    }
    text
}

/// The text of a command.
fn data(text: &str) -> String {
    text.replace('%', "%25").replace('\r', "%0D").replace('\n', "%0A")
}

/// The value of a property.
fn property(text: &str) -> String {
    data(text).replace(':', "%3A").replace(',', "%2C")
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::diagnostic::{Loss, Source, Span, codes};

    #[test]
    fn each_finding_is_one_line_however_it_is_written() {
        let source = Arc::new(Source::new("a,b:100%.yaml", "services:\n  web: x\n"));
        let span = Span::new(Arc::clone(&source), 17, 18);
        let whole = Span::new(source, 0, 18);
        let mut report = Report::new();
        report.push(
            Diagnostic::warning(codes::RENAMED, Loss::Approximated, "services.web", "50%\nof it")
                .at(span)
                .help("do\r\n::error::nothing"),
        );
        report.push(Diagnostic::error(codes::WRONG_TYPE, "", "x").at(whole));
        report.push(Diagnostic::note(codes::UNUSED, "volumes.a", "y"));
        let expected = "\
::warning file=app/a%2Cb%3A100%25.yaml,line=2,endLine=2,col=8,endColumn=9,title=LS1006 renamed::50%25%0Aof it%0Aat services.web%0Ahelp: do%0D%0A::error::nothing
::error file=app/a%2Cb%3A100%25.yaml,line=1,endLine=2,title=LS0203 wrong-type::x
::notice title=LS1010 unused::y%0Aat volumes.a
";
        similar_asserts::assert_eq!(
            render(&report, &Repository::new("/repo", "/repo/app")),
            expected
        );
    }
}
