use serde_json::{Value, json};

use super::*;
use crate::control_plane::kubelet::runtime::{Ended, Image, Process};

fn pod(spec: &Value) -> Pod {
    let object = json!({"metadata": {"name": "pod", "uid": "uid"}, "spec": spec});
    serde_json::from_value(object).unwrap()
}

fn at(second: i64) -> Timestamp {
    Timestamp::from_second(1_000_000 + second).unwrap()
}

fn address() -> IpAddr {
    "10.88.0.2".parse().unwrap()
}

/// A pod of this spec whose network is up.
fn up(pod: &Pod) -> Life {
    let mut life = Life::of(pod);
    life.sandbox = Sandbox::Up(address());
    life
}

fn process(name: &str, attempt: u32, ended: Option<(i32, i64)>) -> Process {
    Process {
        container: name.to_owned(),
        id: format!("{name}-{attempt}"),
        attempt,
        started_at: at(0),
        ready: None,
        ended: ended.map(|(code, second)| Ended {
            code,
            at: at(second),
            reason: None,
            message: None,
        }),
        changes_at: None,
    }
}

fn seen(processes: Vec<Process>) -> Seen {
    Seen { address: Some(address()), processes }
}

/// Starts the container at a position.
fn start(life: &mut Life, pod: &Pod, position: usize) {
    let (_, spec) = containers(pod).nth(position).unwrap();
    let container = life.containers.get_mut(position).unwrap();
    let attempt = container.next_attempt();
    let image = Image { id: "image".to_owned() };
    container.started(spec, process(&spec.name, attempt, None), image);
}

#[test]
fn init_containers_come_one_after_the_other_and_sidecars_when_started() {
    let pod = pod(&json!({
        "initContainers": [
            {"name": "first"},
            {"name": "side", "restartPolicy": "Always", "startupProbe": {"tcpSocket": {"port": 1}}},
        ],
        "containers": [{"name": "main"}],
    }));
    let mut life = Life::of(&pod);
    assert_eq!(life.next(&pod, at(0)), Step::StartSandbox);
    life.sandbox = Sandbox::Up(address());
    assert_eq!(life.next(&pod, at(0)), Step::Start(0));
    start(&mut life, &pod, 0);
    assert_eq!(life.next(&pod, at(0)), Step::Wait(None));
    life.observe(&seen(vec![process("first", 0, Some((0, 1)))]), at(1));
    assert_eq!(life.next(&pod, at(1)), Step::Start(1));
    start(&mut life, &pod, 1);
    assert_eq!(life.next(&pod, at(1)), Step::Wait(None), "its startup probe has not passed");
    life.container("side").unwrap().health.started = true;
    assert_eq!(life.next(&pod, at(1)), Step::Start(2));
}

#[test]
fn a_container_that_ends_comes_back_ever_later() {
    let pod = pod(&json!({"containers": [{"name": "main"}]}));
    let mut life = up(&pod);
    start(&mut life, &pod, 0);
    let observed = life.observe(&seen(vec![process("main", 0, Some((1, 5)))]), at(5));
    assert_eq!(observed.ended, [0]);
    assert_eq!(life.next(&pod, at(5)), Step::Start(0), "the first time at once");
    start(&mut life, &pod, 0);
    life.observe(&seen(vec![process("main", 1, Some((1, 6)))]), at(6));
    assert_eq!(life.next(&pod, at(6)), Step::Wait(Some(at(16))));
    assert_eq!(life.next(&pod, at(16)), Step::Start(0));
    assert_eq!(life.containers[0].next_attempt(), 2);
}

#[test]
fn what_was_started_before_a_kill_is_taken_over() {
    // A server that is killed between a start and the status has not written it down.
    let pod = pod(&json!({"containers": [{"name": "main"}]}));
    let mut life = Life::of(&pod);
    life.observe(&seen(vec![process("main", 3, None)]), at(9));
    assert_eq!(life.next(&pod, at(9)), Step::Wait(None));
    assert_eq!((life.containers[0].restarts, life.containers[0].id()), (3, "main-3".to_owned()));
}

#[test]
fn a_container_that_vanished_has_ended() {
    let pod = pod(&json!({"containers": [{"name": "main"}], "restartPolicy": "Never"}));
    let mut life = up(&pod);
    start(&mut life, &pod, 0);
    life.observe(&seen(Vec::new()), at(7));
    let Stage::Ended(run) = &life.containers[0].stage else { panic!("{life:?}") };
    assert_eq!((run.ended.code, run.ended.reason), (137, Some("ContainerStatusUnknown")));
}

#[test]
fn a_lost_network_is_made_anew_and_takes_the_containers_with_it() {
    let pod = pod(&json!({"containers": [{"name": "main"}]}));
    let mut life = up(&pod);
    start(&mut life, &pod, 0);
    let without = Seen { address: None, processes: vec![process("main", 0, None)] };
    assert!(life.observe(&without, at(3)).network_lost);
    assert_eq!(life.next(&pod, at(3)), Step::Signal(0, Signal::Kill));
    let ended = Seen { address: None, processes: vec![process("main", 0, Some((137, 4)))] };
    assert!(!life.observe(&ended, at(4)).network_lost, "that was told before");
    assert_eq!(life.next(&pod, at(4)), Step::StartSandbox);
}

#[test]
fn a_deleted_pod_ends_in_order_and_in_time() {
    let mut pod = pod(&json!({
        "initContainers": [{"name": "side", "restartPolicy": "Always"}],
        "containers": [{"name": "main", "lifecycle": {"preStop": {"sleep": {"seconds": 1}}}}],
    }));
    let mut life = up(&pod);
    start(&mut life, &pod, 0);
    start(&mut life, &pod, 1);
    pod.metadata.deletion_timestamp =
        Some(k8s_openapi::apimachinery::pkg::apis::meta::v1::Time(at(30)));
    assert_eq!(life.next(&pod, at(0)), Step::PreStop(1));
    life.containers[1].ending.as_mut().unwrap().hook_started();
    assert_eq!(life.next(&pod, at(0)), Step::Wait(Some(at(30))));
    life.containers[1].ending.as_mut().unwrap().hook_ended(at(1));
    assert_eq!(life.next(&pod, at(1)), Step::Signal(1, Signal::Stop));
    life.containers[1].ending.as_mut().unwrap().signalled(Signal::Stop, at(1));
    assert_eq!(life.next(&pod, at(1)), Step::Wait(Some(at(30))));
    assert_eq!(life.next(&pod, at(30)), Step::Signal(1, Signal::Kill));
    life.containers[1].ending.as_mut().unwrap().signalled(Signal::Kill, at(30));
    assert_eq!(life.next(&pod, at(30)), Step::Wait(None), "the sidecar still has to do");
    let main = process("main", 0, Some((137, 30)));
    life.observe(&seen(vec![process("side", 0, None), main.clone()]), at(30));
    assert_eq!(life.next(&pod, at(30)), Step::Signal(0, Signal::Kill), "its time is over, too");
    life.observe(&seen(vec![process("side", 0, Some((137, 31))), main]), at(31));
    assert_eq!(life.next(&pod, at(31)), Step::Remove);
}

#[test]
fn an_unhealthy_container_is_ended_alone() {
    let pod = pod(&json!({"containers": [{"name": "bad"}, {"name": "good"}]}));
    let mut life = up(&pod);
    start(&mut life, &pod, 0);
    let cause = Cause::Unhealthy("liveness".to_owned());
    life.containers[0].end(cause, at(0), at(30));
    assert_eq!(life.next(&pod, at(0)), Step::Signal(0, Signal::Stop));
    life.containers[0].ending.as_mut().unwrap().signalled(Signal::Stop, at(0));
    assert_eq!(life.next(&pod, at(0)), Step::Start(1), "others go on");
    start(&mut life, &pod, 1);
    assert_eq!(life.next(&pod, at(0)), Step::Wait(Some(at(30))));
}

#[test]
fn a_pod_that_is_active_for_too_long_fails() {
    let mut pod = pod(&json!({"containers": [{"name": "main"}], "activeDeadlineSeconds": 60}));
    pod.status = Some(serde_json::from_value(json!({"startTime": at(0).to_string()})).unwrap());
    let mut life = up(&pod);
    start(&mut life, &pod, 0);
    assert_eq!(life.next(&pod, at(0)), Step::Wait(Some(at(60))));
    assert_eq!(life.next(&pod, at(60)), Step::Signal(0, Signal::Stop));
    assert_eq!(life.failure.as_ref().unwrap().reason, "DeadlineExceeded");
}
