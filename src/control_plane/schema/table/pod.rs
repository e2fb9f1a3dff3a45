use jiff::Timestamp;
use serde_json::{Value, json};

use super::view::View;
use super::{AGE, Layout, NAME, age, text, wide};

pub(super) const POD: Layout = Layout {
    columns: &[
        NAME,
        text("Ready"),
        text("Status"),
        text("Restarts"),
        AGE,
        wide("IP"),
        wide("Node"),
        wide("Nominated Node"),
        wide("Readiness Gates"),
    ],
    cells,
};

fn cells(pod: View<'_>) -> Vec<Value> {
    let summary = Summary::of(pod);
    vec![
        pod.name(),
        json!(format!("{}/{}", summary.ready, summary.total)),
        json!(summary.reason),
        json!(summary.restarts_text(pod.now)),
        pod.age(),
        json!(pod.text_or("/status/podIPs/0/ip", "<none>")),
        json!(pod.text_or("/spec/nodeName", "<none>")),
        json!(pod.text_or("/status/nominatedNodeName", "<none>")),
        json!(readiness_gates(pod)),
    ]
}

/// What one line says of a pod's containers.
#[derive(Default)]
struct Summary {
    total: usize,
    ready: usize,
    reason: String,
    restarts: i64,
    last_restart: Option<Timestamp>,
}

impl Summary {
    /// `printPod`: the reason of the first container that is not well, init containers first.
    fn of(pod: View<'_>) -> Self {
        let mut summary = Self {
            total: pod.count("/spec/containers")
                + pod.items("/spec/initContainers").filter(|init| is_sidecar(*init)).count(),
            reason: phase_or_reason(pod),
            ..Self::default()
        };
        let mut sidecars = Self::default();
        let initializing = summary.add_init_containers(pod, &mut sidecars);
        if !initializing || pod.has_condition("Initialized") {
            summary.restarts = sidecars.restarts;
            summary.last_restart = sidecars.last_restart;
            summary.add_containers(pod);
        }
        if pod.is_leaving() {
            if pod.text("/status/reason") == "NodeLost" {
                "Unknown".clone_into(&mut summary.reason);
            } else if !matches!(pod.text("/status/phase"), "Succeeded" | "Failed") {
                "Terminating".clone_into(&mut summary.reason);
            }
        }
        summary
    }

    /// Whether an init container still holds the pod back; the restarts of sidecars are counted apart.
    fn add_init_containers(&mut self, pod: View<'_>, sidecars: &mut Self) -> bool {
        let count = pod.count("/spec/initContainers");
        for (index, status) in pod.items("/status/initContainerStatuses").enumerate() {
            self.count_restarts(status);
            let is_sidecar = pod
                .items("/spec/initContainers")
                .any(|init| init.text("/name") == status.text("/name") && is_sidecar(init));
            if is_sidecar {
                sidecars.count_restarts(status);
            }
            let terminated = status.get("/state/terminated").is_some();
            if terminated && status.number("/state/terminated/exitCode") == 0 {
                continue;
            }
            if is_sidecar && status.is_true("/started") {
                self.ready += usize::from(status.is_true("/ready"));
                continue;
            }
            self.reason = match status.text("/state/waiting/reason") {
                _ if terminated => format!("Init:{}", termination(status)),
                "" | "PodInitializing" => format!("Init:{index}/{count}"),
                waiting => format!("Init:{waiting}"),
            };
            return true;
        }
        false
    }

    fn add_containers(&mut self, pod: View<'_>) {
        let mut has_running = false;
        for status in pod.items("/status/containerStatuses").rev() {
            self.count_restarts(status);
            let waiting = status.text("/state/waiting/reason");
            if !waiting.is_empty() {
                waiting.clone_into(&mut self.reason);
            } else if status.get("/state/terminated").is_some() {
                self.reason = termination(status);
            } else if status.is_true("/ready") && status.get("/state/running").is_some() {
                has_running = true;
                self.ready += 1;
            }
        }
        if self.reason == "Completed" && has_running {
            let reason = if pod.has_condition("Ready") { "Running" } else { "NotReady" };
            reason.clone_into(&mut self.reason);
        }
    }

    fn count_restarts(&mut self, status: View<'_>) {
        self.restarts += status.number("/restartCount");
        self.last_restart = self.last_restart.max(status.time("/lastState/terminated/finishedAt"));
    }

    fn restarts_text(&self, now: Timestamp) -> String {
        match self.last_restart {
            Some(last) if self.restarts != 0 => {
                format!("{} ({} ago)", self.restarts, age::since(last, now))
            }
            _ => self.restarts.to_string(),
        }
    }
}

fn phase_or_reason(pod: View<'_>) -> String {
    const GATED: &str = "SchedulingGated";
    let gated = pod.items("/status/conditions").any(|condition| {
        condition.text("/type") == "PodScheduled" && condition.text("/reason") == GATED
    });
    let phase = pod.text("/status/phase");
    let reason = pod.text("/status/reason");
    let text = match (gated, reason) {
        (true, _) => GATED,
        (false, "") => phase,
        (false, reason) => reason,
    };
    text.to_owned()
}

fn termination(status: View<'_>) -> String {
    match (status.text("/state/terminated/reason"), status.number("/state/terminated/signal")) {
        ("", 0) => format!("ExitCode:{}", status.number("/state/terminated/exitCode")),
        ("", signal) => format!("Signal:{signal}"),
        (reason, _) => reason.to_owned(),
    }
}

fn is_sidecar(init: View<'_>) -> bool {
    init.text("/restartPolicy") == "Always"
}

fn readiness_gates(pod: View<'_>) -> String {
    let gates = pod.count("/spec/readinessGates");
    if gates == 0 {
        return "<none>".to_owned();
    }
    let open = pod
        .items("/spec/readinessGates")
        .filter(|gate| pod.has_condition(gate.text("/conditionType")))
        .count();
    format!("{open}/{gates}")
}
