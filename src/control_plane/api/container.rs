use k8s_openapi::api::core::v1::{ContainerState, ContainerStatus, Pod, PodSpec};

use crate::control_plane::verbs::{Key, Verbs};
use crate::kubernetes::{Reason, Status};

/// A container that a request reaches into.
pub struct Target {
    /// The pod.
    pub pod: Pod,
    name: String,
    container: String,
}

impl Target {
    /// The container that is asked for; the only one when none is named.
    pub fn find(verbs: &Verbs, key: &Key, wanted: &str) -> Result<Self, Status> {
        let pod: Pod = verbs.get(key)?.parse().map_err(|error| {
            Status::new(Reason::InternalError, format!("pod {} cannot be read: {error}", key.name))
        })?;
        let default = PodSpec::default();
        let container = choose(&key.name, pod.spec.as_ref().unwrap_or(&default), wanted)?;
        Ok(Self { pod, name: key.name.clone(), container })
    }

    /// The id of the container, which must run for what is to be done with it.
    pub fn running(&self, doing: &str) -> Result<&str, Status> {
        let phase = self.pod.status.as_ref().and_then(|status| status.phase.as_deref());
        if let Some(phase @ ("Succeeded" | "Failed")) = phase {
            return refused(format!(
                "cannot {doing} a container in a completed pod; current phase is {phase}"
            ));
        }
        if self.pod.spec.as_ref().is_none_or(|spec| spec.node_name.is_none()) {
            return refused(format!("pod {} does not have a host assigned", self.name));
        }
        let running = self
            .status()
            .filter(|status| status.state.as_ref().is_some_and(|state| state.running.is_some()));
        running.and_then(|status| status.container_id.as_deref()).ok_or_else(|| {
            let message = format!(
                "unable to upgrade connection: container not found (\"{}\")",
                self.container
            );
            Status::new(Reason::NotFound, message)
        })
    }

    /// The id of the run of the container whose logs are asked for: the current or last one, or
    /// the one before.
    pub fn logged(&self, previous: bool) -> Result<&str, Status> {
        let place = format!("\"{}\" in pod \"{}\"", self.container, self.name);
        let Some(status) = self.status() else {
            return refused(format!("container {place} is not available"));
        };
        let last = terminated(status.last_state.as_ref());
        if previous {
            return last.map_or_else(
                || refused(format!("previous terminated container {place} not found")),
                Ok,
            );
        }
        let state = status.state.as_ref();
        let running = state.filter(|state| state.running.is_some());
        let current = running.and(status.container_id.as_deref());
        if let Some(id) = current.or_else(|| terminated(state)).or(last) {
            return Ok(id);
        }
        if state.is_some_and(|state| state.terminated.is_some()) {
            return refused(format!("container {place} is terminated"));
        }
        let waiting = state.and_then(|state| state.waiting.as_ref());
        match waiting.and_then(|waiting| waiting.reason.as_deref()) {
            None => refused(format!("container {place} is waiting to start - no logs yet")),
            Some("ErrImagePull") => {
                refused(format!("container {place} is waiting to start: image can't be pulled"))
            }
            Some("ImagePullBackOff") => refused(format!(
                "container {place} is waiting to start: trying and failing to pull image"
            )),
            Some(reason) => refused(format!("container {place} is waiting to start: {reason}")),
        }
    }

    fn status(&self) -> Option<&ContainerStatus> {
        let status = self.pod.status.as_ref()?;
        [
            &status.container_statuses,
            &status.init_container_statuses,
            &status.ephemeral_container_statuses,
        ]
        .into_iter()
        .flatten()
        .flatten()
        .find(|status| status.name == self.container)
    }
}

/// The id of a container that has ended.
fn terminated(state: Option<&ContainerState>) -> Option<&str> {
    let id = state?.terminated.as_ref()?.container_id.as_deref()?;
    (!id.is_empty()).then_some(id)
}

fn choose(pod: &str, spec: &PodSpec, wanted: &str) -> Result<String, Status> {
    let init: Vec<&str> =
        spec.init_containers.iter().flatten().map(|one| one.name.as_str()).collect();
    let ephemeral = spec.ephemeral_containers.iter().flatten().map(|one| one.name.as_str());
    let main: Vec<&str> = spec.containers.iter().map(|one| one.name.as_str()).collect();
    match (wanted, main.as_slice()) {
        ("", [only]) => Ok((*only).to_owned()),
        ("", many) => {
            let more = match init.as_slice() {
                [] => String::new(),
                init => format!(" or one of the init containers: [{}]", init.join(" ")),
            };
            refused(format!(
                "a container name must be specified for pod {pod}, choose one of: [{}]{more}",
                many.join(" ")
            ))
        }
        (wanted, _) if main.iter().copied().chain(init).chain(ephemeral).any(|n| n == wanted) => {
            Ok(wanted.to_owned())
        }
        (wanted, _) => refused(format!("container {wanted} is not valid for pod {pod}")),
    }
}

fn refused<T>(message: String) -> Result<T, Status> {
    Err(Status::new(Reason::BadRequest, message))
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    fn target(status: &Value) -> Target {
        let pod = json!({
            "metadata": {"name": "p"},
            "spec": {"containers": [{"name": "web"}], "nodeName": "n"},
            "status": {"phase": "Running", "containerStatuses": [status]},
        });
        let pod = serde_json::from_value(pod).unwrap();
        Target { pod, name: "p".to_owned(), container: "web".to_owned() }
    }

    fn status(state: &Value, last: &Value) -> Value {
        json!({
            "name": "web", "image": "i", "imageID": "", "ready": true, "restartCount": 0,
            "containerID": "docker://now", "state": state, "lastState": last,
        })
    }

    #[test]
    fn logs_are_those_of_a_run() {
        let check = |state: Value, last: Value, now: &str, before: &str| {
            let target = target(&status(&state, &last));
            for (previous, expected) in [(false, now), (true, before)] {
                let told =
                    target.logged(previous).map_or_else(|status| status.message, str::to_owned);
                assert_eq!(told.replace("\"web\" in pod \"p\"", "C"), expected, "{state} {last}");
            }
        };
        let none = "previous terminated container C not found";
        let ended = |id: &str| json!({"terminated": {"exitCode": 1, "containerID": id}});
        let waiting = |reason: &str| json!({"waiting": {"reason": reason}});
        check(json!({"running": {}}), json!({}), "docker://now", none);
        check(json!({"running": {}}), ended("docker://old"), "docker://now", "docker://old");
        check(ended("docker://end"), json!({}), "docker://end", none);
        check(ended(""), ended("docker://old"), "docker://old", "docker://old");
        check(ended(""), json!({}), "container C is terminated", none);
        check(waiting("CrashLoopBackOff"), ended("docker://old"), "docker://old", "docker://old");
        let creating = "container C is waiting to start: ContainerCreating";
        check(waiting("ContainerCreating"), json!({}), creating, none);
        let pulled = "container C is waiting to start: trying and failing to pull image";
        check(waiting("ImagePullBackOff"), json!({}), pulled, none);
        check(json!({}), json!({}), "container C is waiting to start - no logs yet", none);
    }

    #[test]
    fn one_must_be_named_among_several() {
        let spec = |main: &[&str], init: &[&str]| -> PodSpec {
            let list = |names: &[&str]| -> Vec<Value> {
                names.iter().map(|name| json!({"name": name})).collect()
            };
            serde_json::from_value(json!({"containers": list(main), "initContainers": list(init)}))
                .unwrap()
        };
        let chosen = |spec: &PodSpec, wanted| {
            choose("p", spec, wanted).unwrap_or_else(|status| format!("! {}", status.message))
        };
        assert_eq!(chosen(&spec(&["a"], &["i"]), ""), "a");
        assert_eq!(chosen(&spec(&["a"], &["i"]), "i"), "i");
        assert_eq!(chosen(&spec(&["a"], &[]), "x"), "! container x is not valid for pod p");
        assert_eq!(
            chosen(&spec(&["a", "b"], &["i"]), ""),
            "! a container name must be specified for pod p, choose one of: [a b] or one of the \
             init containers: [i]"
        );
    }
}
