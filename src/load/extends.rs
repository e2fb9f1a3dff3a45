//! `extends`: a service over another one, of the same document or of another file.

mod file;
mod reference;

use std::collections::HashMap;
use std::path::{Path as FilePath, PathBuf};

use crate::diagnostic::{Diagnostic, Span, Step, StepKind, codes};

use super::assemble::Assembly;
use super::merge::merge_attribute;
use super::path::Path;
use super::paths::{absolute, shown};
use super::remote::Remote;
use super::removal::Removal;
use super::suggest::nearest;
use super::tree::Node;

use file::{ExtendedFile, load_file};
use reference::{Reference, take_reference};

/// How many services may extend one another in a row.
const MAX_CHAIN: usize = 100;

/// Replaces every service that has `extends` by what it extends to. `before` is what earlier
/// documents say, which is not extended.
pub fn apply_extends(
    root: &mut Node,
    removed: &Removal,
    file: &FilePath,
    before: Option<&Node>,
    assembly: &mut Assembly<'_>,
) {
    let Some(services) = root.get("services").and_then(Node::as_mapping) else { return };
    let names: Vec<String> = services
        .iter()
        .filter(|(_, entry)| entry.node.get("extends").is_some())
        .map(|(name, _)| name.clone())
        .collect();
    if names.is_empty() {
        return;
    }
    let document = ExtendedFile {
        path: None,
        name: shown(file, assembly.working_directory),
        directory: assembly.directory.to_owned(),
        services: services.clone(),
        removed: removed.clone(),
        has_include: false,
        resolved: HashMap::new(),
    };
    let mut extender = Extender { assembly, before, files: vec![document], chain: Vec::new() };
    for name in names {
        let resolved = extender.resolve(0, &name);
        let service = root.get_mut("services").and_then(|services| services.get_mut(&name));
        if let (Some(resolved), Some(service)) = (resolved, service) {
            *service = resolved;
        }
    }
}

struct Extender<'x, 'a> {
    assembly: &'x mut Assembly<'a>,
    before: Option<&'x Node>,
    /// The document itself, then the other files in the order they are met.
    files: Vec<ExtendedFile>,
    /// The services that are being resolved, outermost first, each with what it extends.
    chain: Vec<Link>,
}

struct Link {
    file: usize,
    service: String,
}

impl Extender<'_, '_> {
    /// The service with all that it extends; none when there is no such service.
    fn resolve(&mut self, file: usize, name: &str) -> Option<Node> {
        let known = self.files.get(file)?;
        if let Some(resolved) = known.resolved.get(name) {
            return Some(resolved.clone());
        }
        let own = known.services.get(name)?.clone();
        self.chain.push(Link { file, service: name.to_owned() });
        let mut resolved = self.extend(file, name, own);
        self.chain.pop();
        // what many services extend is copied for each of them
        let Assembly { budget, report, .. } = &mut *self.assembly;
        if !budget.take_values(resolved.count(), Some(&resolved.span), report) {
            resolved = Node::null(&resolved.span);
        }
        self.files.get_mut(file)?.resolved.insert(name.to_owned(), resolved.clone());
        Some(resolved)
    }

    /// The service over what it extends, or, with an error, the service alone.
    fn extend(&mut self, file: usize, name: &str, mut own: Node) -> Node {
        let Some(reference) = take_reference(name, &mut own, self.assembly.report) else {
            return own;
        };
        let base = self.base(file, name, &reference);
        match base {
            Ok(base) => self.merge(file, name, base, own, &reference.span),
            Err(diagnostic) => {
                // whatever extends this service lacks something too
                let path = Path::ROOT.key("services");
                for link in self.chain.iter().filter(|link| link.file == 0) {
                    self.assembly.damage.insert(&path.key(&link.service));
                }
                if let Some(diagnostic) = diagnostic {
                    self.assembly.report.push(diagnostic.at(reference.span));
                }
                own
            }
        }
    }

    /// What a service extends; no error when it is reported already.
    fn base(
        &mut self,
        from: usize,
        name: &str,
        reference: &Reference,
    ) -> Result<Node, Option<Diagnostic>> {
        let file = match &reference.file {
            Some((path, place)) => self.open(from, path, name, place)?,
            None => from,
        };
        let error = |message: String, help: String| {
            let path = format!("services.{name}.extends");
            Some(Diagnostic::error(codes::UNDEFINED_REFERENCE, path, message).help(help))
        };
        let service = reference.service.as_str();
        let Some(node) = self.files.get(file).and_then(|file| file.services.get(service)) else {
            // it may be in what could not be included
            let is_told = file == 0 && self.assembly.damage.contains("include");
            let (message, help) = self.not_found(file, name, service);
            return Err(error(message, help).filter(|_| !is_told));
        };
        if node.as_mapping().is_none() && !node.is_null() {
            let message = format!("`{name}` extends `{service}`, which is {}", node.kind());
            return Err(error(message, "a service must be a mapping".to_owned()));
        }
        if let Some(circle) = self.circle(file, service) {
            let message = format!("the services extend one another in a circle: {circle}");
            return Err(error(message, "let one of them stand alone".to_owned()));
        }
        if self.chain.len() >= MAX_CHAIN {
            let message = format!("more than {MAX_CHAIN} services extend one another");
            return Err(error(message, "let one of them stand alone".to_owned()));
        }
        self.resolve(file, service).ok_or(None)
    }

    fn not_found(&self, file: usize, name: &str, service: &str) -> (String, String) {
        let known = self.files.get(file);
        let place = match known {
            Some(ExtendedFile { path: Some(_), name, .. }) => format!(" in `{name}`"),
            _ => String::new(),
        };
        let message = format!("`{name}` extends `{service}`, but there is no such service{place}");
        let services = known.into_iter().flat_map(|file| file.services.keys());
        let before = self.before.and_then(|before| before.get("services")).filter(|_| file == 0);
        let before = before.and_then(Node::as_mapping).and_then(|before| before.entry(service));
        let help = if let Some(entry) = before {
            let file = &entry.key.source.name;
            format!("it is in another file: write `extends: {{file: {file}, service: {service}}}`")
        } else if let Some(nearest) = nearest(service, services.map(String::as_str)) {
            format!("did you mean `{nearest}`?")
        } else if known.is_some_and(|file| file.has_include) {
            "what an extended file includes cannot be extended: name the included file".to_owned()
        } else {
            "define the service, or correct its name".to_owned()
        };
        (message, help)
    }

    /// The services of the circle that a further step would close, if it does.
    fn circle(&self, file: usize, service: &str) -> Option<String> {
        let is_start = |link: &Link| link.file == file && link.service == service;
        let start = self.chain.iter().position(is_start)?;
        let links: Vec<&Link> = self.chain.iter().skip(start).collect();
        let in_one_file = links.iter().all(|link| link.file == file);
        let show = |link: &Link| match self.files.get(link.file) {
            Some(file) if !in_one_file => format!("`{}` ({})", link.service, file.name),
            _ => format!("`{}`", link.service),
        };
        let again = Link { file, service: service.to_owned() };
        let circle: Vec<String> = links.into_iter().chain([&again]).map(show).collect();
        Some(circle.join(" -> "))
    }

    fn merge(&mut self, file: usize, name: &str, mut base: Node, own: Node, place: &Span) -> Node {
        if base.is_null() {
            return own;
        }
        let removed = self.files.get(file).and_then(|file| file.removed.below("services"));
        if let Some(removed) = removed.and_then(|services| services.below(name)) {
            removed.apply(&mut base);
        }
        base.go_through(Step::at(StepKind::Extends, name, place));
        let span = own.span.clone();
        let path = Path::ROOT.key("services");
        merge_attribute(&mut base, own, &path.key(name), self.assembly.report);
        base.span = span;
        base
    }

    /// The index of another file, which is read when it is met first.
    fn open(
        &mut self,
        from: usize,
        file: &str,
        name: &str,
        place: &Span,
    ) -> Result<usize, Option<Diagnostic>> {
        let path = format!("services.{name}.extends");
        if let Some(remote) = Remote::parse(file) {
            return Err(Some(remote.diagnostic(path)));
        }
        let home = self.assembly.environment.get("HOME");
        let directory = self.files.get(from).map(|file| file.directory.as_path());
        let file: PathBuf = absolute(file, directory.unwrap_or(self.assembly.directory), home);
        let known = self.files.iter().position(|known| known.path.as_ref() == Some(&file));
        if let Some(known) = known {
            return Ok(known);
        }
        let loaded = load_file(file, &path, place, self.assembly)?;
        self.files.push(loaded);
        Ok(self.files.len() - 1)
    }
}
