use serde_json::{Value, json};

use super::*;

const NOW: &str = "2026-01-01T01:00:00Z";

fn job(spec: &Value) -> Job {
    let mut job = json!({
        "metadata": {"name": "task", "namespace": "shop", "uid": "j"},
        "spec": spec,
        "status": {"startTime": "2026-01-01T00:59:00Z"},
    });
    let pod = json!({"restartPolicy": "Never", "containers": [{"name": "main"}]});
    job["spec"]["template"] = json!({"spec": pod});
    serde_json::from_value(job).unwrap()
}

/// A pod that is in a phase, ended so many seconds ago.
fn pod(phase: &str, seconds_ago: i64) -> Pod {
    let now: Timestamp = NOW.parse().unwrap();
    let ended = now - SignedDuration::from_secs(seconds_ago);
    let state = json!({"terminated": {"exitCode": 1, "finishedAt": ended.to_string()}});
    serde_json::from_value(json!({
        "metadata": {"name": format!("task-{phase}"), "uid": phase},
        "status": {"phase": phase, "containerStatuses": [
            {"name": "main", "image": "", "imageID": "", "ready": false, "restartCount": 0, "state": state}
        ]},
    }))
    .unwrap()
}

/// The writes, with the status cut down to its counts and true conditions.
fn steps(job: &Job, pods: Vec<Pod>) -> Vec<String> {
    let plan = reconcile(job, pods, NOW.parse().unwrap());
    let mut steps: Vec<String> = plan.operations.iter().map(show).collect();
    steps.extend(plan.again_at.map(|at| format!("again at {at}")));
    steps
}

fn show(operation: &Operation) -> String {
    let Operation::Replace { object, .. } = operation else { return operation.to_string() };
    let count = |name: &str| object["status"][name].as_i64().unwrap_or(0);
    let conditions = object["status"]["conditions"].as_array().cloned().unwrap_or_default();
    let kinds: Vec<_> = conditions.iter().filter_map(|c| c["type"].as_str()).collect();
    let (active, succeeded, failed) = (count("active"), count("succeeded"), count("failed"));
    format!("{active} active {succeeded} succeeded {failed} failed [{}]", kinds.join(" "))
}

const CREATE: &str = "create Pod task-* (Normal SuccessfulCreate: Created pod: {})";

#[test]
fn as_many_pods_run_as_are_allowed_and_needed() {
    let spec = json!({"completions": 3, "parallelism": 2});
    assert_eq!(steps(&job(&spec), vec![])[..2], [CREATE, CREATE]);
    let done = vec![pod("Succeeded", 5), pod("Succeeded", 5)];
    let expected = [CREATE, "0 active 2 succeeded 0 failed []"];
    assert_eq!(steps(&job(&spec), done), expected);
}

#[test]
fn a_work_queue_starts_nothing_after_the_first_success() {
    let spec = json!({"parallelism": 2});
    let pods = vec![pod("Succeeded", 5), pod("Running", 0)];
    assert_eq!(steps(&job(&spec), pods), ["1 active 1 succeeded 0 failed []"]);
}

#[test]
fn after_failures_the_next_pod_waits_ever_longer() {
    let spec = json!({"completions": 1, "parallelism": 1});
    let status = "0 active 0 succeeded 1 failed []";
    let steps_after = |seconds| steps(&job(&spec), vec![pod("Failed", seconds)]);
    assert_eq!(steps_after(4), [status, "again at 2026-01-01T01:00:06Z"]);
    assert_eq!(steps_after(10), [CREATE, status]);
    let twice = vec![pod("Failed", 60), pod("Failed", 15)];
    let status = "0 active 0 succeeded 2 failed []";
    assert_eq!(steps(&job(&spec), twice), [status, "again at 2026-01-01T01:00:05Z"]);
}

#[test]
fn a_failed_job_stops_its_pods_and_then_says_that_it_failed() {
    let spec = json!({"completions": 2, "parallelism": 2, "backoffLimit": 0});
    assert_eq!(
        steps(&job(&spec), vec![pod("Failed", 1), pod("Running", 0)]),
        [
            "delete Pod task-Running (Normal SuccessfulDelete: Deleted pod: task-Running)",
            "1 active 0 succeeded 1 failed [FailureTarget]",
        ]
    );
    assert_eq!(
        steps(&job(&spec), vec![pod("Failed", 1)]),
        [
            "record Warning BackoffLimitExceeded: Job has reached the specified backoff limit",
            "0 active 0 succeeded 1 failed [FailureTarget Failed]",
        ]
    );
}

#[test]
fn what_was_counted_stays_counted_when_the_pod_is_deleted() {
    let mut job = job(&json!({"completions": 1, "parallelism": 1}));
    job.status.as_mut().unwrap().succeeded = Some(1);
    assert_eq!(
        steps(&job, vec![]),
        [
            "record Normal Completed: Job completed",
            "0 active 1 succeeded 0 failed [SuccessCriteriaMet Complete]",
        ]
    );
}
