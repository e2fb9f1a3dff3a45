//! `.env`, `env_file` and `label_file`: variables that stand in files of their own.

use std::collections::HashMap;
use std::io::ErrorKind;
use std::path::{Path as FilePath, PathBuf};
use std::sync::Arc;

use crate::diagnostic::{Diagnostic, Loss, Report, Source, Span, Step, StepKind, Via, codes};

use super::Input;
use super::budget::Budget;
use super::dotenv::{DotenvError, Variable, parse_dotenv, parse_raw};
use super::environment::{Environment, Setting, parse_bool};
use super::interpolate::unset_diagnostic;
use super::path::Path;
use super::paths::{absolute, shown};
use super::read::{ReadError, read_text};
use super::template::Used;
use super::tree::{Entry, Mapping, Node};

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

/// Puts the variables of `env_file` below those of `environment`, and `label_file` below `labels`.
pub fn read_service_files(
    root: &mut Node,
    working_directory: &FilePath,
    environment: &mut Environment,
    budget: &mut Budget,
    report: &mut Report,
) {
    let Some(services) = root.get_mut("services").and_then(Node::as_mapping_mut) else { return };
    let sources = HashMap::new();
    let mut files = ServiceFiles { environment, working_directory, budget, report, sources };
    let path = Path::ROOT.key("services");
    for (name, entry) in services.iter_mut() {
        let Some(service) = entry.node.as_mapping_mut() else { continue };
        let path = path.key(name);
        files.environment(service, &path);
        files.labels(service, &path);
        let hooks = service.get_mut("pre_start").and_then(Node::as_sequence_mut);
        let path = path.key("pre_start");
        for (index, hook) in hooks.into_iter().flatten().enumerate() {
            if let Some(hook) = hook.as_mapping_mut() {
                files.environment(hook, &path.index(index));
                files.labels(hook, &path.index(index));
            }
        }
    }
}

struct ServiceFiles<'a> {
    environment: &'a mut Environment,
    working_directory: &'a FilePath,
    budget: &'a mut Budget,
    report: &'a mut Report,
    /// Files that several services name are read once.
    sources: HashMap<String, Arc<Source>>,
}

impl ServiceFiles<'_> {
    fn environment(&mut self, service: &mut Mapping, path: &Path<'_>) {
        let Some(files) = service.get("env_file").and_then(Node::as_sequence) else { return };
        let own = service.get("environment").and_then(Node::as_mapping).cloned();
        let own = own.unwrap_or_default();
        let texts: HashMap<&str, String> = own
            .iter()
            .filter_map(|(name, entry)| Some((name.as_str(), entry.node.to_text()?)))
            .collect();
        let path = path.key("env_file");
        let mut merged = Mapping::default();
        let mut first = None;
        for (index, file) in files.iter().enumerate() {
            let Some(place) = file.get("path") else { continue };
            first.get_or_insert_with(|| place.span.clone());
            let required = file.get("required").and_then(Node::as_bool).unwrap_or(true);
            let path = path.index(index);
            let Some(source) = self.source(place, required, &path) else { continue };
            let lookup = |name: &str| {
                self.environment.get(name).or_else(|| texts.get(name).map(String::as_str))
            };
            let earlier = |name: &str| merged.get(name).and_then(Node::as_str);
            let variables = match file.get("format").map(|format| (format, format.as_str())) {
                // the reference knows the usual format by its file name
                None | Some((_, Some("" | ".env"))) => {
                    parse_dotenv(&source.text, &lookup, &earlier)
                }
                Some((_, Some("raw"))) => parse_raw(&source.text, &lookup),
                Some((format, _)) => {
                    self.unknown_format(format, &path);
                    continue;
                }
            };
            let file = File { attribute: "env_file", source, place };
            match variables {
                Ok(variables) => {
                    self.report_unset(&file, &variables, &path);
                    file.add(variables, &mut merged, |merged, name| {
                        let via = self.environment.via(name);
                        let own = own.get(name).or_else(|| merged.get(name));
                        let own = own.filter(|_| via.is_empty());
                        own.map_or(via, |node| node.span.via().clone())
                    });
                }
                Err(error) => self.report.push(file.error(&error, &path)),
            }
        }
        for (name, entry) in own {
            merged.insert(name, entry);
        }
        if let Some(span) = first.filter(|_| !merged.is_empty()) {
            replace(service, "environment", merged, &span);
        }
    }

    fn labels(&mut self, service: &mut Mapping, path: &Path<'_>) {
        let Some(files) = service.get("label_file").and_then(Node::as_sequence) else { return };
        let own = service.get("labels").and_then(Node::as_mapping).cloned();
        let path = path.key("label_file");
        let mut merged = Mapping::default();
        let mut first = None;
        for (index, place) in files.iter().enumerate() {
            first.get_or_insert_with(|| place.span.clone());
            let path = path.index(index);
            let Some(source) = self.source(place, true, &path) else { continue };
            let lookup = |name: &str| merged.get(name).and_then(Node::as_str);
            let labels = parse_dotenv(&source.text, &lookup, &|_| None);
            let file = File { attribute: "label_file", source, place };
            let via = |merged: &Mapping, name: &str| {
                merged.get(name).map(|node| node.span.via().clone()).unwrap_or_default()
            };
            match labels {
                Ok(labels) => {
                    self.report_unset(&file, &labels, &path);
                    file.add(labels, &mut merged, via);
                }
                Err(error) => self.report.push(file.error(&error, &path)),
            }
        }
        for (name, entry) in own.unwrap_or_default() {
            merged.insert(name, entry);
        }
        if let Some(span) = first.filter(|_| !merged.is_empty()) {
            replace(service, "labels", merged, &span);
        }
    }

    fn source(&mut self, place: &Node, required: bool, path: &Path<'_>) -> Option<Arc<Source>> {
        let source = self.read(place, required, path)?;
        // a line makes a variable, in each service anew
        let lines = source.text.lines().count();
        self.budget.take_values(lines, Some(&place.span), self.report).then_some(source)
    }

    fn read(&mut self, place: &Node, required: bool, path: &Path<'_>) -> Option<Arc<Source>> {
        let file = place.as_str()?;
        if let Some(source) = self.sources.get(file) {
            return Some(Arc::clone(source));
        }
        match read_text(FilePath::new(file), MAX_FILE) {
            Ok(text) => {
                let name = shown(FilePath::new(file), self.working_directory);
                let source = Arc::new(Source::confidential(name, text));
                self.sources.insert(file.to_owned(), Arc::clone(&source));
                Some(source)
            }
            Err(ReadError::NotFound(_)) if !required => None,
            Err(error) => {
                let optional = matches!(error, ReadError::NotFound(_));
                let help = if optional {
                    "create it, correct the path, or write `required: false` beside `path:`"
                } else {
                    error.help()
                };
                self.report.push(
                    Diagnostic::error(codes::UNREADABLE_FILE, path, error.to_string())
                        .at(place.span.clone())
                        .help(help),
                );
                None
            }
        }
    }

    fn report_unset(&mut self, file: &File<'_>, variables: &[Variable], path: &Path<'_>) {
        for variable in variables {
            let unset = unset_diagnostic(variable.unset.clone(), path, self.environment);
            if let Some(diagnostic) = unset {
                self.report.push(diagnostic.at(variable.place(&file.source).with_via(file.way())));
            }
        }
    }

    fn unknown_format(&mut self, format: &Node, path: &Path<'_>) {
        let path = path.key("format");
        let text = format.to_text().unwrap_or_else(|| format.kind().to_owned());
        let message = format!("`{path}` must be `raw`, but is `{text}`");
        self.report.push(
            Diagnostic::error(codes::INVALID_VALUE, &path, message)
                .at(format.span.clone())
                .help("write `format: raw`, or remove the attribute"),
        );
    }
}

/// A file of variables or labels that an attribute of a service names.
struct File<'a> {
    attribute: &'static str,
    source: Arc<Source>,
    place: &'a Node,
}

impl File<'_> {
    /// Adds what the file says; `via` knows through what the value of a name came.
    fn add(
        &self,
        variables: Vec<Variable>,
        merged: &mut Mapping,
        via: impl Fn(&Mapping, &str) -> Via,
    ) {
        for Variable { name, value, range, used, unset: _ } in variables {
            // a name without a value that nothing sets stays unset
            let Some(value) = value else { continue };
            let inner = history(&used, |name| via(merged, name));
            let line = Span::new(Arc::clone(&self.source), range.start, range.end);
            let span = line.with_via(inner.and_all(&self.way()));
            let node = Node::string(value, &span);
            merged.insert(name, Entry { key: span, node });
        }
    }

    fn error(&self, error: &DotenvError, path: &Path<'_>) -> Diagnostic {
        let line = Span::new(Arc::clone(&self.source), error.at, error.at);
        unreadable_line(error, path, line.with_via(self.way()))
    }

    /// From a line of the file to the service.
    fn way(&self) -> Via {
        let step = Step::at(StepKind::EnvFile, self.attribute, &self.place.span);
        Via::default().and(&Arc::new(step)).and_all(self.place.span.via())
    }
}

fn replace(service: &mut Mapping, key: &str, merged: Mapping, span: &Span) {
    let place = service.entry(key).map_or(span, |entry| &entry.key).clone();
    let node = Node::mapping(merged, &place);
    service.insert(key, Entry { key: place, node });
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
