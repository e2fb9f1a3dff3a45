use std::path::PathBuf;

use super::project::{Purpose, build};
use super::selected::Selected;
use super::translation::TranslationArgs;
use super::{Exit, Failure, GlobalArgs};
use crate::kubernetes::Object;
use crate::output::{self, Destination, OutputError, write_objects};

/// Write the project as Kubernetes manifests
///
/// In a directory, each object has a file of its own; only files that longshore wrote itself are
/// replaced or removed.
#[derive(Debug, clap::Args)]
pub struct Args {
    #[command(flatten)]
    selected: Selected,
    #[command(flatten)]
    translation: TranslationArgs,
    /// `DIR/` for a file per object, `FILE` for one file, `-` for standard output
    #[arg(short, long, visible_alias = "out", value_name = "PATH", default_value = "-")]
    output: PathBuf,
    /// How manifests are written
    #[arg(long, value_enum, default_value_t = Format::Yaml)]
    format: Format,
    /// Replace also files that longshore did not write, or that were changed since
    #[arg(long)]
    force: bool,
}

#[derive(Debug, Clone, Copy, clap::ValueEnum)]
enum Format {
    /// One document per object
    Yaml,
    /// One `List` of all objects, or a file per object
    Json,
}

/// Runs `longshore convert`.
pub fn run(global: &GlobalArgs, args: Args) -> Result<(), Failure> {
    let Args { selected, translation, output, format, force } = args;
    let application = build(global, selected, translation, Purpose::Manifests)?;
    let objects: Vec<Object> = application.objects().cloned().collect();
    let format = match format {
        Format::Yaml => output::Format::Yaml,
        Format::Json => output::Format::Json,
    };
    write_objects(&objects, format, &Destination::of(&output), force).map_err(failure)
}

fn failure(error: OutputError) -> Failure {
    let help = match &error {
        OutputError::Foreign { .. } | OutputError::Changed { .. } | OutputError::Ledger { .. } => {
            Some(
                "move it away, write elsewhere, or overwrite it with `--force`; nothing was written",
            )
        }
        OutputError::Duplicate { .. } => Some("give them different names in the templates"),
        OutputError::Unreadable { .. } | OutputError::Unwritable { .. } => {
            Some("choose another place with `-o`; `-o -` writes to standard output")
        }
        OutputError::Stdout { .. } => None,
    };
    let failure = Failure::new(Exit::Input, error);
    match help {
        Some(help) => failure.help(help),
        None => failure,
    }
}
