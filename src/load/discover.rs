//! Which files make the project, and in which directory it lives.

use std::path::{Path, PathBuf};

use crate::diagnostic::{Diagnostic, Loss, Report, codes};

use super::Input;
use super::environment::Environment;
use super::paths::absolute;

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
    let first = input.files.iter().find(|file| !is_standard_input(file));
    match (&input.project_directory, first) {
        (Some(directory), _) => resolve(directory, &input.working_directory),
        (None, Some(file)) => parent(&resolve(file, &input.working_directory)),
        (None, None) => input.working_directory.clone(),
    }
}

/// Finds the files; none, with an error, when there are none.
pub fn find_files(
    input: &Input,
    environment: &Environment,
    report: &mut Report,
) -> Option<ProjectFiles> {
    let files = named_files(input, environment);
    if !files.is_empty() {
        if let Some(remote) = files.iter().find(|file| is_remote(file)) {
            report.push(
                Diagnostic::error(
                    codes::NOT_IMPLEMENTED,
                    "",
                    format!(
                        "`{}` is not on this machine, and remote compose files are not supported",
                        remote.display()
                    ),
                )
                .help("fetch it first, and name the local file"),
            );
            return None;
        }
        let first = files.iter().find(|file| !is_standard_input(file));
        let directory = match (&input.project_directory, first) {
            (Some(directory), _) => resolve(directory, &input.working_directory),
            (None, Some(file)) => parent(file),
            (None, None) => input.working_directory.clone(),
        };
        return Some(ProjectFiles { files, directory });
    }
    let start = initial_directory(input);
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
    let directory = input.project_directory.as_ref();
    let directory = directory.map_or_else(|| found.to_owned(), |_| start.clone());
    Some(ProjectFiles { files, directory })
}

/// Whether a file name stands for standard input.
pub fn is_standard_input(file: &Path) -> bool {
    file.as_os_str() == "-"
}

/// `-f`, or else `COMPOSE_FILE`.
fn named_files(input: &Input, environment: &Environment) -> Vec<PathBuf> {
    let listed = || {
        let separator = environment.get_non_empty("COMPOSE_PATH_SEPARATOR").unwrap_or(":");
        let list = environment.get_non_empty("COMPOSE_FILE").unwrap_or_default();
        let files = list.split(separator).filter(|file| !file.is_empty());
        files.map(PathBuf::from).collect()
    };
    let files: Vec<PathBuf> = if input.files.is_empty() { listed() } else { input.files.clone() };
    let keep = |file: &Path| is_standard_input(file) || is_remote(file);
    let resolved = files
        .into_iter()
        .map(|file| if keep(&file) { file } else { resolve(&file, &input.working_directory) });
    resolved.collect()
}

/// Whether a file name stands for something that would have to be fetched.
pub fn is_remote(file: &Path) -> bool {
    let text = file.to_string_lossy();
    ["oci://", "https://", "http://", "git://", "ssh://", "git@"]
        .iter()
        .any(|prefix| text.starts_with(prefix))
}

fn resolve(path: &Path, directory: &Path) -> PathBuf {
    absolute(&path.to_string_lossy(), directory, None)
}

fn parent(file: &Path) -> PathBuf {
    file.parent().map_or_else(|| PathBuf::from("/"), Path::to_owned)
}

fn present(directory: &Path, names: &[&str]) -> Vec<PathBuf> {
    names.iter().map(|name| directory.join(name)).filter(|file| file.is_file()).collect()
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
