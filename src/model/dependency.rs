use serde::Serialize;

use super::Extensions;
use super::attribute::unset;

/// One entry of `depends_on`: <https://github.com/compose-spec/compose-spec/blob/main/05-services.md#depends_on>.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Dependency {
    /// `condition`.
    pub condition: Condition,
    /// `required`: false lets the project go on without the other service.
    pub required: bool,
    /// `restart`: restart this service when the other one is updated.
    #[serde(skip_serializing_if = "unset")]
    pub restart: bool,
    /// `x-*`.
    #[serde(flatten)]
    pub extensions: Extensions,
}

/// What the name of a service alone means.
impl Default for Dependency {
    fn default() -> Self {
        Self {
            condition: Condition::Started,
            required: true,
            restart: false,
            extensions: Extensions::default(),
        }
    }
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
