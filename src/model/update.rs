use std::time::Duration;

use serde::Serialize;

use super::Extensions;
use super::attribute::unset;
use super::notation::{duration, number};

/// `deploy.update_config` and `deploy.rollback_config`:
/// <https://github.com/compose-spec/compose-spec/blob/main/deploy.md#update_config>.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub struct UpdateConfig {
    /// `parallelism`; 0 is all at once.
    #[serde(skip_serializing_if = "unset")]
    pub parallelism: Option<u32>,
    /// `delay`.
    #[serde(skip_serializing_if = "unset", serialize_with = "duration")]
    pub delay: Option<Duration>,
    /// `failure_action`, as written: `continue`, `pause` or `rollback`.
    #[serde(skip_serializing_if = "unset")]
    pub failure_action: Option<String>,
    /// `monitor`: how long each task is watched for failures.
    #[serde(skip_serializing_if = "unset", serialize_with = "duration")]
    pub monitor: Option<Duration>,
    /// `max_failure_ratio`, from 0 to 1.
    #[serde(skip_serializing_if = "unset", serialize_with = "number")]
    pub max_failure_ratio: Option<f64>,
    /// `order`.
    #[serde(skip_serializing_if = "unset")]
    pub order: Option<UpdateOrder>,
    /// `x-*`.
    #[serde(flatten)]
    pub extensions: Extensions,
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
