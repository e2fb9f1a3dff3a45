//! What `env_file`s say, where it is to stay together in a `ConfigMap` for each file.
//!
//! The loader has put the files below `environment`, so that the file of a variable is told by where its value is
//! written. A container that takes a `ConfigMap` must not get a variable from it that it has otherwise: what differs
//! between services, is secret, or is in two of their files stays with each container, whose own variables count more.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use indexmap::IndexMap;

use crate::model::{Container, Project, Service};

use super::context::ConfigMap;
use super::environment::is_key;
use super::findings::{Findings, Site};
use super::kompose;
use super::label::settings;
use super::name::{Names, dns_label};
use super::options::{Compat, Options};
use super::scope::Scope;
use super::secret_variables::SecretVariables;
use super::setting::{Setting, Settings};
use super::volume::last_part;

/// The files, and what each container has of them.
#[derive(Debug, Default)]
pub struct EnvFiles<'a> {
    files: Vec<EnvFile<'a>>,
    /// By the Compose path of the container.
    containers: BTreeMap<String, FromFiles<'a>>,
}

/// An `env_file` as a `ConfigMap`.
#[derive(Debug)]
struct EnvFile<'a> {
    config_map: String,
    variables: BTreeMap<&'a str, &'a str>,
    /// The Compose path of the first container that reads it.
    place: String,
}

/// What a container has of its files.
#[derive(Debug, Default)]
pub struct FromFiles<'a> {
    /// The `ConfigMap`s.
    pub config_maps: BTreeSet<String>,
    /// The variables that are in them.
    pub variables: BTreeMap<&'a str, &'a str>,
}

/// The variables of one container.
struct Reader<'a> {
    service: &'a str,
    place: String,
    variables: IndexMap<&'a str, Variable<'a>>,
}

struct Variable<'a> {
    value: &'a str,
    is_secret: bool,
    /// The name of the file that it is from.
    file: Option<&'a str>,
}

impl<'a> EnvFiles<'a> {
    /// Finds what the files say, for the services that are to have it in `ConfigMap`s.
    pub fn new(
        project: &'a Project,
        findings: &'a Findings<'a>,
        options: &Options,
        names: &mut Names,
    ) -> Self {
        let readers = readers(project, findings, options);
        let mut users: IndexMap<&str, Vec<&Reader>> = IndexMap::new();
        for reader in &readers {
            let files = reader.variables.values().filter_map(|variable| variable.file);
            for file in files.collect::<BTreeSet<_>>() {
                users.entry(file).or_default().push(reader);
            }
        }
        let said: BTreeMap<&str, BTreeMap<&str, &str>> =
            users.iter().map(|(file, users)| (*file, shared_variables(file, users))).collect();
        let mut all = Self::default();
        for (file, users) in users {
            let Some(variables) = said.get(file).filter(|it| !it.is_empty()) else { continue };
            let config_map = names.add_config_map(&config_map_name(file, &users, project, options));
            for reader in &users {
                let others = users_files(reader).filter(|other| *other != file);
                let others: Vec<_> = others.filter_map(|other| said.get(other)).collect();
                let own = reader.variables.iter().filter(|(name, variable)| {
                    let is_in_other = others.iter().any(|other| other.contains_key(*name));
                    variable.file == Some(file) && variables.contains_key(*name) && !is_in_other
                });
                let own: Vec<(&str, &str)> = own.map(|(name, it)| (*name, it.value)).collect();
                if !own.is_empty() {
                    let has = all.containers.entry(reader.place.clone()).or_default();
                    has.config_maps.insert(config_map.clone());
                    has.variables.extend(own);
                }
            }
            let place = users.first().map(|reader| reader.place.clone()).unwrap_or_default();
            all.files.push(EnvFile { config_map, variables: variables.clone(), place });
        }
        all
    }

    /// What the container at a Compose path has of its files.
    pub fn of(&self, place: &str) -> Option<&FromFiles<'a>> {
        self.containers.get(place)
    }
}

/// Leaves out of the variables of a container what it has from `ConfigMap`s, and gives these.
pub fn take_from_files(
    environment: &mut IndexMap<String, Option<String>>,
    scope: &Scope,
    site: &Site,
) -> Vec<String> {
    let Some(FromFiles { config_maps, variables }) = scope.env_files.of(site.path()) else {
        return Vec::new();
    };
    environment.retain(|name, value| {
        variables.get(name.as_str()).is_none_or(|known| value.as_deref() != Some(known))
    });
    config_maps.iter().cloned().collect()
}

/// The values that the containers of a service have from `ConfigMap`s, by the path of each.
pub fn file_variables<'a>(
    service: &Service,
    site: &Site,
    scope: &Scope<'a>,
) -> BTreeMap<(&'static str, String), &'a [u8]> {
    let hooks = (0..service.pre_start.len()).map(|index| site.child("pre_start").item(index));
    let places = std::iter::once(site.clone()).chain(hooks);
    let of_place = |place: Site| {
        let has = scope.env_files.of(place.path()).into_iter();
        has.flat_map(|it| &it.variables)
            .map(move |(name, value)| {
                (("env", format!("{}.{name}", place.path())), value.as_bytes())
            })
            .collect::<Vec<_>>()
    };
    places.flat_map(of_place).collect()
}

/// The `ConfigMap`s of all files, each with the place of its first reader.
pub fn translate_env_files(scope: &Scope) -> Vec<(ConfigMap, String)> {
    let config_map = |file: &EnvFile| {
        let EnvFile { config_map, variables, place } = file;
        let owned = |(name, value): (&&str, &&str)| ((*name).to_owned(), (*value).to_owned());
        let data = variables.iter().map(owned).collect();
        let metadata = scope.metadata(config_map, config_map);
        (ConfigMap { metadata, data, binary_data: BTreeMap::new() }, place.clone())
    };
    scope.env_files.files.iter().map(config_map).collect()
}

/// What the `ConfigMap` of a file is called: `defaults-env` for `config/defaults.env`, and with kompose `config-defaults-env`.
fn config_map_name(file: &str, users: &[&Reader], project: &Project, options: &Options) -> String {
    match options.compat {
        Compat::Longshore => dns_label(last_part(file)),
        Compat::Kompose => {
            let path = options.working_directory.join(file);
            let service = users.first().map(|reader| reader.service).unwrap_or_default();
            kompose::env_file_name(&below(&project.directory, &path), service)
        }
    }
}

/// A path as a file in the directory has it, without the way up.
fn below(directory: &Path, path: &Path) -> String {
    let common = path.components().zip(directory.components());
    let common = common.take_while(|(left, right)| left == right).count();
    let rest: PathBuf = path.components().skip(common).collect();
    rest.to_string_lossy().into_owned()
}

/// The containers of services that are to have `ConfigMap`s.
fn readers<'a>(
    project: &'a Project,
    findings: &'a Findings<'a>,
    options: &Options,
) -> Vec<Reader<'a>> {
    let mut readers = Vec::new();
    for (key, service) in &project.services {
        let site = findings.service(key);
        let labels = Settings::new(&service.container.labels, site.child("labels"));
        let label = labels.get(settings::ENV_CONFIG_MAPS);
        if !label.as_ref().map_or(options.env_config_maps, Setting::flag) {
            continue;
        }
        let rules = SecretVariables::of(service, project, &options.secret_variables);
        let hooks = service.pre_start.iter().enumerate();
        let hooks = hooks
            .map(|(index, hook)| (format!("{}.pre_start[{index}]", site.path()), &hook.container));
        let own = (site.path().to_owned(), &service.container);
        for (place, container) in std::iter::once(own).chain(hooks) {
            let variables = variables(&place, container, &rules, project);
            readers.push(Reader { service: key, place, variables });
        }
    }
    readers
}

fn variables<'a>(
    place: &str,
    container: &'a Container,
    rules: &SecretVariables,
    project: &'a Project,
) -> IndexMap<&'a str, Variable<'a>> {
    let variable = |(name, value): (&'a String, &'a Option<String>)| {
        let value = value.as_deref()?;
        let span = project.origins.get(&format!("{place}.environment.{name}"));
        // What stands in a compose file is shown, what stands in an `env_file` is not.
        let file = span.filter(|span| span.source.confidential).map(|it| it.source.name.as_str());
        Some((name.as_str(), Variable { value, is_secret: rules.hold_secret(name, value), file }))
    };
    container.environment.iter().filter_map(variable).collect()
}

fn users_files<'a>(reader: &Reader<'a>) -> impl Iterator<Item = &'a str> {
    let files: BTreeSet<&str> = reader.variables.values().filter_map(|it| it.file).collect();
    files.into_iter()
}

/// What all containers that read a file may get from it: nothing that one of them does not have, or that is secret.
fn shared_variables<'a>(file: &str, users: &[&Reader<'a>]) -> BTreeMap<&'a str, &'a str> {
    let mut said: BTreeMap<&str, Option<&str>> = BTreeMap::new();
    for reader in users {
        for (name, Variable { value, is_secret, file: own }) in &reader.variables {
            if *own == Some(file) {
                let is_open = !is_secret && is_key(name);
                let entry = said.entry(name).or_insert(Some(value));
                *entry = entry.filter(|known| known == value && is_open);
            }
        }
    }
    let is_everywhere = |name: &str| users.iter().all(|it| it.variables.contains_key(name));
    let said = said.into_iter().filter_map(|(name, value)| Some((name, value?)));
    said.filter(|(name, _)| is_everywhere(name)).collect()
}
