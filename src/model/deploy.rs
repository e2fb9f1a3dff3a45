use std::time::Duration;

use indexmap::IndexMap;

/// `deploy`: <https://github.com/compose-spec/compose-spec/blob/main/deploy.md>.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Deploy {
    /// `mode`.
    pub mode: Option<DeployMode>,
    /// `endpoint_mode`.
    pub endpoint_mode: Option<EndpointMode>,
    /// `replicas`; 0 is meaningful.
    pub replicas: Option<u32>,
    /// `labels`: of the workload, not of its containers.
    pub labels: IndexMap<String, String>,
    /// `placement`.
    pub placement: Placement,
    /// `resources`.
    pub resources: Resources,
    /// `restart_policy`.
    pub restart_policy: Option<RestartPolicy>,
    /// `update_config`.
    pub update_config: Option<UpdateConfig>,
}

/// `deploy.mode`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
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
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum EndpointMode {
    /// `vip`.
    Vip,
    /// `dnsrr`.
    Dnsrr,
}

/// `deploy.placement`.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Placement {
    /// `constraints`, as written.
    pub constraints: Vec<String>,
    /// `preferences[].spread`.
    pub spread: Vec<String>,
    /// `max_replicas_per_node`.
    pub max_replicas_per_node: Option<u32>,
}

/// `deploy.resources`.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Resources {
    /// `limits`.
    pub limits: Resource,
    /// `reservations`.
    pub reservations: Resource,
}

/// One side of `deploy.resources`.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Resource {
    /// `cpus`, in cores.
    pub cpus: Option<f64>,
    /// `memory`, in bytes.
    pub memory: Option<i64>,
    /// `pids`.
    pub pids: Option<i64>,
}

/// `deploy.restart_policy`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RestartPolicy {
    /// `condition`.
    pub condition: RestartCondition,
    /// `max_attempts`.
    pub max_attempts: Option<u32>,
}

/// `deploy.restart_policy.condition`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RestartCondition {
    /// `none`.
    None,
    /// `on-failure`.
    OnFailure,
    /// `any`.
    Any,
}

/// `deploy.update_config`.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct UpdateConfig {
    /// `parallelism`; 0 is all at once.
    pub parallelism: Option<u32>,
    /// `delay`.
    pub delay: Option<Duration>,
    /// `order`.
    pub order: Option<UpdateOrder>,
}

/// `deploy.update_config.order`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum UpdateOrder {
    /// `start-first`.
    StartFirst,
    /// `stop-first`.
    StopFirst,
}
