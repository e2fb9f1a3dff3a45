//! What is shown of images while they are built.

use std::collections::{BTreeMap, VecDeque};
use std::io::{self, IsTerminal as _, Write};
use std::time::Duration;

use indicatif::{MultiProgress, ProgressBar, ProgressStyle};
use serde::Serialize;

use super::super::{GlobalArgs, Progress as Choice};
use crate::build::{Event, Progress, State};

/// How often a spinner turns.
const TURN: Duration = Duration::from_millis(100);
/// How much of a failed build's output a terminal shows.
const SHOWN: usize = 20;

/// The writer that the arguments ask for.
pub(in super::super) fn images(global: &GlobalArgs, is_quiet: bool) -> Box<dyn Progress> {
    let terminal = io::stderr().is_terminal();
    match global.progress {
        _ if is_quiet => Box::new(Quiet),
        Choice::Quiet => Box::new(Quiet),
        Choice::Auto | Choice::Tty if terminal => Box::new(Tty::default()),
        Choice::Auto | Choice::Tty | Choice::Plain => Box::new(Plain { out: io::stderr() }),
        Choice::Json => Box::new(Json { out: io::stderr() }),
    }
}

struct Quiet;

impl Progress for Quiet {
    fn event(&mut self, _: &Event) {}
}

/// One line per event.
struct Plain<W> {
    out: W,
}

impl<W: Write + Send> Progress for Plain<W> {
    fn event(&mut self, event: &Event) {
        // Nobody is left to tell when standard error is closed.
        let _ = writeln!(self.out, "{}", line(event));
    }
}

fn line(event: &Event) -> String {
    let Event { service, image, state, detail } = event;
    match state {
        State::Output => format!("{service} | {detail}"),
        state if detail.is_empty() => format!("{service} {} {image}", state.word()),
        state => format!("{service} {} {image}: {detail}", state.word()),
    }
}

/// One JSON object per event; the field names are stable.
struct Json<W> {
    out: W,
}

#[derive(Serialize)]
struct Object<'a> {
    service: &'a str,
    image: &'a str,
    state: &'static str,
    detail: &'a str,
}

impl<W: Write + Send> Progress for Json<W> {
    fn event(&mut self, event: &Event) {
        let Event { service, image, state, detail } = event;
        let object = Object { service, image, state: state.word(), detail };
        if let Ok(text) = serde_json::to_string(&object) {
            let _ = writeln!(self.out, "{text}");
        }
    }
}

/// One live line per image, with the last word of its builder.
#[derive(Default)]
struct Tty {
    lines: MultiProgress,
    moving: BTreeMap<String, Moving>,
}

struct Moving {
    line: ProgressBar,
    output: VecDeque<String>,
}

impl Tty {
    fn moving(&mut self, service: &str) -> &mut Moving {
        self.moving.entry(service.to_owned()).or_insert_with(|| {
            let line = self.lines.add(ProgressBar::new_spinner());
            let style = ProgressStyle::with_template("{spinner} {wide_msg} {elapsed}")
                .expect("the template is well-formed");
            line.set_style(style);
            line.enable_steady_tick(TURN);
            Moving { line, output: VecDeque::new() }
        })
    }
}

impl Progress for Tty {
    fn event(&mut self, event: &Event) {
        let text = line(event);
        if matches!(event.state, State::Building | State::Output | State::Pushing) {
            let moving = self.moving(&event.service);
            moving.line.set_message(text.clone());
            moving.output.push_back(text);
            if moving.output.len() > SHOWN {
                moving.output.pop_front();
            }
            return;
        }
        let Some(Moving { line, output }) = self.moving.remove(&event.service) else { return };
        line.finish_and_clear();
        self.lines.remove(&line);
        let is_failed = event.state == State::Failed;
        for told in output.iter().filter(|_| is_failed) {
            // Nobody is left to tell when the terminal is gone.
            let _ = self.lines.println(told);
        }
        let sign = if is_failed { '✘' } else { '✔' };
        let _ = self.lines.println(format!("{sign} {text}"));
    }
}

impl Drop for Tty {
    /// An error message must not be mixed with lines that still move.
    fn drop(&mut self) {
        for moving in self.moving.values() {
            moving.line.finish_and_clear();
        }
        let _ = self.lines.clear();
    }
}

#[cfg(test)]
mod tests {
    use super::{Event, State, line};

    #[test]
    fn a_line_names_the_service() {
        let event = |state, detail: &str| Event {
            service: "web".to_owned(),
            image: "shop-web".to_owned(),
            state,
            detail: detail.to_owned(),
        };
        assert_eq!(line(&event(State::Building, "")), "web building shop-web");
        assert_eq!(line(&event(State::Output, "Step 1")), "web | Step 1");
        assert_eq!(line(&event(State::Built, "")), "web built shop-web");
    }
}
