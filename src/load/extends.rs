//! `extends`: a service over another one, of the same document or of another file.

use std::collections::HashMap;
use std::path::PathBuf;

use crate::diagnostic::{Diagnostic, Span, Step, StepKind, codes};

use super::assemble::Assembly;
use super::document::Document;
use super::merge::{merge, merge_service};
use super::path::Path;
use super::paths::{absolute, shown};
use super::remote::Remote;
use super::removal::Removal;
use super::tree::{Entry, Mapping, Node};

/// How many services may extend one another in a row.
const MAX_CHAIN: usize = 100;

/// Replaces every service that has `extends` by what it extends to.
pub fn apply_extends(root: &mut Node, removed: &Removal, assembly: &mut Assembly<'_>) {
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
        directory: assembly.directory.to_owned(),
        services: services.clone(),
        removed: removed.clone(),
        resolved: HashMap::new(),
    };
    let mut extender = Extender { assembly, files: vec![document], chain: Vec::new() };
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
    /// The document itself, then the other files in the order they are met.
    files: Vec<ExtendedFile>,
    /// The services that are being resolved, outermost first.
    chain: Vec<(usize, String)>,
}

struct ExtendedFile {
    /// None for the document itself.
    path: Option<PathBuf>,
    directory: PathBuf,
    services: Mapping,
    removed: Removal,
    resolved: HashMap<String, Option<Node>>,
}

/// What `extends` of a service says.
struct Reference {
    service: String,
    file: Option<String>,
    span: Span,
}

impl Extender<'_, '_> {
    /// The service with all that it extends; none, with an error, when that is impossible.
    fn resolve(&mut self, file: usize, name: &str) -> Option<Node> {
        let known = self.files.get(file)?;
        if let Some(resolved) = known.resolved.get(name) {
            return resolved.clone();
        }
        let own = known.services.get(name)?.clone();
        self.chain.push((file, name.to_owned()));
        let resolved = self.extend(file, name, own);
        self.chain.pop();
        let resolved = resolved.map(|service| self.localise(file, name, service));
        // what many services extend is copied for each of them
        let resolved = resolved.filter(|service| {
            let Assembly { budget, report, .. } = &mut *self.assembly;
            budget.take_values(service.count(), Some(&service.span), report)
        });
        self.files.get_mut(file)?.resolved.insert(name.to_owned(), resolved.clone());
        resolved
    }

    fn extend(&mut self, file: usize, name: &str, mut own: Node) -> Option<Node> {
        let Some(reference) = self.reference(name, &mut own) else { return Some(own) };
        let base_file = match &reference.file {
            Some(path) => self.open(file, path, name, &reference)?,
            None => file,
        };
        let base = self.files.get(base_file)?;
        if !base.services.contains(&reference.service) {
            let place = base.path.as_ref().map_or(String::new(), |path| {
                format!(" in `{}`", shown(path, self.assembly.working_directory))
            });
            let message = format!(
                "`{name}` extends `{}`, but there is no such service{place}",
                reference.service
            );
            let nearest = super::suggest::nearest(
                &reference.service,
                base.services.keys().map(String::as_str),
            );
            let help = match nearest {
                Some(nearest) => format!("did you mean `{nearest}`?"),
                None => "define the service, or correct its name".to_owned(),
            };
            self.error(name, &reference, message, &help);
            return Some(own);
        }
        let step = (base_file, reference.service.clone());
        if self.chain.contains(&step) || self.chain.len() >= MAX_CHAIN {
            let names = self.chain.iter().map(|(_, name)| format!("`{name}`"));
            let names = names.chain([format!("`{}`", reference.service)]).collect::<Vec<_>>();
            let message = if self.chain.len() >= MAX_CHAIN {
                format!("more than {MAX_CHAIN} services extend one another")
            } else {
                format!("the services extend one another in a circle: {}", names.join(" -> "))
            };
            self.error(name, &reference, message, "let one of them stand alone");
            return Some(own);
        }
        let base = self.resolve(base_file, &reference.service);
        Some(self.merge(file, name, base, own, &reference.span))
    }

    fn merge(
        &mut self,
        file: usize,
        name: &str,
        base: Option<Node>,
        own: Node,
        place: &Span,
    ) -> Node {
        let Some(mut base) = base.filter(|base| !base.is_null()) else { return own };
        let removed = self.files.get(file).and_then(|file| file.removed.below("services"));
        if let Some(removed) = removed.and_then(|services| services.below(name)) {
            removed.apply(&mut base);
        }
        base.go_through(Step::at(StepKind::Extends, name, place));
        let span = own.span.clone();
        merge_service(&mut base, own, name, self.assembly.report);
        base.span = span;
        base
    }

    /// Makes the relative paths of a service of another file absolute.
    fn localise(&mut self, file: usize, name: &str, service: Node) -> Node {
        let Some(ExtendedFile { path: Some(_), directory, .. }) = self.files.get(file) else {
            return service;
        };
        let span = service.span.clone();
        let entry = |node: Node| Entry { key: span.clone(), node };
        let services = Mapping::from_iter([(name.to_owned(), entry(service))]);
        let services = Node::mapping(services, &span);
        let root = Mapping::from_iter([("services".to_owned(), entry(services))]);
        let mut root = Node::mapping(root, &span);
        self.assembly.canonicalise(&mut root);
        self.assembly.resolve_paths(&mut root, directory);
        let services = root.get_mut("services").and_then(Node::as_mapping_mut);
        let service = services.and_then(|services| services.remove(name));
        service.map_or_else(|| Node::null(&span), |entry| entry.node)
    }

    /// Takes `extends` out of a service. What does not follow the schema stays for it to report.
    fn reference(&mut self, name: &str, service: &mut Node) -> Option<Reference> {
        let service = service.as_mapping_mut()?;
        let extends = service.get("extends")?;
        let span = service.entry("extends")?.span().clone();
        let text = |key: &str| extends.get(key).and_then(Node::as_str).map(str::to_owned);
        let reference = match extends.as_str() {
            Some(service) => Reference { service: service.to_owned(), file: None, span },
            None if extends.get("service").is_none() && extends.as_mapping().is_some() => {
                let path = format!("services.{name}.extends");
                self.assembly.report.push(
                    Diagnostic::error(
                        codes::MISSING_ATTRIBUTE,
                        &path,
                        format!("`{path}` needs the attribute `service`"),
                    )
                    .at(span)
                    .help("add `service: …`, the name of the service to extend"),
                );
                service.remove("extends");
                return None;
            }
            None => {
                let span = extends.get("service").map_or(&span, |service| &service.span).clone();
                Reference { service: text("service")?, file: text("file"), span }
            }
        };
        service.remove("extends");
        Some(reference)
    }

    /// The index of another file, which is read when it is met first.
    fn open(
        &mut self,
        from: usize,
        file: &str,
        name: &str,
        reference: &Reference,
    ) -> Option<usize> {
        if let Some(remote) = Remote::parse(file) {
            let services = Path::ROOT.key("services");
            let service = services.key(name);
            self.assembly.damage.insert(&service);
            let diagnostic = remote.diagnostic(&service.key("extends"));
            self.assembly.report.push(diagnostic.at(reference.span.clone()));
            return None;
        }
        let home = self.assembly.environment.get("HOME");
        let path = absolute(file, &self.files.get(from)?.directory, home);
        let known = self.files.iter().position(|known| known.path.as_ref() == Some(&path));
        if known.is_some() {
            return known;
        }
        let documents = self.assembly.read(&path, Some(&reference.span))?;
        let mut merged: Option<Node> = None;
        let mut removed = Removal::default();
        for document in documents {
            let Document { root, removed: tags } = self.assembly.prepare(document);
            match &mut merged {
                Some(base) => {
                    tags.apply(base);
                    merge(base, root, self.assembly.report);
                }
                None => merged = Some(root),
            }
            removed.extend(tags);
        }
        let services = merged.as_mut().and_then(|root| root.get_mut("services"));
        let services = services.and_then(Node::as_mapping_mut).map(std::mem::take);
        let directory = path.parent().map(ToOwned::to_owned).unwrap_or_default();
        self.files.push(ExtendedFile {
            path: Some(path),
            directory,
            services: services.unwrap_or_default(),
            removed,
            resolved: HashMap::new(),
        });
        Some(self.files.len() - 1)
    }

    fn error(&mut self, name: &str, reference: &Reference, message: String, help: &str) {
        let services = Path::ROOT.key("services");
        let service = services.key(name);
        self.assembly.damage.insert(&service);
        self.assembly.report.push(
            Diagnostic::error(codes::UNDEFINED_REFERENCE, &service.key("extends"), message)
                .at(reference.span.clone())
                .help(help),
        );
    }
}
