use std::path::PathBuf;

use serde_json::Value;

use super::diagnostics::{judge, print};
use super::project::input;
use super::selected::Selected;
use super::table::table;
use super::{Exit, Failure, GlobalArgs};
use crate::compose_file::{self, service_hash, write_project, write_tree};
use crate::diagnostic::Report;
use crate::load::{
    Input, Skip, Surroundings, UsedVariable, UsedVariables, find_variables, load_literal,
    load_project, load_with_surroundings,
};
use crate::model::Project;
use crate::output::{Destination, OutputError, write_text};

/// The listings that have one form: a name on each line.
const LISTS: [&str; 8] = [
    "list-services",
    "volumes",
    "networks",
    "images",
    "models",
    "list-profiles",
    "environment",
    "hash",
];

/// What cannot be known before variables have their values.
const NEED_VALUES: [&str; 7] =
    ["services", "images", "models", "list-profiles", "variables", "environment", "hash"];

/// Print the project as one canonical Compose file, or list what is in it
///
/// All files are merged, variables expanded and short forms written long; the result loads to the
/// same project.
#[derive(Debug, Clone, clap::Args)]
pub struct Args {
    #[command(flatten)]
    selected: Selected,
    /// How it is written [default: yaml, and a table for `--variables`]
    #[arg(long, value_enum, conflicts_with_all = LISTS)]
    format: Option<Format>,
    /// File to write to; `-` for standard output
    #[arg(short, long, value_name = "FILE", default_value = "-")]
    output: PathBuf,
    /// Only check the project
    #[arg(short, long)]
    quiet: bool,
    /// Leave variables as they are written; no services are selected
    #[arg(long, conflicts_with_all = NEED_VALUES)]
    no_interpolate: bool,
    #[command(flatten)]
    skipped: SkipFlags,
    #[command(flatten)]
    listing: ListingFlags,
}

/// What is left undone.
#[derive(Debug, Clone, Copy, clap::Args)]
struct SkipFlags {
    /// Leave relative paths as they are written
    #[arg(long)]
    no_path_resolution: bool,
    /// Do not check whether the parts of the project fit together
    #[arg(long)]
    no_consistency: bool,
}

/// What is listed instead of the file.
#[derive(Debug, Clone, clap::Args)]
#[group(id = "listing", multiple = false)]
#[expect(clippy::struct_excessive_bools, reason = "flags, of which one can be given")]
struct ListingFlags {
    /// List the services, each behind those that it depends on
    #[arg(long = "services", id = "list-services")]
    services: bool,
    /// List the volumes
    #[arg(long)]
    volumes: bool,
    /// List the networks
    #[arg(long)]
    networks: bool,
    /// List the images
    #[arg(long)]
    images: bool,
    /// List the models
    #[arg(long)]
    models: bool,
    /// List the profiles of all services, enabled or not
    // the names of the fields alone would be those of global options
    #[arg(long = "profiles", id = "list-profiles")]
    profiles: bool,
    /// List the variables that the files use, with their defaults
    #[arg(long, conflicts_with = "services")]
    variables: bool,
    /// List the variables that the files see, with their values
    #[arg(long)]
    environment: bool,
    /// List hashes of services that change when their containers do; `*` for all services
    #[arg(long, value_name = "SERVICE,…", conflicts_with = "services")]
    hash: Option<String>,
}

/// What is written.
enum Product {
    File,
    Lines(fn(&Project, Surroundings) -> Vec<String>),
    Variables,
    Hashes(String),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
enum Format {
    Yaml,
    Json,
}

/// Runs `longshore config`.
pub fn run(global: &GlobalArgs, args: Args) -> Result<(), Failure> {
    let Args {
        selected,
        format,
        output,
        quiet,
        no_interpolate,
        skipped: SkipFlags { no_path_resolution, no_consistency },
        listing,
    } = args;
    let mut input = input(global, selected)?;
    input.skip = Skip {
        paths: no_path_resolution,
        consistency: no_consistency,
        service_files: false,
        secrets: false,
    };
    let (text, report) = if no_interpolate {
        let (tree, report) = load_literal(&input);
        (tree.map(|tree| listing.literal(&tree, format)), report)
    } else {
        listing.product().write(input, format)
    };
    print(&report, global)?;
    let Some(text) = text else { return Err(Failure::told(Exit::Input)) };
    judge(&report, global, "nothing was written")?;
    if quiet {
        return Ok(());
    }
    write_text(&text, &Destination::of(&output)).map_err(failure)
}

impl ListingFlags {
    /// What is written of a project whose variables have no values: the file, or the names of a section.
    fn literal(&self, tree: &Value, format: Option<Format>) -> String {
        let section = if self.services {
            "services"
        } else if self.volumes {
            "volumes"
        } else if self.networks {
            "networks"
        } else {
            return write_tree(tree, file_format(format));
        };
        let members = tree.get(section).and_then(Value::as_object);
        lines(&sorted(members.into_iter().flat_map(|members| members.keys())))
    }

    fn product(self) -> Product {
        let Self {
            services,
            volumes,
            networks,
            images,
            models,
            profiles,
            variables,
            environment,
            hash,
        } = self;
        if services {
            Product::Lines(|project, _| owned(compose_file::services(project)))
        } else if volumes {
            Product::Lines(|project, _| sorted(project.volumes.keys()))
        } else if networks {
            Product::Lines(|project, _| sorted(project.networks.keys()))
        } else if images {
            Product::Lines(|project, _| compose_file::images(project))
        } else if models {
            Product::Lines(|project, _| compose_file::models(project))
        } else if profiles {
            Product::Lines(|_, Surroundings { profiles, .. }| profiles.into_iter().collect())
        } else if environment {
            Product::Lines(|_, Surroundings { environment, .. }| {
                environment.into_iter().map(|(name, value)| format!("{name}={value}")).collect()
            })
        } else if variables {
            Product::Variables
        } else {
            hash.map_or(Product::File, Product::Hashes)
        }
    }
}

impl Product {
    /// The text, if the project can be loaded as far as that is needed.
    fn write(self, mut input: Input, format: Option<Format>) -> (Option<String>, Report) {
        match self {
            Self::File => {
                let (project, report) = load_project(&input);
                (project.map(|project| write_project(&project, file_format(format))), report)
            }
            Self::Lines(list) => {
                input.skip.service_files = true;
                let (loaded, report) = load_with_surroundings(&input);
                let list = loaded.map(|(project, surroundings)| list(&project, surroundings));
                (list.map(|list| lines(&list)), report)
            }
            Self::Variables => {
                let (used, report) = find_variables(&input);
                (used.map(|used| write_variables(&used, format)), report)
            }
            Self::Hashes(names) => {
                if names != "*" {
                    input.services = names.split(',').map(str::to_owned).collect();
                    input.without_dependencies = true;
                }
                let (project, report) = load_project(&input);
                (project.map(|project| hashes(&project)), report)
            }
        }
    }
}

fn file_format(format: Option<Format>) -> compose_file::Format {
    match format {
        None | Some(Format::Yaml) => compose_file::Format::Yaml,
        Some(Format::Json) => compose_file::Format::Json,
    }
}

fn write_variables(used: &UsedVariables, format: Option<Format>) -> String {
    if let Some(format) = format {
        let tree = serde_json::to_value(used).expect("the names of variables are texts");
        return write_tree(&tree, file_format(Some(format)));
    }
    let head = ["NAME", "REQUIRED", "DEFAULT VALUE", "ALTERNATE VALUE"].map(str::to_owned);
    let row = |variable: &UsedVariable| {
        let UsedVariable { name, default, alternate, required, message: _ } = variable.clone();
        [name, required.to_string(), default, alternate]
    };
    table(&std::iter::once(head).chain(used.values().map(row)).collect::<Vec<_>>())
}

fn hashes(project: &Project) -> String {
    let lines_of = project.services.iter();
    let lines_of = lines_of.map(|(name, service)| format!("{name} {}", service_hash(service)));
    lines(&sorted(lines_of))
}

fn owned(names: Vec<&str>) -> Vec<String> {
    names.into_iter().map(str::to_owned).collect()
}

fn sorted(names: impl Iterator<Item = impl ToString>) -> Vec<String> {
    let mut names: Vec<String> = names.map(|name| name.to_string()).collect();
    names.sort();
    names
}

fn lines(lines: &[String]) -> String {
    lines.iter().flat_map(|line| [line.as_str(), "\n"]).collect()
}

fn failure(error: OutputError) -> Failure {
    Failure::new(Exit::Input, error).help("choose another place with `-o`")
}
