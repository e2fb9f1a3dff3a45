use std::time::{Duration, Instant};

use serde_json::{Value, json};

use crate::engine::cluster::{Namespace, condition, namespace, script};

/// A container that runs a script, with a probe.
fn probed(text: &str, kind: &str, probe: Value) -> Value {
    let mut container = script("main", text);
    container[kind] = probe;
    json!({"terminationGracePeriodSeconds": 0, "containers": [container]})
}

fn restarts(pod: &Value) -> i64 {
    pod["status"]["containerStatuses"][0]["restartCount"].as_i64().unwrap_or_default()
}

/// Asks the container itself how often it was probed, until that is often enough: it counts the requests.
async fn still_runs_after_probes(namespace: &Namespace, name: &str, probes: &str) {
    let counted = |pod: &Value| condition(pod, "Ready") == "True" && restarts(pod) == 0;
    namespace.shows("Pod", name, counted).await;
    // Ready only when it was probed so often: see the callers.
    let pod = namespace.ready(name).await;
    assert_eq!(restarts(&pod), 0, "after {probes}");
}

const HEALTHY: &str =
    "mkdir -p /www; echo ok > /www/healthz; touch /tmp/health; exec httpd -f -p 8080 -h /www";

/// Becomes ready once the liveness probe was asked three times: it leaves a mark each time.
fn asked_three_times() -> Value {
    json!({
        "exec": {"command": ["sh", "-c", "test $(cat /tmp/asked | wc -l) -ge 3"]},
        "periodSeconds": 1,
        "failureThreshold": 100,
    })
}

#[tokio::test]
async fn a_container_is_restarted_with_a_failing_exec_liveness_probe() {
    let Some(namespace) = namespace().await else { return };
    let probe = json!({
        "exec": {"command": ["cat", "/tmp/health"]},
        "periodSeconds": 1,
        "failureThreshold": 1,
    });
    let text = "echo ok > /tmp/health; sleep 2; rm -f /tmp/health; sleep 600";
    namespace.pod("exec", probed(text, "livenessProbe", probe)).await;
    namespace.shows("Pod", "exec", |pod| restarts(pod) > 0).await;
    let events = namespace.events().await;
    assert!(events.contains("Unhealthy exec: Liveness probe failed: cat:"), "{events}");
    assert!(events.contains("Container main failed liveness probe, will be restarted"), "{events}");
}

#[tokio::test]
async fn a_container_is_restarted_with_a_failing_http_liveness_probe() {
    let Some(namespace) = namespace().await else { return };
    let probe = json!({
        "httpGet": {"path": "/healthz", "port": 8080},
        "periodSeconds": 1,
        "failureThreshold": 1,
        "initialDelaySeconds": 1,
    });
    let text = "mkdir -p /www; echo ok > /www/healthz; (sleep 2; rm /www/healthz) & exec httpd -f -p 8080 -h /www";
    namespace.pod("http", probed(text, "livenessProbe", probe)).await;
    namespace.shows("Pod", "http", |pod| restarts(pod) > 0).await;
    let events = namespace.events().await;
    assert!(events.contains("HTTP probe failed with statuscode: 404"), "{events}");
}

#[tokio::test]
async fn a_container_is_not_restarted_with_an_exec_liveness_probe() {
    let Some(namespace) = namespace().await else { return };
    let probe = json!({
        "exec": {"command": ["sh", "-c", "echo >> /tmp/asked; cat /tmp/health"]},
        "periodSeconds": 1,
        "failureThreshold": 1,
        "initialDelaySeconds": 1,
    });
    let mut spec = probed(HEALTHY, "livenessProbe", probe);
    spec["containers"][0]["readinessProbe"] = asked_three_times();
    namespace.pod("exec", spec).await;
    still_runs_after_probes(&namespace, "exec", "three probes").await;
}

#[tokio::test]
async fn a_container_is_not_restarted_with_an_http_liveness_probe() {
    let Some(namespace) = namespace().await else { return };
    let probe = json!({
        "httpGet": {"path": "/cgi-bin/healthz", "port": 8080},
        "periodSeconds": 1,
        "failureThreshold": 1,
        "initialDelaySeconds": 1,
    });
    let text = "mkdir -p /www/cgi-bin; \
        printf '#!/bin/sh\\necho >> /tmp/asked; printf \"Content-Type: text/plain\\r\\n\\r\\nok\"' > /www/cgi-bin/healthz; \
        chmod +x /www/cgi-bin/healthz; exec httpd -f -p 8080 -h /www";
    let mut spec = probed(text, "livenessProbe", probe);
    spec["containers"][0]["readinessProbe"] = asked_three_times();
    namespace.pod("http", spec).await;
    still_runs_after_probes(&namespace, "http", "three probes").await;
}

#[tokio::test]
async fn a_container_is_not_restarted_with_a_tcp_liveness_probe() {
    let Some(namespace) = namespace().await else { return };
    let probe = json!({
        "tcpSocket": {"port": 8080},
        "periodSeconds": 1,
        "failureThreshold": 1,
        "initialDelaySeconds": 1,
    });
    let text = "while true; do nc -l -p 8080 < /dev/null > /dev/null; echo >> /tmp/asked; done";
    let mut spec = probed(text, "livenessProbe", probe);
    spec["containers"][0]["readinessProbe"] = asked_three_times();
    // The server is not there for a moment after each connection.
    spec["containers"][0]["livenessProbe"]["failureThreshold"] = json!(3);
    namespace.pod("tcp", spec).await;
    still_runs_after_probes(&namespace, "tcp", "three probes").await;
}

#[tokio::test]
async fn a_readiness_probe_is_not_asked_before_its_initial_delay() {
    let Some(namespace) = namespace().await else { return };
    let probe = json!({
        "exec": {"command": ["true"]},
        "initialDelaySeconds": 4,
        "periodSeconds": 1,
    });
    let begin = Instant::now();
    namespace.pod("patient", probed("sleep 1000", "readinessProbe", probe)).await;
    let pod = namespace.ready("patient").await;
    assert!(begin.elapsed() >= Duration::from_secs(4), "not before its delay");
    assert_eq!(restarts(&pod), 0);
}

#[tokio::test]
async fn a_container_whose_readiness_probe_fails_is_never_ready_and_never_restarted() {
    let Some(namespace) = namespace().await else { return };
    let probe = json!({"exec": {"command": ["false"]}, "periodSeconds": 1, "failureThreshold": 1});
    // It ends itself when it was asked often enough.
    let probe = {
        let mut probe = probe;
        probe["exec"]["command"] = json!(["sh", "-c", "echo >> /tmp/asked; false"]);
        probe
    };
    let text = "touch /tmp/asked; until test $(cat /tmp/asked | wc -l) -ge 3; do sleep 0.1; done";
    let mut spec = probed(text, "readinessProbe", probe);
    spec["restartPolicy"] = json!("Never");
    namespace.pod("never", spec).await;
    let mut was_ready = false;
    let pod = namespace.shows("Pod", "never", |pod| pod["status"]["phase"] == "Succeeded").await;
    was_ready |= condition(&pod, "Ready") == "True";
    assert!(!was_ready && restarts(&pod) == 0, "{pod:#}");
}
