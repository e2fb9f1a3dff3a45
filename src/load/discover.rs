//! Which files make the project, and in which directory it lives.

use std::fs;
use std::path::{Path, PathBuf};

use crate::diagnostic::{Diagnostic, Loss, Report, Span, codes};

use super::Input;
use super::environment::Environment;
use super::paths::absolute;
use super::remote::Remote;

const NAMES: [&str; 4] =
    ["compose.yaml", "compose.yml", "docker-compose.yml", "docker-compose.yaml"];
const OVERRIDES: [&str; 4] = [
    "compose.override.yml",
    "compose.override.yaml",
    "docker-compose.override.yml",
    "docker-compose.override.yaml",
];

/// The compose files of a project in the order they are merged, all absolute but `-`.
#[derive(Debug, PartialEq, Eq)]
pub struct ProjectFiles {
    /// The files.
    pub files: Vec<PathBuf>,
    /// The project directory.
    pub directory: PathBuf,
}

/// The directory whose `.env` is read before the files are known.
pub fn initial_directory(input: &Input) -> PathBuf {
    let files: Vec<PathBuf> =
        input.files.iter().map(|file| resolve(file, &input.working_directory)).collect();
    directory_of(&files, input)
}

/// Finds the files; none, with an error, when there are none or one of them cannot be used.
pub fn find_files(
    input: &Input,
    environment: &Environment,
    report: &mut Report,
) -> Option<ProjectFiles> {
    let named = if !input.files.is_empty() {
        files_of_command_line(input, report)?
    } else if let Some(list) = environment.get("COMPOSE_FILE") {
        files_of_variable(list, input, environment, report)?
    } else {
        return search(input, report);
    };
    let mut files: Vec<PathBuf> = Vec::new();
    for file in named {
        // standard input is read once, and then there is nothing left in it
        if !(is_standard_input(&file) && files.contains(&file)) {
            files.push(file);
        }
    }
    Some(ProjectFiles { directory: directory_of(&files, input), files })
}

/// Whether a file name stands for standard input.
pub fn is_standard_input(file: &Path) -> bool {
    file.as_os_str() == "-"
}

fn files_of_command_line(input: &Input, report: &mut Report) -> Option<Vec<PathBuf>> {
    let mut usable = true;
    for file in &input.files {
        if let Some(remote) = Remote::parse(&file.to_string_lossy()) {
            report.push(remote.diagnostic(""));
            usable = false;
        }
    }
    let resolved = input.files.iter().map(|file| resolve(file, &input.working_directory));
    usable.then(|| resolved.collect())
}

/// The files of `COMPOSE_FILE`. Other than those of `-f`, each is looked at at once.
fn files_of_variable(
    list: &str,
    input: &Input,
    environment: &Environment,
    report: &mut Report,
) -> Option<Vec<PathBuf>> {
    let place: Option<Span> =
        environment.via("COMPOSE_FILE").steps().last().and_then(|step| step.place.clone());
    let separator = environment.get_non_empty("COMPOSE_PATH_SEPARATOR").unwrap_or(":");
    // the colon of a scheme separates as well, so that only the whole list tells what is meant
    let whole = Remote::parse(list).filter(|_| separator == ":");
    if let Some(remote) = whole {
        report.push(remote.diagnostic("").at(place));
        return None;
    }
    let mut files = Vec::new();
    let mut usable = true;
    for entry in list.split(separator) {
        let file = resolve(Path::new(entry), &input.working_directory);
        let problem = if let Some(remote) = Remote::parse(entry) {
            Some(remote.diagnostic(""))
        } else if entry.is_empty() {
            Some(empty_entry(list, separator))
        } else if is_standard_input(&file) {
            None
        } else {
            unusable(&file, |file| format!("`COMPOSE_FILE` names {file}, which"))
        };
        match problem {
            Some(problem) => {
                usable = false;
                report.push(problem.at(place.clone()));
            }
            None => files.push(file),
        }
    }
    usable.then_some(files)
}

fn empty_entry(list: &str, separator: &str) -> Diagnostic {
    let (message, help) = if list.is_empty() {
        ("`COMPOSE_FILE` is empty".to_owned(), "unset it, or name a compose file".to_owned())
    } else {
        let message = format!("`COMPOSE_FILE` has an empty entry: `{list}`");
        (message, format!("remove the `{separator}` that is too much"))
    };
    Diagnostic::error(codes::UNREADABLE_FILE, "", message).help(help)
}

/// Looks in a directory and those above it.
fn search(input: &Input, report: &mut Report) -> Option<ProjectFiles> {
    let start = directory_of(&[], input);
    let Some(found) = start.ancestors().find(|directory| !present(directory, &NAMES).is_empty())
    else {
        let names = NAMES.map(|name| format!("`{name}`")).join(", ");
        report.push(
            Diagnostic::error(
                codes::UNREADABLE_FILE,
                "",
                format!("no compose file in `{}` or a directory above", start.display()),
            )
            .help(format!("create one of {names}, or name a file with `-f`")),
        );
        return None;
    };
    let mut files = first_of(found, &NAMES, report);
    files.extend(first_of(found, &OVERRIDES, report));
    let unusable: Vec<Diagnostic> = files
        .iter()
        .filter_map(|file| unusable(file, |file| format!("the compose file {file}")))
        .collect();
    if !unusable.is_empty() {
        for problem in unusable {
            report.push(problem);
        }
        return None;
    }
    let directory = match &input.project_directory {
        Some(_) => start.clone(),
        None => found.to_owned(),
    };
    Some(ProjectFiles { files, directory })
}

/// What is wrong with a file that must be a regular one; the function begins the sentence.
fn unusable(file: &Path, subject: fn(&str) -> String) -> Option<Diagnostic> {
    let problem = match fs::metadata(file) {
        Ok(metadata) if metadata.is_file() => return None,
        Ok(metadata) if metadata.is_dir() => "is a directory".to_owned(),
        Ok(_) => "is no regular file".to_owned(),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => "does not exist".to_owned(),
        Err(error) => format!("cannot be read: {error}"),
    };
    let message = format!("{} {problem}", subject(&format!("`{}`", file.display())));
    let help = "correct the path, or name the files with `-f`";
    Some(Diagnostic::error(codes::UNREADABLE_FILE, "", message).help(help))
}

/// `--project-directory`, the directory of the first file, or the working directory.
fn directory_of(files: &[PathBuf], input: &Input) -> PathBuf {
    let first = files.iter().find(|file| !is_standard_input(file));
    match (&input.project_directory, first) {
        (Some(directory), _) => resolve(directory, &input.working_directory),
        (None, Some(file)) => file.parent().map_or_else(|| PathBuf::from("/"), Path::to_owned),
        (None, None) => input.working_directory.clone(),
    }
}

fn resolve(path: &Path, directory: &Path) -> PathBuf {
    if is_standard_input(path) {
        return path.to_owned();
    }
    absolute(&path.to_string_lossy(), directory, None)
}

fn present(directory: &Path, names: &[&str]) -> Vec<PathBuf> {
    names.iter().map(|name| directory.join(name)).filter(|file| file.exists()).collect()
}

fn first_of(directory: &Path, names: &[&str], report: &mut Report) -> Vec<PathBuf> {
    let mut found = present(directory, names);
    if let [first, _, ..] = found.as_slice() {
        let all: Vec<String> = found.iter().map(|file| format!("`{}`", file.display())).collect();
        report.push(
            Diagnostic::warning(
                codes::UNREADABLE_FILE,
                Loss::Exact,
                "",
                format!(
                    "several compose files found: {}; `{}` is used",
                    all.join(", "),
                    first.display()
                ),
            )
            .help("remove the others, or name the files with `-f`"),
        );
    }
    found.truncate(1);
    found
}
