use std::path::PathBuf;
use std::process::Command;
use std::time::Duration;

use super::super::duration;
use super::super::runtime::block_on;
use super::super::{Exit, Failure, GlobalArgs};
use super::containers;
use crate::control_plane::{self, DataDirectory};

/// How long `up` waits for a control plane.
const START_TIMEOUT: Duration = Duration::from_mins(1);

/// Start the control plane in the background, unless it runs, and wait until it is ready
#[derive(Debug, Clone, Copy, clap::Args)]
pub struct Args {
    /// Port on 127.0.0.1 [default: the one used before, or a free one]
    #[arg(long, value_name = "PORT")]
    port: Option<u16>,
    /// Keep all objects in memory: they are gone when the control plane stops
    #[arg(long)]
    ephemeral: bool,
    #[command(flatten)]
    containers: containers::Args,
    /// How long to wait until it is ready, e.g. `30s`
    #[arg(long, value_name = "DURATION", value_parser = duration::parse, default_value = "60s")]
    timeout: Duration,
}

/// Runs `longshore cluster start`.
pub fn run(global: &GlobalArgs, args: Args) -> Result<(), Failure> {
    let Args { port, ephemeral, containers, timeout } = args;
    let data = super::data_directory(global)?;
    let mut server = server_command(&data)?;
    if let Some(port) = port {
        server.args(["--port", &port.to_string()]);
    }
    server.arg(containers.argument());
    if ephemeral {
        server.arg("--ephemeral");
    }
    block_on(async {
        let kubeconfig = control_plane::ensure_started(&data, server, timeout)
            .await
            .map_err(super::background_failure)?;
        eprintln!("the control plane runs; kubectl --kubeconfig {}", kubeconfig.display());
        Ok(())
    })
}

/// Starts the control plane unless it runs, waits until it is ready, and returns its kubeconfig.
pub async fn ensure_started(global: &GlobalArgs) -> Result<PathBuf, Failure> {
    let data = super::data_directory(global)?;
    let server = server_command(&data)?;
    control_plane::ensure_started(&data, server, START_TIMEOUT)
        .await
        .map_err(super::background_failure)
}

/// This program as a server in the background.
fn server_command(data: &DataDirectory) -> Result<Command, Failure> {
    let program = std::env::current_exe().map_err(|error| {
        let error = anyhow::Error::new(error);
        Failure::new(Exit::Cluster, error.context("cannot find the program that is running"))
    })?;
    let mut command = Command::new(program);
    command.args(["cluster", "run", "--detached", "--data-dir"]).arg(data.root());
    Ok(command)
}
