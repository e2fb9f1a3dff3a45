//! Compose files to a [`Project`]: read, interpolate, merge, validate, expand, bind.
//!
//! # Invariants
//! - Goes on after an error where that is safe; all errors are in the report, in a stable order.
//! - Reads the environment only through [`Input`]: the same input gives the same project.

mod aliases;
mod assemble;
mod bind;
mod budget;
mod canonical;
mod cast;
mod checks;
mod contents;
mod defaults;
mod discover;
mod document;
mod dotenv;
mod environment;
mod extends;
mod hooks;
mod include;
mod interpolate;
mod merge;
mod name;
mod normalise;
mod path;
mod paths;
mod profiles;
mod quantity;
mod read;
mod remote;
mod removal;
mod schema;
mod suggest;
mod template;
mod tree;
mod unused;
mod variables;
mod windows;

use std::collections::BTreeMap;
use std::path::PathBuf;

use crate::diagnostic::{Diagnostic, Report, codes};
use crate::model::{Contents, Project};

pub use bind::USED_UP;

use assemble::Assembly;
use budget::Budget;
use document::Document;
use environment::Environment;
use profiles::Wanted;
use schema::Damage;
use tree::Node;

/// How many findings of each severity a report shows; nobody corrects more at a time.
const MAX_FINDINGS: usize = 100;

/// All that decides what is loaded.
#[derive(Debug, Clone, Default)]
pub struct Input {
    /// `-f`, in order; `-` is standard input. Empty: look for `compose.yaml` and its siblings.
    pub files: Vec<PathBuf>,
    /// `--project-directory`.
    pub project_directory: Option<PathBuf>,
    /// `-p`.
    pub project_name: Option<String>,
    /// `--profile`.
    pub profiles: Vec<String>,
    /// The services to load with all that they depend on, by name or pattern (`web*`); none means
    /// all of them.
    pub services: Vec<String>,
    /// `--no-deps`: without what the named services depend on.
    pub without_dependencies: bool,
    /// `--env-file`.
    pub env_files: Vec<PathBuf>,
    /// The directory that relative paths of the command line start from.
    pub working_directory: PathBuf,
    /// The process environment.
    pub environment: BTreeMap<String, String>,
}

/// Loads a project. Without a project the report says why, in at least one error.
///
/// The files of configs and secrets are not opened: they may be missing.
pub fn load_project(input: &Input) -> (Option<Project>, Report) {
    let (loaded, report) = load_with(input, |_, _, _| ());
    (loaded.map(|(project, ())| project), report)
}

/// Loads a project and the bytes of its configs and secrets; a file that cannot be read is one
/// more error.
pub fn load_with_contents(input: &Input) -> (Option<(Project, Contents)>, Report) {
    load_with(input, contents::read_contents)
}

fn load_with<T>(
    input: &Input,
    more: impl FnOnce(&Project, &Environment, &mut Report) -> T,
) -> (Option<(Project, T)>, Report) {
    let mut report = Report::bounded(MAX_FINDINGS);
    let loaded = load(input, &mut report).map(|(project, environment)| {
        let more = more(&project, &environment, &mut report);
        (project, more)
    });
    report.close();
    (loaded.filter(|_| !report.has_errors()), report)
}

/// The stages in order; each goes on after errors as far as what it got allows.
fn load(input: &Input, report: &mut Report) -> Option<(Project, Environment)> {
    let mut environment = Environment::new(input.environment.clone());
    let directory = input.working_directory.display().to_string();
    environment.set_default("PWD".to_owned(), directory, &environment::Setting::Own);
    let initial = discover::initial_directory(input);
    let mut default_env_files = !variables::read_named_env_files(input, &mut environment, report)
        && !variables::default_env_file_disabled(&environment, report);
    if default_env_files {
        default_env_files = variables::read_first_env_file(
            &initial,
            &input.working_directory,
            &mut environment,
            report,
        );
    }
    let discover::ProjectFiles { files, directory } =
        discover::find_files(input, &environment, report)?;
    if default_env_files && directory != initial {
        variables::read_default_env_file(
            &directory,
            &input.working_directory,
            &mut environment,
            report,
        );
    }

    let mut assembly = Assembly {
        directory: &directory,
        working_directory: &input.working_directory,
        environment: &mut environment,
        damage: &mut Damage::default(),
        report,
        budget: &mut Budget::default(),
        chain: files.first().cloned().into_iter().collect(),
    };
    let documents = read_all(&files, &mut assembly)?;
    let asked = input.project_name.as_deref();
    let name =
        name::project_name(asked, &documents, &directory, assembly.environment, assembly.report)?;
    assembly.environment.set("COMPOSE_PROJECT_NAME", &name);
    let root = assembly.assemble(documents);
    let has_entry = |root: &Node| root.as_mapping().is_some_and(|root| !root.is_empty());
    let Some(mut root) = root.filter(has_entry) else {
        if !report.has_errors() {
            report.push(empty_project(&files));
        }
        return None;
    };

    let Assembly { environment: variables, damage, report, budget, .. } = assembly;
    defaults::set_defaults(&mut root);
    checks::check_tree(&root, damage, report);
    paths::resolve_paths(&mut root, &directory, variables.get("HOME"), report);
    if windows::is_conversion_asked(variables) {
        windows::convert_sources(&mut root);
    }
    normalise::normalise(&mut root, &name, variables, report);
    let members = checks::Members::new(&root);
    let wanted = Wanted {
        profiles: &input.profiles,
        services: &input.services,
        alone: input.without_dependencies,
    };
    let selection = profiles::apply_profiles(&mut root, &wanted, variables, report);
    checks::check_project(&root, &members, damage, report);
    selection.apply(&mut root);
    checks::check_container_names(&root, report);
    unused::drop_unused(&mut root, &selection, report);
    variables::read_service_files(&mut root, &input.working_directory, variables, budget, report);
    let project = bind::bind_project(root, name, &directory, report);
    Some((project, environment))
}

/// The documents of all files; none, with all errors, when one of the files cannot be used.
fn read_all(files: &[PathBuf], assembly: &mut Assembly<'_>) -> Option<Vec<Document>> {
    let read: Vec<_> = files.iter().map(|file| assembly.read(file, None)).collect();
    let documents: Option<Vec<Vec<Document>>> = read.into_iter().collect();
    Some(documents?.into_iter().flatten().collect())
}

fn empty_project(files: &[PathBuf]) -> Diagnostic {
    let names: Vec<String> = files.iter().map(|file| format!("`{}`", file.display())).collect();
    Diagnostic::error(
        codes::MISSING_ATTRIBUTE,
        "",
        format!("there is nothing in {}", names.join(", ")),
    )
    .help("add `services:` with at least one service")
}
