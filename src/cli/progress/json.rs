use std::io::Write;

use serde::Serialize;

use crate::deploy::{Change, Progress};

/// One JSON object per line, for programs; the field names are stable.
pub(super) struct Json<W> {
    out: W,
}

#[derive(Serialize)]
struct Line<'a> {
    kind: &'a str,
    name: &'a str,
    service: Option<&'a str>,
    state: &'static str,
    detail: &'a str,
}

#[derive(Serialize)]
struct Note<'a> {
    note: &'a str,
}

impl<W: Write> Json<W> {
    pub(super) fn new(out: W) -> Self {
        Self { out }
    }

    fn write(&mut self, line: &impl Serialize) {
        if let Ok(text) = serde_json::to_string(line) {
            // Nobody is left to tell when standard error is closed.
            let _ = writeln!(self.out, "{text}");
        }
    }
}

impl<W: Write + Send> Progress for Json<W> {
    fn change(&mut self, change: &Change) {
        self.write(&Line {
            kind: &change.id.kind,
            name: &change.id.name,
            service: change.service.as_deref(),
            state: change.step.word(),
            detail: &change.detail,
        });
    }

    fn note(&mut self, text: &str) {
        self.write(&Note { note: text });
    }
}
