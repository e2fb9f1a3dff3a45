//! The same projects through the reference, `docker compose config`: it accepts what we accept, refuses what
//! we refuse, and what it prints means what our canonical file means.
//!
//! `.ci/run` builds one from the reference's own library where the machine has none. `REFERENCE_CORPUS=DIR
//! cargo test --test load reference` compares further projects: each folder below DIR is one, with its options
//! in `args` if it needs some; `REFERENCE_SEEDS=1000` has that many generated. A difference is a fault, or is
//! named with its reason in `DELIBERATE` or in `same.rs`.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::LazyLock;

use longshore::diagnostic::text;
use longshore::load::{Input, load_project};
use serde_json::Value;

use crate::generate::{self, Mood};
use crate::same::differences;

/// What the reference says to what we accept although it does not, or the other way round: a part of either's
/// message, and the reason.
const DELIBERATE: &[(&str, &str)] = &[
    ("panic: ", "the reference crashes"),
    ("has no meaning in a compose file", "a tag that is ignored is a misspelt one"),
    ("a healthcheck cannot start with", "that of a job is checked as that of a service is"),
    (
        "tmpfs.mode' expected type 'uint32', got unconvertible type 'string'",
        "its schema allows a text",
    ),
    ("document contains excessive aliasing", "our limit is on what the aliases expand to"),
];

/// The program and its first words; none where there is no reference.
static REFERENCE: LazyLock<Option<(PathBuf, &[&str])>> = LazyLock::new(|| {
    // by its whole path: its environment is that of the project, which need not have `PATH`
    let whole = |name: &str| {
        let directories = std::env::var_os("PATH").unwrap_or_default();
        std::env::split_paths(&directories).map(|at| at.join(name)).find(|file| file.is_file())
    };
    let words: [(&str, &[&str]); 2] = [("docker-compose", &[]), ("docker", &["compose"])];
    words.into_iter().filter_map(|(name, more)| Some((whole(name)?, more))).find(|(name, more)| {
        let version = Command::new(name).args(*more).arg("version").output();
        version.is_ok_and(|output| output.status.success())
    })
});

#[test]
fn fixtures_mean_what_they_mean_to_the_reference() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut projects = folders(&root.join("samples"));
    projects.extend(folders(&root.join("tests/load/bad")));
    if let Some(corpus) = std::env::var_os("REFERENCE_CORPUS") {
        projects.extend(folders(Path::new(&corpus)));
    }
    compare_all(&projects);
}

#[test]
fn generated_projects_mean_what_they_mean_to_the_reference() {
    let seeds = std::env::var("REFERENCE_SEEDS").map_or(40, |seeds| seeds.parse().unwrap());
    let root = tempfile::tempdir().unwrap();
    let projects = (0..seeds).map(|seed| {
        let directory = root.path().join(format!("seed-{seed}"));
        fs::create_dir_all(directory.join("sub")).unwrap();
        fs::write(directory.join("compose.yaml"), generate::compose_file(seed, Mood::Tame))
            .unwrap();
        for file in ["a.env", "a.labels", "a.txt"] {
            fs::write(directory.join(file), generate::VARIABLES).unwrap();
        }
        directory
    });
    compare_all(&projects.collect::<Vec<_>>());
}

fn folders(parent: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(parent).unwrap().map(|entry| entry.unwrap().path());
    let mut folders: Vec<PathBuf> = entries.filter(|path| path.is_dir()).collect();
    folders.sort();
    folders
}

fn compare_all(projects: &[PathBuf]) {
    if REFERENCE.is_none() {
        eprintln!("skipped: needs docker compose");
        return;
    }
    let mut wrong = String::new();
    let mut accepted = 0;
    for project in projects {
        match compare(&input(project)) {
            Ok(is_accepted) => accepted += usize::from(is_accepted),
            Err(difference) => writeln!(wrong, "\n== {}\n{difference}", project.display()).unwrap(),
        }
    }
    eprintln!("{} projects, {accepted} of them accepted by both", projects.len());
    assert!(wrong.is_empty(), "{wrong}");
}

fn input(project: &Path) -> Input {
    let environment = [("HOME", "/home/me"), ("TAG", "1.2"), ("EMPTY", "")];
    let environment = environment.map(|(name, value)| (name.to_owned(), value.to_owned()));
    let mut input = crate::bad::input(project);
    input.environment = BTreeMap::from(environment);
    input.working_directory = project.canonicalize().unwrap();
    input
}

/// Whether both accept the project; an error where they differ.
pub fn compare(input: &Input) -> Result<bool, String> {
    let (project, report) = load_project(input);
    let said = text::render(&report, false);
    let reference = run(input)?;
    let deliberate = |message: &str| DELIBERATE.iter().any(|(part, _)| message.contains(part));
    match (project, reference) {
        (None, Err(_)) => Ok(false),
        (None, Ok(_)) if deliberate(&said) => Ok(false),
        (None, Ok(_)) => Err(format!("the reference accepts this, and we say\n{said}")),
        (Some(_), Err(message)) if deliberate(&message) => Ok(false),
        (Some(_), Err(message)) => {
            Err(format!("we accept this, and the reference says\n{message}"))
        }
        (Some(project), Ok(theirs)) => {
            let ours = serde_json::to_value(&project).unwrap();
            let differences = differences(ours, theirs);
            if differences.is_empty() { Ok(true) } else { Err(differences.join("\n")) }
        }
    }
}

/// What the reference prints, or what it says.
fn run(input: &Input) -> Result<Result<Value, String>, String> {
    let (program, words) = REFERENCE.as_ref().unwrap();
    let mut command = Command::new(program);
    command.args(*words);
    for file in &input.files {
        command.arg("-f").arg(file);
    }
    for profile in &input.profiles {
        command.arg("--profile").arg(profile);
    }
    for file in &input.env_files {
        command.arg("--env-file").arg(file);
    }
    if let Some(name) = &input.project_name {
        command.arg("-p").arg(name);
    }
    if let Some(directory) = &input.project_directory {
        command.arg("--project-directory").arg(directory);
    }
    command.arg("config").args(&input.services);
    command.current_dir(&input.working_directory).env_clear().envs(&input.environment);
    let output = command.stdin(Stdio::null()).output().unwrap();
    if !output.status.success() {
        return Ok(Err(String::from_utf8_lossy(&output.stderr).into_owned()));
    }
    // as YAML: of some values it cannot make JSON
    let text = String::from_utf8(output.stdout).unwrap();
    let value = serde_yaml::from_str(&text).map_err(|error| format!("{error} in\n{text}"))?;
    Ok(Ok(value))
}
