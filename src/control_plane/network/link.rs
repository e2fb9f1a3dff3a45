//! The control plane's side of the conversation with its gateway.

use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use futures_util::future::BoxFuture;
use tokio::io::{AsyncBufReadExt, AsyncRead, AsyncWrite, AsyncWriteExt, BufReader};
use tokio::sync::watch;

use super::table::Table;
use super::update::{Report, Update};

/// The first pause after a gateway could not be spoken to.
const FIRST_PAUSE: Duration = Duration::from_millis(200);
/// The longest.
const LONGEST_PAUSE: Duration = Duration::from_secs(30);

/// What brings a gateway up: the seam between the network and an engine.
pub trait Host: Send + Sync {
    /// Makes the gateway run unless it does, and connects to its standard streams.
    fn connect(&self) -> BoxFuture<'_, Result<Streams, String>>;
}

/// The standard streams of a gateway.
pub struct Streams {
    /// Its standard input.
    pub input: Pin<Box<dyn AsyncWrite + Send>>,
    /// Its standard output.
    pub output: Pin<Box<dyn AsyncRead + Send>>,
}

/// Keeps a gateway up and tells it of every table.
pub(super) async fn keep(host: Arc<dyn Host>, mut tables: watch::Receiver<Table>) {
    // The first table is complete; before there is none.
    if tables.changed().await.is_err() {
        return;
    }
    let mut pause = FIRST_PAUSE;
    loop {
        let reason = match host.connect().await {
            Ok(streams) => {
                pause = FIRST_PAUSE;
                match converse(streams, &mut tables).await {
                    Ok(()) => return,
                    Err(error) => error.to_string(),
                }
            }
            Err(reason) => reason,
        };
        tracing::warn!(
            reason,
            "the gateway of the service network is away: cluster IPs and names do not work"
        );
        tokio::time::sleep(pause).await;
        pause = (pause * 2).min(LONGEST_PAUSE);
    }
}

/// Tells a gateway all there is and then what changes; returns when there are no more tables.
async fn converse(streams: Streams, tables: &mut watch::Receiver<Table>) -> std::io::Result<()> {
    let Streams { mut input, output } = streams;
    let mut reports = BufReader::new(output).lines();
    let mut told = tables.borrow_and_update().clone();
    // What a control plane before us left half said ends with the line.
    input.write_all(b"\n").await?;
    say(&mut input, &Update::Table(told.clone())).await?;
    loop {
        tokio::select! {
            changed = tables.changed() => {
                if changed.is_err() {
                    return Ok(());
                }
                let table = tables.borrow_and_update().clone();
                let news = told.changes_to(&table);
                if !news.is_empty() {
                    say(&mut input, &Update::Changes(news)).await?;
                }
                told = table;
            }
            line = reports.next_line() => match line? {
                Some(line) => hear(&line),
                None => return Err(std::io::Error::other("it ended")),
            },
        }
    }
}

async fn say(input: &mut (impl AsyncWrite + Unpin), update: &Update) -> std::io::Result<()> {
    let mut line = serde_json::to_vec(update)?;
    line.push(b'\n');
    input.write_all(&line).await?;
    input.flush().await
}

fn hear(line: &str) {
    match serde_json::from_str::<Report>(line) {
        Ok(Report::Ready) => tracing::info!("the gateway of the service network is up"),
        Ok(Report::Applied { updates, listeners }) => {
            tracing::debug!(updates, listeners, "the gateway is up to date");
        }
        Ok(Report::Failed { listen, reason }) => {
            tracing::warn!(listen, reason, "the gateway cannot listen");
        }
        Ok(Report::Unreadable { reason }) => {
            tracing::warn!(reason, "the gateway did not understand an update");
        }
        Err(error) => tracing::debug!(%error, line, "the gateway said what is no report"),
    }
}
