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
    /// Further names, each with the place that gives it.
    pub aliases: Vec<(String, Site<'a>)>,
    /// `deploy.labels`.
    pub labels: &'a IndexMap<String, String>,
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
    if !runs_to_completion || !internal.is_empty() {
        services.push(service(&names.name, "ClusterIP", headless, internal));
        for alias in aliases.claim(key, wanted, scope) {
            services.push(service(&alias, "ClusterIP", headless, internal));
        }
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
    /// The aliases that the service gets; reports those that it cannot have.
    fn claim(&mut self, key: &str, wanted: &[(String, Site)], scope: &Scope) -> BTreeSet<String> {
        let own = &scope.names.service(key).name;
        let mut claimed = BTreeSet::new();
        for (alias, site) in wanted {
            if alias == own || alias == key || claimed.contains(alias) {
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
