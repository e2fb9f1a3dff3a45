use std::time::Duration;

use indexmap::IndexMap;
use serde::Serialize;

use super::attribute::{Attribute, unset};
use super::notation::duration;
use super::{Extensions, Resources, UpdateConfig};

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
    /// `rollback_config`.
    #[serde(skip_serializing_if = "unset")]
    pub rollback_config: Option<UpdateConfig>,
    /// `update_config`.
    #[serde(skip_serializing_if = "unset")]
    pub update_config: Option<UpdateConfig>,
    /// `x-*`.
    #[serde(flatten)]
    pub extensions: Extensions,
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
    /// `x-*`.
    #[serde(flatten)]
    pub extensions: Extensions,
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
    /// `x-*`.
    #[serde(flatten)]
    pub extensions: Extensions,
}

/// `deploy.restart_policy`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct RestartPolicy {
    /// `condition`.
    pub condition: RestartCondition,
    /// `delay`.
    #[serde(skip_serializing_if = "unset", serialize_with = "duration")]
    pub delay: Option<Duration>,
    /// `max_attempts`.
    #[serde(skip_serializing_if = "unset")]
    pub max_attempts: Option<u32>,
    /// `window`: how long a container must run to count as started.
    #[serde(skip_serializing_if = "unset", serialize_with = "duration")]
    pub window: Option<Duration>,
    /// `x-*`.
    #[serde(flatten)]
    pub extensions: Extensions,
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
