use std::collections::{BTreeMap, BTreeSet};

use indexmap::IndexMap;

use crate::kubernetes::labels;
use crate::model::{Bound, BoundFile, Service};

use super::context::{self, ServicePort};
use super::findings::Site;
use super::ip_family::IpFamilies;
use super::name::{is_dns_label, is_service_name};
use super::scope::Scope;
use super::workload::Workload;

/// A further name of a service.
pub struct Name<'a> {
    /// The name.
    pub text: String,
    /// The place that gives it.
    pub site: Site<'a>,
    /// Who gives it.
    pub giver: Giver,
}

/// Who gives a service a further name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Giver {
    /// `aliases` on this network.
    Network(String),
    /// `links` of another service.
    Link,
    /// It comes with the container: `container_name` and `hostname`.
    Container,
}

impl Giver {
    /// Those who are counted on most come first.
    fn rank(&self) -> u8 {
        match self {
            Self::Network(_) => 0,
            Self::Link => 1,
            Self::Container => 2,
        }
    }
}

/// Which service has which alias: in Kubernetes a name belongs to one Service of the namespace.
#[derive(Debug, Default)]
pub struct Aliases {
    /// By service.
    own: BTreeMap<String, Vec<String>>,
    /// The services of an alias that several have.
    shared: BTreeMap<String, Vec<String>>,
}

impl Aliases {
    /// Gives out all aliases; reports those that a service cannot have.
    pub fn new(scope: &Scope) -> Self {
        let mut claims: BTreeMap<String, Vec<(&str, Name)>> = BTreeMap::new();
        let mut by_links = super::dependency::link_names(scope);
        for (key, workload) in &scope.workloads {
            let Some(service) = scope.project.services.get(*key) else { continue };
            let mut names = network_names(key, service, scope);
            names.extend(by_links.remove(*key).unwrap_or_default());
            names.extend(container_names(key, service, scope));
            let found = is_found(service, workload);
            for name in names.into_iter().filter(|name| can_be(name, key, found, scope)) {
                claims.entry(name.text.clone()).or_default().push((key, name));
            }
        }
        let mut aliases = Self::default();
        for (alias, mut claims) in claims {
            // Stable: those of one giver stay in the order of the file.
            claims.sort_by_key(|(_, name)| name.giver.rank());
            match give(&claims).as_slice() {
                [owner] => aliases.own.entry(owner.clone()).or_default().push(alias),
                owners => {
                    aliases.shared.insert(alias, owners.to_vec());
                }
            }
        }
        aliases
    }

    /// The aliases that the service has for itself.
    pub fn of(&self, service: &str) -> &[String] {
        self.own.get(service).map_or(&[], Vec::as_slice)
    }

    /// Whether the name leads to a service.
    pub fn has(&self, name: &str) -> bool {
        self.shared.contains_key(name) || self.own.values().flatten().any(|alias| alias == name)
    }

    /// What the pods of a service are labelled with, so that the aliases lead to them that it shares.
    pub fn labels_of(&self, service: &str) -> impl Iterator<Item = (String, String)> {
        self.shared
            .iter()
            .filter(move |(_, owners)| owners.iter().any(|owner| owner == service))
            .map(|(alias, _)| label(alias))
    }

    /// The Services of the aliases that several services share; they resolve to the pods of all of them.
    pub fn translate_shared<'s>(
        &'s self,
        ports: &'s BTreeMap<String, Vec<ServicePort>>,
        scope: &'s Scope,
    ) -> impl Iterator<Item = (&'s str, context::Service)> {
        self.shared.iter().filter_map(move |(alias, owners)| {
            let owner = owners.first()?;
            let all = owners.iter().map(|owner| ports.get(owner));
            let same = all.clone().all(|it| it == all.clone().next().flatten());
            let selector = IndexMap::from([
                (labels::INSTANCE.to_owned(), scope.instance.clone()),
                label(alias),
            ]);
            let service = context::Service {
                metadata: scope.metadata(alias, &scope.names.service(owner).name),
                service_type: "ClusterIP",
                external_name: None,
                headless: true,
                ip_families: IpFamilies::of(scope.pods.host_of(owner), scope),
                external_traffic_policy: None,
                selector,
                // A name without ports leads to the pods as well; with those of one it would mislead.
                ports: ports.get(owner).filter(|_| same).cloned().unwrap_or_default(),
            };
            Some((owner.as_str(), service))
        })
    }
}

/// Whether others expect to find it: not a task, unless it has a port.
pub fn is_found(service: &Service, workload: &Workload) -> bool {
    !workload.runs_to_completion() || !service.ports.is_empty() || !service.expose.is_empty()
}

fn label(alias: &str) -> (String, String) {
    (format!("{}{alias}", labels::ALIAS_PREFIX), "true".to_owned())
}

/// The aliases of a service on its networks.
fn network_names<'a>(key: &str, service: &Service, scope: &Scope<'a>) -> Vec<Name<'a>> {
    let mut names = Vec::new();
    for (network, attachment) in &service.container.networks {
        let site = scope.place(key).child("networks").child(network).child("aliases");
        for (index, alias) in attachment.aliases.iter().enumerate() {
            let giver = Giver::Network(network.clone());
            names.push(Name { text: alias.clone(), site: site.item(index), giver });
        }
    }
    names
}

/// The names that come with the container of a service.
fn container_names<'a>(key: &str, service: &Service, scope: &Scope<'a>) -> Vec<Name<'a>> {
    let site = scope.place(key);
    // What of a host name is no label is reported where it is translated.
    let hostname = service.container.hostname.as_deref().filter(|name| is_dns_label(name));
    [("container_name", service.container_name.as_deref()), ("hostname", hostname)]
        .into_iter()
        .filter_map(|(attribute, name)| {
            let site = site.child(attribute);
            Some(Name { text: name?.to_owned(), site, giver: Giver::Container })
        })
        .collect()
}

/// Whether the name can lead to the service; reports why not.
fn can_be(name: &Name, key: &str, found: bool, scope: &Scope) -> bool {
    let Name { text, site, giver } = name;
    let own = &scope.names.service(key).name;
    if text == own || text == key {
        return false;
    }
    if !found && *giver == Giver::Container {
        site.approximated_closely(
            format!("`{text}` leads nowhere: the service runs to its end and has no port"),
            "name its port in `expose` if others are to find it while it runs",
        );
    } else if !is_service_name(text) {
        if *giver == Giver::Container && !is_asked_for(text, scope) {
            site.approximated_closely(
                "the name cannot be a host name in Kubernetes, and nothing in the project asks for it",
                "use the name of the service wherever others reach it",
            );
        } else {
            site.not_translated(
                format!("`{text}` cannot be a host name in Kubernetes"),
                format!("use `{own}` instead"),
            );
        }
    } else if scope.names.is_service(text) {
        site.not_translated(
            format!("the name `{text}` is that of another service"),
            format!("use `{own}` instead"),
        );
    } else {
        return true;
    }
    false
}

/// Whether a name is in what the services are started with, or in the files that they mount.
fn is_asked_for(name: &str, scope: &Scope) -> bool {
    let in_files = scope.contents.bound.values().any(|bound| {
        let has = |file: &BoundFile| String::from_utf8_lossy(&file.content).contains(name);
        match bound {
            Bound::File(file) => has(file),
            Bound::Directory(files) => files.values().any(has),
            Bound::Missing | Bound::Unfit(_) => false,
        }
    });
    let mut services = scope.project.services.values().map(|service| &service.container);
    in_files
        || services.any(|container| {
            let words = [&container.entrypoint, &container.command].into_iter().flatten().flatten();
            words.chain(container.environment.values().flatten()).any(|text| text.contains(name))
        })
}

/// Who gets an alias: the first who asks, or all of them when they have it on one network.
fn give(claims: &[(&str, Name)]) -> Vec<String> {
    let mut networks: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
    for (key, name) in claims {
        let networks = networks.entry(key).or_default();
        if let Giver::Network(network) = &name.giver {
            networks.insert(network);
        }
    }
    let meet = |a: &BTreeSet<&str>, b: &BTreeSet<&str>| a.intersection(b).next().is_some();
    let together = networks.values().all(|a| networks.values().all(|b| meet(a, b)));
    let mut owners: Vec<String> = Vec::new();
    for (key, name) in claims {
        match owners.first() {
            Some(owner) if owner != key && !together => name.site.not_translated(
                format!("the name `{}` leads to `{owner}` only", name.text),
                "give every service a name of its own",
            ),
            _ if owners.iter().any(|owner| owner == key) => {}
            _ => owners.push((*key).to_owned()),
        }
    }
    owners
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{Contents, Project, ServiceNetwork};
    use crate::translate::findings::Findings;
    use crate::translate::options::Options;

    type Pairs = &'static [(&'static str, &'static str)];

    /// Services with their aliases by network, and their links by target.
    fn aliases(services: &[(&str, Pairs, Pairs)]) -> (String, usize) {
        let mut project = Project::default();
        for (key, on_networks, links) in services {
            let mut service = Service::default();
            for (network, alias) in *on_networks {
                let network = service.container.networks.entry((*network).to_owned());
                let aliases = &mut network.or_insert_with(ServiceNetwork::default).aliases;
                aliases.push((*alias).to_owned());
            }
            let links = links.iter().map(|(target, alias)| ((*target).into(), (*alias).into()));
            service.links = links.collect();
            project.services.insert((*key).to_owned(), service);
        }
        let findings = Findings::new(&project.origins);
        let contents = Contents::default();
        let options = Options::default();
        let mut scope = Scope::new(&project, &contents, &options, &findings);
        scope.workloads =
            project.services.keys().map(|key| (key.as_str(), Workload::Deployment)).collect();
        let aliases = Aliases::new(&scope);
        let own = aliases
            .own
            .iter()
            .flat_map(|(owner, names)| names.iter().map(move |name| format!("{name}={owner}")));
        let shared = aliases.shared.iter();
        let shared = shared.map(|(name, owners)| format!("{name}={}", owners.join("+")));
        let mut text: Vec<String> = own.chain(shared).collect();
        text.sort();
        drop(scope);
        (text.join(" "), findings.into_report().iter().count())
    }

    #[test]
    fn an_alias_leads_to_its_service() {
        let a: (_, Pairs, Pairs) = ("a", &[("front", "www"), ("back", "www"), ("back", "a")], &[]);
        assert_eq!(aliases(&[a, ("b", &[], &[("a", "other")])]), ("other=a www=a".to_owned(), 0));
    }

    /// The second service with an alias of the same network lost it.
    #[test]
    fn services_on_one_network_share_an_alias() {
        let on = |key| -> (_, Pairs, Pairs) { (key, &[("net", "pool")], &[]) };
        assert_eq!(aliases(&[on("a"), on("b")]), ("pool=a+b".to_owned(), 0));
    }

    #[test]
    fn an_alias_of_another_network_means_something_else() {
        let a: (_, Pairs, Pairs) = ("a", &[("front", "www")], &[]);
        let b: (_, Pairs, Pairs) = ("b", &[("back", "www")], &[]);
        assert_eq!(aliases(&[a, b]), ("www=a".to_owned(), 1));
        let c: (_, Pairs, Pairs) = ("c", &[], &[("b", "www")]);
        assert_eq!(aliases(&[b, a, c]), ("www=b".to_owned(), 1));
        assert_eq!(aliases(&[a, c, ("b", &[], &[])]), ("www=a".to_owned(), 1));
    }

    #[test]
    fn names_that_are_taken_or_none() {
        let a: (_, Pairs, Pairs) = ("a", &[("net", "b"), ("net", "a_b"), ("net", "1a")], &[]);
        assert_eq!(aliases(&[a, ("b", &[], &[])]), (String::new(), 3));
    }
}
