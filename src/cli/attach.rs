use std::io::{self, IsTerminal as _};

use super::{Failure, GlobalArgs, exec};
use crate::containers::Command;

/// Join the streams of a service's own process
#[derive(Debug, Clone, clap::Args)]
pub struct Args {
    /// Which of the service's containers, from 1 [default: the first that runs]
    #[arg(long, value_name = "INDEX")]
    index: Option<usize>,
    /// Send it nothing
    #[arg(long)]
    no_stdin: bool,
    /// It has a terminal (`tty: true`), and this one becomes it
    #[arg(short, long)]
    tty: bool,
    /// Service
    #[arg(value_name = "SERVICE")]
    service: String,
}

/// Runs `longshore attach`.
pub fn run(global: &GlobalArgs, args: Args) -> Result<(), Failure> {
    let Args { index, no_stdin, tty, service } = args;
    let tty = tty && io::stdin().is_terminal();
    exec::join(global, &service, index, Command { words: None, stdin: !no_stdin, tty })
}
