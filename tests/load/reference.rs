//! The same projects through the reference, `docker compose config`: it accepts what we accept, refuses what
//! we refuse, and what it prints means what our canonical file means.
//!
//! `.ci/run` builds one from the reference's own library where the machine has none. `REFERENCE_CORPUS=DIR
//! cargo test --test load reference` compares further projects: each folder below DIR is one, with its options
//! in `args` if it needs some; `REFERENCE_SEEDS=1000` has that many generated, `REFERENCE_SEEDS=340..350` these, which
//! stay on disk to be looked at. The rows of the tables in this
//! folder go through it, too. A difference is a fault, or is named with its reason in `deliberate.rs` or `same.rs`.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::fs;
use std::ops::Range;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::LazyLock;

use longshore::compose_file::service_hash;
use longshore::diagnostic::text;
use longshore::load::{Input, load_project};
use serde_json::Value;

use crate::deliberate;
use crate::generate::{self, Mood};
use crate::same::differences;

/// The Docker Compose that `.ci/docker-compose` stands for: an older one has another library.
const OLDEST: [u32; 3] = [5, 7, 0];

/// The program and its first words; none where there is no reference.
static REFERENCE: LazyLock<Option<(PathBuf, &[&str])>> = LazyLock::new(|| {
    // by its whole path: its environment is that of the project, which need not have `PATH`
    let whole = |name: &str| {
        let directories = std::env::var_os("PATH").unwrap_or_default();
        std::env::split_paths(&directories).map(|at| at.join(name)).find(|file| file.is_file())
    };
    let words: [(&str, &[&str]); 2] = [("docker-compose", &[]), ("docker", &["compose"])];
    let found = words
        .into_iter()
        .filter_map(|(name, more)| Some((whole(name)?, more)))
        .find(|(program, more)| version(program, more).is_some_and(|version| version >= OLDEST));
    if found.is_none() {
        eprintln!(
            "skipped: needs docker compose {}",
            OLDEST.map(|part| part.to_string()).join(".")
        );
    }
    found
});

fn version(program: &Path, words: &[&str]) -> Option<[u32; 3]> {
    let output = Command::new(program).args(words).args(["version", "--short"]).output().ok()?;
    let text = String::from_utf8(output.stdout).ok()?;
    let mut parts = text.trim().trim_start_matches('v').split(['.', '-', '+']);
    let mut part = || parts.next()?.parse().ok();
    Some([part()?, part()?, part()?])
}

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
    let seeds = std::env::var("REFERENCE_SEEDS").unwrap_or_else(|_| "100".to_owned());
    let (first, end) = seeds.split_once("..").unwrap_or(("0", &seeds));
    let (first, end): (u64, u64) = (first.parse().unwrap(), end.parse().unwrap());
    let mut root = tempfile::tempdir().unwrap();
    root.disable_cleanup(first > 0);
    compare_all(&generated(root.path(), first..end));
}

fn generated(root: &Path, seeds: Range<u64>) -> Vec<PathBuf> {
    let projects = seeds.map(|seed| {
        let directory = root.join(format!("seed-{seed}"));
        fs::create_dir_all(directory.join("sub")).unwrap();
        fs::write(directory.join("compose.yaml"), generate::compose_file(seed, Mood::Tame))
            .unwrap();
        for file in ["a.env", "a.labels", "a.txt"] {
            fs::write(directory.join(file), generate::VARIABLES).unwrap();
        }
        directory
    });
    projects.collect()
}

#[test]
fn hashes_of_services_are_those_of_the_reference() {
    if REFERENCE.is_none() {
        return;
    }
    let mut wrong = Vec::new();
    for directory in folders(&Path::new(env!("CARGO_MANIFEST_DIR")).join("samples")) {
        let input = input(&directory);
        let Some(project) = load_project(&input).0 else { continue };
        let output = command(&input).args(["--hash", "*"]).output().unwrap();
        let theirs = String::from_utf8(output.stdout).unwrap();
        for line in theirs.lines() {
            let (name, hash) = line.split_once(' ').unwrap();
            let service = project.services.get(name).unwrap();
            if service_hash(service) != hash {
                wrong.push(format!("{}/{name}", directory.file_name().unwrap().display()));
            }
        }
    }
    let deliberate: Vec<&str> = deliberate::HASHES.iter().map(|(name, _)| *name).collect();
    assert_eq!(wrong, deliberate);
}

fn folders(parent: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(parent).unwrap().map(|entry| entry.unwrap().path());
    let mut folders: Vec<PathBuf> = entries.filter(|path| path.is_dir()).collect();
    folders.sort();
    folders
}

fn compare_all(projects: &[PathBuf]) {
    if REFERENCE.is_none() {
        return;
    }
    let threads = std::thread::available_parallelism().map_or(1, usize::from);
    let compare_some = |some: &[PathBuf]| -> Vec<_> {
        some.iter().map(|project| (project.clone(), compare(&input(project)))).collect()
    };
    let compared: Vec<_> = std::thread::scope(|scope| {
        let parts = projects.chunks(projects.len().div_ceil(threads).max(1));
        let running: Vec<_> = parts.map(|part| scope.spawn(move || compare_some(part))).collect();
        running.into_iter().flat_map(|part| part.join().unwrap()).collect()
    });
    let mut wrong = String::new();
    let mut accepted = 0;
    for (project, result) in &compared {
        match result {
            Ok(is_accepted) => accepted += usize::from(*is_accepted),
            Err(difference) => writeln!(wrong, "\n== {}\n{difference}", project.display()).unwrap(),
        }
    }
    eprintln!("{} projects, {accepted} of them accepted by both", compared.len());
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

/// A row of a table, as far as the reference can be asked: it knows fewer options.
pub fn compare_row(name: &str, input: &Input) -> Result<(), String> {
    let Input { skip, without_dependencies, .. } = input;
    let is_plain = !(skip.consistency || skip.paths || skip.service_files || *without_dependencies);
    let is_in = |list: &[(&str, &str)]| list.iter().any(|(row, _)| *row == name);
    if REFERENCE.is_none() || !is_plain || is_in(deliberate::ENDLESS) {
        return Ok(());
    }
    match (compare(input), is_in(deliberate::ROWS)) {
        (Err(_), true) | (Ok(_), false) => Ok(()),
        (Err(difference), false) => Err(difference),
        (Ok(_), true) => Err("no longer different: take it out of `ROWS`".to_owned()),
    }
}

/// Whether both accept the project; an error where they differ.
fn compare(input: &Input) -> Result<bool, String> {
    let (project, report) = load_project(input);
    let said = text::render(&report, false);
    let reference = run(input)?;
    let deliberate =
        |message: &str| deliberate::MESSAGES.iter().any(|(part, _)| message.contains(part));
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

/// `config` of the reference.
fn command(input: &Input) -> Command {
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
    if input.all_resources {
        command.arg("--all-resources");
    }
    // options of `config` may follow
    command.arg("config").args(&input.services);
    // as a shell has it: the directory by the name that the user gave it
    command.current_dir(&input.working_directory).env_clear().env("PWD", &input.working_directory);
    command.envs(&input.environment);
    command.stdin(Stdio::null());
    command
}

/// What the reference prints, or what it says.
fn run(input: &Input) -> Result<Result<Value, String>, String> {
    let output = command(input).output().unwrap();
    if !output.status.success() {
        return Ok(Err(String::from_utf8_lossy(&output.stderr).into_owned()));
    }
    // as YAML: of some values it cannot make JSON
    let text = String::from_utf8(output.stdout).unwrap();
    let options = serde_yaml::options! {
        budget: None,
        ignore_binary_tag_for_string: true,
        non_finite_float_policy: serde_yaml::NonFiniteFloatPolicy::AsString,
    };
    let value = serde_yaml::from_str_with_options(&text, options);
    Ok(Ok(value.map_err(|error| error.to_string())?))
}
