use std::collections::BTreeMap;
use std::time::Duration;

use indicatif::{MultiProgress, ProgressBar, ProgressStyle};

use crate::deploy::{Change, Id, Progress, Step};

/// How often a spinner turns.
const TURN: Duration = Duration::from_millis(100);

/// Live lines for what is on its way; what has arrived moves up into the scrollback.
pub(super) struct Tty {
    lines: MultiProgress,
    moving: BTreeMap<Id, ProgressBar>,
}

impl Tty {
    pub(super) fn new() -> Self {
        Self { lines: MultiProgress::new(), moving: BTreeMap::new() }
    }

    fn print(&self, line: String) {
        // Nobody is left to tell when the terminal is gone.
        let _ = self.lines.println(line);
    }
}

impl Progress for Tty {
    fn change(&mut self, change: &Change) {
        let text = format!("{} {}", change.id, super::words(change));
        if matches!(change.step, Step::Waiting | Step::Deleting) {
            let line = self.moving.entry(change.id.clone()).or_insert_with(|| {
                let line = self.lines.add(ProgressBar::new_spinner());
                let style = ProgressStyle::with_template("{spinner} {wide_msg} {elapsed}")
                    .expect("the template is well-formed");
                line.set_style(style);
                line.enable_steady_tick(TURN);
                line
            });
            line.set_message(text);
            return;
        }
        if let Some(line) = self.moving.remove(&change.id) {
            line.finish_and_clear();
            self.lines.remove(&line);
        }
        self.print(format!("{} {text}", sign(change.step)));
    }

    fn note(&mut self, text: &str) {
        self.print(format!("note: {text}"));
    }
}

impl Drop for Tty {
    /// An error message must not be mixed with lines that still move.
    fn drop(&mut self) {
        for line in self.moving.values() {
            line.finish_and_clear();
        }
        let _ = self.lines.clear();
    }
}

fn sign(step: Step) -> char {
    match step {
        Step::Failed => '✘',
        Step::Kept | Step::Event => '!',
        Step::Pod => '·',
        _ => '✔',
    }
}
