use std::sync::Arc;

use http::StatusCode;
use serde_json::json;
use tokio::sync::watch;

use super::query::Query;
use super::reply::Reply;
use super::route;
use crate::kubernetes::Status;

/// The version that clients see: the API level, and ours behind it.
const GIT_VERSION: &str = concat!("v1.35.0+longshore-", env!("CARGO_PKG_VERSION"));

/// Whether the server is ready, and whether it is closing; cheap to clone.
#[derive(Clone)]
pub struct Health {
    state: Arc<watch::Sender<State>>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    Starting,
    Ready,
    Closing,
}

impl Default for Health {
    fn default() -> Self {
        Self { state: Arc::new(watch::Sender::new(State::Starting)) }
    }
}

impl Health {
    /// Everything that clients need is there.
    pub fn set_ready(&self) {
        self.state.send_replace(State::Ready);
    }

    /// The server is going: watches end, and no new work should come.
    pub fn set_closing(&self) {
        self.state.send_replace(State::Closing);
    }

    /// To wait for the closing.
    pub(super) fn closing(&self) -> Closing {
        Closing(self.state.subscribe())
    }

    /// `/healthz`, `/livez`, `/readyz`, alone or with the name of a check.
    pub(super) fn reply(&self, path: &str, query: &Query) -> Result<Reply, Status> {
        let state = *self.state.borrow();
        let (endpoint, check) = path.split_once('/').unwrap_or((path, ""));
        let ready = endpoint != "readyz" || state == State::Ready;
        let checks = [("ping", true), ("started", ready), ("shutdown", state != State::Closing)];
        let checks: Vec<_> =
            checks.into_iter().filter(|(name, _)| check.is_empty() || check == *name).collect();
        if checks.is_empty() {
            return Err(route::not_found());
        }
        let well = checks
            .iter()
            .all(|(name, well)| *well || (*name == "shutdown" && endpoint != "readyz"));
        let code = if well { StatusCode::OK } else { StatusCode::INTERNAL_SERVER_ERROR };
        if well && !query.has("verbose") {
            return Ok(Reply::text("ok"));
        }
        let lines = checks.iter().map(|(name, well)| {
            let (sign, word) = if *well { ('+', "ok") } else { ('-', "failed") };
            format!("[{sign}]{name} {word}\n")
        });
        let result = if well { "passed" } else { "failed" };
        let text = lines.collect::<Vec<_>>().concat() + &format!("{endpoint} check {result}\n");
        Ok(Reply::text(text).code(code))
    }
}

/// Waits for the server's closing.
pub struct Closing(watch::Receiver<State>);

impl Closing {
    /// Returns when the server is closing.
    pub async fn wait(&mut self) {
        // An error means that the server is gone already.
        let _ = self.0.wait_for(|state| *state == State::Closing).await;
    }
}

/// `/version`.
pub fn version() -> Reply {
    Reply::value(&json!({
        "major": "1",
        "minor": "35",
        "gitVersion": GIT_VERSION,
        "gitCommit": "",
        "gitTreeState": "clean",
        "buildDate": "1970-01-01T00:00:00Z",
        "goVersion": "none",
        "compiler": "rustc",
        "platform": format!("{}/{}", std::env::consts::OS, architecture()),
    }))
}

/// Go's name of the architecture.
pub fn architecture() -> &'static str {
    match std::env::consts::ARCH {
        "x86_64" => "amd64",
        "aarch64" => "arm64",
        other => other,
    }
}
