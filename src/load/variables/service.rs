//! `env_file` and `label_file`: what the files of a service, or of a hook of it, say.

use std::collections::HashMap;
use std::path::Path as FilePath;
use std::sync::Arc;

use crate::diagnostic::{Diagnostic, Report, Source, Span, Step, StepKind, Via, codes};
use crate::load::budget::Budget;
use crate::load::dotenv::{DotenvError, Variable, parse_dotenv, parse_raw};
use crate::load::environment::Environment;
use crate::load::interpolate::unset_diagnostic;
use crate::load::path::Path;
use crate::load::paths::shown;
use crate::load::read::{ReadError, read_text};
use crate::load::tree::{Entry, Mapping, Node};

use super::{MAX_FILE, history, unreadable_line};

/// Puts the variables of `env_file` below those of `environment`, and `label_file` below `labels`,
/// in the members of these sections; both are used up then.
pub fn read_service_files(
    root: &mut Node,
    sections: &[&str],
    working_directory: &FilePath,
    environment: &mut Environment,
    budget: &mut Budget,
    report: &mut Report,
) {
    let sources = HashMap::new();
    let mut files = ServiceFiles { environment, working_directory, budget, report, sources };
    for section in sections {
        let Some(members) = root.get_mut(section).and_then(Node::as_mapping_mut) else { continue };
        let path = Path::ROOT.key(section);
        for (name, entry) in members.iter_mut() {
            let Some(member) = entry.node.as_mapping_mut() else { continue };
            files.of_member(member, &path.key(name));
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
    fn of_member(&mut self, member: &mut Mapping, path: &Path<'_>) {
        self.environment(member, path);
        self.labels(member, path);
        let hooks = member.get_mut("pre_start").and_then(Node::as_sequence_mut);
        let path = path.key("pre_start");
        for (index, hook) in hooks.into_iter().flatten().enumerate() {
            if let Some(hook) = hook.as_mapping_mut() {
                self.environment(hook, &path.index(index));
                self.labels(hook, &path.index(index));
            }
        }
    }

    fn environment(&mut self, service: &mut Mapping, path: &Path<'_>) {
        let Some(Entry { node: files, key: _ }) = service.remove("env_file") else { return };
        let own = service.get("environment").and_then(Node::as_mapping).cloned();
        let own = own.unwrap_or_default();
        let texts: HashMap<&str, String> = own
            .iter()
            .filter_map(|(name, entry)| Some((name.as_str(), entry.node.to_text()?)))
            .collect();
        let path = path.key("env_file");
        let mut merged = Mapping::default();
        let mut first = None;
        for (index, file) in files.as_sequence().unwrap_or_default().iter().enumerate() {
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
        let Some(Entry { node: files, key: _ }) = service.remove("label_file") else { return };
        let own = service.get("labels").and_then(Node::as_mapping).cloned();
        let path = path.key("label_file");
        let mut merged = Mapping::default();
        let mut first = None;
        for (index, place) in files.as_sequence().unwrap_or_default().iter().enumerate() {
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
