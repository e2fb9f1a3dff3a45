use k8s_openapi::api::core::v1::{Container, Pod};

use super::Syncer;
use crate::control_plane::controllers::owner;
use crate::control_plane::kubelet::life::{self, Cause, Life, Role};
use crate::control_plane::runner::Note;

impl Syncer {
    pub(super) fn note_killing(&self, pod: &Pod, spec: &Container, cause: Option<&Cause>) {
        let name = &spec.name;
        let message = match cause {
            Some(Cause::Unhealthy(probe)) => {
                format!("Container {name} failed {probe} probe, will be restarted")
            }
            Some(Cause::HookFailed) => {
                format!("FailedPostStartHook: container {name} will be restarted")
            }
            _ => format!("Stopping container {name}"),
        };
        self.note(pod, spec, false, "Killing", message);
    }

    pub(super) fn note_backoff(&self, pod: &Pod, life: &Life) {
        let policy = life::restart_policy(pod);
        for container in &life.containers {
            if container.restarts > 0 && container.backing_off_until(policy).is_some() {
                let name = &container.name;
                let (pod_name, namespace) = (owner::name(pod), owner::namespace(pod));
                let message = format!(
                    "Back-off restarting failed container {name} in pod {pod_name}_{namespace}({})",
                    owner::uid(pod)
                );
                let path = field_path(container.role, name);
                self.executor.record(Note::warning(pod, "BackOff", message).at(path));
            }
        }
    }

    pub(super) fn note_pull_failure(
        &self,
        pod: &Pod,
        spec: &Container,
        shown: &'static str,
        reason: &str,
    ) {
        let image = spec.image.as_deref().unwrap_or_default();
        if shown == "ErrImageNeverPull" {
            self.note(pod, spec, true, shown, reason.to_owned());
            return;
        }
        self.note(pod, spec, true, "Failed", format!("Failed to pull image \"{image}\": {reason}"));
        self.note(pod, spec, true, "Failed", format!("Error: {shown}"));
        self.note(pod, spec, true, "BackOff", format!("Back-off pulling image \"{image}\""));
    }

    pub(super) fn note(
        &self,
        pod: &Pod,
        spec: &Container,
        warning: bool,
        reason: &'static str,
        message: String,
    ) {
        let main = pod.spec.iter().flat_map(|pod| &pod.containers);
        let is_main = main.into_iter().any(|one| one.name == spec.name);
        let path = field_path(if is_main { Role::Main } else { Role::Init }, &spec.name);
        let note = if warning {
            Note::warning(pod, reason, message)
        } else {
            Note::normal(pod, reason, message)
        };
        self.executor.record(note.at(path));
    }
}

fn field_path(role: Role, container: &str) -> String {
    match role {
        Role::Main => format!("spec.containers{{{container}}}"),
        Role::Init | Role::Sidecar => format!("spec.initContainers{{{container}}}"),
    }
}
