use std::net::IpAddr;
use std::time::Duration;

use indexmap::IndexMap;
use serde::ser::SerializeMap as _;
use serde::{Serialize, Serializer};

use super::notation::{bytes, duration, number, unset};
use super::{Build, Deploy, FileMount, Healthcheck, Mount, Port, PublishedPort};

/// A service: <https://github.com/compose-spec/compose-spec/blob/main/05-services.md>.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub struct Service {
    /// `annotations`.
    #[serde(skip_serializing_if = "unset")]
    pub annotations: IndexMap<String, String>,
    /// `build`.
    #[serde(skip_serializing_if = "unset")]
    pub build: Option<Build>,
    /// `cap_add`, as written (`NET_ADMIN` or `CAP_NET_ADMIN`).
    #[serde(skip_serializing_if = "unset")]
    pub cap_add: Vec<String>,
    /// `cap_drop`, as written.
    #[serde(skip_serializing_if = "unset")]
    pub cap_drop: Vec<String>,
    /// `command`: the container's arguments; an empty list clears those of the image.
    #[serde(skip_serializing_if = "unset")]
    pub command: Option<Vec<String>>,
    /// `configs`.
    #[serde(skip_serializing_if = "unset")]
    pub configs: Vec<FileMount>,
    /// `container_name`.
    #[serde(skip_serializing_if = "unset")]
    pub container_name: Option<String>,
    /// `cpus`, in cores.
    #[serde(skip_serializing_if = "unset", serialize_with = "number")]
    pub cpus: Option<f64>,
    /// `depends_on`, with the implicit ones of `links` and shared namespaces.
    #[serde(skip_serializing_if = "unset")]
    pub depends_on: IndexMap<String, Dependency>,
    /// `deploy`.
    #[serde(skip_serializing_if = "unset")]
    pub deploy: Option<Deploy>,
    /// `dns`.
    #[serde(skip_serializing_if = "unset")]
    pub dns: Vec<String>,
    /// `dns_opt`.
    #[serde(skip_serializing_if = "unset")]
    pub dns_opt: Vec<String>,
    /// `dns_search`.
    #[serde(skip_serializing_if = "unset")]
    pub dns_search: Vec<String>,
    /// `entrypoint`: an empty list clears that of the image.
    #[serde(skip_serializing_if = "unset")]
    pub entrypoint: Option<Vec<String>>,
    /// `environment` over all `env_file`s; `None` is a variable that is named but has no value anywhere.
    #[serde(skip_serializing_if = "unset")]
    pub environment: IndexMap<String, Option<String>>,
    /// `expose`.
    #[serde(skip_serializing_if = "unset")]
    pub expose: Vec<Port>,
    /// `extra_hosts`.
    #[serde(skip_serializing_if = "unset")]
    pub extra_hosts: Vec<ExtraHost>,
    /// `group_add`.
    #[serde(skip_serializing_if = "unset")]
    pub group_add: Vec<String>,
    /// `healthcheck`.
    #[serde(skip_serializing_if = "unset")]
    pub healthcheck: Option<Healthcheck>,
    /// `hostname`.
    #[serde(skip_serializing_if = "unset")]
    pub hostname: Option<String>,
    /// `image`.
    #[serde(skip_serializing_if = "unset")]
    pub image: Option<String>,
    /// `init`.
    #[serde(skip_serializing_if = "unset")]
    pub init: Option<bool>,
    /// `labels` over all `label_file`s.
    #[serde(skip_serializing_if = "unset")]
    pub labels: IndexMap<String, String>,
    /// `links`: service name to alias.
    #[serde(skip_serializing_if = "unset", serialize_with = "links")]
    pub links: Vec<(String, String)>,
    /// `mem_limit`, in bytes.
    #[serde(skip_serializing_if = "unset", serialize_with = "bytes")]
    pub mem_limit: Option<i64>,
    /// `mem_reservation`, in bytes.
    #[serde(skip_serializing_if = "unset", serialize_with = "bytes")]
    pub mem_reservation: Option<i64>,
    /// `network_mode`, as written.
    #[serde(skip_serializing_if = "unset")]
    pub network_mode: Option<String>,
    /// `networks`, with `default` when the file names none.
    #[serde(skip_serializing_if = "unset", serialize_with = "networks")]
    pub networks: IndexMap<String, ServiceNetwork>,
    /// `platform`, e.g. `linux/arm64`.
    #[serde(skip_serializing_if = "unset")]
    pub platform: Option<String>,
    /// `ports`, ranges expanded.
    #[serde(skip_serializing_if = "unset")]
    pub ports: Vec<PublishedPort>,
    /// `privileged`.
    #[serde(skip_serializing_if = "unset")]
    pub privileged: Option<bool>,
    /// `profiles`; the service is in the project because one of them is active or there is none.
    #[serde(skip_serializing_if = "unset")]
    pub profiles: Vec<String>,
    /// `pull_policy`.
    #[serde(skip_serializing_if = "unset")]
    pub pull_policy: Option<PullPolicy>,
    /// `read_only`.
    #[serde(skip_serializing_if = "unset")]
    pub read_only: Option<bool>,
    /// `restart`.
    #[serde(skip_serializing_if = "unset")]
    pub restart: Option<Restart>,
    /// `scale`.
    #[serde(skip_serializing_if = "unset")]
    pub scale: Option<u32>,
    /// `secrets`.
    #[serde(skip_serializing_if = "unset")]
    pub secrets: Vec<FileMount>,
    /// `shm_size`, in bytes.
    #[serde(skip_serializing_if = "unset", serialize_with = "bytes")]
    pub shm_size: Option<i64>,
    /// `stdin_open`.
    #[serde(skip_serializing_if = "unset")]
    pub stdin_open: Option<bool>,
    /// `stop_grace_period`.
    #[serde(skip_serializing_if = "unset", serialize_with = "duration")]
    pub stop_grace_period: Option<Duration>,
    /// `stop_signal`, as written.
    #[serde(skip_serializing_if = "unset")]
    pub stop_signal: Option<String>,
    /// `sysctls`.
    #[serde(skip_serializing_if = "unset")]
    pub sysctls: IndexMap<String, String>,
    /// `tmpfs`: mount path to options, as written.
    #[serde(skip_serializing_if = "unset")]
    pub tmpfs: Vec<String>,
    /// `tty`.
    #[serde(skip_serializing_if = "unset")]
    pub tty: Option<bool>,
    /// `ulimits`.
    #[serde(skip_serializing_if = "unset")]
    pub ulimits: IndexMap<String, Ulimit>,
    /// `user`, as written: `UID`, `UID:GID` or names.
    #[serde(skip_serializing_if = "unset")]
    pub user: Option<String>,
    /// `volumes`.
    #[serde(skip_serializing_if = "unset")]
    pub volumes: Vec<Mount>,
    /// `working_dir`.
    #[serde(skip_serializing_if = "unset")]
    pub working_dir: Option<String>,
}

/// One entry of `depends_on`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Dependency {
    /// `condition`.
    pub condition: Condition,
    /// `required`: false lets the project go on without the other service.
    pub required: bool,
    /// `restart`: restart this service when the other one is updated.
    #[serde(skip_serializing_if = "unset")]
    pub restart: bool,
}

/// `depends_on.*.condition`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub enum Condition {
    /// `service_started`.
    #[serde(rename = "service_started")]
    Started,
    /// `service_healthy`.
    #[serde(rename = "service_healthy")]
    Healthy,
    /// `service_completed_successfully`.
    #[serde(rename = "service_completed_successfully")]
    CompletedSuccessfully,
}

/// One entry of `extra_hosts`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ExtraHost {
    /// The name.
    pub name: String,
    /// The address; `host-gateway` is kept as text.
    pub address: String,
}

/// One entry of a service's `networks`.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct ServiceNetwork {
    /// `aliases`.
    #[serde(skip_serializing_if = "unset")]
    pub aliases: Vec<String>,
    /// `ipv4_address`.
    #[serde(skip_serializing_if = "unset")]
    pub ipv4_address: Option<IpAddr>,
    /// `ipv6_address`.
    #[serde(skip_serializing_if = "unset")]
    pub ipv6_address: Option<IpAddr>,
}

/// `pull_policy`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum PullPolicy {
    /// `always`.
    Always,
    /// `never`.
    Never,
    /// `missing` or `if_not_present`.
    Missing,
    /// `build`.
    Build,
    /// `daily`, `weekly`, `every_…`, as written.
    Every(String),
}

/// `restart`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Restart {
    /// `no`.
    No,
    /// `always`.
    Always,
    /// `on-failure`, with the number of attempts if there is one.
    OnFailure(Option<u32>),
    /// `unless-stopped`.
    UnlessStopped,
}

/// One entry of `ulimits`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Ulimit {
    /// `soft`.
    pub soft: i64,
    /// `hard`.
    pub hard: i64,
}

/// `NAME=ADDRESS`.
impl Serialize for ExtraHost {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let Self { name, address } = self;
        serializer.collect_str(&format_args!("{name}={address}"))
    }
}

impl Serialize for PullPolicy {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(match self {
            Self::Always => "always",
            Self::Never => "never",
            Self::Missing => "missing",
            Self::Build => "build",
            Self::Every(text) => text,
        })
    }
}

impl Serialize for Restart {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::No => serializer.serialize_str("no"),
            Self::Always => serializer.serialize_str("always"),
            Self::UnlessStopped => serializer.serialize_str("unless-stopped"),
            Self::OnFailure(None) => serializer.serialize_str("on-failure"),
            Self::OnFailure(Some(attempts)) => {
                serializer.collect_str(&format_args!("on-failure:{attempts}"))
            }
        }
    }
}

/// One number where both sides are the same.
impl Serialize for Ulimit {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let Self { soft, hard } = self;
        if soft == hard {
            return serializer.serialize_i64(*soft);
        }
        let mut map = serializer.serialize_map(Some(2))?;
        map.serialize_entry("soft", soft)?;
        map.serialize_entry("hard", hard)?;
        map.end()
    }
}

/// `SERVICE`, or `SERVICE:ALIAS` where the two differ.
fn links<S: Serializer>(links: &[(String, String)], serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_seq(links.iter().map(|(service, alias)| {
        if service == alias { service.clone() } else { format!("{service}:{alias}") }
    }))
}

/// Null where nothing is said about a network.
fn networks<S: Serializer>(
    networks: &IndexMap<String, ServiceNetwork>,
    serializer: S,
) -> Result<S::Ok, S::Error> {
    serializer.collect_map(
        networks.iter().map(|(name, network)| {
            (name, (*network != ServiceNetwork::default()).then_some(network))
        }),
    )
}
