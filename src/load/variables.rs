//! `.env`, `env_file` and `label_file`: variables that stand in files of their own.

use std::collections::HashMap;
use std::path::{Path as FilePath, PathBuf};

use crate::diagnostic::{Diagnostic, Report, Span, codes};

use super::Input;
use super::dotenv::{Variable, parse_dotenv, parse_raw};
use super::environment::Environment;
use super::path::Path;
use super::paths::absolute;
use super::read::{ReadError, read_text};
use super::tree::{Entry, Mapping, Node};

/// How large a file of variables may be.
const MAX_FILE: u64 = 1 << 20;

/// Reads the files of `--env-file` or `COMPOSE_ENV_FILES`; false when the user named none.
pub fn read_named_env_files(
    input: &Input,
    environment: &mut Environment,
    report: &mut Report,
) -> bool {
    let listed = environment.get("COMPOSE_ENV_FILES").unwrap_or_default().to_owned();
    let listed = || listed.split(',').map(str::trim).filter(|file| !file.is_empty());
    let files: Vec<PathBuf> = if input.env_files.is_empty() {
        listed().map(PathBuf::from).collect()
    } else {
        input.env_files.clone()
    };
    let mut read: Vec<Variable> = Vec::new();
    for file in &files {
        let path = absolute(&file.to_string_lossy(), &input.working_directory, None);
        read.extend(read_env_file(&path, environment, &read, report));
    }
    set_variables(environment, read);
    !files.is_empty()
}

/// Reads the `.env` of a directory, if there is one; what is known already stays.
pub fn read_default_env_file(
    directory: &FilePath,
    environment: &mut Environment,
    report: &mut Report,
) {
    let file = directory.join(".env");
    if file.is_file() {
        let read = read_env_file(&file, environment, &[], report);
        set_variables(environment, read);
    }
}

/// Reads the files of `include.env_file`; what is known already stays.
pub fn read_included_env_files(
    files: &[(PathBuf, Span)],
    path: &str,
    environment: &mut Environment,
    report: &mut Report,
) {
    let mut read: Vec<Variable> = Vec::new();
    for (file, span) in files.iter().filter(|(file, _)| file != FilePath::new("/dev/null")) {
        let mut own = Report::new();
        read.extend(read_env_file(file, environment, &read, &mut own));
        for diagnostic in own.iter().cloned() {
            report.push(Diagnostic { path: path.to_owned(), ..diagnostic }.at(span.clone()));
        }
    }
    set_variables(environment, read);
}

/// Whether `COMPOSE_DISABLE_ENV_FILE` turns `.env` off.
pub fn default_env_file_disabled(environment: &Environment) -> bool {
    let value = environment.get("COMPOSE_DISABLE_ENV_FILE").unwrap_or_default();
    matches!(value, "1" | "t" | "T" | "true" | "TRUE" | "True")
}

/// Puts the variables of `env_file` below those of `environment`, and `label_file` below `labels`.
pub fn read_service_files(root: &mut Node, environment: &Environment, report: &mut Report) {
    let Some(services) = root.get_mut("services").and_then(Node::as_mapping_mut) else { return };
    let mut files = ServiceFiles { environment, report, texts: HashMap::new() };
    let path = Path::ROOT.key("services");
    for (name, entry) in services.iter_mut() {
        if let Some(service) = entry.node.as_mapping_mut() {
            let path = path.key(name);
            files.environment(service, &path);
            files.labels(service, &path);
        }
    }
}

struct ServiceFiles<'a> {
    environment: &'a Environment,
    report: &'a mut Report,
    /// Files that several services name are read once.
    texts: HashMap<String, String>,
}

impl ServiceFiles<'_> {
    fn environment(&mut self, service: &mut Mapping, path: &Path<'_>) {
        let Some(files) = service.get("env_file").and_then(Node::as_sequence) else { return };
        let own = service.get("environment").and_then(Node::as_mapping).cloned();
        let own = own.unwrap_or_default();
        let path = path.key("env_file");
        let mut merged = Mapping::default();
        let mut first = None;
        for (index, file) in files.iter().enumerate() {
            let Some(place) = file.get("path") else { continue };
            first.get_or_insert_with(|| place.span.clone());
            let required = file.get("required").and_then(Node::as_bool).unwrap_or(true);
            let path = path.index(index);
            let Some(text) = self.text(place, required, &path) else { continue };
            let lookup = |name: &str| {
                let known = self.environment.get(name);
                let known = known.or_else(|| own.get(name).and_then(Node::as_str));
                known.or_else(|| merged.get(name).and_then(Node::as_str))
            };
            let variables = match file.get("format").and_then(Node::as_str) {
                None => parse_dotenv(&text, &lookup).map_err(|e| (e.to_string(), e.help())),
                Some("raw") => Ok(parse_raw(&text)),
                Some(other) => Err((
                    format!("the format `{other}` is not known"),
                    "write `format: raw`, or remove the attribute",
                )),
            };
            self.add(&mut merged, variables, place, &path);
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
            let Some(text) = self.text(place, true, &path) else { continue };
            let lookup = |name: &str| merged.get(name).and_then(Node::as_str);
            let labels = parse_dotenv(&text, &lookup).map_err(|e| (e.to_string(), e.help()));
            self.add(&mut merged, labels, place, &path);
        }
        for (name, entry) in own.unwrap_or_default() {
            merged.insert(name, entry);
        }
        if let Some(span) = first.filter(|_| !merged.is_empty()) {
            replace(service, "labels", merged, &span);
        }
    }

    fn text(&mut self, place: &Node, required: bool, path: &Path<'_>) -> Option<String> {
        let file = place.as_str()?;
        if let Some(text) = self.texts.get(file) {
            return Some(text.clone());
        }
        match read_text(FilePath::new(file), MAX_FILE) {
            Ok(text) => {
                self.texts.insert(file.to_owned(), text.clone());
                Some(text)
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

    /// Adds what a file says. The place of each variable is where the compose file names the
    /// file: its text may hold secrets, which no excerpt may show.
    fn add(
        &mut self,
        merged: &mut Mapping,
        variables: Result<Vec<Variable>, (String, &'static str)>,
        place: &Node,
        path: &Path<'_>,
    ) {
        match variables {
            Ok(variables) => {
                for (name, value) in variables.into_iter().filter(|(name, _)| is_usable(name)) {
                    let node = match value {
                        Some(value) => Node::string(value, &place.span),
                        None => Node::null(&place.span),
                    };
                    merged.insert(name, Entry { key: place.span.clone(), node });
                }
            }
            Err((error, help)) => {
                let file = place.as_str().unwrap_or_default();
                let message = format!("`{file}` cannot be read: {error}");
                self.report.push(
                    Diagnostic::error(codes::INVALID_VALUE, path, message)
                        .at(place.span.clone())
                        .help(help),
                );
            }
        }
    }
}

fn replace(service: &mut Mapping, key: &str, merged: Mapping, span: &Span) {
    let place = service.entry(key).map_or(span, |entry| &entry.key).clone();
    let node = Node::mapping(merged, &place);
    service.insert(key, Entry { key: place, node });
}

fn read_env_file(
    file: &FilePath,
    environment: &Environment,
    earlier: &[Variable],
    report: &mut Report,
) -> Vec<Variable> {
    let text = match read_text(file, MAX_FILE) {
        Ok(text) => text,
        Err(error) => {
            let diagnostic = Diagnostic::error(codes::UNREADABLE_FILE, "", error.to_string());
            report.push(diagnostic.help(error.help()));
            return Vec::new();
        }
    };
    let earlier: HashMap<&str, &str> = earlier
        .iter()
        .filter_map(|(name, value)| Some((name.as_str(), value.as_deref()?)))
        .collect();
    let lookup = |name: &str| environment.get(name).or_else(|| earlier.get(name).copied());
    match parse_dotenv(&text, &lookup) {
        Ok(variables) => variables,
        Err(error) => {
            let message = format!("`{}` cannot be read: {error}", file.display());
            let diagnostic = Diagnostic::error(codes::INVALID_VALUE, "", message);
            report.push(diagnostic.help(error.help()));
            Vec::new()
        }
    }
}

/// Sets what is not set yet; of the same name in several files the last counts.
fn set_variables(environment: &mut Environment, variables: Vec<Variable>) {
    for (name, value) in variables.into_iter().rev() {
        if let Some(value) = value.filter(|_| is_usable(&name)) {
            environment.set_default(name, value);
        }
    }
}

fn is_usable(name: &str) -> bool {
    !name.is_empty() && !name.starts_with(|c: char| c.is_ascii_digit())
}
