use std::collections::BTreeMap;
use std::path::PathBuf;

use super::chart;
use super::kompose::{KomposeArgs, KomposeFormat};
use super::project::{Build, Purpose, accept};
use super::selected::Selected;
use super::translation::{TranslationArgs, WaitArgs};
use super::{Exit, Failure, GlobalArgs};
use crate::kubernetes::Object;
use crate::output::{
    self, Destination, FileNames, OutputError, Product, check_overlays, kustomize_tree,
    print_changes,
};

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
    #[command(flatten)]
    wait: WaitArgs,
    #[command(flatten)]
    kompose: KomposeArgs,
    /// `DIR/` for a file per object, `FILE` for one file, `-` for standard output
    #[arg(short, long, visible_alias = "out", value_name = "PATH", default_value = "-")]
    output: PathBuf,
    /// How manifests are written
    #[arg(long, value_enum, default_value_t = Format::Yaml)]
    format: Format,
    /// Write the namespace of `-n` too
    #[arg(long)]
    create_namespace: bool,
    /// Replace also files that longshore did not write, or that were changed since
    #[arg(long)]
    force: bool,
    /// Write nothing: print how `-o` differs from what would be written, exit 1 when it does
    #[arg(long, requires = "output", conflicts_with = "force")]
    check: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
enum Format {
    /// One document per object
    Yaml,
    /// One `List` of all objects, or a file per object
    Json,
    /// A directory with a base and overlays: the overlays are written once and then yours
    Kustomize,
    /// A directory with a Helm chart: variables, images, replicas and sizes become its values
    Helm,
}

impl Format {
    fn needs_directory(self) -> bool {
        matches!(self, Self::Kustomize | Self::Helm)
    }
}

impl From<KomposeFormat> for Format {
    fn from(format: KomposeFormat) -> Self {
        match format {
            KomposeFormat::Json => Self::Json,
            KomposeFormat::Yaml => Self::Yaml,
            KomposeFormat::Chart => Self::Helm,
        }
    }
}

/// Runs `longshore convert`.
pub fn run(global: &GlobalArgs, args: Args) -> Result<(), Failure> {
    let Args {
        selected,
        translation,
        wait,
        kompose,
        output,
        format,
        create_namespace,
        force,
        check,
    } = args;
    kompose.check()?;
    let output = kompose.output(output);
    let format = kompose.format().map_or(format, Format::from);
    if output.as_os_str() == "-" && (check || format.needs_directory()) {
        return Err(failure(OutputError::NoDirectory));
    }
    if create_namespace && global.namespace.is_none() {
        let error = anyhow::anyhow!("`--create-namespace` needs a name");
        return Err(Failure::new(Exit::Input, error).help("name it: `-n NAMESPACE`"));
    }
    let is_for_kompose = translation.is_for_kompose();
    let create_namespace = create_namespace || (is_for_kompose && global.namespace.is_some());
    let names = if is_for_kompose { FileNames::NameFirst } else { FileNames::KindFirst };
    let purpose = Purpose::Manifests { create_namespace };
    let build = Build::new(global, selected, translation.waiting(wait), purpose)?.changing(kompose);
    let destination = Destination::of(&output);
    let product = if format == Format::Helm {
        Product::of_tree(chart::tree(&build, global)?, destination)
    } else {
        let (application, mut report) = build.run(&BTreeMap::new());
        if let (Format::Kustomize, Some(application)) = (format, &application) {
            let objects: Vec<&Object> = application.objects().collect();
            report.extend(check_overlays(&output, &objects).map_err(failure)?);
            report.sort();
        }
        let application = accept(application, &report, global)?;
        let objects: Vec<Object> = application.into_objects().collect();
        match format {
            Format::Json => Product::of_objects(&objects, output::Format::Json, names, destination),
            Format::Kustomize => {
                kustomize_tree(&objects).and_then(|tree| Product::of_tree(tree, destination))
            }
            _ => Product::of_objects(&objects, output::Format::Yaml, names, destination),
        }
    }
    .map_err(failure)?;
    if !check {
        return product.write(force).map_err(failure);
    }
    let changes = product.changes().map_err(failure)?;
    print_changes(&changes).map_err(failure)?;
    if changes.is_empty() { Ok(()) } else { Err(Failure::told(Exit::Findings)) }
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
        OutputError::NoDirectory => Some("name a directory: `-o DIR/`"),
        OutputError::Stdout { .. } => None,
    };
    let failure = Failure::new(Exit::Input, error);
    match help {
        Some(help) => failure.help(help),
        None => failure,
    }
}
