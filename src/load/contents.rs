//! The bytes of configs and secrets, which a project only names.

use std::collections::{BTreeMap, HashSet};
use std::path::Path as FilePath;

use indexmap::IndexMap;

use crate::diagnostic::{Diagnostic, Report, codes};
use crate::model::{Contents, Origins, Project, Source};

use super::bound::read_bound;
use super::environment::Environment;
use super::path::Path;
use super::read::read_bytes;
use super::tree::{Mapping, Node, Value};

/// How large the file of a config or secret may be: the limit of a Kubernetes object.
const MAX_CONTENT: u64 = 1 << 20;

/// Reads the bytes of all configs and secrets that a service mounts, and what is bind-mounted of the project; what cannot be read is
/// reported and left out. A secret that only an image build needs is none of the cluster's business.
pub fn read_contents(
    project: &Project,
    environment: &Environment,
    without_secrets: bool,
    report: &mut Report,
) -> Contents {
    let mut reader = Reader { origins: &project.origins, environment, report };
    let configs = project.configs.iter().map(|(key, config)| (key, &config.source));
    let configs = reader.section("configs", configs.collect());
    let mounted: HashSet<&String> = project
        .services
        .values()
        .flat_map(|service| &service.container.secrets)
        .map(|mount| &mount.source)
        .collect();
    let secrets = project.secrets.iter().map(|(key, secret)| (key, &secret.source));
    let read = secrets.filter(|(key, _)| mounted.contains(key) && !without_secrets);
    let secrets = reader.section("secrets", read.collect());
    Contents { configs, secrets, bound: read_bound(project) }
}

/// Where a config or secret of an included project carries the value of its variable: outside of
/// that project the variable may be unknown.
const VALUE: &str = "x-#value";

/// Notes the values of the variables that configs and secrets name, as far as they are known.
pub fn note_values(root: &mut Node, environment: &Environment) {
    for section in ["configs", "secrets"] {
        let members = root.get_mut(section).and_then(Node::as_mapping_mut);
        for member in members.into_iter().flat_map(Mapping::nodes_mut) {
            let Some(member) = member.as_mapping_mut() else { continue };
            let Some(variable) = member.get("environment") else { continue };
            if let Some(value) = variable.as_str().and_then(|name| environment.get(name)) {
                let value = Node::string(value, &variable.span);
                member.set(VALUE, value);
            }
        }
    }
}

/// Takes the noted values out of the tree.
pub fn take_values(root: &mut Node, environment: &mut Environment) {
    for section in ["configs", "secrets"] {
        let members = root.get_mut(section).and_then(Node::as_mapping_mut);
        for (name, entry) in members.into_iter().flat_map(Mapping::iter_mut) {
            let noted = entry.node.as_mapping_mut().and_then(|member| member.remove(VALUE));
            if let Some(Value::String(value)) = noted.map(|noted| noted.node.value) {
                environment.keep_included(Path::ROOT.key(section).key(name).to_string(), value);
            }
        }
    }
}

struct Reader<'a> {
    origins: &'a Origins,
    environment: &'a Environment,
    report: &'a mut Report,
}

impl Reader<'_> {
    fn section(
        &mut self,
        section: &str,
        sources: IndexMap<&String, &Source>,
    ) -> BTreeMap<String, Vec<u8>> {
        let path = Path::ROOT.key(section);
        sources
            .into_iter()
            .filter_map(|(key, source)| Some((key.clone(), self.read(source, &path.key(key))?)))
            .collect()
    }

    fn read(&mut self, source: &Source, path: &Path<'_>) -> Option<Vec<u8>> {
        match source {
            Source::External => None,
            Source::Content(content) => Some(content.clone().into_bytes()),
            Source::Environment(name) => {
                let value = self.environment.get(name);
                let value = value.or_else(|| self.environment.included(&path.to_string()));
                let value = value.map(|value| value.as_bytes().to_vec());
                if value.is_none() {
                    self.error(
                        Diagnostic::error(
                            codes::REQUIRED_VARIABLE,
                            path,
                            format!("the variable `{name}` is not set"),
                        )
                        .help(format!("set `{name}` in the environment or in `.env`")),
                        &path.key("environment"),
                    );
                }
                value
            }
            Source::File(file) => match read_bytes(FilePath::new(file), MAX_CONTENT) {
                Ok(bytes) => Some(bytes),
                Err(error) => {
                    self.error(
                        Diagnostic::error(codes::UNREADABLE_FILE, path, error.to_string())
                            .help(error.help()),
                        &path.key("file"),
                    );
                    None
                }
            },
        }
    }

    fn error(&mut self, diagnostic: Diagnostic, place: &Path<'_>) {
        let span = self.origins.get(&place.to_string()).cloned();
        self.report.push(diagnostic.at(span));
    }
}
