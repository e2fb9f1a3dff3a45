use std::collections::{BTreeMap, BTreeSet};

use crate::diagnostic::{Loss, codes};
use crate::model::{Project, Source};

use super::findings::Findings;
use super::label::{setting, settings};
use super::options::Compat;
use super::setting::Settings;

/// The longest DNS label.
const MAX_LABEL: usize = 63;

/// The longest name of several labels.
const MAX_SUBDOMAIN: usize = 253;

/// The Kubernetes names of all that a project names, each unique among its kind.
#[derive(Debug)]
pub struct Names {
    services: BTreeMap<String, ServiceNames>,
    volumes: BTreeMap<String, String>,
    configs: BTreeMap<String, String>,
    secrets: BTreeMap<String, String>,
    taken_services: BTreeSet<String>,
    taken_volumes: BTreeSet<String>,
    taken_configs: BTreeSet<String>,
}

/// The names of the objects of one service.
#[derive(Debug, Clone)]
pub struct ServiceNames {
    /// The internal Service.
    pub name: String,
    /// The workload: the same, unless a label names the pods.
    pub workload: String,
    /// The container.
    pub container: String,
    /// The Service of the published ports: that of UDP ports is the second.
    pub published: [String; 2],
    /// The Secret with the service's secret variables.
    pub environment: String,
}

impl Names {
    /// Gives every part of the project its name and reports those that had to change.
    pub fn new(project: &Project, compat: Compat, findings: &Findings) -> Self {
        let mut taken_services = BTreeSet::new();
        let mut taken_secrets = BTreeSet::new();
        let plain = allocate(
            &mut taken_services,
            project.services.iter().map(|(key, service)| {
                let labels = findings.site(format!("services.{key}.labels"));
                let settings = Settings::new(&service.container.labels, labels);
                let own = settings.get(settings::NAME).and_then(|it| it.text());
                Wanted { key, name: service_name(own.unwrap_or(key)), external: false }
            }),
        );
        let secrets = allocate(
            &mut taken_secrets,
            project.secrets.iter().map(|(key, secret)| {
                let external = secret.source == Source::External;
                Wanted::resource(project, key, &secret.name, external, compat)
            }),
        );
        let mut services = BTreeMap::new();
        for (key, name) in plain {
            if service_name(&key) == name && name != *key {
                report_renamed_service(findings, &key, &name);
            }
            let published = match compat {
                Compat::Longshore => {
                    let both = unique(&mut taken_services, &format!("{name}-published"));
                    [both.clone(), both]
                }
                Compat::Kompose => ["tcp", "udp"]
                    .map(|protocol| unique(&mut taken_services, &format!("{name}-{protocol}"))),
            };
            let environment = unique(&mut taken_secrets, &format!("{name}-env"));
            let own = project.services.get(&key).and_then(|it| it.container_name.as_deref());
            let container = own.filter(|_| compat == Compat::Kompose).map(dns_label);
            let container = container.unwrap_or_else(|| name.clone());
            let own = project.services.get(&key).map(|it| &it.container.labels);
            let workload = own.and_then(|labels| setting(labels, settings::POD));
            let workload = workload.map_or_else(|| name.clone(), |(_, text)| dns_label(text));
            let names = ServiceNames { name, workload, container, published, environment };
            services.insert(key, names);
        }
        let volumes = project.volumes.iter().map(|(key, volume)| {
            // Kompose makes claims of what is external, too: these have the data.
            let external = volume.external.0 && compat == Compat::Longshore;
            Wanted::resource(project, key, &volume.name, external, compat)
        });
        let configs = project.configs.iter().map(|(key, config)| {
            let external = config.source == Source::External;
            Wanted::resource(project, key, &config.name, external, compat)
        });
        let (mut taken_volumes, mut taken_configs) = (BTreeSet::new(), BTreeSet::new());
        let names = Self {
            services,
            volumes: allocate(&mut taken_volumes, volumes),
            configs: allocate(&mut taken_configs, configs),
            secrets,
            taken_services,
            taken_volumes,
            taken_configs,
        };
        for (section, renamed) in
            [("volumes", &names.volumes), ("configs", &names.configs), ("secrets", &names.secrets)]
        {
            report_renamed(findings, section, renamed);
        }
        names
    }

    /// A name for a `ConfigMap` more.
    pub fn add_config_map(&mut self, wanted: &str) -> String {
        unique(&mut self.taken_configs, wanted)
    }

    /// A name for a claim more.
    pub fn add_claim(&mut self, wanted: &str) -> String {
        unique(&mut self.taken_volumes, wanted)
    }

    /// The names of a service's objects.
    pub fn service(&self, key: &str) -> &ServiceNames {
        self.services.get(key).expect("every service of the project got its names")
    }

    /// The claim of a volume.
    pub fn volume(&self, key: &str) -> Option<&str> {
        self.volumes.get(key).map(String::as_str)
    }

    /// The `ConfigMap` of a config.
    pub fn config(&self, key: &str) -> Option<&str> {
        self.configs.get(key).map(String::as_str)
    }

    /// The Secret of a secret.
    pub fn secret(&self, key: &str) -> Option<&str> {
        self.secrets.get(key).map(String::as_str)
    }

    /// Whether a Service has this name.
    pub fn is_service(&self, name: &str) -> bool {
        self.taken_services.contains(name)
    }
}

/// The nearest DNS label: lower case, digits and `-`, 1 to 63 characters.
pub fn dns_label(text: &str) -> String {
    let replaced: String = text
        .chars()
        .map(|character| match character.to_ascii_lowercase() {
            character @ ('a'..='z' | '0'..='9') => character,
            _ => '-',
        })
        .take(MAX_LABEL)
        .collect();
    match replaced.trim_matches('-') {
        "" => "x".to_owned(),
        label => label.to_owned(),
    }
}

/// Whether the text is a DNS label as it stands.
pub fn is_dns_label(text: &str) -> bool {
    text == dns_label(text)
}

/// Whether the text is a name of one or more labels, as most objects may have it.
pub fn is_dns_subdomain(text: &str) -> bool {
    text.len() <= MAX_SUBDOMAIN && text.split('.').all(is_dns_label)
}

/// The name, or the name with the first free number.
pub fn unique(taken: &mut BTreeSet<String>, wanted: &str) -> String {
    let mut name = dns_label(wanted);
    let mut number = 1;
    while !taken.insert(name.clone()) {
        number += 1;
        let suffix = format!("-{number}");
        let stem: String = dns_label(wanted).chars().take(MAX_LABEL - suffix.len()).collect();
        name = format!("{}{suffix}", stem.trim_end_matches('-'));
    }
    name
}

/// Whether a Service can be called so.
pub fn is_service_name(text: &str) -> bool {
    text == service_name(text)
}

/// A Service's name starts with a letter.
fn service_name(key: &str) -> String {
    let label = dns_label(key);
    if label.starts_with(|first: char| first.is_ascii_digit()) {
        format!("s-{label}")
    } else {
        label
    }
}

/// The name that something asks for.
struct Wanted<'a> {
    key: &'a str,
    name: String,
    /// Whether something else gave the name, so that it must stay.
    external: bool,
}

impl<'a> Wanted<'a> {
    /// The explicit `name`, or the key: the prefix that Compose gives is there to tell projects
    /// apart, which namespaces do in Kubernetes. Kompose takes the key alone for what it makes.
    fn resource(
        project: &Project,
        key: &'a str,
        name: &str,
        external: bool,
        compat: Compat,
    ) -> Self {
        if compat == Compat::Kompose && !external {
            return Self { key, name: dns_label(key), external: false };
        }
        let is_default = name.is_empty() || name == format!("{}_{key}", project.name);
        let name = if external && is_dns_subdomain(name) {
            name.to_owned()
        } else {
            dns_label(if is_default { key } else { name })
        };
        Self { key, name, external }
    }

    /// Those that must keep their name come first, then those that can; the rest takes what is left.
    fn rank(&self) -> u8 {
        if self.external { 0 } else { 1 + u8::from(self.name != self.key) }
    }
}

fn allocate<'a>(
    taken: &mut BTreeSet<String>,
    wanted: impl Iterator<Item = Wanted<'a>>,
) -> BTreeMap<String, String> {
    let mut wanted: Vec<_> = wanted.collect();
    wanted.sort_by_key(Wanted::rank);
    let mut names = BTreeMap::new();
    for Wanted { key, name, external } in wanted {
        let name = if external {
            taken.insert(name.clone());
            name
        } else {
            unique(taken, &name)
        };
        names.insert(key.to_owned(), name);
    }
    names
}

fn report_renamed_service(findings: &Findings, key: &str, name: &str) {
    let site = findings.service(key);
    if key.eq_ignore_ascii_case(name) {
        site.note(
            codes::RENAMED,
            Loss::IgnoredHarmless,
            format!(
                "service `{key}` is called `{name}` in Kubernetes; both lead to it as host names"
            ),
            "nothing to do: host names are the same in upper and lower case",
        );
        return;
    }
    site.warn(
        codes::RENAMED,
        Loss::Approximated,
        format!("service `{key}` is called `{name}` in Kubernetes, also as a host name"),
        format!("rename the service, and use `{name}` wherever other services reach it"),
    );
}

fn report_renamed(findings: &Findings, section: &str, names: &BTreeMap<String, String>) {
    for (key, name) in names {
        if dns_label(key) != *key && *name != *key {
            findings.site(format!("{section}.{key}")).note(
                codes::RENAMED,
                Loss::IgnoredHarmless,
                format!("`{key}` is called `{name}` in Kubernetes"),
                "all references are changed with it",
            );
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn labels() {
        for (text, label) in
            [("web", "web"), ("My_App.v2", "my-app-v2"), ("-_-", "x"), ("é", "x"), ("1st", "1st")]
        {
            assert_eq!(dns_label(text), label);
        }
        assert_eq!(dns_label(&"a".repeat(80)).len(), 63);
        assert_eq!(service_name("1st"), "s-1st");
    }

    /// An external `team.token` was looked for as `team-token`, which nobody had made.
    #[test]
    fn the_name_of_what_is_there_already_stays() {
        let project = Project { name: "p".into(), ..Project::default() };
        let name = |name, external| {
            Wanted::resource(&project, "key", name, external, Compat::Longshore).name
        };
        assert_eq!(name("team.token", true), "team.token");
        assert_eq!(name("team_token", true), "team-token");
        assert_eq!(name("team.token", false), "team-token");
        assert_eq!(name("p_key", false), "key");
    }

    #[test]
    fn a_changed_name_never_takes_that_of_another() {
        let mut project = Project { name: "p".into(), ..Project::default() };
        for key in ["my_app", "my-app", "my.app"] {
            project.services.insert(key.into(), crate::model::Service::default());
        }
        let findings = Findings::new(&project.origins);
        let names = Names::new(&project, Compat::Longshore, &findings);
        let name = |key| names.service(key).name.clone();
        assert_eq!(
            [name("my_app"), name("my-app"), name("my.app")],
            ["my-app-2", "my-app", "my-app-3"]
        );
    }
}
