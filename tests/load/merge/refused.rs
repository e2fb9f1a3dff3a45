//! What cannot be merged.

use crate::case::{Case, check};

#[test]
fn different_kinds_cannot_be_merged() {
    let rows = [
        ("a text over a list", "x-a: [1]", "x-a: 5", "x-a: is a number here, but a list before"),
        (
            "a list over a mapping",
            "x-a: {b: 1}",
            "x-a: [b]",
            "x-a: is a list here, but a mapping before",
        ),
        (
            "a mapping over a list",
            "ports: ['80']",
            "ports: {a: b}",
            "ports: is a mapping here, but a list before",
        ),
        ("a number over pairs", "environment: [A=1]", "environment: {A: 1}, labels: 5", ""),
        (
            "null over a log",
            "logging: {driver: a}",
            "logging: null",
            "logging: is null here, but a mapping before",
        ),
        (
            "a text over limits of a build",
            "build: {context: ., ulimits: {n: {soft: 1, hard: 2}}}",
            "build: {ulimits: {n: 6}}",
            "build.ulimits.n: is a number here, but a mapping before",
        ),
    ];
    for (name, base, over, expected) in rows {
        let base = format!("services:\n  test: {{image: foo, labels: [a=b], {base}}}\n");
        let over_text = format!("services:\n  test: {{{over}}}\n");
        let expected = if expected.is_empty() {
            "labels: is a number here, but a mapping before"
        } else {
            expected
        };
        let (attribute, words) = expected.split_once(": ").unwrap();
        let key = attribute.rsplit('.').next().unwrap();
        let column =
            over_text.lines().nth(1).unwrap().find(&format!("{key}: ")).unwrap() + key.len() + 3;
        let finding =
            format!("LS0210 compose.override.yaml:2:{column} services.test.{attribute}: {words}");
        check(&[Case {
            name,
            files: &[("compose.yaml", &base), ("compose.override.yaml", &over_text)],
            findings: &[&finding],
            ..Case::default()
        }]);
    }
}

#[test]
fn items_of_a_wrong_type_are_refused() {
    for (name, base, over, finding) in [
        (
            "a mapping as a dependency",
            "depends_on: [db]",
            "depends_on: [{}]",
            "compose.override.yaml:2:23 services.test.depends_on[0]",
        ),
        (
            "a number as a dependency",
            "depends_on: [db]",
            "depends_on: [123]",
            "compose.override.yaml:2:23 services.test.depends_on[0]",
        ),
        (
            "a mapping as a network",
            "networks: [default]",
            "networks: [{}]",
            "compose.override.yaml:2:21 services.test.networks[0]",
        ),
        (
            "a mapping as a variable",
            "environment: [A=1]",
            "environment: [B=1, {}]",
            "compose.override.yaml:2:29 services.test.environment[1]",
        ),
        (
            "a number as a label",
            "labels: {a: b}",
            "labels: [1]",
            "compose.override.yaml:2:19 services.test.labels[0]",
        ),
        (
            "null as a host",
            "extra_hosts: [a=1.1.1.1]",
            "extra_hosts: [null]",
            "compose.override.yaml:2:24 services.test.extra_hosts[0]",
        ),
    ] {
        let base = format!("services:\n  test: {{image: foo, {base}}}\n  db: {{image: db}}\n");
        let over = format!("services:\n  test: {{{over}}}\n");
        check(&[Case {
            name,
            files: &[("compose.yaml", &base), ("compose.override.yaml", &over)],
            findings: &[&format!("LS0203 {finding}: must be a string")],
            ..Case::default()
        }]);
    }
    check(&[Case {
        name: "null as an address pool",
        files: &[
            (
                "compose.yaml",
                "services: {a: {image: x}}\nnetworks: {n: {ipam: {config: [{subnet: 10.0.0.0/24}]}}}",
            ),
            ("compose.override.yaml", "networks: {n: {ipam: {config: [null]}}}"),
        ],
        findings: &[
            "LS0203 compose.override.yaml:1:32 networks.n.ipam.config[1]: must be a mapping",
        ],
        ..Case::default()
    }]);
    check(&[Case {
        name: "null as a test, though it clears a command",
        files: &[
            ("compose.yaml", "services: {a: {image: x, healthcheck: {test: [CMD, a]}}}"),
            ("compose.override.yaml", "services: {a: {healthcheck: {test: null}}}"),
        ],
        findings: &[
            "LS0203 compose.override.yaml:1:30 services.a.healthcheck.test: must be a string or a list, but is null",
        ],
        ..Case::default()
    }]);
}
