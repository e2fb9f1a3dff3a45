use std::collections::BTreeMap;

use indexmap::IndexMap;
use k8s_openapi::api::core::v1::{HostAlias, PodDNSConfig, PodDNSConfigOption};

use crate::model::ExtraHost;

use super::findings::Site;
use super::name::is_dns_subdomain;

/// The most name servers that Kubernetes takes.
const MAX_NAMESERVERS: usize = 3;

/// `dns`, `dns_search` and `dns_opt`: added to what the cluster gives, so that services still resolve.
pub fn translate_dns(
    servers: &[String],
    searches: &[String],
    options: &[String],
    site: &Site,
) -> Option<PodDNSConfig> {
    if servers.len() > MAX_NAMESERVERS {
        site.child("dns").not_translated(
            format!("Kubernetes takes {MAX_NAMESERVERS} name servers; the rest is left out"),
            "shorten the list",
        );
    }
    let valid = |key: &str, texts: &[String], is_valid: &dyn Fn(&str) -> bool| -> Vec<String> {
        let (valid, invalid): (Vec<_>, Vec<_>) =
            texts.iter().cloned().partition(|text| is_valid(text));
        for text in invalid {
            site.child(key).not_translated(
                format!("`{text}` is left out: Kubernetes does not take it"),
                "name servers are addresses, and search domains are domains",
            );
        }
        valid
    };
    let mut servers = valid("dns", servers, &|server| server.parse::<std::net::IpAddr>().is_ok());
    servers.truncate(MAX_NAMESERVERS);
    if !servers.is_empty() {
        site.child("dns").approximated_closely(
            "the name server of the cluster is asked first, and these only when it does not answer",
            "forward the domains that they serve in the configuration of the cluster's name server",
        );
    }
    let is_domain = |text: &str| {
        is_dns_subdomain(&text.trim_end_matches('.').to_ascii_lowercase().replace('_', "-"))
    };
    if searches.iter().any(|search| search == ".") {
        site.child("dns_search").approximated_closely(
            "the search domains of the cluster stay: services are found by them",
            "write a dot behind names that are complete",
        );
    }
    let searches: Vec<_> = searches.iter().filter(|search| *search != ".").cloned().collect();
    let searches = valid("dns_search", &searches, &is_domain);
    let options: Vec<_> = options.iter().map(|option| dns_option(option)).collect();
    let config = PodDNSConfig {
        nameservers: (!servers.is_empty()).then_some(servers),
        searches: (!searches.is_empty()).then_some(searches),
        options: (!options.is_empty()).then_some(options),
    };
    (config != PodDNSConfig::default()).then_some(config)
}

/// Says which variables name the machine itself, as Docker Desktop lets every container do.
pub fn report_machine(
    environment: &IndexMap<String, Option<String>>,
    extra_hosts: &[ExtraHost],
    site: &Site,
) {
    const MACHINE: &str = "host.docker.internal";
    if extra_hosts.iter().any(|host| host.name == MACHINE) {
        return;
    }
    for (name, value) in environment {
        if value.as_deref().is_some_and(|value| value.contains(MACHINE)) {
            site.child(name).not_translated(
                format!("`{MACHINE}` is this machine, which a cluster does not know"),
                "name a host that the cluster reaches, or run what is there as a service",
            );
        }
    }
}

/// `extra_hosts`, one entry per address.
pub fn translate_extra_hosts(hosts: &[ExtraHost], site: &Site) -> Vec<HostAlias> {
    let mut names_by_address: BTreeMap<&str, Vec<String>> = BTreeMap::new();
    for (index, ExtraHost { name, address }) in hosts.iter().enumerate() {
        // Host names are the same in upper and lower case, and Kubernetes takes only the latter.
        let host = name.to_ascii_lowercase();
        if !is_dns_subdomain(&host) {
            site.item(index).not_translated(
                format!("`{name}` cannot be a host name in Kubernetes"),
                "use letters, digits, `-` and `.`",
            );
        } else if address.parse::<std::net::IpAddr>().is_ok() {
            names_by_address.entry(address).or_default().push(host);
        } else {
            site.item(index).not_translated(
                format!("`{name}` points to `{address}`, which is not an address in a cluster"),
                "name the address, or run what is there as a service",
            );
        }
    }
    names_by_address
        .into_iter()
        .map(|(ip, names)| HostAlias { ip: ip.to_owned(), hostnames: Some(names) })
        .collect()
}

fn dns_option(option: &str) -> PodDNSConfigOption {
    let (name, value) =
        option.split_once(':').map_or((option, None), |(name, value)| (name, Some(value)));
    PodDNSConfigOption { name: Some(name.to_owned()), value: value.map(str::to_owned) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Origins;
    use crate::translate::findings::Findings;

    #[test]
    fn hosts_are_grouped_by_address_and_the_gateway_is_reported() {
        let origins = Origins::default();
        let findings = Findings::new(&origins);
        let hosts = [("a", "10.0.0.1"), ("b", "10.0.0.1"), ("c", "::1"), ("d", "host-gateway")]
            .map(|(name, address)| ExtraHost { name: name.into(), address: address.into() });
        let aliases = translate_extra_hosts(&hosts, &findings.site("services.web.extra_hosts"));
        assert_eq!(
            serde_json::to_string(&aliases).unwrap(),
            r#"[{"hostnames":["a","b"],"ip":"10.0.0.1"},{"hostnames":["c"],"ip":"::1"}]"#
        );
        let report = findings.into_report();
        assert_eq!(report.iter().next().unwrap().path, "services.web.extra_hosts[3]");
    }

    /// `localhost` as a name server went into `dnsConfig`, which Kubernetes refuses.
    #[test]
    fn name_servers_are_addresses() {
        let origins = Origins::default();
        let findings = Findings::new(&origins);
        let servers = ["localhost", "1.1.1.1"].map(str::to_owned);
        let searches = [".", "a b", "example.com"].map(str::to_owned);
        let config =
            translate_dns(&servers, &searches, &[], &findings.site("services.web")).unwrap();
        assert_eq!(
            serde_json::to_string(&config).unwrap(),
            r#"{"nameservers":["1.1.1.1"],"searches":["example.com"]}"#
        );
        assert_eq!(findings.into_report().iter().count(), 4);
    }

    /// Upper case and `_` went into `hostAliases`, which Kubernetes refuses.
    #[test]
    fn host_names_that_kubernetes_refuses() {
        let origins = Origins::default();
        let findings = Findings::new(&origins);
        let hosts = [("Web.Example", "10.0.0.1"), ("a_b", "10.0.0.2")]
            .map(|(name, address)| ExtraHost { name: name.into(), address: address.into() });
        let aliases = translate_extra_hosts(&hosts, &findings.site("services.web.extra_hosts"));
        assert_eq!(
            serde_json::to_string(&aliases).unwrap(),
            r#"[{"hostnames":["web.example"],"ip":"10.0.0.1"}]"#
        );
        let report = findings.into_report();
        assert_eq!(report.iter().next().unwrap().path, "services.web.extra_hosts[1]");
    }
}
