use std::time::Duration;

use super::super::duration;
use super::super::runtime::block_on;
use super::super::{Failure, GlobalArgs};
use crate::control_plane;

/// Stop the control plane; its objects stay for the next start
#[derive(Debug, Clone, Copy, clap::Args)]
pub struct Args {
    /// How long to wait until it is gone, e.g. `30s`
    #[arg(long, value_name = "DURATION", value_parser = duration::parse, default_value = "30s")]
    timeout: Duration,
}

/// Runs `longshore cluster stop`.
pub fn run(global: &GlobalArgs, args: Args) -> Result<(), Failure> {
    let Args { timeout } = args;
    let data = super::data_directory(global)?;
    block_on(async {
        let stopped =
            control_plane::stop(&data, timeout).await.map_err(super::background_failure)?;
        eprintln!("the control plane {}", if stopped { "is stopped" } else { "was not running" });
        Ok(())
    })
}
