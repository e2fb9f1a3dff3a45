//! The name of the project.

use std::path::Path as FilePath;

use crate::diagnostic::{Diagnostic, Loss, Report, Span, codes};

use super::document::Document;
use super::environment::Environment;
use super::interpolate::interpolate_value;
use super::path::Path;
use super::tree::Node;

/// How a name must look that somebody asks for.
const RULE: &str = "use lower-case letters, digits, `-` and `_`, and start with a letter or digit";

/// What a project is called that has no name, so that the rest of it can be checked.
const NAMELESS: &str = "project";

/// The name: `-p`, `COMPOSE_PROJECT_NAME`, the last `name:` of the files, the directory.
///
/// That there is none, or that the user asked for an impossible one, is an error.
pub fn project_name(
    asked: Option<&str>,
    documents: &[Document],
    directory: &FilePath,
    environment: &Environment,
    report: &mut Report,
) -> String {
    let name = find_name(asked, documents, directory, environment, report);
    name.unwrap_or_else(|| NAMELESS.to_owned())
}

/// Whether variables decide how the project is named.
pub fn is_open(asked: Option<&str>, documents: &[Document], environment: &Environment) -> bool {
    let is_asked = asked.is_some_and(|name| !name.is_empty())
        || environment.get_non_empty("COMPOSE_PROJECT_NAME").is_some();
    let mut names =
        documents.iter().rev().filter_map(|document| document.root.get("name")?.as_str());
    !is_asked && names.find(|name| !name.is_empty()).is_some_and(|name| name.contains('$'))
}

fn find_name(
    asked: Option<&str>,
    documents: &[Document],
    directory: &FilePath,
    environment: &Environment,
    report: &mut Report,
) -> Option<String> {
    if let Some(name) = asked.filter(|name| !name.is_empty()) {
        return checked(name, None, report);
    }
    if let Some(name) = environment.get_non_empty("COMPOSE_PROJECT_NAME") {
        let via = environment.via("COMPOSE_PROJECT_NAME");
        let place = via.steps().last().and_then(|step| step.place.clone());
        return checked(name, place, report);
    }
    let mut names = documents.iter().rev().filter_map(|document| document.root.get("name"));
    match names.find(|name| name.as_str().is_some_and(|name| !name.is_empty())) {
        Some(name) => of_file(name, environment, report),
        None => of_directory(directory, report),
    }
}

/// A name that the user asked for must be right as it is.
fn checked(name: &str, place: Option<Span>, report: &mut Report) -> Option<String> {
    let normalised = normalise(name);
    if normalised == name {
        return Some(normalised);
    }
    let help = match normalised.as_str() {
        "" => RULE.to_owned(),
        normalised => format!("{RULE}, for example `{normalised}`"),
    };
    let message = format!("`{name}` is not a possible project name");
    report.push(Diagnostic::error(codes::PROJECT_NAME, "name", message).at(place).help(help));
    None
}

fn of_file(name: &Node, environment: &Environment, report: &mut Report) -> Option<String> {
    let written = name.as_str().unwrap_or_default();
    let mut expanded = name.clone();
    let mut own = Report::new();
    interpolate_value(&mut expanded, &Path::ROOT.key("name"), &mut environment.clone(), &mut own);
    // what is wrong with a variable is told where the whole document is expanded
    if own.has_errors() {
        return None;
    }
    let normalised = normalise(expanded.as_str().unwrap_or_default());
    if normalised.is_empty() {
        let message = format!("the project has no name: nothing is left of `{written}`");
        report.push(
            Diagnostic::error(codes::PROJECT_NAME, "name", message)
                .at(name.span.clone())
                .help(RULE),
        );
        return None;
    }
    Some(normalised)
}

fn of_directory(directory: &FilePath, report: &mut Report) -> Option<String> {
    let name = directory.file_name().unwrap_or_default().to_string_lossy();
    let normalised = normalise(&name);
    if normalised.is_empty() {
        let message =
            format!("the project has no name: its directory `{}` gives none", directory.display());
        report.push(
            Diagnostic::error(codes::PROJECT_NAME, "name", message)
                .help("add `name: …` to the compose file, or give one with `-p`"),
        );
        return None;
    }
    let real = directory.canonicalize().ok();
    if let Some(real) = real.filter(|real| real.file_name() != directory.file_name()) {
        let message = format!(
            "the project is named `{normalised}` after `{}`, which is a link to `{}`",
            directory.display(),
            real.display()
        );
        report.push(
            Diagnostic::warning(codes::PROJECT_NAME, Loss::Exact, "name", message)
                .help("add `name: …` to the compose file, so that every way to it gives one name"),
        );
    }
    Some(normalised)
}

/// Lower case, only `[a-z0-9_-]`, no `_` or `-` in front.
fn normalise(name: &str) -> String {
    let name = name.to_lowercase();
    let kept = name
        .chars()
        .filter(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || matches!(c, '_' | '-'));
    kept.collect::<String>().trim_start_matches(['_', '-']).to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_normalised() {
        let cases = [("My App", "myapp"), ("_-a.b_C", "ab_c"), ("ünï", "n"), ("---", "")];
        for (name, expected) in cases {
            assert_eq!(normalise(name), expected);
        }
    }
}
