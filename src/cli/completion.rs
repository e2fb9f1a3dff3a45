use std::io::{self, Write as _};

use clap::CommandFactory as _;
use clap_complete::Shell;

use super::{Cli, Exit, Failure, GlobalArgs};

/// Print a script that completes commands and options in a shell
#[derive(Debug, Clone, Copy, clap::Args)]
pub struct Args {
    /// The shell
    #[arg(value_enum)]
    shell: Shell,
}

/// Runs `longshore completion`.
pub fn run(global: &GlobalArgs, args: Args) -> Result<(), Failure> {
    let Args { shell } = args;
    let _ = global;
    let mut script = Vec::new();
    clap_complete::generate(shell, &mut Cli::command(), "longshore", &mut script);
    let written = io::stdout().write_all(&script);
    written.map_err(|error| {
        let error = anyhow::Error::new(error);
        Failure::new(Exit::Input, error.context("cannot write the script to standard output"))
    })
}
