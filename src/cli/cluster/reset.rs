use std::io::{BufRead, IsTerminal, Write};
use std::time::Duration;

use super::super::runtime::block_on;
use super::super::{Exit, Failure, GlobalArgs};
use crate::control_plane;
use crate::engine::EngineError;

/// How long a server is given to stop.
const STOP_TIMEOUT: Duration = Duration::from_secs(30);

/// Stop the control plane and delete all its objects, containers and files
#[derive(Debug, Clone, Copy, clap::Args)]
pub struct Args {
    /// Do not ask
    #[arg(short, long)]
    yes: bool,
}

/// Runs `longshore cluster reset`.
pub fn run(global: &GlobalArgs, args: Args) -> Result<(), Failure> {
    let Args { yes } = args;
    let data = super::data_directory(global)?;
    if !yes {
        confirm(&format!(
            "delete the control plane in `{}` and all its objects?",
            data.root().display()
        ))?;
    }
    block_on(async {
        control_plane::stop(&data, STOP_TIMEOUT).await.map_err(super::background_failure)?;
        control_plane::remove_containers(&data).await.map_err(engine_failure)?;
        data.remove().map_err(super::directory_failure)?;
        eprintln!("deleted `{}`", data.root().display());
        Ok(())
    })
}

fn engine_failure(error: EngineError) -> Failure {
    Failure::new(Exit::Cluster, error)
        .help("start the engine, so that the containers can be removed; nothing was deleted yet")
}

fn confirm(question: &str) -> Result<(), Failure> {
    if !std::io::stdin().is_terminal() {
        let error = anyhow::anyhow!("`cluster reset` deletes everything and cannot ask here");
        return Err(Failure::new(Exit::Input, error).help("add `--yes` if that is what you want"));
    }
    let mut stderr = std::io::stderr();
    // If the question cannot be seen, the answer will not be yes.
    let _ = write!(stderr, "{question} [y/N] ");
    let mut answer = String::new();
    let read = std::io::stdin().lock().read_line(&mut answer);
    if read.is_ok() && matches!(answer.trim().to_lowercase().as_str(), "y" | "yes") {
        return Ok(());
    }
    Err(Failure::new(Exit::Interrupted, anyhow::anyhow!("nothing was deleted")))
}
