use std::time::Duration;

/// `healthcheck`: <https://github.com/compose-spec/compose-spec/blob/main/05-services.md#healthcheck>.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Healthcheck {
    /// `test`; none means the image's own.
    pub test: Option<HealthcheckTest>,
    /// `interval`, 30 s when not set.
    pub interval: Option<Duration>,
    /// `timeout`, 30 s when not set.
    pub timeout: Option<Duration>,
    /// `retries`, 3 when not set.
    pub retries: Option<u32>,
    /// `start_period`, 0 s when not set.
    pub start_period: Option<Duration>,
    /// `start_interval`, 5 s when not set.
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
