use serde::Serialize;

use crate::model::Network;

use super::findings::Site;
use super::policy::networks_of;
use super::scope::Scope;

/// `ipFamilyPolicy` and `ipFamilies` of the Services of a service, as far as they are not left to the cluster.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct IpFamilies {
    ip_family_policy: Option<&'static str>,
    ip_families: &'static [&'static str],
}

impl IpFamilies {
    /// What `enable_ipv4` and `enable_ipv6` of the networks of a service come to: an address of each family
    /// that one of them has.
    pub fn of(host: &str, scope: &Scope) -> Self {
        let networks = networks_of(host, scope);
        let networks = networks.into_iter().filter_map(|key| scope.project.networks.get(key));
        let said: Vec<(bool, bool)> = networks.map(families).collect();
        let (has_4, has_6) = (said.iter().any(|it| it.0), said.iter().any(|it| it.1));
        match (has_4, has_6) {
            (true, true) => Self { ip_family_policy: Some("PreferDualStack"), ip_families: &[] },
            (false, true) => Self { ip_family_policy: Some("SingleStack"), ip_families: &["IPv6"] },
            (_, false) => Self::default(),
        }
    }
}

/// Whether a network has addresses of version 4, and of version 6.
fn families(network: &Network) -> (bool, bool) {
    (network.enable_ipv4.unwrap_or(true), network.enable_ipv6.unwrap_or(false))
}

/// Says what the cluster must have for the addresses of a network.
pub fn report_families(network: &Network, site: &Site) {
    const HELP: &str = "ask the administrator of the cluster for the families of its addresses";
    match families(network) {
        (_, true) => site.child("enable_ipv6").approximated_closely(
            "Services have an address of version 6 where the cluster has such; those of pods are up to it",
            HELP,
        ),
        (false, false) => site.child("enable_ipv4").not_translated(
            "a network without addresses has nothing that a Service could be",
            "use `network_mode: none`",
        ),
        (true, false) => {}
    }
}
