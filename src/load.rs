//! Compose files to a [`Project`]: read, interpolate, merge, validate, expand, bind.
//!
//! # Invariants
//! - Goes on after an error where that is safe; all errors are in the report, in a stable order.
//! - Reads the environment only through [`Input`]: the same input gives the same project.

mod aliases;
mod assemble;
mod bind;
mod bound;
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
mod listed;
mod literal;
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

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;

use serde_json::Value as Json;

use crate::diagnostic::{Code, Diagnostic, Report, codes};
use crate::model::{Contents, Project};

pub use bind::USED_UP;
pub use template::{UsedVariable, UsedVariables};

use assemble::{Assembly, Variables};
use budget::Budget;
use document::Document;
use environment::Environment;
use include::Included;
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
    /// `--all-resources`: also the networks, volumes, configs, secrets and models that no service uses.
    pub all_resources: bool,
    /// What is left undone.
    pub skip: Skip,
    /// `--env-file`.
    pub env_files: Vec<PathBuf>,
    /// The directory that relative paths of the command line start from.
    pub working_directory: PathBuf,
    /// The process environment.
    pub environment: BTreeMap<String, String>,
}

/// Stages that are left out.
#[derive(Debug, Clone, Copy, Default)]
#[expect(clippy::struct_excessive_bools, reason = "each stage is left out for itself")]
pub struct Skip {
    /// The checks whether the parts of a project fit together.
    pub consistency: bool,
    /// Making the relative paths of the compose files absolute.
    pub paths: bool,
    /// Reading what `env_file` and `label_file` name.
    pub service_files: bool,
    /// Reading the bytes of secrets.
    pub secrets: bool,
}

/// What stands around a project.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Surroundings {
    /// The profiles of all services, also of those that do not take part.
    pub profiles: BTreeSet<String>,
    /// The variables that the files see: the process environment and the `.env` files.
    pub environment: BTreeMap<String, String>,
}

/// Loads a project. Without a project the report says why, in at least one error.
///
/// The files of configs and secrets are not opened: they may be missing.
pub fn load_project(input: &Input) -> (Option<Project>, Report) {
    reporting(|report| load(input, OF_SERVICES, report).map(|(loaded, _)| loaded.project))
}

/// Loads a project and the bytes of its configs and secrets; a file that cannot be read is one
/// more error.
pub fn load_with_contents(input: &Input) -> (Option<(Project, Contents)>, Report) {
    reporting(|report| {
        let (Loaded { project, .. }, environment) = load(input, OF_ALL, report)?;
        let contents = contents::read_contents(&project, &environment, input.skip.secrets, report);
        Some((project, contents))
    })
}

/// Loads a project with what stands around it.
pub fn load_with_surroundings(input: &Input) -> (Option<(Project, Surroundings)>, Report) {
    reporting(|report| {
        let (Loaded { project, profiles }, environment) = load(input, OF_SERVICES, report)?;
        let environment = environment.into_variables();
        Some((project, Surroundings { profiles, environment }))
    })
}

/// Loads a project whose variables stay as they are written, as the tree of its canonical file.
///
/// What a value means is not known before its variables are: an attribute with a variable in it
/// keeps the form that it was written in, and two items of a list that are merged stay two, although
/// they may turn out to be the same. Profiles and services are not selected.
pub fn load_literal(input: &Input) -> (Option<Json>, Report) {
    reporting(|report| load_tree(input, report).map(|root| literal::to_json(&root)))
}

/// The variables that the files of a project use, also in files that they include or extend.
///
/// Only what hinders reading is an error: nothing is asked of values and variables.
pub fn find_variables(input: &Input) -> (Option<UsedVariables>, Report) {
    reporting(|report| {
        let mut used = UsedVariables::new();
        let mut found = Report::new();
        let variables = Variables::Note(&mut used);
        let read = with_documents(input, variables, &mut found, |assembly, documents, _| {
            assembly.assemble(documents)
        });
        let hinders = |code: Code| {
            code.id.starts_with("LS01")
                || [codes::UNREADABLE_FILE, codes::NOT_IMPLEMENTED].contains(&code)
        };
        found.iter().filter(|it| read.is_none() || hinders(it.code)).for_each(|diagnostic| {
            report.push(diagnostic.clone());
        });
        read.map(|_| used)
    })
}

fn reporting<T>(load: impl FnOnce(&mut Report) -> Option<T>) -> (Option<T>, Report) {
    let mut report = Report::bounded(MAX_FINDINGS);
    let loaded = load(&mut report);
    report.sort();
    (loaded.filter(|_| !report.has_errors()), report)
}

/// A project, and the profiles of all services, also of those that do not take part.
struct Loaded {
    project: Project,
    profiles: BTreeSet<String>,
}

/// Whose files of variables and labels, and whose `credential_spec`, are used where the project is only
/// printed: those of jobs are looked at when they run, as in Compose.
const OF_SERVICES: &[&str] = &["services"];

/// The same where the project becomes something else.
const OF_ALL: &[&str] = &["services", "jobs"];

/// The stages in order; each goes on after errors as far as what it got allows.
fn load(input: &Input, parts_of: &[&str], report: &mut Report) -> Option<(Loaded, Environment)> {
    with_documents(input, Variables::Expand, report, |assembly, documents, name| {
        let name = name?;
        let mut root = assembly.assemble(documents).filter(has_entry)?;
        contents::take_values(&mut root, assembly.environment);
        assembly.complete(&mut root);
        if !input.skip.paths {
            assembly.resolve_paths(&mut root, assembly.directory);
            if windows::is_conversion_asked(assembly.environment) {
                windows::convert_sources(&mut root);
            }
        }
        let Assembly { directory, working_directory, environment, damage, report, budget, .. } =
            assembly;
        normalise::normalise(&mut root, Some(name), environment);
        hooks::complete_hooks(&mut root, environment, budget, report);
        let members = checks::Members::new(&root);
        let profiles = profiles::all_profiles(&root);
        let wanted = Wanted {
            profiles: &input.profiles,
            services: &input.services,
            alone: input.without_dependencies,
        };
        let selection = profiles::apply_profiles(&mut root, &wanted, environment, report);
        if !input.skip.consistency {
            checks::check_project(&root, &members, damage, report);
        }
        selection.apply(&mut root);
        if !input.skip.consistency {
            checks::check_container_names(&root, report);
        }
        if !input.all_resources {
            unused::drop_unused(&mut root, parts_of, &selection, report);
        }
        if !input.skip.service_files {
            variables::read_service_files(
                &mut root,
                parts_of,
                working_directory,
                environment,
                budget,
                report,
            );
        }
        let project = bind::bind_project(root, name.to_owned(), directory, report);
        Some(Loaded { project, profiles })
    })
}

/// The stages for a project whose variables stay as they are written.
fn load_tree(input: &Input, report: &mut Report) -> Option<Node> {
    let loaded = with_documents(input, Variables::Keep, report, |assembly, documents, name| {
        let mut root = assembly.assemble(documents).filter(has_entry)?;
        assembly.complete(&mut root);
        if !input.skip.paths {
            assembly.resolve_paths(&mut root, assembly.directory);
        }
        literal::normalise(&mut root, name);
        Some(root)
    });
    loaded.map(|(root, _)| root)
}

/// Reads the files of a project, and hands on its documents and its name, unless that depends on
/// variables which are not expanded.
fn with_documents<T>(
    input: &Input,
    variables: Variables<'_>,
    report: &mut Report,
    then: impl FnOnce(&mut Assembly<'_>, Vec<Document>, Option<&str>) -> Option<T>,
) -> Option<(T, Environment)> {
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
        variables,
        included: &mut Included::default(),
        chain: Vec::new(),
    };
    let documents = read_all(&files, &mut assembly)?;
    let asked = input.project_name.as_deref();
    let has_open_name = !matches!(assembly.variables, Variables::Expand)
        && name::is_open(asked, &documents, assembly.environment);
    let mut name = None;
    if !has_open_name {
        let Assembly { environment, report, .. } = &mut assembly;
        let known = name::project_name(asked, &documents, &directory, environment, report);
        environment.set("COMPOSE_PROJECT_NAME", &known);
        name = Some(known);
    }
    let done = then(&mut assembly, documents, name.as_deref());
    if done.is_none() && !assembly.report.has_errors() {
        assembly.report.push(empty_project(&files));
    }
    Some((done?, environment))
}

fn has_entry(root: &Node) -> bool {
    root.as_mapping().is_some_and(|root| !root.is_empty())
}

/// The documents of all files; none, with all errors, when one of the files cannot be used.
fn read_all(files: &[PathBuf], assembly: &mut Assembly<'_>) -> Option<Vec<Document>> {
    let read: Vec<_> = files.iter().map(|file| assembly.read(file, "", None)).collect();
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
