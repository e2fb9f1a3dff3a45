mod containers;
mod kubeconfig;
mod reset;
mod run;
mod start;
mod status;
mod stop;

pub(super) use start::ensure_started;

use clap::Subcommand;

use super::{Exit, Failure, GlobalArgs};
use crate::control_plane::kubelet::DockerError;
use crate::control_plane::{BackgroundError, DataDirectory, DataDirectoryError, ServerError};
use crate::engine::PodNetworkError;

/// Manage the bundled control plane
#[derive(Debug, clap::Args)]
pub struct Args {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    Start(start::Args),
    Stop(stop::Args),
    Status(status::Args),
    Kubeconfig(kubeconfig::Args),
    Reset(reset::Args),
    Run(run::Args),
}

/// Runs `longshore cluster`.
pub fn run(global: &GlobalArgs, args: Args) -> Result<(), Failure> {
    let Args { command } = args;
    match command {
        Command::Start(args) => start::run(global, args),
        Command::Stop(args) => stop::run(global, args),
        Command::Status(args) => status::run(global, args),
        Command::Kubeconfig(args) => kubeconfig::run(global, args),
        Command::Reset(args) => reset::run(global, args),
        Command::Run(args) => run::run(global, args),
    }
}

/// The data directory that the arguments name.
fn data_directory(global: &GlobalArgs) -> Result<DataDirectory, Failure> {
    DataDirectory::resolve(global.data_dir.as_deref()).map_err(directory_failure)
}

fn directory_failure(error: DataDirectoryError) -> Failure {
    let help = match &error {
        DataDirectoryError::NoHome => Some("name a directory with `--data-dir`"),
        DataDirectoryError::Taken { .. } => {
            Some("`longshore cluster status` shows it, `longshore cluster stop` stops it")
        }
        _ => None,
    };
    let failure = Failure::new(Exit::Cluster, error);
    match help {
        Some(help) => failure.help(help),
        None => failure,
    }
}

fn background_failure(error: BackgroundError) -> Failure {
    match error {
        BackgroundError::Directory(error) => directory_failure(error),
        error => Failure::new(Exit::Cluster, error),
    }
}

fn server_failure(error: ServerError) -> Failure {
    let help = match &error {
        ServerError::Store(_) => Some(
            "`longshore cluster reset` deletes the store with all objects in it and begins anew; \
             `longshore up` brings a project back",
        ),
        ServerError::Certificate(_) => {
            Some("`longshore cluster reset` begins anew; it deletes all objects, too")
        }
        ServerError::Listen { .. } => Some("choose another port with `--port`"),
        ServerError::Runtime(DockerError::Network(PodNetworkError::Overlaps { .. })) => Some(
            "`longshore cluster reset` begins anew with addresses that are free; it deletes all \
             objects, too",
        ),
        _ => None,
    };
    let failure = match error {
        ServerError::Directory(error) => return directory_failure(error),
        error => Failure::new(Exit::Cluster, error),
    };
    match help {
        Some(help) => failure.help(help),
        None => failure,
    }
}
