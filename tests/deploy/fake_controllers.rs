//! What the controllers of a cluster would do with a workload, by its image: `broken` cannot be
//! pulled, `slow` never becomes ready, `failing` fails, anything else works at once.

use serde_json::{Value, json};

use crate::fake_cluster::State;

/// Brings a workload that was just applied as far as it comes.
pub fn react(state: &mut State, key: &(String, String, String)) {
    let workload = state.objects[key].clone();
    let image = workload["spec"]["template"]["spec"]["containers"][0]["image"]
        .as_str()
        .unwrap_or("")
        .to_owned();
    match key.0.as_str() {
        "deployments" => deployment(state, workload, &image),
        "jobs" => job(state, workload, &image),
        "persistentvolumeclaims" => {
            let mut claim = workload;
            claim["status"] = json!({"phase": "Bound"});
            state.put("persistentvolumeclaims", claim);
        }
        _ => {}
    }
}

fn deployment(state: &mut State, mut deployment: Value, image: &str) {
    let generation = deployment["metadata"]["generation"].clone();
    let name = deployment["metadata"]["name"].as_str().unwrap().to_owned();
    let revision = json!(generation.to_string());
    let revision_key = "deployment.kubernetes.io/revision";
    let ready = i64::from(!["broken", "slow"].contains(&image));
    let replicas = deployment["spec"]["replicas"].as_i64().unwrap_or(1);

    let mut set = child(&deployment, "apps/v1", "ReplicaSet", &format!("{name}-{generation}"));
    set["metadata"]["annotations"] = json!({revision_key: revision});
    state.put("replicasets", set.clone());
    let set =
        state.objects.values().find(|object| object["metadata"]["name"] == set["metadata"]["name"]);
    let set = set.unwrap().clone();
    let mut pod = child(&set, "v1", "Pod", &format!("{name}-{generation}-pod"));
    pod["status"] = match image {
        "broken" => {
            json!({"phase": "Pending", "containerStatuses": [{"name": "app", "ready": false,
            "state": {"waiting": {"reason": "ImagePullBackOff", "message": "Back-off pulling image"}}}]})
        }
        "slow" => json!({"phase": "Pending"}),
        _ => json!({"phase": "Running", "conditions": [{"type": "Ready", "status": "True"}]}),
    };
    state.put("pods", pod.clone());
    if ready == 1 {
        // Old pods go when the new ones are ready.
        let old: Vec<_> = state
            .objects
            .iter()
            .filter(|((plural, ..), object)| {
                plural == "replicasets"
                    && object["metadata"]["ownerReferences"][0]["uid"]
                        == deployment["metadata"]["uid"]
                    && object["metadata"]["name"] != set["metadata"]["name"]
            })
            .map(|(key, _)| key.clone())
            .collect();
        for key in old {
            state.remove(&key);
        }
    }
    deployment["metadata"]["annotations"][revision_key] = revision;
    deployment["status"] = json!({
        "observedGeneration": generation,
        "replicas": replicas, "updatedReplicas": replicas,
        "readyReplicas": ready * replicas, "availableReplicas": ready * replicas,
    });
    state.put("deployments", deployment);
}

fn job(state: &mut State, mut job: Value, image: &str) {
    let name = job["metadata"]["name"].as_str().unwrap().to_owned();
    let mut pod = child(&job, "v1", "Pod", &format!("{name}-pod"));
    pod["spec"] = json!({"containers": [{"name": "main"}]});
    let (phase, condition) = match image {
        "failing" => (
            "Failed",
            json!({"type": "Failed", "status": "True",
            "reason": "BackoffLimitExceeded", "message": "Job has reached the specified backoff limit"}),
        ),
        "slow" => ("Running", json!({"type": "None", "status": "False"})),
        _ => ("Succeeded", json!({"type": "Complete", "status": "True"})),
    };
    pod["status"] = json!({"phase": phase, "conditions": [{"type": "Ready", "status": "True"}]});
    state.put("pods", pod);
    job["status"] = json!({"conditions": [condition]});
    state.put("jobs", job);
}

fn child(owner: &Value, api_version: &str, kind: &str, name: &str) -> Value {
    let metadata = &owner["metadata"];
    json!({
        "apiVersion": api_version,
        "kind": kind,
        "metadata": {
            "name": name,
            "namespace": metadata["namespace"],
            "labels": {
                "app.kubernetes.io/name": metadata["labels"]["app.kubernetes.io/name"],
                "app.kubernetes.io/instance": metadata["labels"]["app.kubernetes.io/instance"],
            },
            "ownerReferences": [{"uid": metadata["uid"], "kind": owner["kind"], "name": metadata["name"]}],
        },
    })
}
