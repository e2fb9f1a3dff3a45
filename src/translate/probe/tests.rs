use indexmap::IndexMap;

use super::*;
use crate::model::Origins;
use crate::translate::findings::Findings;

/// The probes of a check with labels, as JSON: startup, readiness, liveness; and how much is said.
fn probes(healthcheck: Option<&Healthcheck>, labels: &[(&str, &str)]) -> (String, usize) {
    let origins = Origins::default();
    let findings = Findings::new(&origins);
    let labels: IndexMap<String, String> =
        labels.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned())).collect();
    let settings = Settings::new(&labels, findings.site("services.web.labels"));
    let site = findings.site("services.web.healthcheck");
    let Probes { startup, readiness, liveness } =
        translate_healthcheck(healthcheck, &settings, &[], &site);
    drop((settings, site));
    let text = serde_json::to_string(&(startup, readiness, liveness)).unwrap();
    (text, findings.into_report().iter().count())
}

fn same(startup: &str, steady: &str) -> String {
    format!("[{startup},{steady},{steady}]")
}

#[test]
fn the_defaults_are_those_of_compose() {
    let test = Some(HealthcheckTest::Shell("test $(date)".into()));
    let healthcheck = Healthcheck { test, ..Healthcheck::default() };
    let startup = r#"{"exec":{"command":["/bin/sh","-c","test $$(date)"]},"failureThreshold":60,"periodSeconds":5,"timeoutSeconds":30}"#;
    let steady = r#"{"exec":{"command":["/bin/sh","-c","test $$(date)"]},"failureThreshold":3,"periodSeconds":30,"timeoutSeconds":30}"#;
    assert_eq!(probes(Some(&healthcheck), &[]), (same(startup, steady), 1));
}

/// `interval: 10s` with `retries: 3`, as many projects have it for Elasticsearch, ended it after half a minute, before
/// it could be up, again and again; and after a `start_period` the retries were counted in its short intervals, so
/// that a container of Airflow had one minute, and three with Docker.
#[test]
fn a_container_has_the_time_to_start_that_docker_gives_it() {
    for (interval, retries, start_period, [period, failures]) in
        [(10, 3, 0, [5, 60]), (1, 120, 0, [1, 300]), (30, 5, 30, [5, 60]), (300, 3, 300, [5, 240])]
    {
        let healthcheck = Healthcheck {
            test: Some(HealthcheckTest::Command(vec!["ready".into()])),
            interval: Some(Duration::from_secs(interval)),
            retries: Some(retries),
            start_period: Some(Duration::from_secs(start_period)),
            ..Healthcheck::default()
        };
        let origins = Origins::default();
        let findings = Findings::new(&origins);
        let labels = IndexMap::new();
        let settings = Settings::new(&labels, findings.site("services.web.labels"));
        let site = findings.site("services.web.healthcheck");
        let startup = translate_healthcheck(Some(&healthcheck), &settings, &[], &site).startup;
        let startup = startup.unwrap();
        let found = [startup.period_seconds, startup.failure_threshold];
        assert_eq!(found, [Some(period), Some(failures)], "{interval} {retries} {start_period}");
    }
}

/// A container that was to be kept running was ended by its startup probe.
#[test]
fn without_liveness_nothing_ends_a_container() {
    let healthcheck = Healthcheck {
        test: Some(HealthcheckTest::Command(vec!["ready".into()])),
        start_period: Some(Duration::from_secs(12)),
        ..Healthcheck::default()
    };
    let labels = [("longshore.liveness.disable", "true")];
    assert!(probes(Some(&healthcheck), &labels).0.starts_with("[null,{"));
}

#[test]
fn a_start_period_becomes_a_startup_probe() {
    let healthcheck = Healthcheck {
        test: Some(HealthcheckTest::Command(vec!["ready".into()])),
        interval: Some(Duration::from_millis(1500)),
        timeout: Some(Duration::ZERO),
        retries: Some(5),
        start_period: Some(Duration::from_secs(12)),
        ..Healthcheck::default()
    };
    let startup = r#"{"exec":{"command":["ready"]},"failureThreshold":150,"periodSeconds":2,"timeoutSeconds":1}"#;
    let steady = r#"{"exec":{"command":["ready"]},"failureThreshold":5,"periodSeconds":2,"timeoutSeconds":1}"#;
    assert_eq!(probes(Some(&healthcheck), &[]), (same(startup, steady), 1));
}

/// A check of `["CMD"]` gave probes without a command, which Kubernetes refuses.
#[test]
fn a_check_without_a_command_gives_no_probe() {
    let test = Some(HealthcheckTest::Command(Vec::new()));
    let healthcheck = Healthcheck { test, ..Healthcheck::default() };
    assert_eq!(probes(Some(&healthcheck), &[]), (same("null", "null"), 1));
}

#[test]
fn disabled_or_unknown_tests_give_no_probe() {
    let none = same("null", "null");
    let test = Some(HealthcheckTest::None);
    assert_eq!(
        probes(Some(&Healthcheck { test, ..Healthcheck::default() }), &[]),
        (none.clone(), 0)
    );
    let test = Some(HealthcheckTest::Shell("true".into()));
    let disabled = Healthcheck { test, disable: true, ..Healthcheck::default() };
    assert_eq!(probes(Some(&disabled), &[]), (none.clone(), 0));
    assert_eq!(probes(Some(&Healthcheck::default()), &[]), (none.clone(), 1));
    assert_eq!(probes(None, &[]), (none, 0));
}

#[test]
fn labels_make_probes_differ() {
    let healthcheck = Healthcheck {
        test: Some(HealthcheckTest::Command(vec!["ready".into()])),
        ..Healthcheck::default()
    };
    let labels = [
        ("longshore.liveness.disable", "true"),
        ("longshore.readiness.http-path", "healthz"),
        ("longshore.readiness.http-port", "8080"),
        ("longshore.readiness.interval", "5s"),
        ("longshore.readiness.start-period", "1m"),
    ];
    let readiness = r#"{"failureThreshold":3,"httpGet":{"path":"/healthz","port":8080},"initialDelaySeconds":60,"periodSeconds":5,"timeoutSeconds":30}"#;
    assert_eq!(probes(Some(&healthcheck), &labels), (format!("[null,{readiness},null]"), 0));
}

#[test]
fn kompose_labels_mean_what_they_mean_there() {
    let healthcheck =
        Healthcheck { interval: Some(Duration::from_secs(10)), ..Healthcheck::default() };
    let labels = [
        ("kompose.service.healthcheck.liveness.tcp_port", "5432"),
        ("kompose.service.healthcheck.readiness.test", "pg_isready -U postgres"),
        ("kompose.service.healthcheck.readiness.retries", "5"),
    ];
    let readiness = r#"{"exec":{"command":["pg_isready","-U","postgres"]},"failureThreshold":5,"periodSeconds":10,"timeoutSeconds":30}"#;
    let liveness = r#"{"failureThreshold":3,"periodSeconds":10,"tcpSocket":{"port":5432},"timeoutSeconds":30}"#;
    assert_eq!(probes(Some(&healthcheck), &labels), (format!("[null,{readiness},{liveness}]"), 0));
}

#[test]
fn labels_that_cannot_be_are_told() {
    let none = same("null", "null");
    for labels in [
        ("longshore.readiness.http-path", "/"),
        ("longshore.readiness.tcp-port", "0"),
        ("longshore.liveness.test", "'"),
    ] {
        assert_eq!(probes(None, &[labels]), (none.clone(), 1), "{labels:?}");
    }
}
