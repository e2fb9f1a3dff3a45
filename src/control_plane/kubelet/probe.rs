//! Startup, liveness and readiness probes.

use std::fmt;
use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;

use k8s_openapi::api::core::v1::{Container, Probe};

use super::life::{ContainerLife, Stage};
use super::request::{self, Check};
use super::runtime::Runtime;
use super::works::{Report, Reporter};

/// What a probe is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(super) enum Probing {
    Startup,
    Liveness,
    Readiness,
}

impl Probing {
    /// The probe of a container.
    pub(super) fn of(self, container: &Container) -> Option<&Probe> {
        match self {
            Self::Startup => container.startup_probe.as_ref(),
            Self::Liveness => container.liveness_probe.as_ref(),
            Self::Readiness => container.readiness_probe.as_ref(),
        }
    }
}

impl fmt::Display for Probing {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Startup => "Startup",
            Self::Liveness => "Liveness",
            Self::Readiness => "Readiness",
        })
    }
}

/// The probes that a container needs now: the others wait for the startup probe.
pub(super) fn wanted(spec: &Container, container: &ContainerLife) -> Vec<Probing> {
    let Stage::Running(process) = &container.stage else { return Vec::new() };
    if process.ready.is_some() || container.ending.is_some() || container.health.starting {
        return Vec::new();
    }
    let probings: &[Probing] = if container.health.started {
        &[Probing::Liveness, Probing::Readiness]
    } else {
        &[Probing::Startup]
    };
    probings.iter().copied().filter(|probing| probing.of(spec).is_some()).collect()
}

/// Probes one run of a container, again and again.
pub(super) struct Prober {
    pub(super) runtime: Arc<dyn Runtime>,
    pub(super) container: Container,
    pub(super) id: String,
    pub(super) address: IpAddr,
    pub(super) probing: Probing,
    pub(super) probe: Probe,
    pub(super) reporter: Reporter,
}

impl Prober {
    /// Probes until it is dropped; reports what changes, and each failure.
    pub(super) async fn run(self) {
        let Some(check) = Check::of_probe(&self.probe, &self.container) else { return };
        let timeout = seconds(self.probe.timeout_seconds, 1);
        let mut count = Count::new(&self.probe);
        tokio::time::sleep(seconds(self.probe.initial_delay_seconds, 0)).await;
        let mut ticks = tokio::time::interval(seconds(self.probe.period_seconds, 10));
        ticks.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
        loop {
            ticks.tick().await;
            let asked = request::ask(&*self.runtime, &self.id, &check, self.address);
            let result = tokio::time::timeout(timeout, asked)
                .await
                .unwrap_or_else(|_| Err(format!("command timed out after {}s", timeout.as_secs())));
            let (id, probing) = (self.id.clone(), self.probing);
            let passes = result.is_ok();
            if let Err(message) = result {
                self.reporter.report(Report::Failing { id: id.clone(), probing, message });
            }
            if count.counts(passes) {
                self.reporter.report(Report::Probed { id, probing, passes });
            }
        }
    }
}

/// Counts results until they are enough to count for something.
#[derive(Debug)]
struct Count {
    success: i32,
    failure: i32,
    last: Option<bool>,
    run: i32,
    said: Option<bool>,
}

impl Count {
    fn new(probe: &Probe) -> Self {
        let success = probe.success_threshold.unwrap_or(1).max(1);
        let failure = probe.failure_threshold.unwrap_or(3).max(1);
        Self { success, failure, last: None, run: 0, said: None }
    }

    /// Whether this result makes a difference to what was said last.
    fn counts(&mut self, passes: bool) -> bool {
        if self.last == Some(passes) {
            self.run = self.run.saturating_add(1);
        } else {
            (self.last, self.run) = (Some(passes), 1);
        }
        let enough = if passes { self.success } else { self.failure };
        if self.run < enough || self.said == Some(passes) {
            return false;
        }
        self.said = Some(passes);
        true
    }
}

fn seconds(given: Option<i32>, default: u32) -> Duration {
    let seconds = given.and_then(|given| u64::try_from(given).ok()).unwrap_or(default.into());
    Duration::from_secs(seconds)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn results_count_when_there_are_enough_of_them() {
        let probe =
            Probe { success_threshold: Some(2), failure_threshold: Some(3), ..Probe::default() };
        let mut count = Count::new(&probe);
        let results = "+-++---+---++".chars();
        let said: String = results
            .map(|result| {
                let passes = result == '+';
                if count.counts(passes) { result } else { '.' }
            })
            .collect();
        assert_eq!(said, "...+..-.....+");
    }
}
