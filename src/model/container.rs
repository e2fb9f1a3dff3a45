use std::time::Duration;

use indexmap::IndexMap;
use serde::{Serialize, Serializer};

use super::attribute::unset;
use super::notation::{bytes, duration, number};
use super::{
    BlockIo, CredentialSpec, Device, DeviceRequest, EnvFile, ExtraHost, FileMount, Logging, Mount,
    PullPolicy, ServiceModel, ServiceNetwork, Ulimit,
};

/// What services, jobs and `pre_start` hooks have in common: all that a container is made with.
/// <https://github.com/compose-spec/compose-spec/blob/main/05-services.md>
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub struct Container {
    /// `annotations`.
    #[serde(skip_serializing_if = "unset")]
    pub annotations: IndexMap<String, String>,
    /// `blkio_config`.
    #[serde(skip_serializing_if = "unset")]
    pub blkio_config: Option<BlockIo>,
    /// `cap_add`, as written (`NET_ADMIN` or `CAP_NET_ADMIN`).
    #[serde(skip_serializing_if = "unset")]
    pub cap_add: Vec<String>,
    /// `cap_drop`, as written.
    #[serde(skip_serializing_if = "unset")]
    pub cap_drop: Vec<String>,
    /// `cgroup`: `host` or `private`.
    #[serde(skip_serializing_if = "unset")]
    pub cgroup: Option<String>,
    /// `cgroup_parent`.
    #[serde(skip_serializing_if = "unset")]
    pub cgroup_parent: Option<String>,
    /// `command`: the container's arguments; an empty list clears those of the image.
    #[serde(skip_serializing_if = "unset")]
    pub command: Option<Vec<String>>,
    /// `configs`.
    #[serde(skip_serializing_if = "unset")]
    pub configs: Vec<FileMount>,
    /// `cpu_count`, in cores.
    #[serde(skip_serializing_if = "unset")]
    pub cpu_count: Option<i64>,
    /// `cpu_percent`.
    #[serde(skip_serializing_if = "unset", serialize_with = "number")]
    pub cpu_percent: Option<f64>,
    /// `cpu_period`, in microseconds.
    #[serde(skip_serializing_if = "unset")]
    pub cpu_period: Option<i64>,
    /// `cpu_quota`, in microseconds.
    #[serde(skip_serializing_if = "unset")]
    pub cpu_quota: Option<i64>,
    /// `cpu_rt_period`, in microseconds.
    #[serde(skip_serializing_if = "unset")]
    pub cpu_rt_period: Option<i64>,
    /// `cpu_rt_runtime`, in microseconds.
    #[serde(skip_serializing_if = "unset")]
    pub cpu_rt_runtime: Option<i64>,
    /// `cpu_shares`, relative to 1024.
    #[serde(skip_serializing_if = "unset")]
    pub cpu_shares: Option<i64>,
    /// `cpus`, in cores.
    #[serde(skip_serializing_if = "unset", serialize_with = "number")]
    pub cpus: Option<f64>,
    /// `cpuset`, as written, e.g. `0-3`.
    #[serde(skip_serializing_if = "unset")]
    pub cpuset: Option<String>,
    /// `credential_spec`.
    #[serde(skip_serializing_if = "unset")]
    pub credential_spec: Option<CredentialSpec>,
    /// `device_cgroup_rules`, as written.
    #[serde(skip_serializing_if = "unset")]
    pub device_cgroup_rules: Vec<String>,
    /// `devices`.
    #[serde(skip_serializing_if = "unset")]
    pub devices: Vec<Device>,
    /// `dns`.
    #[serde(skip_serializing_if = "unset")]
    pub dns: Vec<String>,
    /// `dns_opt`.
    #[serde(skip_serializing_if = "unset")]
    pub dns_opt: Vec<String>,
    /// `dns_search`.
    #[serde(skip_serializing_if = "unset")]
    pub dns_search: Vec<String>,
    /// `domainname`.
    #[serde(skip_serializing_if = "unset")]
    pub domainname: Option<String>,
    /// `entrypoint`: an empty list clears that of the image.
    #[serde(skip_serializing_if = "unset")]
    pub entrypoint: Option<Vec<String>>,
    /// `env_file`: none where the loader has put what the files say into `environment`.
    #[serde(skip_serializing_if = "unset")]
    pub env_file: Vec<EnvFile>,
    /// `environment` over all `env_file`s; `None` is a variable that is named but has no value anywhere.
    #[serde(skip_serializing_if = "unset")]
    pub environment: IndexMap<String, Option<String>>,
    /// `extra_hosts`.
    #[serde(skip_serializing_if = "unset")]
    pub extra_hosts: Vec<ExtraHost>,
    /// `gpus`.
    #[serde(skip_serializing_if = "unset")]
    pub gpus: Vec<DeviceRequest>,
    /// `group_add`.
    #[serde(skip_serializing_if = "unset")]
    pub group_add: Vec<String>,
    /// `hostname`.
    #[serde(skip_serializing_if = "unset")]
    pub hostname: Option<String>,
    /// `image`.
    #[serde(skip_serializing_if = "unset")]
    pub image: Option<String>,
    /// `init`.
    #[serde(skip_serializing_if = "unset")]
    pub init: Option<bool>,
    /// `ipc`, as written.
    #[serde(skip_serializing_if = "unset")]
    pub ipc: Option<String>,
    /// `isolation`.
    #[serde(skip_serializing_if = "unset")]
    pub isolation: Option<String>,
    /// `label_file`: none where the loader has put what the files say into `labels`.
    #[serde(skip_serializing_if = "unset")]
    pub label_file: Vec<String>,
    /// `labels` over all `label_file`s.
    #[serde(skip_serializing_if = "unset")]
    pub labels: IndexMap<String, String>,
    /// `logging`.
    #[serde(skip_serializing_if = "unset")]
    pub logging: Option<Logging>,
    /// `mac_address`.
    #[serde(skip_serializing_if = "unset")]
    pub mac_address: Option<String>,
    /// `mem_limit`, in bytes.
    #[serde(skip_serializing_if = "unset", serialize_with = "bytes")]
    pub mem_limit: Option<i64>,
    /// `mem_reservation`, in bytes.
    #[serde(skip_serializing_if = "unset", serialize_with = "bytes")]
    pub mem_reservation: Option<i64>,
    /// `mem_swappiness`, from 0 to 100.
    #[serde(skip_serializing_if = "unset", serialize_with = "bytes")]
    pub mem_swappiness: Option<i64>,
    /// `memswap_limit`, in bytes; -1 is no limit.
    #[serde(skip_serializing_if = "unset", serialize_with = "bytes")]
    pub memswap_limit: Option<i64>,
    /// `models`.
    #[serde(skip_serializing_if = "unset", serialize_with = "members")]
    pub models: IndexMap<String, ServiceModel>,
    /// `network_mode`, as written.
    #[serde(skip_serializing_if = "unset")]
    pub network_mode: Option<String>,
    /// `networks`, with `default` when the file names none.
    #[serde(skip_serializing_if = "unset", serialize_with = "members")]
    pub networks: IndexMap<String, ServiceNetwork>,
    /// `oom_kill_disable`.
    #[serde(skip_serializing_if = "unset")]
    pub oom_kill_disable: Option<bool>,
    /// `oom_score_adj`, from -1000 to 1000.
    #[serde(skip_serializing_if = "unset")]
    pub oom_score_adj: Option<i64>,
    /// `pid`, as written.
    #[serde(skip_serializing_if = "unset")]
    pub pid: Option<String>,
    /// `pids_limit`; -1 is no limit.
    #[serde(skip_serializing_if = "unset")]
    pub pids_limit: Option<i64>,
    /// `platform`, e.g. `linux/arm64`.
    #[serde(skip_serializing_if = "unset")]
    pub platform: Option<String>,
    /// `privileged`.
    #[serde(skip_serializing_if = "unset")]
    pub privileged: Option<bool>,
    /// `pull_policy`.
    #[serde(skip_serializing_if = "unset")]
    pub pull_policy: Option<PullPolicy>,
    /// `pull_refresh_after`, as written.
    #[serde(skip_serializing_if = "unset")]
    pub pull_refresh_after: Option<String>,
    /// `read_only`.
    #[serde(skip_serializing_if = "unset")]
    pub read_only: Option<bool>,
    /// `runtime`.
    #[serde(skip_serializing_if = "unset")]
    pub runtime: Option<String>,
    /// `secrets`.
    #[serde(skip_serializing_if = "unset")]
    pub secrets: Vec<FileMount>,
    /// `security_opt`, as written.
    #[serde(skip_serializing_if = "unset")]
    pub security_opt: Vec<String>,
    /// `shm_size`, in bytes.
    #[serde(skip_serializing_if = "unset", serialize_with = "bytes")]
    pub shm_size: Option<i64>,
    /// `stop_grace_period`.
    #[serde(skip_serializing_if = "unset", serialize_with = "duration")]
    pub stop_grace_period: Option<Duration>,
    /// `stop_signal`, as written.
    #[serde(skip_serializing_if = "unset")]
    pub stop_signal: Option<String>,
    /// `storage_opt`.
    #[serde(skip_serializing_if = "unset")]
    pub storage_opt: IndexMap<String, String>,
    /// `sysctls`.
    #[serde(skip_serializing_if = "unset")]
    pub sysctls: IndexMap<String, String>,
    /// `tmpfs`: mount path to options, as written.
    #[serde(skip_serializing_if = "unset")]
    pub tmpfs: Vec<String>,
    /// `ulimits`.
    #[serde(skip_serializing_if = "unset")]
    pub ulimits: IndexMap<String, Ulimit>,
    /// `umask`, a decimal number when printed.
    #[serde(skip_serializing_if = "unset")]
    pub umask: Option<u32>,
    /// `use_api_socket`.
    #[serde(skip_serializing_if = "unset")]
    pub use_api_socket: Option<bool>,
    /// `user`, as written: `UID`, `UID:GID` or names.
    #[serde(skip_serializing_if = "unset")]
    pub user: Option<String>,
    /// `userns_mode`.
    #[serde(skip_serializing_if = "unset")]
    pub userns_mode: Option<String>,
    /// `uts`.
    #[serde(skip_serializing_if = "unset")]
    pub uts: Option<String>,
    /// `volumes`.
    #[serde(skip_serializing_if = "unset")]
    pub volumes: Vec<Mount>,
    /// `volumes_from`, as written.
    #[serde(skip_serializing_if = "unset")]
    pub volumes_from: Vec<String>,
    /// `working_dir`.
    #[serde(skip_serializing_if = "unset")]
    pub working_dir: Option<String>,
}

/// Null where nothing is said about a member.
fn members<T: Default + PartialEq + Serialize, S: Serializer>(
    members: &IndexMap<String, T>,
    serializer: S,
) -> Result<S::Ok, S::Error> {
    serializer.collect_map(
        members.iter().map(|(name, member)| (name, (*member != T::default()).then_some(member))),
    )
}
