//! Names that must be defined elsewhere in the project.

use crate::diagnostic::{Diagnostic, Span, codes};
use crate::load::path::Path;
use crate::load::suggest::did_you_mean;
use crate::load::tree::{Mapping, Node};

use super::project::{Checks, list};

impl Checks<'_> {
    /// Checks all names that a service uses.
    pub(super) fn references(&mut self, service: &Node, path: &Path<'_>) {
        for (attribute, section) in [("networks", "networks"), ("models", "models")] {
            let path = path.key(attribute);
            let named = service.get(attribute).and_then(Node::as_mapping);
            for (name, entry) in named.into_iter().flat_map(Mapping::iter) {
                if !(section == "networks" && name == "default") {
                    self.reference(section, name, &path.key(name), &entry.key);
                }
            }
        }
        for section in ["configs", "secrets"] {
            let path = path.key(section);
            self.sources(section, list(service, section), &path);
        }
        if let Some(build) = service.get("build") {
            let path = path.key("build");
            self.sources("secrets", list(build, "secrets"), &path.key("secrets"));
            self.contexts(build, &path);
        }
        let volumes = path.key("volumes");
        for (index, volume) in list(service, "volumes").iter().enumerate() {
            let named = volume.get("type").and_then(Node::as_str) == Some("volume");
            if let Some(source) = volume.get("source").filter(|_| named)
                && let Some(name) = source.as_str().filter(|name| !name.is_empty())
            {
                self.reference("volumes", name, &volumes.index(index), &source.span);
            }
        }
        if let Some(mode) = service.get("network_mode")
            && let Some(name) = mode.as_str().and_then(|mode| mode.strip_prefix("service:"))
            && !depends_on(service, name)
        {
            self.reference("services", name, &path.key("network_mode"), &mode.span);
        }
        self.dependencies(service, path);
    }

    /// What a service or a job depends on.
    pub(super) fn dependencies(&mut self, member: &Node, path: &Path<'_>) {
        let is_job = path.matches(&["jobs", "*"]);
        let path = path.key("depends_on");
        let dependencies = member.get("depends_on").and_then(Node::as_mapping);
        for (name, entry) in dependencies.into_iter().flat_map(Mapping::iter) {
            match self.members.job(name) {
                Some(_) if is_job => {}
                Some(job) if self.members.is_buildable(name).is_none() => {
                    let message = format!("a service cannot depend on a job, as `{name}` is one");
                    self.report.push(
                        Diagnostic::error(codes::UNDEFINED_REFERENCE, &path.key(name), message)
                            .at(entry.key.clone())
                            .related(job.clone(), "the job")
                            .help("make it a service, or let the job run before the service"),
                    );
                }
                _ => self.reference("services", name, &path.key(name), &entry.key),
            }
        }
    }

    fn sources(&mut self, section: &str, mounts: &[Node], path: &Path<'_>) {
        for (index, mount) in mounts.iter().enumerate() {
            if let Some(source) = mount.get("source")
                && let Some(name) = source.as_str()
            {
                self.reference(section, name, &path.index(index), &source.span);
            }
        }
    }

    fn contexts(&mut self, build: &Node, path: &Path<'_>) {
        let path = path.key("additional_contexts");
        let contexts = build.get("additional_contexts").and_then(Node::as_mapping);
        for (key, entry) in contexts.into_iter().flat_map(Mapping::iter) {
            let context = entry.node.as_str().unwrap_or_default();
            let Some(name) = context.strip_prefix("service:") else { continue };
            // an image can be built from the service though no profile enables it
            match self.members.is_buildable(name) {
                None => self.reference("services", name, &path.key(key), &entry.node.span),
                Some(true) => {}
                Some(false) => {
                    let message = format!("the service `{name}` is not built, it has no `build`");
                    self.report.push(
                        Diagnostic::error(codes::UNDEFINED_REFERENCE, &path.key(key), message)
                            .at(entry.node.span.clone())
                            .help("name its image instead, as `docker-image://…`"),
                    );
                }
            }
        }
    }

    fn reference(&mut self, section: &str, name: &str, path: &Path<'_>, span: &Span) {
        let members = self.root.get(section).and_then(Node::as_mapping);
        let known = members.is_some_and(|members| members.contains(name));
        let lost = self.damage.contains(section)
            && self.damage.contains(&Path::ROOT.key(section).key(name).to_string());
        // what could not be included may define it
        if known
            || lost
            || self.damage.contains("include")
            || (members.is_none() && self.damage.contains(section))
        {
            return;
        }
        let diagnostic = || undefined(section, name, members, path, span);
        self.report.push_error(diagnostic);
    }
}

fn undefined(
    section: &str,
    name: &str,
    members: Option<&Mapping>,
    path: &Path<'_>,
    span: &Span,
) -> Diagnostic {
    let kind = section.trim_end_matches('s');
    let candidates = members.into_iter().flat_map(Mapping::keys).map(String::as_str);
    let help = did_you_mean(name, candidates, || match section {
        "services" => "define the service, or remove the reference to it".to_owned(),
        _ => format!("define it: add `{name}:` below `{section}:` at the top level"),
    });
    let message = format!("the {kind} `{name}` is not defined");
    Diagnostic::error(codes::UNDEFINED_REFERENCE, path, message).at(span.clone()).help(help)
}

/// Whether a service depends on another one, by its own words or because it shares a namespace.
fn depends_on(service: &Node, name: &str) -> bool {
    service.get("depends_on").and_then(|dependencies| dependencies.get(name)).is_some()
}
