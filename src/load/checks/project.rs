//! Checks of the whole project, after profiles: only the services that take part count.

use crate::diagnostic::{Diagnostic, Report, Span, codes};
use crate::load::path::Path;
use crate::load::schema::Damage;
use crate::load::tree::{Entry, Mapping, Node};

use super::cycle::find_cycle;
use super::members::Members;

/// Checks that the parts of a project fit together.
pub fn check_project(root: &Node, members: &Members, damage: &Damage, report: &mut Report) {
    let mut checks = Checks { root, members, damage, report };
    for (section, is_job) in [("services", false), ("jobs", true)] {
        let path = Path::ROOT.key(section);
        for (name, entry) in checks.section(section) {
            let path = path.key(name);
            if is_job {
                checks.dependencies(&entry.node, &path);
                continue;
            }
            checks.references(&entry.node, &path);
            checks.service(entry, &path);
        }
    }
    checks.cycles();
    checks.job_names();
    checks.secrets();
}

pub(super) struct Checks<'a> {
    pub(super) root: &'a Node,
    pub(super) members: &'a Members,
    pub(super) damage: &'a Damage,
    pub(super) report: &'a mut Report,
}

impl<'a> Checks<'a> {
    pub(super) fn conflict(&mut self, path: &Path<'_>, message: impl Into<String>, span: &Span) {
        self.report.push(
            Diagnostic::error(codes::CONFLICTING_ATTRIBUTES, path, message)
                .at(span.clone())
                .help("remove one of the two, or make them agree"),
        );
    }

    /// The members of a section.
    fn section(&self, section: &str) -> impl Iterator<Item = (&'a String, &'a Entry)> + use<'a> {
        let members = self.root.get(section).and_then(Node::as_mapping);
        members.into_iter().flat_map(Mapping::iter)
    }

    fn cycles(&mut self) {
        let Some(services) = self.root.get("services").and_then(Node::as_mapping) else { return };
        let Some(cycle) = find_cycle(services) else { return };
        let places: Vec<Option<&Span>> = cycle
            .windows(2)
            .map(|step| {
                let [from, to] = step else { return None };
                let dependencies = services.get(from)?.get("depends_on")?.as_mapping()?;
                Some(&dependencies.entry(to)?.key)
            })
            .collect();
        let names: Vec<String> = cycle.iter().map(|name| format!("`{name}`")).collect();
        let (last, before) = places.split_last().unwrap_or((&None, &[]));
        let path =
            cycle.first().map_or(String::new(), |first| format!("services.{first}.depends_on"));
        let mut diagnostic = Diagnostic::error(
            codes::DEPENDENCY_CYCLE,
            path,
            format!("the services depend on each other in a circle: {}", names.join(" -> ")),
        )
        .at(last.cloned())
        .help("remove one of these dependencies");
        for place in before.iter().flatten() {
            diagnostic = diagnostic.related((*place).clone(), "which needs this one");
        }
        self.report.push(diagnostic);
    }

    /// `run NAME` must lead to one container: a name belongs to a service or to a job.
    fn job_names(&mut self) {
        let path = Path::ROOT.key("jobs");
        for (name, place) in self.members.jobs() {
            if self.members.is_buildable(name).is_some() {
                let message = format!("`{name}` is the name of a service and of a job");
                self.report.push(
                    Diagnostic::error(codes::CONFLICTING_ATTRIBUTES, &path.key(name), message)
                        .at(place.clone())
                        .help("give one of them another name"),
                );
            }
        }
    }

    /// A driver that Compose does not run cannot be where a secret comes from.
    fn secrets(&mut self) {
        let path = Path::ROOT.key("secrets");
        for (name, entry) in self.section("secrets") {
            let secret = &entry.node;
            let external = secret.get("external").and_then(Node::as_bool).unwrap_or(false);
            // without any of these the tree is wrong already
            let named =
                ["file", "environment", "driver"].iter().any(|key| secret.get(key).is_some());
            let text = |key: &str| secret.get(key).and_then(Node::as_str).unwrap_or_default();
            let sources = ["file", "environment"].iter().any(|key| !text(key).is_empty());
            if named && !external && !sources {
                let message = format!("the secret `{name}` has neither `file` nor `environment`");
                let help = "say where its content comes from, or write `external: true`";
                self.report.push(
                    Diagnostic::error(codes::MISSING_ATTRIBUTE, &path.key(name), message)
                        .at(entry.key.clone())
                        .help(help),
                );
            }
        }
    }
}

pub(super) fn list<'n>(node: &'n Node, key: &str) -> &'n [Node] {
    node.get(key).and_then(Node::as_sequence).unwrap_or_default()
}
