use std::time::Duration;

use indexmap::IndexMap;
use serde::Serialize;

use super::notation::{Attribute, bytes, duration, number, unset};

/// `deploy`: <https://github.com/compose-spec/compose-spec/blob/main/deploy.md>.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub struct Deploy {
    /// `mode`.
    #[serde(skip_serializing_if = "unset")]
    pub mode: Option<DeployMode>,
    /// `endpoint_mode`.
    #[serde(skip_serializing_if = "unset")]
    pub endpoint_mode: Option<EndpointMode>,
    /// `replicas`; 0 is meaningful.
    #[serde(skip_serializing_if = "unset")]
    pub replicas: Option<u32>,
    /// `labels`: of the workload, not of its containers.
    #[serde(skip_serializing_if = "unset")]
    pub labels: IndexMap<String, String>,
    /// `placement`.
    #[serde(skip_serializing_if = "unset")]
    pub placement: Placement,
    /// `resources`.
    #[serde(skip_serializing_if = "unset")]
    pub resources: Resources,
    /// `restart_policy`.
    #[serde(skip_serializing_if = "unset")]
    pub restart_policy: Option<RestartPolicy>,
    /// `update_config`.
    #[serde(skip_serializing_if = "unset")]
    pub update_config: Option<UpdateConfig>,
}

/// `deploy.mode`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum DeployMode {
    /// `replicated`.
    Replicated,
    /// `global`.
    Global,
    /// `replicated-job`.
    ReplicatedJob,
    /// `global-job`.
    GlobalJob,
}

/// `deploy.endpoint_mode`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum EndpointMode {
    /// `vip`.
    Vip,
    /// `dnsrr`.
    Dnsrr,
}

/// `deploy.placement`.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Placement {
    /// `constraints`, as written.
    #[serde(skip_serializing_if = "unset")]
    pub constraints: Vec<String>,
    /// `preferences`.
    #[serde(skip_serializing_if = "unset")]
    pub preferences: Vec<Preference>,
    /// `max_replicas_per_node`.
    #[serde(skip_serializing_if = "unset")]
    pub max_replicas_per_node: Option<u32>,
}

impl Attribute for Placement {
    fn is_unset(&self) -> bool {
        *self == Self::default()
    }
}

/// One entry of `deploy.placement.preferences`.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Preference {
    /// `spread`, as written.
    pub spread: String,
}

/// `deploy.resources`.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub struct Resources {
    /// `limits`.
    #[serde(skip_serializing_if = "unset")]
    pub limits: Resource,
    /// `reservations`.
    #[serde(skip_serializing_if = "unset")]
    pub reservations: Resource,
}

impl Attribute for Resources {
    fn is_unset(&self) -> bool {
        *self == Self::default()
    }
}

/// One side of `deploy.resources`.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub struct Resource {
    /// `cpus`, in cores.
    #[serde(skip_serializing_if = "unset", serialize_with = "number")]
    pub cpus: Option<f64>,
    /// `memory`, in bytes.
    #[serde(skip_serializing_if = "unset", serialize_with = "bytes")]
    pub memory: Option<i64>,
    /// `pids`.
    #[serde(skip_serializing_if = "unset")]
    pub pids: Option<i64>,
}

impl Attribute for Resource {
    fn is_unset(&self) -> bool {
        *self == Self::default()
    }
}

/// `deploy.restart_policy`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct RestartPolicy {
    /// `condition`.
    pub condition: RestartCondition,
    /// `max_attempts`.
    #[serde(skip_serializing_if = "unset")]
    pub max_attempts: Option<u32>,
}

/// `deploy.restart_policy.condition`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum RestartCondition {
    /// `none`.
    None,
    /// `on-failure`.
    OnFailure,
    /// `any`.
    Any,
}

/// `deploy.update_config`.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub struct UpdateConfig {
    /// `parallelism`; 0 is all at once.
    #[serde(skip_serializing_if = "unset")]
    pub parallelism: Option<u32>,
    /// `delay`.
    #[serde(skip_serializing_if = "unset", serialize_with = "duration")]
    pub delay: Option<Duration>,
    /// `order`.
    #[serde(skip_serializing_if = "unset")]
    pub order: Option<UpdateOrder>,
}

/// `deploy.update_config.order`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum UpdateOrder {
    /// `start-first`.
    StartFirst,
    /// `stop-first`.
    StopFirst,
}
