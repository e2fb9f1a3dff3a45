use std::collections::{BTreeMap, BTreeSet};

use indexmap::IndexMap;

use crate::model::EndpointMode;

use super::context::{self, ServicePort};
use super::findings::Site;
use super::name::is_dns_label;
use super::scope::Scope;

/// A service as its Services see it.
pub struct Endpoint<'a> {
    /// The key in `services`.
    pub key: &'a str,
    /// The ports that other services use.
    pub internal: &'a [ServicePort],
    /// The ports that the outside uses.
    pub published: &'a [ServicePort],
    /// `deploy.endpoint_mode`.
    pub mode: Option<EndpointMode>,
    /// Whether it runs to its end, so that nobody expects to find it.
    pub runs_to_completion: bool,
    /// Further names.
    pub aliases: Vec<Name<'a>>,
    /// `deploy.labels`.
    pub labels: &'a IndexMap<String, String>,
}

/// A further name of a service.
pub struct Name<'a> {
    /// The name.
    pub text: String,
    /// The place that gives it.
    pub site: Site<'a>,
    /// How much somebody counts on it.
    pub wish: Wish,
}

/// How much somebody counts on a name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Wish {
    /// It is there to find the service: `aliases` and `links`.
    Asked,
    /// It comes with the container: `container_name` and `hostname`.
    Given,
}

/// The Services of a service: the internal one, its aliases, and the published one.
pub fn translate_endpoint(
    endpoint: &Endpoint,
    aliases: &mut Aliases,
    scope: &Scope,
) -> Vec<context::Service> {
    let Endpoint { key, internal, published, mode, runs_to_completion, aliases: wanted, labels } =
        endpoint;
    let names = scope.names.service(key);
    let service = |name: &str, service_type, headless, ports: &[ServicePort]| {
        let mut metadata = scope.metadata(name, &names.name);
        metadata.labels.extend((*labels).clone());
        context::Service {
            metadata,
            service_type,
            headless,
            selector: scope.selector(&names.name),
            ports: ports.to_vec(),
        }
    };
    let mut services = Vec::new();
    let headless = internal.is_empty() || *mode == Some(EndpointMode::Dnsrr);
    let is_found = !runs_to_completion || !internal.is_empty();
    if is_found {
        services.push(service(&names.name, "ClusterIP", headless, internal));
    }
    for alias in aliases.claim(key, wanted, is_found, scope) {
        services.push(service(&alias, "ClusterIP", headless, internal));
    }
    if !published.is_empty() {
        services.push(service(&names.published, "LoadBalancer", false, published));
    }
    services
}

/// Which service has which alias: in Kubernetes a name belongs to one Service of the namespace.
#[derive(Debug, Default)]
pub struct Aliases {
    owners: BTreeMap<String, String>,
}

impl Aliases {
    /// The aliases that the service gets; reports those that it cannot have. One that is not `found`
    /// has only those that somebody asked for.
    fn claim(
        &mut self,
        key: &str,
        wanted: &[Name],
        found: bool,
        scope: &Scope,
    ) -> BTreeSet<String> {
        let own = &scope.names.service(key).name;
        let mut claimed = BTreeSet::new();
        for Name { text: alias, site, wish } in wanted {
            if alias == own || alias == key || claimed.contains(alias) {
                continue;
            }
            if !found && *wish == Wish::Given {
                site.approximated_closely(
                    format!("`{alias}` leads nowhere: the service runs to its end and has no port"),
                    "name its port in `expose` if others are to find it while it runs",
                );
                continue;
            }
            if !is_dns_label(alias) || alias.starts_with(|first: char| first.is_ascii_digit()) {
                site.not_translated(
                    format!("`{alias}` cannot be a host name in Kubernetes"),
                    format!("use `{own}` instead"),
                );
            } else if scope.names.is_service(alias) {
                site.not_translated(
                    format!("the name `{alias}` is that of another service"),
                    format!("use `{own}` instead"),
                );
            } else if let Some(owner) = self.owners.get(alias).filter(|owner| *owner != key) {
                site.not_translated(
                    format!("the name `{alias}` leads to `{owner}` only"),
                    "give every service a name of its own",
                );
            } else {
                self.owners.insert(alias.clone(), key.to_owned());
                claimed.insert(alias.clone());
            }
        }
        claimed
    }
}
