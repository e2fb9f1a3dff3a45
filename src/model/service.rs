use std::net::IpAddr;
use std::time::Duration;

use indexmap::IndexMap;

use super::{Build, Deploy, FileMount, Healthcheck, Mount, Port, PublishedPort};

/// A service: <https://github.com/compose-spec/compose-spec/blob/main/05-services.md>.
#[derive(Debug, Clone, Default)]
pub struct Service {
    /// `annotations`.
    pub annotations: IndexMap<String, String>,
    /// `build`.
    pub build: Option<Build>,
    /// `cap_add`, as written (`NET_ADMIN` or `CAP_NET_ADMIN`).
    pub cap_add: Vec<String>,
    /// `cap_drop`, as written.
    pub cap_drop: Vec<String>,
    /// `command`: the container's arguments; an empty list clears those of the image.
    pub command: Option<Vec<String>>,
    /// `configs`.
    pub configs: Vec<FileMount>,
    /// `container_name`.
    pub container_name: Option<String>,
    /// `cpus`, in cores.
    pub cpus: Option<f64>,
    /// `depends_on`, with the implicit ones of `links` and shared namespaces.
    pub depends_on: IndexMap<String, Dependency>,
    /// `deploy`.
    pub deploy: Option<Deploy>,
    /// `dns`.
    pub dns: Vec<String>,
    /// `dns_opt`.
    pub dns_opt: Vec<String>,
    /// `dns_search`.
    pub dns_search: Vec<String>,
    /// `entrypoint`: an empty list clears that of the image.
    pub entrypoint: Option<Vec<String>>,
    /// `environment` over all `env_file`s; `None` is a variable that is named but has no value anywhere.
    pub environment: IndexMap<String, Option<String>>,
    /// `expose`.
    pub expose: Vec<Port>,
    /// `extra_hosts`.
    pub extra_hosts: Vec<ExtraHost>,
    /// `group_add`.
    pub group_add: Vec<String>,
    /// `healthcheck`.
    pub healthcheck: Option<Healthcheck>,
    /// `hostname`.
    pub hostname: Option<String>,
    /// `image`.
    pub image: Option<String>,
    /// `init`.
    pub init: Option<bool>,
    /// `labels` over all `label_file`s.
    pub labels: IndexMap<String, String>,
    /// `links`: service name to alias.
    pub links: Vec<(String, String)>,
    /// `mem_limit`, in bytes.
    pub mem_limit: Option<i64>,
    /// `mem_reservation`, in bytes.
    pub mem_reservation: Option<i64>,
    /// `network_mode`, as written.
    pub network_mode: Option<String>,
    /// `networks`, with `default` when the file names none.
    pub networks: IndexMap<String, ServiceNetwork>,
    /// `platform`, e.g. `linux/arm64`.
    pub platform: Option<String>,
    /// `ports`, ranges expanded.
    pub ports: Vec<PublishedPort>,
    /// `privileged`.
    pub privileged: Option<bool>,
    /// `profiles`; the service is in the project because one of them is active or there is none.
    pub profiles: Vec<String>,
    /// `pull_policy`.
    pub pull_policy: Option<PullPolicy>,
    /// `read_only`.
    pub read_only: Option<bool>,
    /// `restart`.
    pub restart: Option<Restart>,
    /// `scale`.
    pub scale: Option<u32>,
    /// `secrets`.
    pub secrets: Vec<FileMount>,
    /// `shm_size`, in bytes.
    pub shm_size: Option<i64>,
    /// `stdin_open`.
    pub stdin_open: Option<bool>,
    /// `stop_grace_period`.
    pub stop_grace_period: Option<Duration>,
    /// `stop_signal`, as written.
    pub stop_signal: Option<String>,
    /// `sysctls`.
    pub sysctls: IndexMap<String, String>,
    /// `tmpfs`: mount path to options, as written.
    pub tmpfs: Vec<String>,
    /// `tty`.
    pub tty: Option<bool>,
    /// `ulimits`.
    pub ulimits: IndexMap<String, Ulimit>,
    /// `user`, as written: `UID`, `UID:GID` or names.
    pub user: Option<String>,
    /// `volumes`.
    pub volumes: Vec<Mount>,
    /// `working_dir`.
    pub working_dir: Option<String>,
}

/// One entry of `depends_on`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Dependency {
    /// `condition`.
    pub condition: Condition,
    /// `required`: false lets the project go on without the other service.
    pub required: bool,
    /// `restart`: restart this service when the other one is updated.
    pub restart: bool,
}

/// `depends_on.*.condition`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Condition {
    /// `service_started`.
    Started,
    /// `service_healthy`.
    Healthy,
    /// `service_completed_successfully`.
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
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ServiceNetwork {
    /// `aliases`.
    pub aliases: Vec<String>,
    /// `ipv4_address` and `ipv6_address`.
    pub addresses: Vec<IpAddr>,
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
