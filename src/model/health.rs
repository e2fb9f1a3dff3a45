use std::time::Duration;

use serde::ser::SerializeMap as _;
use serde::{Serialize, Serializer};

use super::notation::{duration, unset};

/// `healthcheck`: <https://github.com/compose-spec/compose-spec/blob/main/05-services.md#healthcheck>.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Healthcheck {
    /// `test`; none means the image's own.
    #[serde(flatten)]
    pub test: Option<HealthcheckTest>,
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
}

/// `healthcheck.test`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum HealthcheckTest {
    /// `NONE` or `disable: true`.
    Disabled,
    /// `CMD`: the words of a command.
    Command(Vec<String>),
    /// `CMD-SHELL`: a line for the container's shell.
    Shell(String),
}

/// As `test`, or as `disable`.
impl Serialize for HealthcheckTest {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(Some(1))?;
        match self {
            Self::Disabled => map.serialize_entry("disable", &true)?,
            Self::Shell(line) => map.serialize_entry("test", &["CMD-SHELL", line])?,
            Self::Command(words) => {
                let test: Vec<&str> =
                    std::iter::once("CMD").chain(words.iter().map(String::as_str)).collect();
                map.serialize_entry("test", &test)?;
            }
        }
        map.end()
    }
}
