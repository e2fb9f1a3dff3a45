use std::io::Write;

use super::super::runtime::interrupted;
use super::super::{Exit, Failure, GlobalArgs};
use crate::control_plane::{Server, ServerOptions};

/// The variable that chooses what is logged.
const LOG_FILTER: &str = "LONGSHORE_LOG";
/// Threads for requests: a local control plane shares its machine with the user.
const THREADS: usize = 4;

/// Run the control plane in the foreground, until it is interrupted
#[derive(Debug, Clone, Copy, clap::Args)]
pub struct Args {
    /// Port on 127.0.0.1 [default: the one used before, or a free one]
    #[arg(long, value_name = "PORT")]
    port: Option<u16>,
    /// Keep all objects in memory: they are gone when the control plane stops
    #[arg(long)]
    ephemeral: bool,
    /// Outlive the terminal
    #[arg(long, hide = true)]
    detached: bool,
}

/// Runs `longshore cluster run`.
pub fn run(global: &GlobalArgs, args: Args) -> Result<(), Failure> {
    let Args { port, ephemeral, detached } = args;
    if detached {
        // An error means that the process leads a session already.
        let _ = nix::unistd::setsid();
    }
    log_to_stderr();
    let options = ServerOptions { data: super::data_directory(global)?, port, ephemeral };
    let threads = std::thread::available_parallelism().map_or(1, |cores| cores.get().min(THREADS));
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(threads)
        .enable_all()
        .build()
        .map_err(|error| Failure::new(Exit::Cluster, error))?;
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

fn log_to_stderr() {
    let filter = tracing_subscriber::EnvFilter::try_from_env(LOG_FILTER)
        .unwrap_or_else(|_| tracing_subscriber::EnvFilter::new("info"));
    // Fails when the process has a subscriber already, which is as good.
    let _ = tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(std::io::stderr)
        .with_ansi(false)
        .try_init();
}
