use std::net::IpAddr;

use indexmap::IndexMap;
use serde::Serialize;

use super::attribute::unset;
use super::{Extensions, External};

/// `networks`: <https://github.com/compose-spec/compose-spec/blob/main/06-networks.md>.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Network {
    /// `name`, `PROJECT_KEY` when not set.
    pub name: String,
    /// `driver`.
    #[serde(skip_serializing_if = "unset")]
    pub driver: Option<String>,
    /// `driver_opts`.
    #[serde(skip_serializing_if = "unset")]
    pub driver_opts: IndexMap<String, String>,
    /// `ipam`.
    #[serde(skip_serializing_if = "unset")]
    pub ipam: Option<Ipam>,
    /// `external`.
    #[serde(skip_serializing_if = "unset")]
    pub external: External,
    /// `internal`: no way out.
    #[serde(skip_serializing_if = "unset")]
    pub internal: bool,
    /// `attachable`.
    #[serde(skip_serializing_if = "unset")]
    pub attachable: Option<bool>,
    /// `enable_ipv4`.
    #[serde(skip_serializing_if = "unset")]
    pub enable_ipv4: Option<bool>,
    /// `enable_ipv6`.
    #[serde(skip_serializing_if = "unset")]
    pub enable_ipv6: Option<bool>,
    /// `labels`.
    #[serde(skip_serializing_if = "unset")]
    pub labels: IndexMap<String, String>,
    /// `x-*`.
    #[serde(flatten)]
    pub extensions: Extensions,
}

/// `networks.*.ipam`.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Ipam {
    /// `driver`.
    #[serde(skip_serializing_if = "unset")]
    pub driver: Option<String>,
    /// `config`.
    #[serde(skip_serializing_if = "unset")]
    pub config: Vec<IpamPool>,
    /// `options`.
    #[serde(skip_serializing_if = "unset")]
    pub options: IndexMap<String, String>,
    /// `x-*`.
    #[serde(flatten)]
    pub extensions: Extensions,
}

/// One entry of `networks.*.ipam.config`.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct IpamPool {
    /// `subnet`, as written.
    #[serde(skip_serializing_if = "unset")]
    pub subnet: Option<String>,
    /// `ip_range`, as written.
    #[serde(skip_serializing_if = "unset")]
    pub ip_range: Option<String>,
    /// `gateway`, as written.
    #[serde(skip_serializing_if = "unset")]
    pub gateway: Option<String>,
    /// `aux_addresses`: host name to address.
    #[serde(skip_serializing_if = "unset")]
    pub aux_addresses: IndexMap<String, String>,
    /// `x-*`.
    #[serde(flatten)]
    pub extensions: Extensions,
}

/// One entry of a service's `networks`.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct ServiceNetwork {
    /// `aliases`.
    #[serde(skip_serializing_if = "unset")]
    pub aliases: Vec<String>,
    /// `driver_opts`.
    #[serde(skip_serializing_if = "unset")]
    pub driver_opts: IndexMap<String, String>,
    /// `gw_priority`.
    #[serde(skip_serializing_if = "unset")]
    pub gw_priority: Option<i64>,
    /// `interface_name`.
    #[serde(skip_serializing_if = "unset")]
    pub interface_name: Option<String>,
    /// `ipv4_address`.
    #[serde(skip_serializing_if = "unset")]
    pub ipv4_address: Option<IpAddr>,
    /// `ipv6_address`.
    #[serde(skip_serializing_if = "unset")]
    pub ipv6_address: Option<IpAddr>,
    /// `link_local_ips`, as written.
    #[serde(skip_serializing_if = "unset")]
    pub link_local_ips: Vec<String>,
    /// `mac_address`.
    #[serde(skip_serializing_if = "unset")]
    pub mac_address: Option<String>,
    /// `priority`.
    #[serde(skip_serializing_if = "unset")]
    pub priority: Option<i64>,
    /// `use_service_name_alias`: whether the name of the service is an alias; true when not set.
    #[serde(skip_serializing_if = "unset")]
    pub use_service_name_alias: Option<bool>,
    /// `x-*`.
    #[serde(flatten)]
    pub extensions: Extensions,
}
