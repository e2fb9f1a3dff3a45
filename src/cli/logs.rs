use std::io::{self, IsTerminal as _, Write as _};
use std::path::PathBuf;

use jiff::{SignedDuration, Timestamp};

use super::cluster_client::connect;
use super::runtime::{block_on, interrupted};
use super::{Exit, Failure, GlobalArgs, containers, duration};
use crate::containers::{Line, LogsOptions, logs};

/// The colours of services, in the order in which they first write.
const COLORS: &[&str] = &["36", "33", "32", "35", "34", "96", "93", "92", "95", "94"];

/// Show what the services write
///
/// Of all their containers and replicas, in the order of time.
#[derive(Debug, Clone, clap::Args)]
#[expect(clippy::struct_excessive_bools, reason = "each is an option")]
pub struct Args {
    /// Service whose logs are shown [default: all services]
    #[arg(value_name = "SERVICE")]
    services: Vec<String>,
    /// Go on with what is written later
    #[arg(short, long)]
    follow: bool,
    /// Show the time of each line
    #[arg(short, long)]
    timestamps: bool,
    /// Only since a time, or a duration ago, e.g. `2026-01-02T13:00:00Z` or `10m`
    #[arg(long, value_name = "TIME|DURATION", value_parser = since)]
    since: Option<Timestamp>,
    /// Only so many lines from the end of each container, or `all`
    #[arg(long, value_name = "LINES", value_parser = tail, default_value = "all")]
    tail: Tail,
    /// Of the run before the last restart
    #[arg(long, conflicts_with = "follow")]
    previous: bool,
    /// Leave out the name before each line
    #[arg(long)]
    no_log_prefix: bool,
    // `-f` means to follow here: the global option of this name has its long form only.
    /// Compose file, may be repeated; `-f` before `logs` is the same
    #[arg(id = "files", long = "file", value_name = "FILE", help_heading = "Global options")]
    files: Vec<PathBuf>,
}

/// `--tail`.
#[derive(Debug, Clone, Copy)]
struct Tail(Option<i64>);

/// Runs `longshore logs`.
pub fn run(global: &GlobalArgs, args: Args) -> Result<(), Failure> {
    let Args { services, follow, timestamps, since, tail, previous, no_log_prefix, files: _ } =
        args;
    let target = super::target::existing(global)?;
    let services: Vec<_> = services.iter().map(|name| containers::service(name)).collect();
    let options = LogsOptions { follow, previous, since, tail: tail.0 };
    let mut printer = Printer::new(global, timestamps, !no_log_prefix);
    block_on(async {
        let cluster = connect(global).await?;
        tokio::select! {
            shown = logs(&cluster, &target, &services, &options, |line| printer.print(line)) => {
                shown.map_err(|error| containers::failure(&error))
            }
            () = interrupted() => Err(Failure::told(Exit::Interrupted)),
        }
    })
}

/// Prints lines with the names of their replicas before them.
pub(super) struct Printer {
    timestamps: bool,
    prefix: bool,
    colored: bool,
    width: usize,
    services: Vec<String>,
}

impl Printer {
    pub(super) fn new(global: &GlobalArgs, timestamps: bool, prefix: bool) -> Self {
        let colored = global.color.applies(io::stdout().is_terminal());
        Self { timestamps, prefix, colored, width: 0, services: Vec::new() }
    }

    /// Prints a line; a reader of ours that is gone ends the process as it ends others'.
    pub(super) fn print(&mut self, line: &Line) {
        let text = self.text(line);
        if io::stdout().write_all(text.as_bytes()).is_err() {
            std::process::exit(0);
        }
    }

    fn text(&mut self, line: &Line) -> String {
        let Line { replica, time, text } = line;
        let time = match time {
            Some(time) if self.timestamps => format!("{time:.9} "),
            _ => String::new(),
        };
        if !self.prefix {
            return format!("{time}{text}\n");
        }
        self.width = self.width.max(replica.len());
        let prefix = format!("{replica:width$} | ", width = self.width);
        if !self.colored {
            return format!("{prefix}{time}{text}\n");
        }
        let service = replica.rsplit_once('-').map_or(replica.as_str(), |(service, _)| service);
        let known = self.services.iter().position(|other| other == service);
        let index = known.unwrap_or_else(|| {
            self.services.push(service.to_owned());
            self.services.len() - 1
        });
        let color = COLORS.get(index % COLORS.len()).copied().unwrap_or_default();
        format!("\u{1b}[{color}m{prefix}\u{1b}[0m{time}{text}\n")
    }
}

fn since(text: &str) -> Result<Timestamp, String> {
    if let Ok(time) = text.parse::<Timestamp>() {
        return Ok(time);
    }
    let wrong =
        || "write a time such as `2026-01-02T13:00:00Z` or a duration such as `10m`".to_owned();
    let by = SignedDuration::try_from(duration::parse(text).map_err(|_| wrong())?);
    Timestamp::now().checked_sub(by.map_err(|_| wrong())?).map_err(|_| wrong())
}

fn tail(text: &str) -> Result<Tail, String> {
    match (text, text.parse::<i64>()) {
        ("all", _) => Ok(Tail(None)),
        (_, Ok(lines)) if lines >= 0 => Ok(Tail(Some(lines))),
        // As Docker has it: a number below zero is all.
        (_, Ok(_)) => Ok(Tail(None)),
        _ => Err("write a number of lines, or `all`".to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_service_has_its_colour() {
        let mut printer = Printer {
            timestamps: true,
            prefix: true,
            colored: true,
            width: 0,
            services: Vec::new(),
        };
        let mut text = |replica: &str| {
            let time = "2026-01-01T00:00:00Z".parse().ok();
            printer.text(&Line { replica: replica.to_owned(), time, text: "hi".to_owned() })
        };
        let time = "2026-01-01T00:00:00.000000000Z";
        assert_eq!(text("web-1"), format!("\u{1b}[36mweb-1 | \u{1b}[0m{time} hi\n"));
        assert_eq!(text("web-12"), format!("\u{1b}[36mweb-12 | \u{1b}[0m{time} hi\n"));
        assert_eq!(text("db-1"), format!("\u{1b}[33mdb-1   | \u{1b}[0m{time} hi\n"));
    }

    #[test]
    fn options_that_have_several_forms() {
        assert_eq!(tail("all").unwrap().0, None);
        assert_eq!(tail("7").unwrap().0, Some(7));
        assert!(tail("some").is_err());
        assert_eq!(since("2026-01-01T00:00:00Z"), Ok("2026-01-01T00:00:00Z".parse().unwrap()));
        assert!(since("10m").is_ok());
        assert!(since("yesterday").is_err());
    }
}
