use serde_json::{Value, json};

use super::{Phase, workload_state};
use crate::kubernetes::Object;

/// Each row: what it is, spec, status, and the state in words.
fn check(kind: &str, rows: &[(&str, Value, Value, &str)]) {
    for (what, spec, status, expected) in rows {
        let object = json!({
            "apiVersion": "apps/v1",
            "kind": kind,
            "metadata": {"name": "it", "generation": 2},
            "spec": spec,
            "status": status,
        });
        let state = workload_state(&Object::new(object.as_object().unwrap().clone()).unwrap());
        let phase = match state.phase {
            Phase::Progressing(what) => format!("progressing: {what}"),
            Phase::Ready => "ready".to_owned(),
            Phase::Complete => "complete".to_owned(),
            Phase::Failed { reason, message } => format!("failed: {reason}: {message}"),
        };
        let told = format!("{}/{} {phase}", state.ready, state.desired);
        assert_eq!(&told, expected, "{kind}: {what}");
    }
}

#[test]
fn deployment() {
    let three = || json!({"replicas": 3});
    check(
        "Deployment",
        &[
            ("just created", json!({}), json!({}), "0/1 progressing: not seen by its controller"),
            (
                "the status is of the spec before",
                three(),
                json!({"observedGeneration": 1, "replicas": 3, "updatedReplicas": 3,
                       "readyReplicas": 3, "availableReplicas": 3}),
                "3/3 progressing: not seen by its controller",
            ),
            (
                "new pods are being made",
                three(),
                json!({"observedGeneration": 2, "replicas": 4, "updatedReplicas": 1,
                       "readyReplicas": 3, "availableReplicas": 3}),
                "3/3 progressing: 1/3 updated",
            ),
            (
                "old pods are still there",
                three(),
                json!({"observedGeneration": 2, "replicas": 4, "updatedReplicas": 3,
                       "readyReplicas": 3, "availableReplicas": 3}),
                "3/3 progressing: old pods are ending",
            ),
            (
                "new pods are not available",
                three(),
                json!({"observedGeneration": 2, "replicas": 3, "updatedReplicas": 3,
                       "readyReplicas": 2, "availableReplicas": 2}),
                "2/3 progressing: 2/3 ready",
            ),
            (
                "done",
                three(),
                json!({"observedGeneration": 2, "replicas": 3, "updatedReplicas": 3,
                       "readyReplicas": 3, "availableReplicas": 3}),
                "3/3 ready",
            ),
            (
                "scaled to none",
                json!({"replicas": 0}),
                json!({"observedGeneration": 2}),
                "0/0 ready",
            ),
            (
                "given up",
                three(),
                json!({"observedGeneration": 2, "replicas": 3, "updatedReplicas": 3,
                       "conditions": [{"type": "Progressing", "status": "False",
                                       "reason": "ProgressDeadlineExceeded", "message": "timed out"}]}),
                "0/3 failed: ProgressDeadlineExceeded: timed out",
            ),
        ],
    );
}

#[test]
fn stateful_set() {
    let two = || json!({"replicas": 2});
    check(
        "StatefulSet",
        &[
            (
                "one by one",
                two(),
                json!({"observedGeneration": 2, "replicas": 1, "readyReplicas": 1,
                       "updateRevision": "a", "currentRevision": "a"}),
                "1/2 progressing: 1/2 ready",
            ),
            (
                "done, both revisions are one",
                two(),
                json!({"observedGeneration": 2, "replicas": 2, "readyReplicas": 2,
                       "updateRevision": "a", "currentRevision": "a"}),
                "2/2 ready",
            ),
            (
                "rolling",
                two(),
                json!({"observedGeneration": 2, "replicas": 2, "readyReplicas": 2,
                       "updatedReplicas": 1, "updateRevision": "b", "currentRevision": "a"}),
                "2/2 progressing: 1/2 updated",
            ),
            (
                "only what is above the partition is updated",
                json!({"replicas": 2, "updateStrategy": {"rollingUpdate": {"partition": 1}}}),
                json!({"observedGeneration": 2, "replicas": 2, "readyReplicas": 2,
                       "updatedReplicas": 1, "updateRevision": "b", "currentRevision": "a"}),
                "2/2 ready",
            ),
            (
                "scaling down",
                two(),
                json!({"observedGeneration": 2, "replicas": 3, "readyReplicas": 3,
                       "updateRevision": "a", "currentRevision": "a"}),
                "3/2 progressing: old pods are ending",
            ),
        ],
    );
}

#[test]
fn daemon_set() {
    check(
        "DaemonSet",
        &[
            ("just created", json!({}), json!({}), "0/0 progressing: not seen by its controller"),
            (
                "on its way",
                json!({}),
                json!({"observedGeneration": 2, "desiredNumberScheduled": 2,
                       "updatedNumberScheduled": 2, "numberReady": 1, "numberAvailable": 1}),
                "1/2 progressing: 1/2 ready",
            ),
            (
                "rolling",
                json!({}),
                json!({"observedGeneration": 2, "desiredNumberScheduled": 2,
                       "updatedNumberScheduled": 1, "numberReady": 2, "numberAvailable": 2}),
                "2/2 progressing: 1/2 updated",
            ),
            (
                "done",
                json!({}),
                json!({"observedGeneration": 2, "desiredNumberScheduled": 2,
                       "updatedNumberScheduled": 2, "numberReady": 2, "numberAvailable": 2}),
                "2/2 ready",
            ),
            ("no node wants it", json!({}), json!({"observedGeneration": 2}), "0/0 ready"),
        ],
    );
}

#[test]
fn job() {
    let running = json!({"active": 1});
    let of = |kind: &str, reason: &str| json!({"conditions": [{"type": kind, "status": "True", "reason": reason, "message": "words"}]});
    check(
        "Job",
        &[
            ("just created", json!({}), json!({}), "0/1 progressing: 0/1 done"),
            ("running", json!({"completions": 2}), running, "0/2 progressing: 0/2 done, 1 running"),
            ("done", json!({}), of("Complete", ""), "0/1 complete"),
            (
                "failed",
                json!({}),
                of("Failed", "BackoffLimitExceeded"),
                "0/1 failed: BackoffLimitExceeded: words",
            ),
            (
                "about to fail, pods are still ending",
                json!({}),
                of("FailureTarget", "BackoffLimitExceeded"),
                "0/1 progressing: 0/1 done",
            ),
            ("suspended", json!({"suspend": true}), json!({}), "0/1 ready"),
        ],
    );
}

#[test]
fn what_has_no_pods_of_its_own() {
    check(
        "CronJob",
        &[
            ("waits for its time", json!({}), json!({}), "0/0 ready"),
            ("at work", json!({}), json!({"active": [{"name": "it-1"}]}), "1/0 ready"),
        ],
    );
    check(
        "PersistentVolumeClaim",
        &[
            ("new", json!({}), json!({}), "0/1 progressing: not bound"),
            (
                "waits for a pod",
                json!({}),
                json!({"phase": "Pending"}),
                "0/1 progressing: not bound",
            ),
            ("bound", json!({}), json!({"phase": "Bound"}), "1/1 ready"),
            (
                "lost",
                json!({}),
                json!({"phase": "Lost"}),
                "0/1 failed: ClaimLost: the claim has lost its volume",
            ),
        ],
    );
    check("ConfigMap", &[("there is nothing to wait for", json!({}), json!({}), "0/0 ready")]);
}
