use std::path::PathBuf;

use super::project::templates_failure;
use super::{Failure, GlobalArgs};
use crate::render::export_templates;

/// Look at the templates that print the manifests
#[derive(Debug, clap::Args)]
pub struct Args {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, clap::Subcommand)]
enum Command {
    /// Write the built-in templates into a directory, to edit them and use them with `--templates`
    Export {
        /// The directory
        #[arg(value_name = "DIR")]
        directory: PathBuf,
        /// Overwrite files that are there already
        #[arg(long)]
        force: bool,
    },
}

/// Runs `longshore templates`.
pub fn run(_: &GlobalArgs, args: Args) -> Result<(), Failure> {
    let Args { command: Command::Export { directory, force } } = args;
    let files = export_templates(&directory, force).map_err(templates_failure)?;
    eprintln!("{} templates written to {}", files.len(), directory.display());
    Ok(())
}
