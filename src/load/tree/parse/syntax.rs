//! What is said about a text that is not YAML.

use std::sync::Arc;

use granit_parser::{ErrorKind, ScanError};

use crate::diagnostic::{Diagnostic, Span, codes};

use super::Builder;

impl Builder<'_> {
    pub(super) fn report_syntax(&mut self, error: &ScanError) {
        let at = error.marker().byte_offset().unwrap_or(self.source.text.len());
        let length = self.source.text.get(at..).and_then(|rest| rest.chars().next());
        let end = at + length.map_or(0, char::len_utf8);
        let deep = matches!(error.kind(), ErrorKind::RecursionLimitExceeded);
        let code = if deep { codes::LIMIT_EXCEEDED } else { codes::YAML_SYNTAX };
        let message = format!("the file is not valid YAML: {}", error.info());
        self.report.push(
            Diagnostic::error(code, "", message)
                .at(Span::new(Arc::clone(self.source), at, end))
                .help(help(error.kind())),
        );
    }
}

fn help(kind: &ErrorKind) -> &'static str {
    match kind {
        ErrorKind::TabNotAllowed | ErrorKind::TabInBlockIndentation => {
            "indent with spaces; YAML does not allow tabs here"
        }
        _ => {
            "check the indentation here and on the line above; put values that hold `: `, `#` or \
             start with one of `{[&*!|>%@` in quotes"
        }
    }
}
