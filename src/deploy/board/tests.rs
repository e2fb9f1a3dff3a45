use std::time::Duration;

use serde_json::{Value, json};
use tokio::time::Instant;

use super::{Board, News, REVISION, Verdict, event_line};
use crate::deploy::Id;
use crate::kubernetes::{Gate, GateCondition, Object};

fn object(value: Value) -> Object {
    Object::new(serde_json::from_value(value).unwrap()).unwrap()
}

/// A Deployment of one pod: generation, the one that its status is about, how many pods are ready.
fn deployment(generation: i64, observed: i64, ready: i64) -> Object {
    object(json!({
        "apiVersion": "apps/v1", "kind": "Deployment",
        "metadata": {"name": "web", "uid": "d", "generation": generation,
                     "annotations": {REVISION: observed.to_string()}},
        "spec": {"replicas": 1},
        "status": {"observedGeneration": observed, "replicas": 1, "updatedReplicas": 1,
                   "readyReplicas": ready, "availableReplicas": ready},
    }))
}

fn replica_set(revision: i64) -> Object {
    object(json!({
        "apiVersion": "apps/v1", "kind": "ReplicaSet",
        "metadata": {"name": format!("web-{revision}"), "uid": format!("rs{revision}"),
                     "annotations": {REVISION: revision.to_string()},
                     "ownerReferences": [{"uid": "d"}]},
    }))
}

fn pod(owner: &str, status: &Value) -> Object {
    object(json!({
        "apiVersion": "v1", "kind": "Pod",
        "metadata": {"name": format!("{owner}-pod"), "uid": format!("{owner}-pod"),
                     "ownerReferences": [{"uid": owner}]},
        "status": status,
    }))
}

fn waiting(reason: &str) -> Value {
    json!({"phase": "Pending", "containerStatuses": [
        {"name": "app", "state": {"waiting": {"reason": reason, "message": "words"}}}]})
}

fn unschedulable() -> Value {
    json!({"phase": "Pending", "conditions": [
        {"type": "PodScheduled", "status": "False", "reason": "Unschedulable", "message": "full"}]})
}

struct Case {
    board: Board,
    now: Instant,
}

impl Case {
    fn new(objects: impl IntoIterator<Item = Object>) -> Self {
        let mut case = Self { board: Board::default(), now: Instant::now() };
        for object in objects {
            case.sees(object);
        }
        case
    }

    fn sees(&mut self, object: Object) {
        self.board.take("", News::Changed(object), self.now);
    }

    fn says(&self, until: GateCondition) -> String {
        let gate =
            Gate { kind: "Deployment".to_owned(), name: "web".to_owned(), until, required: true };
        match self.board.judge(&gate, self.now) {
            Verdict::Open => "open".to_owned(),
            Verdict::Closed(why) => format!("closed: {why}"),
            Verdict::Failed(trouble) => format!("failed: {}: {}", trouble.reason, trouble.message),
        }
    }
}

#[test]
fn an_older_state_says_nothing_about_what_was_applied() {
    let mut case = Case::new([deployment(1, 1, 1)]);
    assert_eq!(case.says(GateCondition::Ready), "open");
    case.board.expect(&deployment(2, 1, 1));
    assert_eq!(case.says(GateCondition::Ready), "closed: not seen yet");
    case.sees(deployment(2, 1, 1));
    assert_eq!(case.says(GateCondition::Ready), "closed: not seen by its controller");
    case.sees(deployment(2, 2, 1));
    assert_eq!(case.says(GateCondition::Ready), "open");
}

#[test]
fn a_successor_of_the_same_name_is_told_from_what_was_deleted() {
    let mut case = Case::new([deployment(1, 1, 1)]);
    let mut successor = deployment(1, 1, 1);
    successor.fields_mut()["metadata"]["uid"] = json!("other");
    case.board.expect(&successor);
    assert_eq!(case.says(GateCondition::Ready), "closed: not seen yet");
    case.sees(successor);
    assert_eq!(case.says(GateCondition::Ready), "open");
}

#[test]
fn started_needs_a_running_pod_and_not_a_ready_one() {
    let mut case = Case::new([deployment(1, 1, 0), replica_set(1)]);
    assert_eq!(case.says(GateCondition::Started), "closed: 0/1 ready");
    case.sees(pod("rs1", &json!({"phase": "Running"})));
    assert_eq!(case.says(GateCondition::Started), "open");
    assert_eq!(case.says(GateCondition::Ready), "closed: 0/1 ready");
}

#[test]
fn pods_of_an_older_revision_do_not_fail_the_new_one() {
    // A repaired image must come up while the pod with the broken one is still there.
    let mut case = Case::new([
        deployment(2, 2, 0),
        replica_set(1),
        pod("rs1", &waiting("ImagePullBackOff")),
        replica_set(2),
    ]);
    assert_eq!(case.says(GateCondition::Ready), "closed: 0/1 ready");
    case.sees(pod("rs2", &waiting("ImagePullBackOff")));
    assert_eq!(case.says(GateCondition::Ready), "failed: ImagePullBackOff: words");
}

#[test]
fn until_the_controller_has_seen_the_change_all_pods_are_old() {
    let old = || [replica_set(1), pod("rs1", &waiting("ImagePullBackOff"))];
    let case = Case::new(old().into_iter().chain([deployment(2, 1, 0)]));
    assert_eq!(case.says(GateCondition::Ready), "closed: not seen by its controller");
    let running = pod("rs1", &json!({"phase": "Running"}));
    let case = Case::new([replica_set(1), running, deployment(2, 1, 1)]);
    assert_eq!(case.says(GateCondition::Started), "closed: not seen by its controller");
}

#[test]
fn some_trouble_is_tolerated_for_a_time() {
    let mut case = Case::new([deployment(1, 1, 0), replica_set(1), pod("rs1", &unschedulable())]);
    assert_eq!(case.says(GateCondition::Ready), "closed: 0/1 ready, Unschedulable");
    assert_eq!(case.board.next_check(case.now), Some(case.now + Duration::from_secs(30)));
    case.now += Duration::from_secs(20);
    // The same trouble, told again, is not new.
    case.sees(pod("rs1", &unschedulable()));
    assert_eq!(case.says(GateCondition::Ready), "closed: 0/1 ready, Unschedulable");
    case.now += Duration::from_secs(10);
    assert_eq!(case.says(GateCondition::Ready), "failed: Unschedulable: full");
    case.sees(pod("rs1", &json!({"phase": "Running"})));
    assert_eq!(case.says(GateCondition::Ready), "closed: 0/1 ready");
    assert_eq!(case.board.next_check(case.now), None);
}

#[test]
fn a_refused_pod_is_told_by_its_workload() {
    let mut refused = deployment(1, 1, 0);
    refused.fields_mut()["status"]["conditions"] = json!([
        {"type": "ReplicaFailure", "status": "True", "reason": "FailedCreate", "message": "quota"}]);
    assert_eq!(Case::new([refused]).says(GateCondition::Ready), "failed: FailedCreate: quota");
}

#[test]
fn the_latest_warning_is_about_the_workload_or_what_comes_from_it() {
    let warning = |about: &str, reason: &str, time: &str| {
        object(json!({"apiVersion": "v1", "kind": "Event", "metadata": {"name": time},
            "type": "Warning", "reason": reason, "message": "words", "lastTimestamp": time,
            "involvedObject": {"uid": about}}))
    };
    let case = Case::new([
        deployment(1, 1, 0),
        replica_set(1),
        pod("rs1", &json!({"phase": "Pending"})),
        warning("rs1", "FailedCreate", "2026-01-01T00:00:01Z"),
        warning("rs1-pod", "FailedMount", "2026-01-01T00:00:02Z"),
        warning("somebody", "Other", "2026-01-01T00:00:03Z"),
    ]);
    let found = case.board.warning_about(&Id::new("Deployment", "web"));
    assert_eq!(found.map(event_line).as_deref(), Some("FailedMount: words"));
}

#[test]
fn a_volume_that_is_not_bound_is_told() {
    let mut waiting = pod("rs1", &json!({"phase": "Pending"}));
    waiting.fields_mut().insert(
        "spec".to_owned(),
        json!({"volumes": [{"persistentVolumeClaim": {"claimName": "data"}}]}),
    );
    let claim = |phase: &str| {
        object(json!({"apiVersion": "v1", "kind": "PersistentVolumeClaim",
            "metadata": {"name": "data"}, "status": {"phase": phase}}))
    };
    let mut case = Case::new([deployment(1, 1, 0), replica_set(1), waiting, claim("Pending")]);
    assert_eq!(case.says(GateCondition::Ready), "closed: 0/1 ready, UnboundVolume");
    let trouble = case.board.trouble_of(&Id::new("Deployment", "web"), case.now);
    assert_eq!(trouble.unwrap().message, "PersistentVolumeClaim/data is not bound");
    case.sees(claim("Bound"));
    assert_eq!(case.says(GateCondition::Ready), "closed: 0/1 ready");
}

#[test]
fn a_new_list_forgets_what_it_does_not_show() {
    let mut case = Case::new([]);
    let mut take = |news| case.board.take("Pod", news, case.now);
    take(News::Changed(pod("gone", &json!({}))));
    take(News::Listing);
    take(News::Listed(pod("there", &json!({}))));
    take(News::AllListed);
    let names: Vec<&str> = case.board.of_kind("Pod").map(Object::name).collect();
    assert_eq!(names, ["there-pod"]);
    assert!(case.board.has_listed(["Pod"].into_iter()));
    assert!(!case.board.has_listed(["Pod", "Job"].into_iter()));
}
