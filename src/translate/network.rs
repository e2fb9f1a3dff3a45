use indexmap::IndexMap;

use crate::model::{External, Network, Project, ServiceNetwork};

use super::findings::Site;
use super::ip_family::report_families;
use super::label::report_labels_without_object;
use super::scope::Scope;

/// Says what of the networks is lost: without policies every pod reaches every other one.
pub fn report_networks(scope: &Scope) {
    let policies = scope.options.network_policies;
    for (key, network) in &scope.project.networks {
        let Network {
            name: _,
            driver: _,
            driver_opts: _,
            ipam: _,
            external: External(external),
            internal,
            attachable: _,
            enable_ipv4: _,
            enable_ipv6: _,
            labels,
            extensions: _,
        } = network;
        let site = scope.site(format!("networks.{key}"));
        report_families(network, &site);
        if !policies {
            report_labels_without_object(labels, &site.child("labels"));
        }
        if *internal && !policies {
            site.child("internal").not_translated(
                "the network has a way out: no NetworkPolicy is written",
                "write policies with `--network-policies`",
            );
        }
        if *external && !policies {
            site.child("external").approximated_closely(
                "what is outside of the project is reached by its Kubernetes name, not over the network",
                "use `SERVICE.NAMESPACE` as the host name",
            );
        } else if *external {
            site.child("external").approximated_closely(
                "the network reaches into other namespaces, where others are reached by their Kubernetes names",
                "use `SERVICE.NAMESPACE` as the host name, and `--network-policies` for all its projects",
            );
        }
    }
    let separate = separates_services(scope.project);
    let site = scope.site("networks");
    if separate && !policies {
        site.approximated(
            "services on different networks can reach each other: no NetworkPolicy is written",
            "write policies with `--network-policies`",
        );
    } else if separate {
        site.approximated_closely(
            "policies keep services on different networks apart if the network of the cluster enforces them",
            "use a network plugin that does, e.g. Calico or Cilium",
        );
    }
}

/// How a service takes part in the network of the cluster.
#[derive(Debug, Default)]
pub struct PodNetwork {
    /// Whether it uses the node's own network.
    pub host: bool,
    /// `dnsPolicy`, none for the default.
    pub dns_policy: Option<&'static str>,
}

/// `network_mode`.
pub fn translate_network_mode(mode: Option<&str>, site: &Site) -> PodNetwork {
    match mode {
        Some("host") => PodNetwork { host: true, dns_policy: Some("ClusterFirstWithHostNet") },
        None | Some("bridge" | "default" | "") => PodNetwork::default(),
        Some("none") => {
            site.child("network_mode").approximated_closely(
                "a policy denies all traffic of the pod if the network of the cluster enforces it",
                "use a network plugin that does, e.g. Calico or Cilium",
            );
            PodNetwork::default()
        }
        // Who shares a pod is decided before: `pods`.
        Some(mode) if mode.starts_with("service:") || mode.starts_with("container:") => {
            PodNetwork::default()
        }
        Some(mode) => {
            site.child("network_mode").not_translated(
                format!(
                    "`{mode}` is a network of the machine, and a pod is on that of the cluster"
                ),
                "let the services reach each other by name",
            );
            PodNetwork::default()
        }
    }
}

/// Says that a pod gets its addresses from the cluster.
pub fn report_addresses(networks: &IndexMap<String, ServiceNetwork>, site: &Site) {
    for (key, network) in networks {
        let ServiceNetwork {
            // Names: `alias`.
            aliases: _,
            driver_opts: _,
            gw_priority: _,
            interface_name: _,
            ipv4_address,
            ipv6_address,
            link_local_ips: _,
            mac_address: _,
            priority: _,
            use_service_name_alias: _,
            extensions: _,
        } = network;
        let site = site.child("networks").child(key);
        for (attribute, address) in [("ipv4_address", ipv4_address), ("ipv6_address", ipv6_address)]
        {
            if address.is_some() {
                site.child(attribute).not_translated(
                    "a pod gets its address from the cluster",
                    "use the name of the service wherever the address is used",
                );
            }
        }
    }
}

/// Whether two services share no network.
fn separates_services(project: &Project) -> bool {
    let connected = |a: &IndexMap<String, ServiceNetwork>, b: &IndexMap<String, ServiceNetwork>| {
        a.keys().any(|network| b.contains_key(network))
    };
    let mut distinct: Vec<&IndexMap<String, ServiceNetwork>> = Vec::new();
    let services = project.services.values().map(|service| &service.container.networks);
    let jobs = project.jobs.values().map(|job| &job.container.networks);
    for networks in services.chain(jobs).filter(|networks| !networks.is_empty()) {
        if distinct.iter().any(|known| known.keys().eq(networks.keys())) {
            continue;
        }
        if distinct.iter().any(|known| !connected(known, networks)) {
            return true;
        }
        distinct.push(networks);
    }
    false
}
