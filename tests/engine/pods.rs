//! The life of pods.

use serde_json::json;

use super::cluster::{condition, namespace, script, task};

#[tokio::test]
async fn what_a_container_writes_last_is_its_message() {
    let Some(namespace) = namespace().await else { return };
    let mut spec = task("printf because > /dev/termination-log; exit 3");
    namespace.pod("file", spec.clone()).await;
    spec["containers"][0]["command"][2] = json!("echo from the log; exit 4");
    spec["containers"][0]["terminationMessagePolicy"] = json!("FallbackToLogsOnError");
    namespace.pod("log", spec).await;
    let ended = |pod: &serde_json::Value| {
        pod["status"]["containerStatuses"][0]["state"]["terminated"].clone()
    };
    let file = ended(&namespace.phase("file", "Failed").await);
    assert_eq!((&file["exitCode"], &file["message"]), (&json!(3), &json!("because")));
    let log = ended(&namespace.phase("log", "Failed").await);
    assert_eq!((&log["exitCode"], &log["message"]), (&json!(4), &json!("from the log\n")));
}

#[tokio::test]
async fn a_command_that_is_not_there_is_a_start_error() {
    let Some(namespace) = namespace().await else { return };
    let mut spec = task("");
    spec["containers"][0]["command"] = json!(["/no/such/program"]);
    namespace.pod("missing", spec).await;
    let pod = namespace.phase("missing", "Failed").await;
    let ended = &pod["status"]["containerStatuses"][0]["state"]["terminated"];
    assert_eq!((&ended["exitCode"], &ended["reason"]), (&json!(128), &json!("StartError")));
}

#[tokio::test]
async fn an_image_that_is_not_there_is_told() {
    let Some(namespace) = namespace().await else { return };
    let mut spec = task("");
    spec["containers"][0]["image"] = json!("127.0.0.1:1/nothing:1");
    namespace.pod("pulls", spec.clone()).await;
    spec["containers"][0]["imagePullPolicy"] = json!("Never");
    namespace.pod("never", spec).await;
    let waiting = |pod: &serde_json::Value| {
        let state = &pod["status"]["containerStatuses"][0]["state"]["waiting"];
        state["reason"].as_str().unwrap_or_default().to_owned()
    };
    namespace.shows("Pod", "never", |pod| waiting(pod) == "ErrImageNeverPull").await;
    let pulls = |pod: &serde_json::Value| {
        matches!(waiting(pod).as_str(), "ErrImagePull" | "ImagePullBackOff")
    };
    namespace.shows("Pod", "pulls", pulls).await;
    let events = namespace.events().await;
    assert!(events.contains("Failed to pull image \"127.0.0.1:1/nothing:1\""), "{events}");
}

#[tokio::test]
async fn a_pod_is_asked_to_end_and_runs_its_hook_before() {
    let Some(namespace) = namespace().await else { return };
    let mut spec = json!({
        "terminationGracePeriodSeconds": 60,
        "volumes": [],
        "containers": [script("main", "trap 'echo told; exit 0' TERM; while true; do sleep 0.1; done")],
    });
    spec["containers"][0]["lifecycle"] =
        json!({"preStop": {"exec": {"command": ["sh", "-c", "echo hook > /proc/1/fd/1"]}}});
    namespace.pod("polite", spec).await;
    namespace.ready("polite").await;
    namespace.delete("Pod", "polite", None).await;
    namespace.gone("Pod", "polite").await;
    let events = namespace.events().await;
    assert!(events.contains("Killing polite: Stopping container main"), "{events}");
    assert!(!events.contains("FailedPreStopHook"), "{events}");
}

#[tokio::test]
async fn a_hook_that_fails_after_the_start_ends_the_container() {
    let Some(namespace) = namespace().await else { return };
    let mut spec = json!({
        "terminationGracePeriodSeconds": 0,
        "containers": [script("main", "sleep 1000")],
    });
    spec["containers"][0]["lifecycle"] = json!({"postStart": {"exec": {"command": ["false"]}}});
    namespace.pod("hooked", spec).await;
    let restarted = |pod: &serde_json::Value| {
        pod["status"]["containerStatuses"][0]["restartCount"].as_i64() > Some(0)
    };
    namespace.shows("Pod", "hooked", restarted).await;
    let events = namespace.events().await;
    assert!(events.contains("FailedPostStartHook hooked"), "{events}");
}

#[tokio::test]
async fn security_and_resources_reach_the_process() {
    let Some(namespace) = namespace().await else { return };
    let mut spec = task(
        "id -u; id -g; id -G; grep NoNewPrivs /proc/self/status; grep CapEff /proc/self/status; \
         touch /x 2>/dev/null || echo read-only; cat /proc/sys/net/ipv4/ip_unprivileged_port_start",
    );
    spec["securityContext"] = json!({
        "supplementalGroups": [4000],
        "sysctls": [{"name": "net.ipv4.ip_unprivileged_port_start", "value": "99"}],
    });
    spec["containers"][0]["securityContext"] = json!({
        "runAsUser": 1000,
        "runAsGroup": 2000,
        "allowPrivilegeEscalation": false,
        "readOnlyRootFilesystem": true,
        "capabilities": {"drop": ["ALL"]},
    });
    let output = namespace.output("secure", spec).await;
    let lines: Vec<&str> = output.lines().collect();
    assert_eq!(
        lines,
        [
            "1000",
            "2000",
            "2000 4000",
            "NoNewPrivs:\t1",
            "CapEff:\t0000000000000000",
            "read-only",
            "99"
        ]
    );
}

#[tokio::test]
async fn an_image_whose_user_is_root_is_refused_where_root_is_forbidden() {
    let Some(namespace) = namespace().await else { return };
    let mut spec = task("true");
    spec["securityContext"] = json!({"runAsNonRoot": true});
    namespace.pod("root", spec).await;
    let waits = |pod: &serde_json::Value| {
        let waiting = &pod["status"]["containerStatuses"][0]["state"]["waiting"];
        waiting["message"] == "container has runAsNonRoot and image will run as root"
    };
    namespace.shows("Pod", "root", waits).await;
}

#[tokio::test]
async fn more_memory_than_allowed_is_not_given() {
    let Some(namespace) = namespace().await else { return };
    let mut spec = task("tail /dev/zero");
    spec["containers"][0]["resources"] = json!({"limits": {"memory": "20Mi"}});
    namespace.pod("hungry", spec).await;
    let pod = namespace.phase("hungry", "Failed").await;
    let ended = &pod["status"]["containerStatuses"][0]["state"]["terminated"];
    assert_eq!((&ended["exitCode"], &ended["reason"]), (&json!(137), &json!("OOMKilled")));
}

#[tokio::test]
async fn a_sidecar_runs_beside_and_ends_after() {
    let Some(namespace) = namespace().await else { return };
    let mut side = script("side", "trap 'exit 0' TERM; while true; do sleep 0.1; done");
    side["restartPolicy"] = json!("Always");
    let spec = json!({
        "restartPolicy": "Never",
        "initContainers": [side],
        "containers": [script("main", "echo done")],
    });
    namespace.pod("with-sidecar", spec).await;
    let pod = namespace.phase("with-sidecar", "Succeeded").await;
    assert_eq!(condition(&pod, "Initialized"), "True");
}
