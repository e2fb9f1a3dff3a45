//! The status of a pod, derived from its life.

use std::net::IpAddr;

use jiff::Timestamp;
use k8s_openapi::api::core::v1::{
    ContainerState, ContainerStateRunning, ContainerStateTerminated, ContainerStateWaiting,
    ContainerStatus, HostIP, Pod, PodCondition, PodIP, PodStatus,
};
use k8s_openapi::apimachinery::pkg::apis::meta::v1::Time;

use super::life::{self, ContainerLife, Life, Role, Run, Sandbox, Stage};

/// Whether the pod has ended for good.
pub(super) fn is_finished(pod: &Pod) -> bool {
    let phase = pod.status.as_ref().and_then(|status| status.phase.as_deref());
    matches!(phase, Some("Succeeded" | "Failed"))
}

/// The status that a pod shows: its life, on top of what others wrote into it.
pub(super) fn derive(pod: &Pod, life: &Life, host: IpAddr, now: Timestamp) -> PodStatus {
    let before = pod.status.clone().unwrap_or_default();
    let phase = phase(pod, life);
    let ips = life.address().map(|ip| vec![PodIP { ip: ip.to_string() }]);
    let show = |is_init: bool| {
        let containers = life.containers.iter().filter(|one| (one.role != Role::Main) == is_init);
        let statuses: Vec<_> = containers.map(|one| container_status(pod, life, one)).collect();
        Some(statuses).filter(|statuses| !statuses.is_empty())
    };
    let mut status = PodStatus {
        phase: Some(phase.to_owned()),
        observed_generation: pod.metadata.generation,
        host_ip: Some(host.to_string()),
        host_ips: Some(vec![HostIP { ip: host.to_string() }]),
        pod_ip: life.address().map(|ip| ip.to_string()),
        pod_ips: ips,
        start_time: Some(before.start_time.clone().unwrap_or(Time(now))),
        init_container_statuses: show(true),
        container_statuses: show(false),
        ..before
    };
    if let Some(failure) = &life.failure {
        status.reason = Some(failure.reason.to_owned());
        status.message = Some(failure.message.to_owned());
    }
    set_conditions(&mut status, pod, life, phase, now);
    status
}

fn phase(pod: &Pod, life: &Life) -> &'static str {
    if let Some(phase) = pod.status.as_ref().filter(|_| is_finished(pod)) {
        return if phase.phase.as_deref() == Some("Failed") { "Failed" } else { "Succeeded" };
    }
    if life.failure.is_some() {
        return "Failed";
    }
    let policy = life::restart_policy(pod);
    let init = || life.containers.iter().filter(|one| one.role == Role::Init);
    if init().any(|one| ended_code(one).is_some_and(|code| code != 0) && policy == "Never") {
        return "Failed";
    }
    if !is_initialized(life) {
        return "Pending";
    }
    let main: Vec<&ContainerLife> = mains(life).collect();
    let is_fresh = |one: &&&ContainerLife| {
        matches!(
            one.stage,
            Stage::Waiting | Stage::Pulling { .. } | Stage::Pulled(_) | Stage::Failed { .. }
        ) && one.last.is_none()
    };
    if main.iter().any(|one| is_fresh(&one)) {
        return "Pending";
    }
    let codes: Option<Vec<i32>> = main.iter().map(|one| ended_code(one)).collect();
    match (codes, policy) {
        (None, _) | (Some(_), "Always") => "Running",
        (Some(codes), _) if codes.iter().all(|code| *code == 0) => "Succeeded",
        (Some(_), "Never") => "Failed",
        (Some(_), _) => "Running",
    }
}

fn container_status(pod: &Pod, life: &Life, container: &ContainerLife) -> ContainerStatus {
    let spec = life::containers(pod).find(|(_, spec)| spec.name == container.name);
    let image = spec.and_then(|(_, spec)| spec.image.clone()).unwrap_or_default();
    let last_run = container.last.as_ref();
    let (state, mut last_state) = (state(pod, life, container), last_run.map(terminated));
    let id = match &container.stage {
        Stage::Running(process) => Some(process.id.clone()),
        Stage::Ended(run) => Some(run.id.clone()),
        _ => last_run.map(|run| run.id.clone()),
    };
    if let (Some(_), Stage::Ended(run)) = (&state.waiting, &container.stage) {
        last_state = Some(terminated(run));
    }
    let is_done = container.role == Role::Init && ended_code(container) == Some(0);
    ContainerStatus {
        name: container.name.clone(),
        image,
        image_id: container.image_id.clone(),
        container_id: id,
        ready: is_done || container.is_ready(),
        started: Some(is_started(container)),
        restart_count: container.restarts,
        state: Some(state),
        last_state: Some(last_state.unwrap_or_default()),
        ..ContainerStatus::default()
    }
}

fn state(pod: &Pod, life: &Life, container: &ContainerLife) -> ContainerState {
    let policy = life::restart_policy(pod);
    match &container.stage {
        Stage::Waiting | Stage::Pulling { .. } | Stage::Pulled(_) => {
            let is_main = container.role == Role::Main;
            let initializing = is_main && !is_initialized(life);
            let is_next = life.containers.iter().find(|one| one.role != Role::Main);
            let later = !is_main && is_next.is_some_and(|first| first.name != container.name);
            let reason =
                if initializing || later { "PodInitializing" } else { "ContainerCreating" };
            waiting(reason, None)
        }
        Stage::Failed { reason, message, failures, .. } => {
            let is_later = *reason == "ErrImagePull" && *failures > 1;
            let reason = if is_later { "ImagePullBackOff" } else { reason };
            waiting(reason, Some(message.clone()))
        }
        Stage::Running(process) => ContainerState {
            running: Some(ContainerStateRunning { started_at: Some(Time(process.started_at)) }),
            ..ContainerState::default()
        },
        Stage::Ended(run) => match container.backing_off_until(policy) {
            Some(_) if container.restarts > 0 => {
                let name = &container.name;
                let pod = pod.metadata.name.as_deref().unwrap_or_default();
                let message = format!("back-off restarting failed container={name} pod={pod}");
                waiting("CrashLoopBackOff", Some(message))
            }
            _ => terminated(run),
        },
    }
}

fn waiting(reason: &str, message: Option<String>) -> ContainerState {
    let waiting = ContainerStateWaiting { reason: Some(reason.to_owned()), message };
    ContainerState { waiting: Some(waiting), ..ContainerState::default() }
}

fn terminated(run: &Run) -> ContainerState {
    let by_code = if run.ended.code == 0 { "Completed" } else { "Error" };
    let reason = run.ended.reason.unwrap_or(by_code);
    ContainerState {
        terminated: Some(ContainerStateTerminated {
            container_id: Some(run.id.clone()),
            exit_code: run.ended.code,
            message: run.ended.message.clone(),
            reason: Some(reason.to_owned()),
            started_at: Some(Time(run.started_at)),
            finished_at: Some(Time(run.ended.at)),
            ..ContainerStateTerminated::default()
        }),
        ..ContainerState::default()
    }
}

fn set_conditions(status: &mut PodStatus, pod: &Pod, life: &Life, phase: &str, now: Timestamp) {
    let finished = matches!(phase, "Succeeded" | "Failed");
    let completed = (phase == "Succeeded").then_some("PodCompleted");
    let unready = unready(life);
    let ready = unready.is_empty() && !finished;
    let names = unready.join(" ");
    let message =
        (!ready && !finished).then(|| format!("containers with unready status: [{names}]"));
    let reason = match (phase, ready) {
        (_, true) => None,
        ("Succeeded", _) => completed,
        ("Failed", _) => Some("PodFailed"),
        _ => Some("ContainersNotReady"),
    };
    let initialized = is_initialized(life) || phase == "Succeeded";
    let not_initialized = (!initialized).then_some("ContainersNotInitialized");
    let gates = pod.spec.iter().flat_map(|spec| spec.readiness_gates.iter().flatten());
    let conditions = status.conditions.get_or_insert_default();
    let is_true = |kind: &str| conditions.iter().any(|c| c.type_ == kind && c.status == "True");
    let gates_open = gates.into_iter().all(|gate| is_true(&gate.condition_type));
    let gate = if ready && !gates_open { Some("ReadinessGatesNotReady") } else { reason };
    let mut set = |kind, holds, reason: Option<&str>, message: Option<String>| {
        set_condition(conditions, pod, (kind, holds, reason, message), now);
    };
    set(
        "PodReadyToStartContainers",
        matches!(life.sandbox, Sandbox::Up(_)) && !finished,
        None,
        None,
    );
    set("Initialized", initialized, not_initialized.or(completed), None);
    set("Ready", ready && gates_open, gate, message.clone());
    set("ContainersReady", ready, reason, message);
    set("PodScheduled", true, None, None);
}

fn set_condition(
    conditions: &mut Vec<PodCondition>,
    pod: &Pod,
    (kind, holds, reason, message): (&str, bool, Option<&str>, Option<String>),
    now: Timestamp,
) {
    let value = if holds { "True" } else { "False" };
    let position = conditions.iter().position(|condition| condition.type_ == kind);
    let before = position.and_then(|position| conditions.get(position));
    let unchanged = before.filter(|before| before.status == value);
    let since = unchanged.and_then(|before| before.last_transition_time.clone());
    let condition = PodCondition {
        type_: kind.to_owned(),
        status: value.to_owned(),
        reason: reason.map(str::to_owned),
        message,
        last_transition_time: Some(since.unwrap_or(Time(now))),
        observed_generation: pod.metadata.generation,
        last_probe_time: None,
    };
    match position.and_then(|position| conditions.get_mut(position)) {
        Some(before) => *before = condition,
        None => conditions.push(condition),
    }
}

fn mains(life: &Life) -> impl Iterator<Item = &ContainerLife> {
    life.containers.iter().filter(|one| one.role == Role::Main)
}

/// The names of the containers that keep the pod from being ready.
fn unready(life: &Life) -> Vec<&str> {
    let must_run = life.containers.iter().filter(|one| one.role != Role::Init);
    must_run.filter(|one| !one.is_ready()).map(|one| one.name.as_str()).collect()
}

fn is_initialized(life: &Life) -> bool {
    life.containers.iter().all(|one| match one.role {
        Role::Main => true,
        Role::Sidecar => is_started(one),
        Role::Init => ended_code(one) == Some(0),
    })
}

/// Whether it runs, and has passed its startup probe.
fn is_started(container: &ContainerLife) -> bool {
    match &container.stage {
        Stage::Running(process) if container.role != Role::Init => {
            process.ready.is_some() || (container.health.started && !container.health.starting)
        }
        _ => false,
    }
}

fn ended_code(container: &ContainerLife) -> Option<i32> {
    match &container.stage {
        Stage::Ended(run) => Some(run.ended.code),
        _ => None,
    }
}
