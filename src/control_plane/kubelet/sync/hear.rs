use jiff::{SignedDuration, Timestamp};
use k8s_openapi::api::core::v1::{Container, Pod};

use super::Syncer;
use crate::control_plane::kubelet::life::{self, Cause, Life};
use crate::control_plane::kubelet::probe::Probing;
use crate::control_plane::kubelet::works::Report;

impl Syncer {
    /// Takes in what a work has come to.
    pub(super) fn hear(&self, pod: &Pod, life: &mut Life, report: Report) {
        let now = self.clock.now();
        let deadline = later(now, life::grace_period(pod));
        match report {
            Report::Pulled { container, image } => {
                let Some(spec) = spec(pod, &container) else { return };
                let name = spec.image.as_deref().unwrap_or_default();
                let message = format!("Successfully pulled image \"{name}\"");
                self.note(pod, spec, false, "Pulled", message);
                if let Some(container) = life.container(&container) {
                    container.pulled(image);
                }
            }
            Report::NotPulled { container, never, reason } => {
                let Some(spec) = spec(pod, &container) else { return };
                let reason_shown = if never { "ErrImageNeverPull" } else { "ErrImagePull" };
                self.note_pull_failure(pod, spec, reason_shown, &reason);
                let image = spec.image.as_deref().unwrap_or_default();
                let message = if never {
                    reason
                } else {
                    format!("failed to pull image \"{image}\": {reason}")
                };
                if let Some(container) = life.container(&container) {
                    container.failed(reason_shown, message, now);
                }
            }
            Report::PostStartEnded { id, result } => {
                let Some(container) = life.run(&id) else { return };
                container.health.starting = false;
                if let Err(message) = result {
                    container.end(Cause::HookFailed, now, deadline);
                    let name = container.name.clone();
                    if let Some(spec) = spec(pod, &name) {
                        let message = format!("PostStartHook failed: {message}");
                        self.note(pod, spec, true, "FailedPostStartHook", message);
                    }
                }
            }
            Report::PreStopEnded { id, result } => {
                let Some(container) = life.run(&id) else { return };
                if let Some(ending) = &mut container.ending {
                    ending.hook_ended(now);
                }
                let name = container.name.clone();
                if let (Err(message), Some(spec)) = (result, spec(pod, &name)) {
                    let message = format!("PreStopHook failed: {message}");
                    self.note(pod, spec, true, "FailedPreStopHook", message);
                }
            }
            Report::Failing { id, probing, message } => {
                let Some(container) = life.run(&id) else { return };
                if let Some(spec) = spec(pod, &container.name) {
                    let message = format!("{probing} probe failed: {message}");
                    self.note(pod, spec, true, "Unhealthy", message);
                }
            }
            Report::Probed { id, probing, passes } => {
                let Some(container) = life.run(&id) else { return };
                match (probing, passes) {
                    (Probing::Startup, true) => container.health.started = true,
                    (Probing::Readiness, ready) => container.health.ready = ready,
                    (Probing::Liveness, true) => {}
                    (Probing::Startup | Probing::Liveness, false) => {
                        let spec = spec(pod, &container.name);
                        let own = spec
                            .and_then(|spec| probing.of(spec))
                            .and_then(|probe| probe.termination_grace_period_seconds);
                        let deadline = own.map_or(deadline, |seconds| later(now, seconds));
                        let cause = Cause::Unhealthy(probing.to_string().to_lowercase());
                        container.end(cause, now, deadline);
                    }
                }
            }
        }
    }
}

fn spec<'a>(pod: &'a Pod, name: &str) -> Option<&'a Container> {
    life::containers(pod).map(|(_, spec)| spec).find(|spec| spec.name == name)
}

fn later(now: Timestamp, seconds: i64) -> Timestamp {
    now.saturating_add(SignedDuration::from_secs(seconds)).unwrap_or(now)
}
