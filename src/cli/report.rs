use std::collections::BTreeMap;
use std::path::PathBuf;

use super::diagnostics::{Form, judge, print, render};
use super::project::{Build, Conversion, Purpose};
use super::selected::Selected;
use super::translation::TranslationArgs;
use super::{Exit, Failure, GlobalArgs};
use crate::migration::Migration;
use crate::output::{Destination, write_text};

/// Report what becomes of the project on its way to Kubernetes, what is lost and what to do next
///
/// Diagnostics are a part of it, and written apart only where `--diagnostics` asks for them.
#[derive(Debug, Clone, clap::Args)]
pub struct Args {
    #[command(flatten)]
    selected: Selected,
    #[command(flatten)]
    translation: TranslationArgs,
    /// How it is written
    #[arg(long, value_enum, default_value_t = Format::Text)]
    format: Format,
    /// File to write to; `-` for standard output
    #[arg(short, long, value_name = "FILE", default_value = "-")]
    output: PathBuf,
}

#[derive(Debug, Clone, Copy, clap::ValueEnum)]
enum Format {
    /// A page for a terminal
    Text,
    /// A page for a pull request
    Markdown,
    /// A page for a browser, in one file
    Html,
    /// A page for programs
    Json,
    /// The findings as SARIF 2.1.0
    Sarif,
    /// The findings as annotations of GitHub
    Github,
    /// The findings as Code Quality of GitLab
    Gitlab,
    /// The findings as test results
    Junit,
}

/// Runs `longshore report`.
pub fn run(global: &GlobalArgs, args: Args) -> Result<(), Failure> {
    let Args { selected, translation, format, output } = args;
    let purpose = Purpose::Manifests { create_namespace: false };
    let rules = translation.secret_variables();
    let build = Build::new(global, selected, translation, purpose)?;
    let Conversion { project, application: _, objects, report } = build.convert(&BTreeMap::new());
    let migration = Migration::new(project.as_ref(), &objects, &rules, &report);
    let text = match format {
        Format::Text => migration.text(),
        Format::Markdown => migration.markdown(),
        Format::Html => migration.html(),
        Format::Json => migration.json(),
        Format::Sarif => render(&report, Form::Sarif, false),
        Format::Github => render(&report, Form::Github, false),
        Format::Gitlab => render(&report, Form::Gitlab, false),
        Format::Junit => render(&report, Form::Junit, false),
    };
    write_text(&text, &Destination::of(&output))
        .map_err(|error| Failure::new(Exit::Input, error).help("choose another place with `-o`"))?;
    if !global.diagnostics.is_empty() {
        print(&report, global)?;
    }
    if report.has_errors() {
        return Err(Failure::told(Exit::Input));
    }
    judge(&report, global, "the report is written")
}
