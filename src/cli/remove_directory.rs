use std::io::ErrorKind;
use std::path::PathBuf;

use anyhow::Context as _;

use super::{Exit, Failure};

/// Remove a directory and all below it: what a container does for files that are not ours
#[derive(Debug, Clone, clap::Args)]
pub struct Args {
    /// The directory
    directory: PathBuf,
}

/// Removes the directory; one that is gone already is no failure.
pub fn run(args: Args) -> Result<(), Failure> {
    let Args { directory } = args;
    match std::fs::remove_dir_all(&directory) {
        Err(error) if error.kind() != ErrorKind::NotFound => {
            let removed =
                Err(error).with_context(|| format!("cannot remove `{}`", directory.display()));
            removed.map_err(|error| Failure::new(Exit::Input, error))
        }
        _ => Ok(()),
    }
}
