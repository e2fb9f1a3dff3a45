//! How much one project may make of its files.
//!
//! Each file and each document has limits of its own. What multiplies them has this one: inclusions
//! that double at each step, a large service that thousands extend, an `env_file` that all name,
//! thousands of documents over an ever larger base.

use crate::diagnostic::{Diagnostic, Report, Span, codes};

/// How many files a project may read, each counted as often as it is read.
const MAX_FILES: usize = 2_000;
/// How many bytes its compose files may have together.
const MAX_BYTES: usize = 64 << 20;
/// How many values all steps may make of them together: twice what one file may hold.
const MAX_VALUES: usize = 1_000_000;

/// What a project has used of its limits.
#[derive(Debug, Default)]
pub struct Budget {
    files: usize,
    bytes: usize,
    values: usize,
    exceeded: bool,
}

impl Budget {
    /// Counts a file that is about to be read; false, with one error, when it must not be.
    pub fn take_file(&mut self, place: Option<&Span>, report: &mut Report) -> bool {
        self.files += 1;
        let message = format!("the project reads more than {MAX_FILES} files");
        self.check(self.files <= MAX_FILES, message, place, report)
    }

    /// Counts the text of a compose file; false, with one error, when it is too much.
    pub fn take_bytes(&mut self, bytes: usize, place: Option<&Span>, report: &mut Report) -> bool {
        self.bytes += bytes;
        let message = format!("the files of the project have more than {MAX_BYTES} bytes");
        self.check(self.bytes <= MAX_BYTES, message, place, report)
    }

    /// Counts values that a step has made; false, with one error, when there are too many.
    pub fn take_values(
        &mut self,
        values: usize,
        place: Option<&Span>,
        report: &mut Report,
    ) -> bool {
        self.values = self.values.saturating_add(values);
        let message = format!("the project expands to more than {MAX_VALUES} values");
        self.check(self.values <= MAX_VALUES, message, place, report)
    }

    fn check(
        &mut self,
        within: bool,
        message: String,
        place: Option<&Span>,
        report: &mut Report,
    ) -> bool {
        if !within && !self.exceeded {
            self.exceeded = true;
            report.push(
                Diagnostic::error(codes::LIMIT_EXCEEDED, "", message)
                    .at(place.cloned())
                    .help("split the project; it includes, extends or repeats too much"),
            );
        }
        !self.exceeded
    }
}
