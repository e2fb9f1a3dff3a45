//! The writers of progress, all to standard error: stdout carries only products.

mod images;
mod json;
mod plain;
mod tty;

pub(super) use images::images;

use std::io::{self, IsTerminal as _};

use super::{GlobalArgs, Progress as Choice};
use crate::deploy::{Change, Progress};

/// The writer that the arguments ask for; live lines only where there is a terminal.
pub(super) fn writer(global: &GlobalArgs) -> Box<dyn Progress> {
    let terminal = io::stderr().is_terminal();
    match global.progress {
        Choice::Auto | Choice::Tty if terminal => Box::new(tty::Tty::new()),
        Choice::Auto | Choice::Tty | Choice::Plain => Box::new(plain::Plain::new(io::stderr())),
        Choice::Json => Box::new(json::Json::new(io::stderr())),
        Choice::Quiet => Box::new(Quiet),
    }
}

/// Shows nothing.
struct Quiet;

impl Progress for Quiet {
    fn change(&mut self, _: &Change) {}

    fn note(&mut self, _: &str) {}
}

/// What follows the name of the object.
fn words(change: &Change) -> String {
    use crate::deploy::Step;
    match (change.step, change.detail.as_str()) {
        (step, "") => step.word().to_owned(),
        (Step::Pod | Step::Event | Step::Kept | Step::Replaced, detail) => detail.to_owned(),
        (step @ Step::Ready, detail) => format!("{} {detail}", step.word()),
        (step, detail) => format!("{}: {detail}", step.word()),
    }
}

#[cfg(test)]
mod tests {
    use std::io::Write;
    use std::sync::{Arc, Mutex};

    use super::{json::Json, plain::Plain};
    use crate::deploy::{Change, Id, Progress, Step};

    #[derive(Clone, Default)]
    struct Page(Arc<Mutex<Vec<u8>>>);

    impl Write for Page {
        fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
            self.0.lock().unwrap().write(bytes)
        }

        fn flush(&mut self) -> std::io::Result<()> {
            Ok(())
        }
    }

    fn story(progress: &mut dyn Progress) {
        let web = |step, detail: &str| Change {
            id: Id::new("Deployment", "web"),
            service: Some("web".to_owned()),
            step,
            detail: detail.to_owned(),
        };
        progress.change(&web(Step::Created, ""));
        progress.change(&web(Step::Waiting, "0/1 ready"));
        progress.change(&web(Step::Ready, "1/1"));
        progress.note("pods are simulated");
    }

    fn written(writer: impl FnOnce(Page) -> Box<dyn Progress>) -> String {
        let page = Page::default();
        story(writer(page.clone()).as_mut());
        let bytes = page.0.lock().unwrap().clone();
        String::from_utf8(bytes).unwrap()
    }

    #[test]
    fn plain_is_one_line_per_change() {
        assert_eq!(
            written(|page| Box::new(Plain::new(page))),
            "Deployment/web created\nDeployment/web waiting: 0/1 ready\nDeployment/web ready 1/1\n\
             note: pods are simulated\n"
        );
    }

    #[test]
    fn json_is_one_object_per_change() {
        assert_eq!(
            written(|page| Box::new(Json::new(page))),
            concat!(
                r#"{"kind":"Deployment","name":"web","service":"web","state":"created","detail":""}"#,
                "\n",
                r#"{"kind":"Deployment","name":"web","service":"web","state":"waiting","detail":"0/1 ready"}"#,
                "\n",
                r#"{"kind":"Deployment","name":"web","service":"web","state":"ready","detail":"1/1"}"#,
                "\n",
                r#"{"note":"pods are simulated"}"#,
                "\n",
            )
        );
    }
}
