use indexmap::IndexMap;
use serde::Serialize;

use super::attribute::unset;
use super::{Container, Extensions};

/// One entry of `post_start` or `pre_stop`, or `develop.watch.exec`: a command in the container.
/// <https://github.com/compose-spec/compose-spec/blob/main/05-services.md#post_start>
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Hook {
    /// `command`; there is always one, but it may be null.
    pub command: Option<Vec<String>>,
    /// `user`, as written.
    #[serde(skip_serializing_if = "unset")]
    pub user: Option<String>,
    /// `privileged`.
    #[serde(skip_serializing_if = "unset")]
    pub privileged: Option<bool>,
    /// `working_dir`.
    #[serde(skip_serializing_if = "unset")]
    pub working_dir: Option<String>,
    /// `environment`.
    #[serde(skip_serializing_if = "unset")]
    pub environment: IndexMap<String, Option<String>>,
    /// `x-*`.
    #[serde(flatten)]
    pub extensions: Extensions,
}

/// One entry of `pre_start`: a container that runs to its end before the service starts.
/// <https://github.com/compose-spec/compose-spec/blob/main/05-services.md#pre_start>
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub struct PreStartHook {
    /// What its container is made with.
    #[serde(flatten)]
    pub container: Container,
    /// `per_replica`: once for each replica, not once for the service.
    #[serde(skip_serializing_if = "unset")]
    pub per_replica: Option<bool>,
    /// `x-*`.
    #[serde(flatten)]
    pub extensions: Extensions,
}
