use std::time::Duration;

use serde::{Serialize, Serializer};

use super::Extensions;
use super::attribute::unset;
use super::notation::duration;

/// `healthcheck`: <https://github.com/compose-spec/compose-spec/blob/main/05-services.md#healthcheck>.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Healthcheck {
    /// `test`; none means the image's own.
    #[serde(skip_serializing_if = "unset")]
    pub test: Option<HealthcheckTest>,
    /// `disable`: there is no check, whatever `test` says.
    #[serde(skip_serializing_if = "unset")]
    pub disable: bool,
    /// `interval`, 30 s when not set.
    #[serde(skip_serializing_if = "unset", serialize_with = "duration")]
    pub interval: Option<Duration>,
    /// `timeout`, 30 s when not set.
    #[serde(skip_serializing_if = "unset", serialize_with = "duration")]
    pub timeout: Option<Duration>,
    /// `retries`, 3 when not set.
    #[serde(skip_serializing_if = "unset")]
    pub retries: Option<u32>,
    /// `start_period`, 0 s when not set.
    #[serde(skip_serializing_if = "unset", serialize_with = "duration")]
    pub start_period: Option<Duration>,
    /// `start_interval`, 5 s when not set.
    #[serde(skip_serializing_if = "unset", serialize_with = "duration")]
    pub start_interval: Option<Duration>,
    /// `x-*`.
    #[serde(flatten)]
    pub extensions: Extensions,
}

/// `healthcheck.test`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum HealthcheckTest {
    /// `NONE`: there is no check.
    None,
    /// `CMD`: the words of a command.
    Command(Vec<String>),
    /// `CMD-SHELL`: a line for the container's shell.
    Shell(String),
}

impl Serialize for HealthcheckTest {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::None => ["NONE"].serialize(serializer),
            Self::Shell(line) => ["CMD-SHELL", line].serialize(serializer),
            Self::Command(words) => {
                serializer.collect_seq(["CMD"].into_iter().chain(words.iter().map(String::as_str)))
            }
        }
    }
}
