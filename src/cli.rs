//! The command line: arguments, one file per subcommand, exit codes. No decisions about Compose or Kubernetes.

mod attach;
mod build;
mod chart;
mod cluster;
mod cluster_client;
mod completion;
mod config;
mod containers;
mod content;
mod convert;
mod cp;
mod diagnostics;
mod down;
mod duration;
mod events;
mod exec;
mod exit;
mod explain;
mod gateway;
mod global;
mod images;
mod kompose;
mod log;
mod logs;
mod pause;
mod port_forward;
mod progress;
mod project;
mod ps;
mod push;
mod remove_directory;
mod report;
mod runtime;
mod selected;
mod table;
mod target;
mod templates;
mod terminal;
mod translation;
mod up;

pub use diagnostics::Diagnostics;
pub use exit::{Exit, Failure};
pub use global::{Color, GlobalArgs, Progress};

use std::process::ExitCode;

use clap::{Parser, Subcommand};

/// From compose.yaml to Kubernetes, with Kubernetes included
#[derive(Debug, Parser)]
#[command(name = "longshore", version, propagate_version = true)]
struct Cli {
    #[command(flatten)]
    global: GlobalArgs,
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    Convert(Box<convert::Args>),
    Config(config::Args),
    Build(build::Args),
    Push(push::Args),
    Up(up::Args),
    Down(down::Args),
    Ps(ps::Args),
    Logs(logs::Args),
    Exec(exec::Args),
    Attach(attach::Args),
    PortForward(port_forward::Args),
    Cp(cp::Args),
    Events(events::Args),
    Report(report::Args),
    Explain(explain::Args),
    Cluster(cluster::Args),
    Templates(templates::Args),
    Completion(completion::Args),
    #[command(hide = true)]
    Gateway(gateway::Args),
    /// Hold the network of a pod: what its sandbox runs
    #[command(hide = true)]
    Pause,
    #[command(hide = true)]
    RemoveDirectory(remove_directory::Args),
}

/// Runs the command that the process arguments name, and prints its failure.
pub fn run() -> ExitCode {
    let Cli { global, command } = match Cli::try_parse() {
        Ok(cli) => cli,
        Err(error) => error.exit(),
    };
    let result = match command {
        Command::Config(args) => config::run(&global, args),
        Command::Convert(args) => convert::run(&global, *args),
        Command::Build(args) => build::run(&global, args),
        Command::Push(args) => push::run(&global, args),
        Command::Up(args) => up::run(&global, args),
        Command::Down(args) => down::run(&global, args),
        Command::Ps(args) => ps::run(&global, args),
        Command::Logs(args) => logs::run(&global, args),
        Command::Exec(args) => exec::run(&global, args),
        Command::Attach(args) => attach::run(&global, args),
        Command::PortForward(args) => port_forward::run(&global, args),
        Command::Cp(args) => cp::run(&global, args),
        Command::Events(args) => events::run(&global, args),
        Command::Report(args) => report::run(&global, args),
        Command::Explain(args) => explain::run(args),
        Command::Cluster(args) => cluster::run(&global, args),
        Command::Templates(args) => templates::run(&global, args),
        Command::Completion(args) => completion::run(&global, args),
        Command::Gateway(args) => gateway::run(args),
        Command::Pause => pause::run(),
        Command::RemoveDirectory(args) => remove_directory::run(args),
    };
    match result {
        Ok(()) => Exit::Done.into(),
        Err(failure) => failure.print(),
    }
}
