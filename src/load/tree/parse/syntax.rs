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
        let (problem, help) = explain(error.kind());
        let problem = problem.map_or_else(|| error.info(), str::to_owned);
        let help = if self.source.text.lines().any(|line| line.starts_with("<<<<<<< ")) {
            "the file holds the conflict markers of a version control system: resolve the conflict"
        } else {
            help
        };
        let message = format!("the file is not valid YAML: {problem}");
        self.report.push(
            Diagnostic::error(code, "", message)
                .at(Span::new(Arc::clone(self.source), at, end))
                .help(help),
        );
    }
}

/// What is wrong, if the parser does not say it best, and what to do about it.
fn explain(kind: &ErrorKind) -> (Option<&'static str>, &'static str) {
    let (problem, help) = match kind {
        ErrorKind::RecursionLimitExceeded => {
            ("it is nested too deep", "split the project into several files")
        }
        ErrorKind::TabNotAllowed
        | ErrorKind::TabInBlockIndentation
        | ErrorKind::TabInIndentation => {
            ("a tab stands where only spaces are allowed", "indent with spaces")
        }
        ErrorKind::ExpectedBlockMappingKey => (
            "this stands neither below the key above it nor beside it",
            "indent it like the keys that it belongs to",
        ),
        ErrorKind::ExpectedBlockSequenceEntry => (
            "this stands beside the items of a list, but starts with no `-`",
            "start every item of the list with `- `, or indent this differently",
        ),
        ErrorKind::MappingValueNotAllowed => (
            "a `: ` stands inside a value",
            "put the value in quotes; a mapping starts on a line of its own",
        ),
        ErrorKind::SimpleKeyExpected => (
            "neither a key with `: ` after it nor the rest of a value",
            "write `KEY: VALUE`, or indent the line if it continues the value above it",
        ),
        ErrorKind::UnexpectedEofFlowSequence
        | ErrorKind::UnexpectedEofFlowMapping
        | ErrorKind::UnexpectedEofImplicitFlowMapping
        | ErrorKind::UnclosedFlowCollection { .. } => {
            ("a bracket is not closed", "close it with `]` or `}`")
        }
        ErrorKind::ExpectedFlowMappingSeparator | ErrorKind::ExpectedFlowSequenceSeparator => (
            "a `,` or the closing bracket is missing in front of this",
            "separate the entries with `,`, and close the bracket after the last one",
        ),
        ErrorKind::MisplacedFlowCollectionEnd | ErrorKind::MismatchedFlowCollectionEnd { .. } => {
            ("no bracket of this kind is open here", "remove it, or open the bracket before")
        }
        ErrorKind::UnclosedQuotedScalar
        | ErrorKind::InvalidQuotedScalarIndent
        | ErrorKind::DocumentIndicatorInQuotedScalar => {
            ("a quoted text has no end", "close the quote")
        }
        ErrorKind::InvalidTrailingSingleQuotedScalar => {
            ("something follows a closed quote", "write `''` for each `'` inside single quotes")
        }
        ErrorKind::InvalidTrailingDoubleQuotedScalar => {
            ("something follows a closed quote", "write `\\\"` for each `\"` inside double quotes")
        }
        ErrorKind::UnknownQuotedScalarEscape => (
            "an escape that YAML does not know",
            "write `\\\\` for a backslash inside double quotes, or use single quotes",
        ),
        ErrorKind::UnexpectedCharacter { character } if character.is_control() => {
            ("a control character", "remove it, or write it as an escape in double quotes")
        }
        ErrorKind::UnexpectedCharacter { .. } => {
            ("no value starts with this character", "put the value in quotes")
        }
        ErrorKind::MissingAnchorOrAliasName => (
            "an anchor or alias without a name",
            "put a text that starts with `&` or `*` in quotes",
        ),
        _ => {
            return (
                None,
                "check the indentation here and on the line above; put values that hold `: `, \
                 `#` or start with one of `{[&*!|>%@` in quotes",
            );
        }
    };
    (Some(problem), help)
}
