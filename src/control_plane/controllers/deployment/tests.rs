use std::fmt::Write;

use serde_json::{Value, json};

use super::*;

const NOW: &str = "2026-01-01T00:10:00Z";

fn deployment(replicas: i32, image: &str, strategy: &Value) -> Deployment {
    serde_json::from_value(json!({
        "apiVersion": "apps/v1",
        "kind": "Deployment",
        "metadata": {"name": "web", "namespace": "shop", "uid": "d", "generation": 2},
        "spec": {
            "replicas": replicas,
            "selector": {"matchLabels": {"app": "web"}},
            "strategy": strategy,
            "progressDeadlineSeconds": 600,
            "revisionHistoryLimit": 1,
            "template": template(image),
        },
    }))
    .unwrap()
}

fn template(image: &str) -> Value {
    json!({
        "metadata": {"labels": {"app": "web"}},
        "spec": {"containers": [{"name": "web", "image": image}]},
    })
}

fn rolling(surge: &Value, unavailable: &Value) -> Value {
    let rolling = json!({"maxSurge": surge, "maxUnavailable": unavailable});
    json!({"type": "RollingUpdate", "rollingUpdate": rolling})
}

/// A set of a revision: `replicas` wanted, `available` there, last scaled for `sized`.
fn set(revision: i32, replicas: i32, available: i32, sized: i32) -> ReplicaSet {
    let annotations = json!({
        "deployment.kubernetes.io/revision": revision.to_string(),
        "deployment.kubernetes.io/desired-replicas": sized.to_string(),
        "deployment.kubernetes.io/max-replicas": (sized + 1).to_string(),
    });
    serde_json::from_value(json!({
        "metadata": {
            "name": format!("web-{revision}"),
            "namespace": "shop",
            "uid": format!("rs{revision}"),
            "generation": 1,
            "creationTimestamp": format!("2026-01-01T00:00:0{revision}Z"),
            "annotations": annotations,
        },
        "spec": {
            "replicas": replicas,
            "selector": {"matchLabels": {"app": "web"}},
            "template": template(&format!("web:{revision}")),
        },
        "status": {
            "replicas": replicas,
            "readyReplicas": available,
            "availableReplicas": available,
            "observedGeneration": 1,
        },
    }))
    .unwrap()
}

/// What a step does: the writes to sets and the deployment's revision, and its conditions.
fn steps(deployment: &Deployment, replica_sets: Vec<ReplicaSet>) -> String {
    let with_pods = replica_sets
        .iter()
        .filter(|set| set.status.as_ref().is_some_and(|status| status.replicas > 0))
        .map(|set| owner::uid(set).to_owned())
        .collect();
    let observed = Observed { replica_sets, with_pods, is_taken: &|_| false };
    let plan = reconcile(deployment, observed, NOW.parse().unwrap());
    let mut text = String::new();
    for operation in &plan.operations {
        match operation {
            Operation::Replace { object, .. } => {
                for condition in object["status"]["conditions"].as_array().unwrap() {
                    let field = |name: &str| condition[name].as_str().unwrap();
                    let (kind, status) = (field("type"), field("status"));
                    writeln!(text, "{kind} {status} {}", field("reason")).unwrap();
                }
            }
            Operation::Patch { target, patch, .. } => {
                let replicas = patch.pointer("/spec/replicas");
                let revision = "/metadata/annotations/deployment.kubernetes.io~1revision";
                let number = |name, value: Option<&Value>| {
                    value.map(|value| format!(" {name} {value}")).unwrap_or_default()
                };
                let replicas = number("replicas", replicas);
                let revision = number("revision", patch.pointer(revision));
                writeln!(text, "{target}:{replicas}{revision}").unwrap();
            }
            other => writeln!(text, "{other}").unwrap(),
        }
    }
    text
}

fn check(deployment: &Deployment, sets: Vec<ReplicaSet>, expected: &str) {
    let expected: String = expected.lines().map(str::trim).filter(|line| !line.is_empty()).fold(
        String::new(),
        |mut text, line| {
            text.push_str(line);
            text.push('\n');
            text
        },
    );
    similar_asserts::assert_eq!(steps(deployment, sets), expected);
}

#[test]
fn a_new_deployment_creates_its_replica_set() {
    let text = steps(&deployment(3, "web:1", &rolling(&json!(1), &json!(0))), Vec::new());
    let lines: Vec<&str> = text.lines().collect();
    assert!(lines[0].starts_with("create ReplicaSet web-"), "{text}");
    assert!(lines[1].ends_with("from 0 to 3"), "{text}");
    assert_eq!(lines[2], "Deployment web: revision \"1\"");
    assert_eq!(lines[3], "Progressing True NewReplicaSetCreated");
    assert_eq!(lines[4], "Available False MinimumReplicasUnavailable");
}

#[test]
fn an_update_adds_what_the_surge_allows() {
    let text =
        steps(&deployment(4, "web:2", &rolling(&json!("25%"), &json!(0))), vec![set(1, 4, 4, 4)]);
    assert!(text.contains("from 0 to 1"), "{text}");
    assert!(!text.contains("Scaled down"), "no old pod goes before a new one is available: {text}");
}

#[test]
fn old_pods_go_as_far_as_availability_allows() {
    // Four new ones are wanted, one of two is available: of four old ones one may go.
    check(
        &deployment(4, "web:2", &rolling(&json!(2), &json!(0))),
        vec![set(1, 4, 4, 4), set(2, 2, 1, 4)],
        "
        ReplicaSet web-1: replicas 3
        record Normal ScalingReplicaSet: Scaled down replica set web-1 from 4 to 3
        Deployment web: revision \"2\"
        Progressing True ReplicaSetUpdated
        Available True MinimumReplicasAvailable
        ",
    );
}

#[test]
fn old_pods_that_are_not_available_go_first() {
    // A rollout that broke (web-2) is replaced by another (web-3): its pods are of no use.
    check(
        &deployment(3, "web:3", &rolling(&json!(1), &json!(1))),
        vec![set(1, 2, 2, 3), set(2, 2, 0, 3), set(3, 0, 0, 3)],
        "
        ReplicaSet web-2: replicas 0
        record Normal ScalingReplicaSet: Scaled down replica set web-2 from 2 to 0
        Deployment web: revision \"3\"
        Progressing True ReplicaSetUpdated
        Available True MinimumReplicasAvailable
        ",
    );
}

#[test]
fn recreate_waits_for_the_old_pods() {
    let strategy = json!({"type": "Recreate"});
    check(
        &deployment(2, "web:2", &strategy),
        vec![set(1, 2, 2, 2)],
        "
        ReplicaSet web-1: replicas 0
        record Normal ScalingReplicaSet: Scaled down replica set web-1 from 2 to 0
        Progressing True ReplicaSetUpdated
        Available True MinimumReplicasAvailable
        ",
    );
    let mut scaled = set(1, 0, 0, 2);
    scaled.status.as_mut().unwrap().replicas = 1;
    let text = steps(&deployment(2, "web:2", &strategy), vec![scaled]);
    assert!(!text.contains("create"), "one old pod is left: {text}");
    let text = steps(&deployment(2, "web:2", &strategy), vec![set(1, 0, 0, 2)]);
    assert!(text.contains("create ReplicaSet") && text.contains("from 0 to 2"), "{text}");
}

#[test]
fn a_new_size_in_the_middle_of_a_rollout_is_divided_in_proportion() {
    // From 10 (+1) to 20 (+1): 8 and 3 grow to 15 and 6.
    check(
        &deployment(20, "web:2", &rolling(&json!(1), &json!(0))),
        vec![set(1, 8, 8, 10), set(2, 3, 3, 10)],
        "
        ReplicaSet web-1: replicas 15
        ReplicaSet web-2: replicas 6
        record Normal ScalingReplicaSet: Scaled up replica set web-1 from 8 to 15
        record Normal ScalingReplicaSet: Scaled up replica set web-2 from 3 to 6
        Deployment web: revision \"2\"
        Progressing True FoundNewReplicaSet
        Available False MinimumReplicasUnavailable
        ",
    );
}

#[test]
fn a_rollback_gives_the_old_set_a_new_revision_and_the_history_is_cut() {
    check(
        &deployment(1, "web:2", &rolling(&json!(1), &json!(0))),
        vec![set(1, 0, 0, 1), set(2, 1, 1, 1), set(3, 0, 0, 1)],
        "
        ReplicaSet web-2: revision \"4\"
        delete ReplicaSet web-1
        Deployment web: revision \"4\"
        Progressing True NewReplicaSetAvailable
        Available True MinimumReplicasAvailable
        ",
    );
}

#[test]
fn a_paused_deployment_scales_but_does_not_roll() {
    let mut paused = deployment(2, "web:2", &rolling(&json!(1), &json!(0)));
    paused.spec.as_mut().unwrap().paused = Some(true);
    check(
        &paused,
        vec![set(1, 1, 1, 1)],
        "
        ReplicaSet web-1: replicas 2
        record Normal ScalingReplicaSet: Scaled up replica set web-1 from 1 to 2
        Progressing Unknown DeploymentPaused
        Available False MinimumReplicasUnavailable
        ",
    );
}

#[test]
fn no_progress_until_the_deadline_is_a_failure_and_until_then_a_time_to_look_again() {
    let mut slow = deployment(1, "web:2", &rolling(&json!(1), &json!(0)));
    let since = |time: &str| {
        serde_json::from_value(json!({
            "observedGeneration": 2, "replicas": 2, "updatedReplicas": 1, "readyReplicas": 1,
            "availableReplicas": 1, "unavailableReplicas": 1,
            "conditions": [{"type": "Progressing", "status": "True", "reason": "ReplicaSetUpdated",
                "lastUpdateTime": time, "lastTransitionTime": time}],
        }))
        .unwrap()
    };
    let sets = || vec![set(1, 1, 1, 1), set(2, 1, 0, 1)];
    slow.status = Some(since("2026-01-01T00:00:01Z"));
    let observed =
        Observed { replica_sets: sets(), with_pods: BTreeSet::new(), is_taken: &|_| false };
    let plan = reconcile(&slow, observed, NOW.parse().unwrap());
    assert_eq!(plan.again_at.unwrap().to_string(), "2026-01-01T00:10:02Z");
    slow.status = Some(since("2025-12-31T23:59:59Z"));
    let text = steps(&slow, sets());
    assert!(text.contains("Progressing False ProgressDeadlineExceeded"), "{text}");
}
