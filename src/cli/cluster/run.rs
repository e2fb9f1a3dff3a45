use std::io::Write;

use super::super::runtime::{interrupted, server_runtime};
use super::super::{Failure, GlobalArgs};
use super::containers;
use crate::control_plane::{Server, ServerOptions};

/// Run the control plane in the foreground, until it is interrupted
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
    /// Outlive the terminal
    #[arg(long, hide = true)]
    detached: bool,
}

/// Runs `longshore cluster run`.
pub fn run(global: &GlobalArgs, args: Args) -> Result<(), Failure> {
    let Args { port, ephemeral, containers, detached } = args;
    if detached {
        // An error means that the process leads a session already.
        let _ = nix::unistd::setsid();
    }
    super::super::log::to_stderr();
    let options = ServerOptions {
        data: super::data_directory(global)?,
        port,
        ephemeral,
        containers: containers.choice(),
    };
    let runtime = server_runtime()?;
    runtime.block_on(async {
        let server = Server::start(options).await.map_err(super::server_failure)?;
        if !detached {
            let mut stderr = std::io::stderr();
            // Nobody may be reading.
            let _ = writeln!(
                stderr,
                "listening on https://{}; kubectl --kubeconfig {}",
                server.address(),
                server.kubeconfig().display()
            );
        }
        interrupted().await;
        server.stop().await;
        Ok(())
    })
}
