use std::io::{self, IsTerminal as _};

use super::cluster_client::connect;
use super::runtime::block_on;
use super::terminal::Terminal;
use super::{Exit, Failure, GlobalArgs, containers, target};
use crate::containers::{Command, Ends, Session, replica};

/// Run a command in a container of a service
///
/// With a terminal, when standard input and output are one. The exit code is that of the command.
#[derive(Debug, Clone, clap::Args)]
pub struct Args {
    /// Without a terminal
    #[arg(short = 'T', long)]
    no_tty: bool,
    /// Which of the service's containers, from 1 [default: the first that runs]
    #[arg(long, value_name = "INDEX")]
    index: Option<usize>,
    /// Variable for the command, may be repeated; needs `env` in the container
    #[arg(short, long = "env", value_name = "NAME=VALUE", value_parser = variable)]
    env: Vec<String>,
    /// Working directory of the command; needs `sh` in the container
    #[arg(short, long, value_name = "DIR")]
    workdir: Option<String>,
    /// Service
    #[arg(value_name = "SERVICE")]
    service: String,
    /// Command and its arguments
    #[arg(
        value_name = "COMMAND",
        required = true,
        trailing_var_arg = true,
        allow_hyphen_values = true
    )]
    command: Vec<String>,
}

/// Runs `longshore exec`.
pub fn run(global: &GlobalArgs, args: Args) -> Result<(), Failure> {
    let Args { no_tty, index, env, workdir, service, command } = args;
    let words = Command::placed(command, &env, workdir.as_deref());
    let tty = !no_tty && io::stdin().is_terminal() && io::stdout().is_terminal();
    let command = Command { words: Some(words), stdin: true, tty };
    join(global, &service, index, command)
}

/// Joins the terminal of this process to a command in a container.
pub(super) fn join(
    global: &GlobalArgs,
    service: &str,
    index: Option<usize>,
    command: Command,
) -> Result<(), Failure> {
    let target = target::existing(global)?;
    let service = containers::service(service);
    let tty = command.tty;
    block_on(async {
        let cluster = connect(global).await?;
        let failure = |error| containers::failure(&error);
        let replica = replica(&cluster, &target, &service, index).await.map_err(failure)?;
        let session =
            Session::begin(&cluster, &target, &replica, command).await.map_err(failure)?;
        let terminal = if tty { Some(Terminal::raw().map_err(unusable)?) } else { None };
        let ends = Ends {
            stdin: Some(Box::new(tokio::io::stdin())),
            stdout: Box::new(tokio::io::stdout()),
            stderr: Box::new(tokio::io::stderr()),
            sizes: super::terminal::sizes(),
        };
        let ended = session.join(ends).await;
        // Put back before anything is printed.
        drop(terminal);
        match ended.map_err(failure)? {
            0 => Ok(()),
            code => Err(Failure::told(Exit::Command(code))),
        }
    })
}

fn unusable(error: io::Error) -> Failure {
    Failure::new(Exit::Input, anyhow::Error::new(error).context("cannot use the terminal"))
        .help("`-T` runs the command without one")
}

/// `NAME=VALUE`, or `NAME` with the value that it has here.
fn variable(text: &str) -> Result<String, String> {
    match text.split_once('=') {
        Some(("", _)) => Err("a variable has a name".to_owned()),
        Some(_) => Ok(text.to_owned()),
        None => match std::env::var(text) {
            Ok(value) => Ok(format!("{text}={value}")),
            Err(_) => Err(format!("`{text}` has no value here: write `{text}=VALUE`")),
        },
    }
}
