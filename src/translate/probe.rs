use std::time::Duration;

use k8s_openapi::api::core::v1::{ExecAction, HTTPGetAction, Probe, TCPSocketAction};
use k8s_openapi::apimachinery::pkg::util::intstr::IntOrString;

use crate::model::{Healthcheck, HealthcheckTest};

use super::command::escape;
use super::context::ContainerPort;
use super::findings::Site;
use super::label::settings::{LIVENESS, ProbeLabels, READINESS};
use super::setting::{Setting, Settings};

const DEFAULT_INTERVAL: Duration = Duration::from_secs(30);
const DEFAULT_TIMEOUT: Duration = Duration::from_secs(30);
const DEFAULT_RETRIES: u32 = 3;
const DEFAULT_START_INTERVAL: Duration = Duration::from_secs(5);

/// How many seconds a container has at least to pass its check for the first time: Docker goes on waiting for one that
/// is slow, while Kubernetes restarts it, for ever if it never has the time that it needs.
const SHORTEST_START: u32 = 300;

/// The probes of a container.
#[derive(Debug, Default)]
pub struct Probes {
    /// Holds the other two back while the container starts; nothing without `liveness`, since it ends containers, too.
    pub startup: Option<Probe>,
    /// What `service_healthy` means.
    pub readiness: Option<Probe>,
    /// Restarts the container.
    pub liveness: Option<Probe>,
}

/// Compose's one check, with Compose's defaults, which are not those of Kubernetes; labels make the probes
/// differ from it, or from each other.
pub fn translate_healthcheck(
    healthcheck: Option<&Healthcheck>,
    settings: &Settings,
    ports: &[ContainerPort],
    site: &Site,
) -> Probes {
    let readiness = action(settings, &READINESS, ports);
    let liveness = action(settings, &LIVENESS, ports);
    let is_said = readiness.is_some() || liveness.is_some();
    let test = healthcheck.and_then(|healthcheck| test(healthcheck, is_said, site));
    let times = Times::of(healthcheck);
    let is_on =
        |labels: &ProbeLabels| !settings.get(labels.disable).as_ref().is_some_and(Setting::flag);
    if test.is_some() && liveness.is_none() && is_on(&LIVENESS) {
        site.approximated_closely(
            "an unhealthy container is restarted in Kubernetes; Docker only marks it",
            "set the label `longshore.liveness.disable: \"true\"` to keep it running",
        );
    }
    // Who asks for a probe of Kubernetes with labels has exactly that.
    let may_be_slow = liveness.is_none() || times.start_period > 0;
    let readiness = readiness.or_else(|| test.clone()).filter(|_| is_on(&READINESS));
    let liveness = liveness.or(test).filter(|_| is_on(&LIVENESS));
    Probes {
        startup: liveness.as_ref().filter(|_| may_be_slow).map(|it| times.startup(it)),
        readiness: readiness.map(|it| times.clone().changed(settings, &READINESS).steady(&it)),
        liveness: liveness.map(|it| times.changed(settings, &LIVENESS).steady(&it)),
    }
}

/// What a probe does.
#[derive(Debug, Clone)]
enum Action {
    Exec(Vec<String>),
    Http { path: String, port: u16 },
    Tcp { port: u16 },
}

impl Action {
    fn probe(&self) -> Probe {
        let mut probe = Probe::default();
        match self {
            Self::Exec(command) => {
                probe.exec = Some(ExecAction { command: Some(command.clone()) });
            }
            Self::Http { path, port } => {
                probe.http_get = Some(HTTPGetAction {
                    path: Some(path.clone()),
                    port: IntOrString::Int(i32::from(*port)),
                    ..HTTPGetAction::default()
                });
            }
            Self::Tcp { port } => {
                let port = IntOrString::Int(i32::from(*port));
                probe.tcp_socket = Some(TCPSocketAction { port, host: None });
            }
        }
        probe
    }
}

/// What `test` says; `is_said` when labels say it for an image's own check.
fn test(healthcheck: &Healthcheck, is_said: bool, site: &Site) -> Option<Action> {
    let Healthcheck {
        test,
        disable,
        // The times: `Times::of`.
        interval: _,
        timeout: _,
        retries: _,
        start_period: _,
        start_interval: _,
        extensions: _,
    } = healthcheck;
    if *disable {
        return None;
    }
    match test {
        Some(HealthcheckTest::None) => None,
        Some(HealthcheckTest::Command(words)) if words.is_empty() => {
            site.child("test").not_translated(
                "the health check names no command, so there is no probe",
                "name the program behind `CMD`, or disable the check with `disable: true`",
            );
            None
        }
        Some(HealthcheckTest::Command(words)) => {
            Some(Action::Exec(words.iter().map(|word| escape(word)).collect()))
        }
        Some(HealthcheckTest::Shell(line)) => {
            Some(Action::Exec(vec!["/bin/sh".to_owned(), "-c".to_owned(), escape(line)]))
        }
        None if is_said => None,
        None => {
            site.not_translated(
                "Kubernetes does not run the health check of an image",
                "repeat it here as `test`",
            );
            None
        }
    }
}

/// What the labels of a probe say.
fn action(settings: &Settings, labels: &ProbeLabels, ports: &[ContainerPort]) -> Option<Action> {
    if let Some(test) = settings.get(labels.test) {
        let words = test.words()?;
        return Some(Action::Exec(words.iter().map(|word| escape(word)).collect()));
    }
    if let Some(port) = settings.get(labels.tcp_port) {
        return Some(Action::Tcp { port: port.port()? });
    }
    let path = settings.get(labels.http_path);
    let port = settings.get(labels.http_port);
    let first = path.clone().or_else(|| port.clone())?;
    let port = match port {
        Some(port) => port.port()?,
        None => ports.first().map(|port| port.container_port).or_else(|| {
            first.site.invalid(
                format!("`{}` needs a port, and the service has none", first.label),
                format!("name it with `{}`", labels.http_port.first().copied().unwrap_or_default()),
            );
            None
        })?,
    };
    let path = path.and_then(|path| path.text().map(str::to_owned)).unwrap_or_default();
    Some(Action::Http { path: format!("/{}", path.trim_start_matches('/')), port })
}

/// When a probe runs, in seconds.
#[derive(Debug, Clone)]
struct Times {
    delay: Option<i32>,
    period: i32,
    timeout: i32,
    retries: u32,
    start_period: i32,
    start_interval: i32,
}

impl Times {
    fn of(healthcheck: Option<&Healthcheck>) -> Self {
        let none = Healthcheck::default();
        let healthcheck = healthcheck.unwrap_or(&none);
        let retries = healthcheck.retries.filter(|retries| *retries > 0);
        Self {
            delay: None,
            period: seconds(healthcheck.interval.unwrap_or(DEFAULT_INTERVAL)).max(1),
            timeout: seconds(healthcheck.timeout.unwrap_or(DEFAULT_TIMEOUT)).max(1),
            retries: retries.unwrap_or(DEFAULT_RETRIES),
            start_period: seconds(healthcheck.start_period.unwrap_or_default()),
            start_interval: seconds(healthcheck.start_interval.unwrap_or(DEFAULT_START_INTERVAL))
                .max(1),
        }
    }

    /// With what the labels say.
    fn changed(mut self, settings: &Settings, labels: &ProbeLabels) -> Self {
        let duration = |keys| settings.get(keys).and_then(|it| it.duration()).map(seconds);
        self.delay = duration(labels.start_period);
        self.period = duration(labels.interval).map_or(self.period, |period| period.max(1));
        self.timeout = duration(labels.timeout).map_or(self.timeout, |timeout| timeout.max(1));
        let retries = settings.get(labels.retries).and_then(|it| it.number(1));
        self.retries = retries.unwrap_or(self.retries);
        self
    }

    fn steady(&self, action: &Action) -> Probe {
        Probe { initial_delay_seconds: self.delay, ..self.probe(action, self.period, self.retries) }
    }

    /// Asks until Docker would call the container unhealthy, or longer.
    fn startup(&self, action: &Action) -> Probe {
        let period = self.start_interval.min(self.period);
        let unhealthy = self.retries.saturating_mul(self.period.unsigned_abs());
        let patience = self.start_period.unsigned_abs().saturating_add(unhealthy);
        let attempts = patience.max(SHORTEST_START).div_ceil(period.unsigned_abs());
        self.probe(action, period, attempts)
    }

    fn probe(&self, action: &Action, period: i32, failures: u32) -> Probe {
        Probe {
            period_seconds: Some(period),
            timeout_seconds: Some(self.timeout),
            failure_threshold: Some(i32::try_from(failures).unwrap_or(i32::MAX)),
            ..action.probe()
        }
    }
}

/// Whole seconds, rounded up.
fn seconds(duration: Duration) -> i32 {
    i32::try_from(duration.as_millis().div_ceil(1000)).unwrap_or(i32::MAX)
}

#[cfg(test)]
mod tests;
