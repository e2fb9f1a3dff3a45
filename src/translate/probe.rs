use std::time::Duration;

use k8s_openapi::api::core::v1::{ExecAction, Probe};

use crate::model::{Healthcheck, HealthcheckTest};

use super::command::escape;
use super::findings::Site;

const DEFAULT_INTERVAL: Duration = Duration::from_secs(30);
const DEFAULT_TIMEOUT: Duration = Duration::from_secs(30);
const DEFAULT_RETRIES: u32 = 3;
const DEFAULT_START_INTERVAL: Duration = Duration::from_secs(5);

/// The probes of a container.
#[derive(Debug, Default)]
pub struct Probes {
    /// Holds the other two back while the container starts.
    pub startup: Option<Probe>,
    /// What `service_healthy` means.
    pub readiness: Option<Probe>,
    /// Restarts the container.
    pub liveness: Option<Probe>,
}

/// Compose's one check, with Compose's defaults, which are not those of Kubernetes.
pub fn translate_healthcheck(healthcheck: Option<&Healthcheck>, site: &Site) -> Probes {
    let Some(healthcheck) = healthcheck else { return Probes::default() };
    let Healthcheck {
        test,
        disable,
        interval,
        timeout,
        retries,
        start_period,
        start_interval,
        extensions: _,
    } = healthcheck;
    if *disable {
        return Probes::default();
    }
    let command = match test {
        Some(HealthcheckTest::None) => return Probes::default(),
        Some(HealthcheckTest::Command(words)) if words.is_empty() => {
            site.child("test").not_translated(
                "the health check names no command, so there is no probe",
                "name the program behind `CMD`, or disable the check with `disable: true`",
            );
            return Probes::default();
        }
        Some(HealthcheckTest::Command(words)) => words.iter().map(|word| escape(word)).collect(),
        Some(HealthcheckTest::Shell(line)) => {
            vec!["/bin/sh".to_owned(), "-c".to_owned(), escape(line)]
        }
        None => {
            site.not_translated(
                "Kubernetes does not run the health check of an image",
                "repeat it here as `test`",
            );
            return Probes::default();
        }
    };
    site.approximated_closely(
        "an unhealthy container is restarted in Kubernetes; Docker only marks it",
        "remove `livenessProbe` from the template of the container to keep it running",
    );
    let retries = retries.filter(|retries| *retries > 0).unwrap_or(DEFAULT_RETRIES);
    let period = seconds(interval.unwrap_or(DEFAULT_INTERVAL)).max(1);
    let probe = |period_seconds, failure_threshold| Probe {
        exec: Some(ExecAction { command: Some(command.clone()) }),
        period_seconds: Some(period_seconds),
        timeout_seconds: Some(seconds(timeout.unwrap_or(DEFAULT_TIMEOUT)).max(1)),
        failure_threshold: Some(failure_threshold),
        ..Probe::default()
    };
    let steady = probe(period, int(retries));
    let startup = start_period.filter(|period| !period.is_zero()).map(|start_period| {
        let start_interval = seconds(start_interval.unwrap_or(DEFAULT_START_INTERVAL)).max(1);
        let attempts = seconds(start_period).unsigned_abs().div_ceil(start_interval.unsigned_abs());
        probe(start_interval, int(attempts.saturating_add(retries)))
    });
    Probes { startup, readiness: Some(steady.clone()), liveness: Some(steady) }
}

/// Whole seconds, rounded up.
fn seconds(duration: Duration) -> i32 {
    i32::try_from(duration.as_millis().div_ceil(1000)).unwrap_or(i32::MAX)
}

fn int(number: u32) -> i32 {
    i32::try_from(number).unwrap_or(i32::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Origins;
    use crate::translate::findings::Findings;

    fn probes(healthcheck: &Healthcheck) -> String {
        let origins = Origins::default();
        let findings = Findings::new(&origins);
        let Probes { startup, readiness, liveness } =
            translate_healthcheck(Some(healthcheck), &findings.site("services.web.healthcheck"));
        assert_eq!(readiness, liveness);
        serde_json::to_string(&(startup, readiness)).unwrap()
    }

    #[test]
    fn the_defaults_are_those_of_compose() {
        let test = Some(HealthcheckTest::Shell("test $(date)".into()));
        assert_eq!(
            probes(&Healthcheck { test, ..Healthcheck::default() }),
            r#"[null,{"exec":{"command":["/bin/sh","-c","test $$(date)"]},"failureThreshold":3,"periodSeconds":30,"timeoutSeconds":30}]"#
        );
    }

    #[test]
    fn a_start_period_becomes_a_startup_probe() {
        let text = probes(&Healthcheck {
            test: Some(HealthcheckTest::Command(vec!["ready".into()])),
            interval: Some(Duration::from_millis(1500)),
            timeout: Some(Duration::ZERO),
            retries: Some(5),
            start_period: Some(Duration::from_secs(12)),
            ..Healthcheck::default()
        });
        assert_eq!(
            text,
            r#"[{"exec":{"command":["ready"]},"failureThreshold":8,"periodSeconds":5,"timeoutSeconds":1},{"exec":{"command":["ready"]},"failureThreshold":5,"periodSeconds":2,"timeoutSeconds":1}]"#
        );
    }

    /// A check of `["CMD"]` gave probes without a command, which Kubernetes refuses.
    #[test]
    fn a_check_without_a_command_gives_no_probe() {
        let test = Some(HealthcheckTest::Command(Vec::new()));
        assert_eq!(probes(&Healthcheck { test, ..Healthcheck::default() }), "[null,null]");
    }

    #[test]
    fn disabled_or_unknown_tests_give_no_probe() {
        let test = Some(HealthcheckTest::None);
        assert_eq!(probes(&Healthcheck { test, ..Healthcheck::default() }), "[null,null]");
        let test = Some(HealthcheckTest::Shell("true".into()));
        let disabled = Healthcheck { test, disable: true, ..Healthcheck::default() };
        assert_eq!(probes(&disabled), "[null,null]");
        assert_eq!(probes(&Healthcheck::default()), "[null,null]");
    }
}
