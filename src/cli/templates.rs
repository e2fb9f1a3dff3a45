use super::{Failure, GlobalArgs};

/// TODO
#[derive(Debug, clap::Args)]
pub struct Args {}

/// Runs `longshore templates`.
pub fn run(global: &GlobalArgs, args: Args) -> Result<(), Failure> {
    let Args {} = args;
    let _ = global;
    Ok(())
}
