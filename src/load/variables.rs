//! `.env`, `env_file` and `label_file`: variables that stand in files of their own.

mod service;

pub use service::read_service_files;

use std::collections::HashMap;
use std::io::ErrorKind;
use std::path::{Path as FilePath, PathBuf};
use std::sync::Arc;

use crate::diagnostic::{Diagnostic, Loss, Report, Source, Span, Step, StepKind, Via, codes};

use super::Input;
use super::dotenv::{DotenvError, Variable, parse_dotenv};
use super::environment::{Environment, Setting, parse_bool};
use super::interpolate::unset_diagnostic;
use super::paths::{absolute, shown};
use super::read::read_text;
use super::template::Used;

/// How large a file of variables may be.
const MAX_FILE: u64 = 1 << 20;
/// The variable that turns `.env` files off.
const DISABLE: &str = "COMPOSE_DISABLE_ENV_FILE";

/// Reads the files of `--env-file` or `COMPOSE_ENV_FILES`; false when the user named none.
pub fn read_named_env_files(
    input: &Input,
    environment: &mut Environment,
    report: &mut Report,
) -> bool {
    let listed = environment.get("COMPOSE_ENV_FILES").unwrap_or_default().to_owned();
    let listed = || listed.split(',').filter(|file| !file.is_empty());
    let files: Vec<PathBuf> = if input.env_files.is_empty() {
        listed().map(PathBuf::from).collect()
    } else {
        input.env_files.clone()
    };
    let directory = &input.working_directory;
    let mut read = EnvFiles::new(environment, directory, report);
    for file in &files {
        read.add(&absolute(&file.to_string_lossy(), directory, None), None);
    }
    read.finish();
    !files.is_empty()
}

/// Reads the `.env` of the directory that is known first; what is known already stays.
///
/// False when the file itself turns `.env` files off: then only its `COMPOSE_…` variables count.
pub fn read_first_env_file(
    directory: &FilePath,
    working_directory: &FilePath,
    environment: &mut Environment,
    report: &mut Report,
) -> bool {
    let mut read = EnvFiles::new(environment, working_directory, report);
    read.add_default(directory);
    let own = read.read.get(DISABLE).filter(|_| read.environment.get(DISABLE).is_none());
    let disabled = own.cloned().is_some_and(|(value, line)| is_true(&value, line, read.report));
    if disabled {
        read.read.retain(|name, _| name.starts_with("COMPOSE_"));
    }
    read.finish();
    !disabled
}

/// Reads the `.env` of a directory, if there is one; what is known already stays.
pub fn read_default_env_file(
    directory: &FilePath,
    working_directory: &FilePath,
    environment: &mut Environment,
    report: &mut Report,
) {
    let mut read = EnvFiles::new(environment, working_directory, report);
    read.add_default(directory);
    read.finish();
}

/// Reads the files of `include.env_file`; what is known already stays.
pub fn read_included_env_files(
    files: &[(PathBuf, Span)],
    path: &str,
    working_directory: &FilePath,
    environment: &mut Environment,
    report: &mut Report,
) {
    let mut read = EnvFiles::new(environment, working_directory, report);
    for (file, span) in files.iter().filter(|(file, _)| file != FilePath::new("/dev/null")) {
        read.add(file, Some((path, span)));
    }
    read.finish();
}

/// Whether `COMPOSE_DISABLE_ENV_FILE` turns `.env` off.
pub fn default_env_file_disabled(environment: &Environment, report: &mut Report) -> bool {
    environment.get(DISABLE).is_some_and(|value| is_true(value, None, report))
}

/// Files of variables that belong together: of the same name in several files the last counts.
struct EnvFiles<'a> {
    environment: &'a mut Environment,
    working_directory: &'a FilePath,
    report: &'a mut Report,
    read: HashMap<String, (String, Span)>,
}

impl<'a> EnvFiles<'a> {
    fn new(
        environment: &'a mut Environment,
        working_directory: &'a FilePath,
        report: &'a mut Report,
    ) -> Self {
        Self { environment, working_directory, report, read: HashMap::new() }
    }

    /// Reads the `.env` of a directory, if there is one.
    fn add_default(&mut self, directory: &FilePath) {
        let file = directory.join(".env");
        match std::fs::metadata(&file) {
            Ok(metadata) if metadata.is_dir() => {}
            // nobody asked for the file: that nobody may look for it is no reason to stop
            Err(error) if error.kind() == ErrorKind::PermissionDenied => self.report.push(
                Diagnostic::warning(
                    codes::UNREADABLE_FILE,
                    Loss::Exact,
                    "",
                    format!("`{}` is not read: {error}", file.display()),
                )
                .help("check that you may read the directory"),
            ),
            Err(_) => {}
            Ok(_) => self.add(&file, None),
        }
    }

    /// Reads a file; `named` is the path and the place of the attribute that names it.
    fn add(&mut self, file: &FilePath, named: Option<(&str, &Span)>) {
        let path = named.map_or("", |(path, _)| path);
        let text = match read_text(file, MAX_FILE) {
            Ok(text) => text,
            Err(error) => {
                let diagnostic = Diagnostic::error(codes::UNREADABLE_FILE, path, error.to_string());
                let place = named.map(|(_, place)| place.clone());
                self.report.push(diagnostic.at(place).help(error.help()));
                return;
            }
        };
        let name = shown(file, self.working_directory);
        let lookup = |name: &str| self.environment.get(name);
        let earlier = |name: &str| self.read.get(name).map(|(value, _)| value.as_str());
        match parse_dotenv(&text, &lookup, &earlier) {
            Ok(variables) => {
                let confidential = Arc::new(Source::confidential(&name, &text));
                let source = Arc::new(Source::new(name, text));
                for mut variable in variables {
                    let unset = std::mem::take(&mut variable.unset);
                    if let Some(diagnostic) = unset_diagnostic(unset, path, self.environment) {
                        let place = variable.place(&confidential);
                        self.report.push(diagnostic.at(place));
                    }
                    self.set(variable, &source);
                }
            }
            Err(error) => {
                let source = Arc::new(Source::confidential(name, text));
                let line = Span::new(source, error.at, error.at);
                self.report.push(unreadable_line(&error, path, line));
            }
        }
    }

    fn set(&mut self, variable: Variable, source: &Arc<Source>) {
        let Variable { name, value, range, used, unset: _ } = variable;
        let Some(value) = value else { return };
        let via = history(&used, |name| {
            let known = self.environment.via(name);
            match self.read.get(name).filter(|_| known.is_empty()) {
                Some((_, line)) => {
                    line.via().and(&Arc::new(Step::at(StepKind::Variable, name, line)))
                }
                None => known,
            }
        });
        let line = Span::new(Arc::clone(source), range.start, range.end).with_via(via);
        self.read.insert(name, (value, line));
    }

    /// Sets the variables that have no value yet.
    fn finish(self) {
        for (name, (value, line)) in self.read {
            self.environment.set_default(name, value, &Setting::File(line));
        }
    }
}

/// Whether a variable says yes; anything but a truth value is an error.
fn is_true(value: &str, place: impl Into<Option<Span>>, report: &mut Report) -> bool {
    parse_bool(value).unwrap_or_else(|| {
        let message = format!("`{DISABLE}` must be `true` or `false`, but is `{value}`");
        report.push(
            Diagnostic::error(codes::INVALID_VALUE, "", message)
                .at(place)
                .help("set it to `true` or `false`, or unset it"),
        );
        false
    })
}

/// Through what a text came that is made of variables.
pub fn history(used: &[Used], via: impl Fn(&str) -> Via) -> Via {
    used.iter().fold(Via::default(), |history, used| match used {
        Used::Value(name) => history.and_all(&via(name)),
        Used::Default(name) => history.and(&Arc::new(Step::default_of(name))),
    })
}

fn unreadable_line(error: &DotenvError, path: impl Into<String>, line: Span) -> Diagnostic {
    let message = format!("`{}` cannot be read: {error}", line.source.name);
    Diagnostic::error(codes::INVALID_VALUE, path, message).at(line).help(error.help())
}
