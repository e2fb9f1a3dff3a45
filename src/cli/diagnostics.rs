use std::io::IsTerminal as _;
use std::path::{Path, PathBuf};

use super::{Exit, Failure, GlobalArgs};
use crate::diagnostic::{
    Allow, FailOn, Report, Repository, Severity, github, gitlab, json, junit, sarif, text,
};
use crate::output::{Destination, write_text};

/// `--diagnostics`: a form of the report and where it goes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Diagnostics {
    format: Form,
    /// Standard error without one.
    file: Option<PathBuf>,
}

/// The forms of a report.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Form {
    /// For people.
    Text,
    /// One JSON object per line.
    Json,
    /// SARIF 2.1.0.
    Sarif,
    /// Annotations of GitHub.
    Github,
    /// Code Quality of GitLab.
    Gitlab,
    /// Test results.
    Junit,
}

const FORMATS: [(&str, Form); 6] = [
    ("text", Form::Text),
    ("json", Form::Json),
    ("sarif", Form::Sarif),
    ("github", Form::Github),
    ("gitlab", Form::Gitlab),
    ("junit", Form::Junit),
];

impl Diagnostics {
    /// Reads `FORMAT` or `FORMAT=FILE`.
    pub fn parse(argument: &str) -> Result<Self, String> {
        let (name, file) = match argument.split_once('=') {
            None => (argument, None),
            Some((_, "")) => return Err("name the file behind `=`".to_owned()),
            Some((name, file)) => (name, Some(PathBuf::from(file))),
        };
        let format = FORMATS.iter().find(|(known, _)| *known == name).map(|(_, format)| *format);
        let names = FORMATS.map(|(name, _)| format!("`{name}`")).join(", ");
        let format = format.ok_or_else(|| format!("the formats are {names}"))?;
        Ok(Self { format, file })
    }
}

/// Tells a report in each form that the arguments ask for.
pub fn print(report: &Report, global: &GlobalArgs) -> Result<(), Failure> {
    const TEXT: &[Diagnostics] = &[Diagnostics { format: Form::Text, file: None }];
    let asked = &global.diagnostics;
    for Diagnostics { format, file } in if asked.is_empty() { TEXT } else { asked } {
        let is_coloured = file.is_none() && global.color.applies(std::io::stderr().is_terminal());
        let text = if file.is_none() && global.suppress_warnings {
            render(&errors_of(report), *format, is_coloured)
        } else {
            render(report, *format, is_coloured)
        };
        match file {
            None => eprint!("{text}"),
            Some(file) => {
                write_text(&text, &Destination::File(file.clone())).map_err(|error| {
                    Failure::new(Exit::Input, error)
                        .help("choose another file behind `--diagnostics`")
                })?;
            }
        }
    }
    Ok(())
}

fn errors_of(report: &Report) -> Report {
    let mut errors = Report::new();
    for diagnostic in report.iter().filter(|it| it.severity == Severity::Error) {
        errors.push(diagnostic.clone());
    }
    errors
}

/// Whether the run may go on: `--strict` and `--fail-on`; `outcome` says what happens if not.
pub fn judge(report: &Report, global: &GlobalArgs, outcome: &str) -> Result<(), Failure> {
    let failed =
        |help: String| Err(Failure::told(Exit::Findings).help(format!("{help}; {outcome}")));
    if global.strict && report.count(Severity::Warning) > 0 {
        return failed("warnings count as errors with `--strict`".to_owned());
    }
    let is_failure = |fail_on: &FailOn| report.iter().any(|it| fail_on.applies(it));
    match global.fail_on.iter().find(|(_, fail_on)| is_failure(fail_on)) {
        Some((name, _)) => {
            failed(format!("these findings count as errors with `--fail-on {name}`"))
        }
        None => Ok(()),
    }
}

/// Reads one of `--fail-on`, and keeps how it is written.
pub fn fail_on(argument: &str) -> Result<(String, FailOn), String> {
    Ok((argument.to_owned(), FailOn::parse(argument)?))
}

/// Reads one of `--allow`.
pub fn allow(argument: &str) -> Result<Allow, String> {
    let allow = Allow::parse(argument, None)?;
    Ok(Allow { given: format!("--allow {argument}"), ..allow })
}

/// A report in one of its forms.
pub fn render(report: &Report, form: Form, is_coloured: bool) -> String {
    let repository = repository();
    match form {
        Form::Text => text::render(report, is_coloured),
        Form::Json => json::render(report),
        Form::Sarif => sarif::render(report, &repository),
        Form::Github => github::render(report, &repository),
        Form::Gitlab => gitlab::render(report, &repository),
        Form::Junit => junit::render(report, &repository),
    }
}

/// The repository that the working directory is in: what the CI system says, or the nearest
/// directory above with `.git`.
fn repository() -> Repository {
    let Ok(directory) = std::env::current_dir() else { return Repository::default() };
    let named = ["GITHUB_WORKSPACE", "CI_PROJECT_DIR"];
    let named = named.iter().filter_map(std::env::var_os).map(PathBuf::from);
    let mut named = named.filter(|root| root.is_absolute() && directory.starts_with(root));
    let root = named.next().or_else(|| {
        directory.ancestors().find(|above| above.join(".git").exists()).map(Path::to_owned)
    });
    Repository::new(root.unwrap_or_else(|| directory.clone()), directory)
}
