use std::io::{self, Write as _};

use super::cluster_client::{connect, failure};
use super::runtime::{block_on, interrupted};
use super::table::table;
use super::{Exit, Failure, GlobalArgs, target};
use crate::deploy::{Event, events, watch_events};

/// List what the cluster has said about the project's objects
#[derive(Debug, Clone, Copy, clap::Args)]
pub struct Args {
    /// Show what is said from now on, until Ctrl-C
    #[arg(short, long)]
    watch: bool,
    /// How events are written
    #[arg(long, value_enum, default_value_t = Format::Table)]
    format: Format,
}

/// `--format`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
enum Format {
    /// For people
    Table,
    /// One JSON object a line
    Json,
}

/// Runs `longshore events`.
pub fn run(global: &GlobalArgs, args: Args) -> Result<(), Failure> {
    let Args { watch, format } = args;
    let target = target::existing(global)?;
    block_on(async {
        let cluster = connect(global).await?;
        if !watch {
            let events = events(&cluster, &target).await.map_err(|error| failure(&error))?;
            return print(&text(&events, format));
        }
        let show = |event: &Event| {
            let line = match format {
                Format::Table => row(event).join("  "),
                Format::Json => json(event),
            };
            // A reader that is gone is noticed when the next command needs one.
            let _ = writeln!(io::stdout(), "{line}");
        };
        tokio::select! {
            watched = watch_events(&cluster, &target, show) => {
                watched.map_err(|error| failure(&error))
            }
            () = interrupted() => Err(Failure::told(Exit::Interrupted)),
        }
    })
}

fn text(events: &[Event], format: Format) -> String {
    match format {
        Format::Json => events.iter().map(|event| json(event) + "\n").collect(),
        Format::Table => {
            let head = ["TIME", "TYPE", "OBJECT", "REASON", "MESSAGE"].map(str::to_owned);
            let rows: Vec<_> = std::iter::once(head).chain(events.iter().map(row)).collect();
            table(&rows)
        }
    }
}

fn row(event: &Event) -> [String; 5] {
    let Event { time, kind, object, reason, message, count } = event.clone();
    let message = if count > 1 { format!("{message} (x{count})") } else { message };
    [time, kind, object, reason, message.replace('\n', " ")]
}

fn json(event: &Event) -> String {
    serde_json::to_string(event).unwrap_or_default()
}

fn print(text: &str) -> Result<(), Failure> {
    io::stdout().write_all(text.as_bytes()).map_err(|error| {
        let error = anyhow::Error::new(error);
        Failure::new(Exit::Input, error.context("cannot write the events to standard output"))
    })
}
