//! What a pod's status says about how it is doing.

use std::time::Duration;

use serde_json::Value;

use super::fields::{condition, items, member, text, value};
use super::reasons;
use crate::kubernetes::Object;

/// A container may need some restarts until what it needs is there, such as a database that fills
/// its volume for the first time; with the kubelet's back-off these take more than a minute.
const RESTARTS_TOLERATED: i64 = 4;
/// Configuration may be on its way.
const CONFIGURATION_TOLERATED: Duration = Duration::from_secs(10);
/// Nodes may be starting, volumes may be on their way.
const UNSCHEDULABLE_TOLERATED: Duration = Duration::from_secs(30);

/// What keeps a workload from becoming ready.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Trouble {
    /// The cluster's reason, e.g. `ImagePullBackOff`.
    pub reason: String,
    /// The cluster's words.
    pub message: String,
    /// The pod; none when the workload itself is in trouble.
    pub pod: Option<String>,
    /// The container; none when the whole pod is in trouble.
    pub container: Option<String>,
    /// How long it may last; none when it may last as long as the wait.
    pub(super) tolerated: Option<Duration>,
}

impl Trouble {
    /// Trouble of a workload itself, which will not go away.
    pub(super) fn of_workload(reason: &str, message: &str) -> Self {
        Self {
            reason: reason.to_owned(),
            message: message.to_owned(),
            pod: None,
            container: None,
            tolerated: Some(Duration::ZERO),
        }
    }
}

/// What keeps a pod from running, if anything does.
pub(super) fn pod_trouble(pod: &Object) -> Option<Trouble> {
    if value(pod, "metadata.deletionTimestamp").is_some() {
        return None;
    }
    let trouble = |reason: &str, message: String, container: Option<&str>, tolerated| Trouble {
        reason: reason.to_owned(),
        message,
        pod: Some(pod.name().to_owned()),
        container: container.map(str::to_owned),
        tolerated,
    };
    if let Some(scheduled) = condition(pod, "PodScheduled")
        && !scheduled.holds
        && scheduled.reason == reasons::UNSCHEDULABLE
    {
        let message = scheduled.message.to_owned();
        return Some(trouble(scheduled.reason, message, None, Some(UNSCHEDULABLE_TOLERATED)));
    }
    containers(pod).find_map(|status| {
        let waiting = status.get("state")?.get("waiting")?;
        let reason = member(waiting, "reason");
        let tolerated = match tolerance(reason, restarts(status))? {
            Tolerance::AsLongAsTheWait => None,
            Tolerance::For(time) => Some(time),
        };
        let message = match reason {
            reasons::CRASH_LOOP_BACK_OFF => last_end(status),
            _ => member(waiting, "message").to_owned(),
        };
        Some(trouble(reason, message, Some(member(status, "name")), tolerated))
    })
}

/// The status of a pod in a few words, as `kubectl get pods` says it.
pub(super) fn pod_status(pod: &Object) -> String {
    if value(pod, "metadata.deletionTimestamp").is_some() {
        return "Terminating".to_owned();
    }
    let all = containers(pod).count();
    let ready = containers(pod)
        .filter(|status| status.get("ready").and_then(Value::as_bool) == Some(true))
        .count();
    let reason = containers(pod).find_map(|status| {
        let state = status.get("state")?;
        let state = state.get("waiting").or_else(|| state.get("terminated"))?;
        Some(member(state, "reason")).filter(|reason| !reason.is_empty())
    });
    match (reason, text(pod, "status.phase")) {
        (_, "Succeeded") => "Completed".to_owned(),
        (Some(reason), _) => reason.to_owned(),
        (None, "Running") => format!("Running, {ready}/{all} ready"),
        (None, "") => "Pending".to_owned(),
        (None, phase) => phase.to_owned(),
    }
}

/// Whether a container of the pod has run.
pub(super) fn has_started(pod: &Object) -> bool {
    matches!(text(pod, "status.phase"), "Running" | "Succeeded" | "Failed")
}

/// Whether the pod takes requests.
pub(super) fn is_ready(pod: &Object) -> bool {
    condition(pod, "Ready").is_some_and(|ready| ready.holds)
}

/// The statuses of all containers, those of the start first.
fn containers(pod: &Object) -> impl Iterator<Item = &Value> {
    items(pod, "status.initContainerStatuses").chain(items(pod, "status.containerStatuses"))
}

/// How long a reason for waiting is no failure.
enum Tolerance {
    AsLongAsTheWait,
    For(Duration),
}

/// The tolerance for a reason; none when it is no trouble at all.
fn tolerance(reason: &str, restarts: i64) -> Option<Tolerance> {
    Some(match reason {
        reasons::IMAGE_PULL_BACK_OFF
        | reasons::INVALID_IMAGE_NAME
        | reasons::ERR_IMAGE_NEVER_PULL => Tolerance::For(Duration::ZERO),
        reasons::CRASH_LOOP_BACK_OFF if restarts >= RESTARTS_TOLERATED => {
            Tolerance::For(Duration::ZERO)
        }
        reasons::CRASH_LOOP_BACK_OFF | reasons::ERR_IMAGE_PULL => Tolerance::AsLongAsTheWait,
        reasons::CREATE_CONTAINER_CONFIG_ERROR
        | reasons::CREATE_CONTAINER_ERROR
        | reasons::RUN_CONTAINER_ERROR => Tolerance::For(CONFIGURATION_TOLERATED),
        _ => return None,
    })
}

fn restarts(status: &Value) -> i64 {
    status.get("restartCount").and_then(Value::as_i64).unwrap_or(0)
}

/// Why the container ended the last time: more use than how long the next try is put off.
fn last_end(status: &Value) -> String {
    let restarts = restarts(status);
    let Some(end) = status.get("lastState").and_then(|state| state.get("terminated")) else {
        return format!("restarted {restarts} times");
    };
    let code = end.get("exitCode").and_then(Value::as_i64).unwrap_or(0);
    let mut told = format!("exited with code {code}");
    let reason = member(end, "reason");
    if !matches!(reason, "" | "Error" | "Completed") {
        told = format!("{told} ({reason})");
    }
    let message = member(end, "message").trim();
    if !message.is_empty() {
        told = format!("{told}: {message}");
    }
    format!("{told}, restarted {restarts} times")
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::{pod_status, pod_trouble};
    use crate::kubernetes::Object;

    fn check(status: &Value, expected_trouble: &str, expected_status: &str) {
        let pod = json!({"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "web-1"}, "status": status});
        let pod = Object::new(serde_json::from_value(pod).unwrap()).unwrap();
        let trouble = pod_trouble(&pod).map_or_else(
            || "none".to_owned(),
            |trouble| {
                let tolerated = trouble.tolerated.map_or("always".to_owned(), |t| format!("{t:?}"));
                let container = trouble.container.unwrap_or_default();
                format!(
                    "{} [{container}] {}; tolerated {tolerated}",
                    trouble.reason, trouble.message
                )
            },
        );
        assert_eq!(
            (trouble.as_str(), pod_status(&pod).as_str()),
            (expected_trouble, expected_status)
        );
    }

    fn waiting(reason: &str, restarts: i64) -> Value {
        json!({"phase": "Pending", "containerStatuses": [{
            "name": "app", "ready": false, "restartCount": restarts,
            "state": {"waiting": {"reason": reason, "message": "words"}},
            "lastState": {"terminated": {"exitCode": 3, "reason": "Error"}},
        }]})
    }

    #[test]
    fn trouble_and_its_tolerance() {
        check(&json!({}), "none", "Pending");
        check(&waiting("ContainerCreating", 0), "none", "ContainerCreating");
        check(
            &waiting("ImagePullBackOff", 0),
            "ImagePullBackOff [app] words; tolerated 0ns",
            "ImagePullBackOff",
        );
        check(
            &waiting("ErrImagePull", 0),
            "ErrImagePull [app] words; tolerated always",
            "ErrImagePull",
        );
        check(
            &waiting("CreateContainerConfigError", 0),
            "CreateContainerConfigError [app] words; tolerated 10s",
            "CreateContainerConfigError",
        );
    }

    #[test]
    fn crashes_are_tolerated_until_waiting_does_not_help() {
        check(
            &waiting("CrashLoopBackOff", 1),
            "CrashLoopBackOff [app] exited with code 3, restarted 1 times; tolerated always",
            "CrashLoopBackOff",
        );
        check(
            &waiting("CrashLoopBackOff", 4),
            "CrashLoopBackOff [app] exited with code 3, restarted 4 times; tolerated 0ns",
            "CrashLoopBackOff",
        );
    }

    #[test]
    fn whole_pods() {
        check(
            &json!({"phase": "Pending", "conditions": [{"type": "PodScheduled", "status": "False",
                   "reason": "Unschedulable", "message": "0/1 nodes are available"}]}),
            "Unschedulable [] 0/1 nodes are available; tolerated 30s",
            "Pending",
        );
        check(
            &json!({"phase": "Running", "containerStatuses": [
                {"name": "a", "ready": true, "state": {"running": {}}},
                {"name": "b", "ready": false, "state": {"running": {}}}]}),
            "none",
            "Running, 1/2 ready",
        );
        check(
            &json!({"phase": "Succeeded", "containerStatuses": [
                {"name": "a", "ready": false, "state": {"terminated": {"reason": "Completed"}}}]}),
            "none",
            "Completed",
        );
    }
}
