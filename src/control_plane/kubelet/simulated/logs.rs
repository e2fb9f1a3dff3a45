use std::time::Duration;

use bytes::Bytes;
use futures_util::stream::BoxStream;
use futures_util::{StreamExt, stream};
use jiff::Timestamp;
use k8s_openapi::api::core::v1::Pod;
use tokio::sync::watch;

use super::super::runtime::{LogOptions, Output, RuntimeError};
use super::annotation;

/// What every container of the pod has "written", at its start.
const LOGS: &str = "longshore.dev/sim-logs";

/// What a container has written, and whether it will write more.
pub(super) struct Logs {
    text: String,
    written: Timestamp,
    /// Closed when the container has ended, dropped when it is gone.
    open: watch::Sender<bool>,
}

impl Logs {
    /// Those of a container of a pod, that starts at a time.
    pub(super) fn new(pod: &Pod, written: Timestamp) -> Self {
        let text = annotation(pod, LOGS).unwrap_or_default().to_owned();
        Self { text, written, open: watch::Sender::new(true) }
    }

    /// The container has ended.
    pub(super) fn end(&self) {
        self.open.send_replace(false);
    }

    /// The part that is asked for; when it is followed, until the container has ended, which it
    /// does by itself when so much time is left.
    pub(super) fn read(
        &self,
        options: &LogOptions,
        left: Option<Duration>,
    ) -> BoxStream<'static, Result<Output, RuntimeError>> {
        let text = stream::iter([Ok(Output::Stdout(self.text(options)))]);
        if !options.follow {
            return text.boxed();
        }
        let mut open = self.open.subscribe();
        let end = async move {
            // An error means that it is gone.
            let ended = async { drop(open.wait_for(|open| !open).await) };
            match left {
                Some(left) => drop(tokio::time::timeout(left, ended).await),
                None => ended.await,
            }
        };
        text.chain(stream::pending().take_until(Box::pin(end))).boxed()
    }

    fn text(&self, options: &LogOptions) -> Bytes {
        if options.since.is_some_and(|since| since > self.written) {
            return Bytes::new();
        }
        let lines: Vec<&str> = self.text.lines().collect();
        let tail = options.tail.and_then(|tail| usize::try_from(tail).ok()).unwrap_or(usize::MAX);
        let skipped = lines.len().saturating_sub(tail);
        let time = if options.timestamps { format!("{:.9} ", self.written) } else { String::new() };
        let lines = lines.iter().skip(skipped).map(|line| format!("{time}{line}\n"));
        lines.collect::<String>().into()
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn lines_have_the_time_of_the_start() {
        let pod = json!({"metadata": {"annotations": {LOGS: "one\ntwo\nthree"}}});
        let pod: Pod = serde_json::from_value(pod).unwrap();
        let time = |text: &str| text.parse::<Timestamp>().unwrap();
        let logs = Logs::new(&pod, time("2026-01-01T00:00:00.5Z"));
        let all = LogOptions::default();
        assert_eq!(logs.text(&all), "one\ntwo\nthree\n");
        assert_eq!(logs.text(&LogOptions { tail: Some(2), ..all.clone() }), "two\nthree\n");
        assert_eq!(logs.text(&LogOptions { tail: Some(0), ..all.clone() }), "");
        let later = Some(time("2026-01-01T00:00:01Z"));
        assert_eq!(logs.text(&LogOptions { since: later, ..all.clone() }), "");
        let options = LogOptions { timestamps: true, tail: Some(1), ..all };
        assert_eq!(logs.text(&options), "2026-01-01T00:00:00.500000000Z three\n");
    }
}
