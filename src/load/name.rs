//! The name of the project.

use std::path::Path as FilePath;

use crate::diagnostic::{Diagnostic, Report, codes};

use super::document::Document;
use super::environment::Environment;
use super::interpolate::interpolate_value;
use super::path::Path;

/// The name: `-p`, `COMPOSE_PROJECT_NAME`, the last `name:` of the files, the directory.
///
/// None, with an error, when there is none or the user asked for an impossible one.
pub fn project_name(
    asked: Option<&str>,
    documents: &[Document],
    directory: &FilePath,
    environment: &mut Environment,
    report: &mut Report,
) -> Option<String> {
    let asked = asked.filter(|name| !name.is_empty());
    let asked = asked.or_else(|| environment.get_non_empty("COMPOSE_PROJECT_NAME"));
    if let Some(name) = asked {
        if normalise(name) == name {
            return Some(name.to_owned());
        }
        report.push(
            Diagnostic::error(
                codes::PROJECT_NAME,
                "name",
                format!("`{name}` is not a possible project name"),
            )
            .help("use lower-case letters, digits, `-` and `_`, and start with a letter or digit"),
        );
        return None;
    }
    let of_directory = || {
        let name = directory.file_name().map(|name| name.to_string_lossy().into_owned());
        name.unwrap_or_default()
    };
    let name = normalise(&name_of_files(documents, environment).unwrap_or_else(of_directory));
    if name.is_empty() {
        report.push(
            Diagnostic::error(codes::PROJECT_NAME, "name", "the project has no name")
                .help("add `name: …` to the compose file, or give one with `-p`"),
        );
        return None;
    }
    Some(name)
}

fn name_of_files(documents: &[Document], environment: &mut Environment) -> Option<String> {
    let names = documents.iter().rev().filter_map(|document| document.root.get("name"));
    let expanded = names.filter_map(|name| {
        let mut name = name.clone();
        // what is wrong with it is reported when the whole document is interpolated
        let mut quiet = environment.clone();
        interpolate_value(&mut name, &Path::ROOT.key("name"), &mut quiet, &mut Report::new());
        name.as_str().filter(|name| !name.is_empty()).map(str::to_owned)
    });
    expanded.into_iter().next()
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
