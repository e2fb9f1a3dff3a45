use std::collections::BTreeSet;
use std::net::IpAddr;

use indexmap::IndexMap;

use crate::diagnostic::{Loss, codes};
use crate::model::Service;

use super::alias::Aliases;
use super::context;
use super::findings::Site;
use super::ip_family::IpFamilies;
use super::label::{name_of_external_link, settings};
use super::name::{is_dns_subdomain, is_service_name};
use super::policy::is_confined;
use super::scope::Scope;

/// The domain of nearly every cluster.
const CLUSTER_DOMAIN: &str = "cluster.local";

/// A name that leads out of the project.
#[derive(Debug, PartialEq, Eq)]
struct ExternalName<'a> {
    /// The service that asked for it first.
    key: &'a str,
    /// Where it leads.
    host: String,
}

/// The Services of `external_links`, by the services that ask for them: each leads to the host that a label
/// of the service gives to the container that is linked.
pub fn translate_external_links<'a>(
    aliases: &Aliases,
    scope: &Scope<'a>,
) -> Vec<(&'a str, context::Service)> {
    let names = external_names(aliases, scope).into_iter();
    names
        .map(|(alias, ExternalName { key, host })| {
            let service = context::Service {
                metadata: scope.metadata(alias, &scope.names.service(key).name),
                service_type: "ExternalName",
                external_name: Some(host),
                headless: false,
                ip_families: IpFamilies::default(),
                external_traffic_policy: None,
                selector: IndexMap::new(),
                ports: Vec::new(),
            };
            (key, service)
        })
        .collect()
}

fn external_names<'a>(aliases: &Aliases, scope: &Scope<'a>) -> IndexMap<&'a str, ExternalName<'a>> {
    let mut names: IndexMap<&str, ExternalName> = IndexMap::new();
    for (key, service) in &scope.project.services {
        let place = scope.place(key);
        let mut linked = BTreeSet::new();
        for (index, link) in service.external_links.iter().enumerate() {
            let (name, alias) = link.split_once(':').unwrap_or((link, link));
            let site = place.child("external_links").item(index);
            linked.insert(name);
            let Some(host) = host_of(name, service, &site, &place.child("labels")) else {
                continue;
            };
            if !can_be(alias, aliases, &site, scope) {
                continue;
            }
            if is_confined(scope.pods.host_of(key), scope) {
                site.approximated(
                    format!("the policies of its internal networks keep the service from `{host}`"),
                    "put it on a network that is not internal, too",
                );
            }
            match names.get(alias) {
                Some(known) if known.host != host => site.not_translated(
                    format!("the name `{alias}` leads to `{}` only", known.host),
                    "give every link an alias of its own",
                ),
                Some(_) => {}
                None => {
                    names.insert(alias, ExternalName { key, host });
                }
            }
        }
        report_unused(service, &linked, &place.child("labels"));
    }
    names
}

/// Where a container of another project is, as a label says it; reports where none does.
fn host_of(name: &str, service: &Service, site: &Site, labels: &Site) -> Option<String> {
    let label = format!("{}{name}", settings::EXTERNAL_LINK);
    let Some(value) = service.container.labels.get(&label) else {
        site.warn(
            codes::NOT_TRANSLATED,
            Loss::Unsupported,
            format!("nothing says where `{name}` is in the cluster"),
            format!("name its host in the label `{label}`, e.g. `SERVICE.NAMESPACE.svc`"),
        );
        return None;
    };
    parse_host(value, &labels.child(&label))
}

/// A whole host name, as `externalName` needs it: no search domain is put behind it.
fn parse_host(text: &str, site: &Site) -> Option<String> {
    let host = text.trim().trim_end_matches('.').to_ascii_lowercase();
    if host.parse::<IpAddr>().is_ok() {
        site.invalid(
            format!("`{host}` is an address; a Service leads to a host name"),
            format!("remove the link, and write `extra_hosts: [\"ALIAS={host}\"]`"),
        );
        return None;
    }
    if !is_dns_subdomain(&host) || !host.contains('.') {
        site.invalid(
            format!("`{text}` is no whole host name"),
            "write it with its domain and without a port, e.g. `db.example.com` or `SERVICE.NAMESPACE.svc`",
        );
        return None;
    }
    if host.rsplit('.').next() != Some("svc") {
        return Some(host);
    }
    let whole = format!("{host}.{CLUSTER_DOMAIN}");
    site.approximated_closely(
        format!("`{host}` is taken for `{whole}`"),
        "write the whole name if the cluster has another domain",
    );
    Some(whole)
}

/// Whether the alias can lead out of the project; reports why not.
fn can_be(alias: &str, aliases: &Aliases, site: &Site, scope: &Scope) -> bool {
    const HELP: &str = "give the link another alias, `NAME:ALIAS`";
    if !is_service_name(alias) {
        site.not_translated(format!("`{alias}` cannot be a host name in Kubernetes"), HELP);
    } else if scope.names.is_service(alias) || aliases.has(alias) {
        site.not_translated(
            format!("the name `{alias}` is that of a service of the project"),
            HELP,
        );
    } else {
        return true;
    }
    false
}

fn report_unused(service: &Service, linked: &BTreeSet<&str>, labels: &Site) {
    for label in service.container.labels.keys() {
        if let Some(name) = name_of_external_link(label).filter(|name| !linked.contains(name)) {
            labels.child(label).not_translated(
                format!("the service has no external link `{name}`"),
                "name it in `external_links`, or remove the label",
            );
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{Contents, Project};
    use crate::translate::findings::Findings;
    use crate::translate::options::Options;
    use crate::translate::workload::Workload;

    type Labels = &'static [(&'static str, &'static str)];

    /// Services with their external links and the hosts of these: the names, and what is found where.
    fn links(services: &[(&str, &[&str], Labels)]) -> String {
        let mut project = Project::default();
        for (key, links, hosts) in services {
            let external_links = links.iter().map(|link| (*link).to_owned()).collect();
            let mut service = Service { external_links, ..Service::default() };
            let labels = hosts.iter();
            let labels = labels
                .map(|(name, host)| (format!("longshore.external-link.{name}"), (*host).into()));
            service.container.labels = labels.collect();
            service.container_name = Some(format!("the-{key}"));
            project.services.insert((*key).to_owned(), service);
        }
        let findings = Findings::new(&project.origins);
        let contents = Contents::default();
        let options = Options::default();
        let mut scope = Scope::new(&project, &contents, &options, &findings);
        scope.workloads =
            project.services.keys().map(|key| (key.as_str(), Workload::Deployment)).collect();
        let names = external_names(&Aliases::new(&scope), &scope);
        let names = names.iter().map(|(alias, name)| format!("{alias}={}@{}", name.host, name.key));
        let mut lines: Vec<String> = names.collect();
        drop(scope);
        lines
            .extend(findings.into_report().iter().map(|it| format!("{}: {}", it.path, it.message)));
        lines.join("\n")
    }

    #[test]
    fn a_label_says_where_a_link_leads() {
        assert_eq!(
            links(&[
                (
                    "a",
                    &["other_db_1:db", "mail"],
                    &[("other_db_1", "DB.example.com."), ("mail", "m.b.svc.c.d")]
                ),
                ("b", &["db"], &[("db", "db.example.com")]),
            ]),
            "db=db.example.com@a\nmail=m.b.svc.c.d@a"
        );
        assert_eq!(
            links(&[("a", &["db"], &[("db", "db.other.svc")])]),
            "db=db.other.svc.cluster.local@a\n\
             services.a.labels.longshore.external-link.db: \
             `db.other.svc` is taken for `db.other.svc.cluster.local`"
        );
    }

    #[test]
    fn what_leads_nowhere_is_told() {
        assert_eq!(
            links(&[("a", &["db"], &[("mail", "m.example.com")])]),
            "services.a.external_links[0]: nothing says where `db` is in the cluster\n\
             services.a.labels.longshore.external-link.mail: the service has no external link `mail`"
        );
        let cases: [(Labels, &str); 5] = [
            (&[("db", "10.0.0.1")], "`10.0.0.1` is an address; a Service leads to a host name"),
            (&[("db", "fd00::1")], "`fd00::1` is an address; a Service leads to a host name"),
            (&[("db", "db")], "`db` is no whole host name"),
            (&[("db", "db.example.com:5432")], "`db.example.com:5432` is no whole host name"),
            (&[("db", "")], "`` is no whole host name"),
        ];
        for (hosts, message) in cases {
            let place = "services.a.labels.longshore.external-link.db";
            assert_eq!(links(&[("a", &["db"], hosts)]), format!("{place}: {message}"));
        }
    }

    #[test]
    fn names_that_are_taken_or_none() {
        const HOST: Labels = &[("x", "x.example.com")];
        let a =
            |link: &str| links(&[("a", &[link], HOST), ("b", &["x:c"], &[("x", "y.example.com")])]);
        let place = "services.a.external_links[0]";
        for alias in ["b", "the-b"] {
            assert_eq!(
                a(&format!("x:{alias}")),
                format!(
                    "c=y.example.com@b\n{place}: the name `{alias}` is that of a service of the project"
                )
            );
        }
        for alias in ["my_db", "1st", ""] {
            assert_eq!(
                a(&format!("x:{alias}")),
                format!(
                    "c=y.example.com@b\n{place}: `{alias}` cannot be a host name in Kubernetes"
                )
            );
        }
        assert_eq!(
            a("x:c"),
            "c=x.example.com@a\nservices.b.external_links[0]: the name `c` leads to `x.example.com` only"
        );
    }
}
