//! Pods on their way to a cluster: what is written, and what is said about it.

use super::place::Place;

/// `convert` of these services, with all that its manifests and its findings must have.
fn check(services: &str, manifests: &[&str], findings: &[&str]) {
    let ran = Place::with(&format!("services:\n{services}")).run(&["convert"]);
    assert_eq!(ran.code, Some(0), "{services}: {}", ran.stderr);
    for text in manifests {
        assert!(ran.stdout.contains(text), "{services}: no `{text}` in\n{}", ran.stdout);
    }
    for text in findings {
        assert!(ran.stderr.contains(text), "{services}: no `{text}` in\n{}", ran.stderr);
    }
    if findings.is_empty() {
        assert_eq!(ran.stderr, "", "{services}");
    }
}

/// With liveness disabled, three failures of its readiness check ended a sidecar; and it held back those that do not wait
/// for its health.
#[test]
fn a_check_that_is_not_to_end_a_sidecar_does_not_end_it() {
    let pod = |condition: &str| {
        format!(
            "  vpn:
    image: vpn
    labels: {{longshore.liveness.disable: \"true\"}}
    healthcheck: {{test: [CMD, up]}}
  prepare:
    image: prepare
    network_mode: service:vpn
    depends_on: {{vpn: {{condition: {condition}}}}}
  app:
    image: app
    network_mode: service:vpn
    depends_on: {{prepare: {{condition: service_completed_successfully}}}}
"
        )
    };
    let patient = "startupProbe:\n          exec:\n            command:\n            - up\n          failureThreshold: 2147483647\n";
    check(&pod("service_healthy"), &["restartPolicy: Always", patient], &[]);
    let ran = Place::with(&format!("services:\n{}", pod("service_started"))).run(&["convert"]);
    assert!(ran.stdout.contains("restartPolicy: Always"), "{}", ran.stdout);
    assert!(!ran.stdout.contains("startupProbe"), "{}", ran.stdout);
}

/// The pods of a StatefulSet had a `hostname` that Kubernetes does not look at.
#[test]
fn the_pods_of_a_stateful_set_have_names_of_their_own() {
    let set = |more: &str| {
        format!(
            "  web:\n    image: web\n    ports: [80]\n    labels: {{longshore.controller: statefulset}}\n    {more}\n"
        )
    };
    let finding = "each pod of a StatefulSet has its own name as host name";
    check(&set("hostname: server"), &["kind: StatefulSet"], &[finding]);
    check(&set("domainname: office"), &[], &[finding]);
    let ran = Place::with(&format!("services:\n{}", set("hostname: server"))).run(&["convert"]);
    assert!(!ran.stdout.contains("hostname:"), "{}", ran.stdout);
    let itself = "healthcheck: {test: [CMD, wget, \"http://web:80\"]}";
    check(&set(itself), &[], &["cannot have the host name `web`, by which it asks for itself"]);
}

/// What runs to its end was a Deployment without a word, and its pods ended in `CrashLoopBackOff`.
#[test]
fn a_likely_task_is_told() {
    let finding = "the service looks as if it ran to its end";
    check(
        "  migrate: {image: app, command: rails db:migrate}\n",
        &["kind: Deployment"],
        &[finding],
    );
    check("  web: {image: app, command: rails server}\n", &["kind: Deployment"], &[]);
    check("  migrate: {image: app, restart: \"no\"}\n", &["kind: Job"], &[]);
}

#[test]
fn a_stop_signal_is_set_where_the_cluster_can() {
    let web = |more: &str| format!("  web: {{image: web, {more}}}\n");
    let label = "labels: {longshore.stop-signal: \"true\"}";
    check(
        &web(&format!("stop_signal: usr1, {label}")),
        &["stopSignal: SIGUSR1\n", "os:\n        name: linux\n"],
        &["the gate `ContainerStopSignals`"],
    );
    check(&web("stop_signal: SIGUSR1"), &[], &["`STOPSIGNAL SIGUSR1`"]);
    check(&web("stop_signal: SIGUSER"), &[], &["`SIGUSER` is not a signal"]);
    check(&web("stop_signal: \"15\""), &[], &[]);
}
