use std::io::Write;

use crate::deploy::{Change, Progress};

/// One line per change, for logs.
pub(super) struct Plain<W> {
    out: W,
}

impl<W: Write> Plain<W> {
    pub(super) fn new(out: W) -> Self {
        Self { out }
    }
}

impl<W: Write + Send> Progress for Plain<W> {
    fn change(&mut self, change: &Change) {
        // Nobody is left to tell when standard error is closed.
        let _ = writeln!(self.out, "{} {}", change.id, super::words(change));
    }

    fn note(&mut self, text: &str) {
        let _ = writeln!(self.out, "note: {text}");
    }
}
