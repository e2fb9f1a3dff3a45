//! Whatever the bytes are: no panic, no hang, and an error when there is no project.

use std::fs;

use longshore::diagnostic::{Report, json, text};
use longshore::load::{Input, load_project};
use proptest::prelude::*;

use crate::seeds::fixed;

const SAMPLE: &str = r#"
name: app
x-common: &common
  restart: always
  environment: {A: "1", B: "${B:-b}"}
include: []
services:
  web:
    <<: *common
    image: nginx:${TAG:-1}
    build: {context: ., args: [X=1]}
    command: sh -c "echo $$HOME"
    ports: ["8080:80", "9000-9002:9000-9002/udp", {target: 80, published: "81"}]
    volumes: ["data:/data:ro", "./x:/x", {type: tmpfs, target: /t, tmpfs: {size: 1m}}]
    depends_on: {db: {condition: service_healthy}}
    healthcheck: {test: curl localhost, interval: 5s}
    deploy: {replicas: 2, resources: {limits: {cpus: "0.5", memory: 64M}}}
    extra_hosts: ["a=1.1.1.1"]
    ulimits: {nofile: {soft: 1, hard: 2}}
    secrets: [s]
  db:
    extends: {service: web}
    image: !reset null
    depends_on: !override []
volumes: {data: {}}
secrets: {s: {environment: HOME}}
---
services: {web: {labels: [a=b]}}
"#;

fn load(bytes: &[u8]) -> Report {
    let directory = tempfile::tempdir().unwrap();
    fs::write(directory.path().join("compose.yaml"), bytes).unwrap();
    let environment = [("HOME".to_owned(), "/root".to_owned())].into();
    let working_directory = directory.path().to_owned();
    let input = Input { working_directory, environment, ..Input::default() };
    let (project, report) = load_project(&input);
    assert_eq!(project.is_none(), report.has_errors());
    let _ = (text::render(&report, false), json::render(&report));
    report
}

#[test]
fn the_sample_itself_is_read_as_far_as_it_goes() {
    load(SAMPLE.as_bytes());
}

#[test]
fn depth_and_length_have_limits() {
    let deep_aliases: Vec<String> =
        (1..60).map(|i| format!("a{i}: &a{i} [[[*a{}]]]", i - 1)).collect();
    let extends: Vec<String> =
        (0..500).map(|i| format!("  s{i}: {{extends: s{}}}", (i + 1).min(499))).collect();
    let cases = [
        "[".repeat(100_000),
        "{a: ".repeat(100_000),
        "- ".repeat(100_000),
        "a:\n ".repeat(500),
        format!("a: {}", "x".repeat(9 << 20)),
        format!("a: \"{}", "$".repeat(1 << 20)),
        format!("a: {}", "${A:-".repeat(100_000)),
        format!("a0: &a0 [x]\n{}", deep_aliases.join("\n")),
        format!("services:\n{}", extends.join("\n")),
    ];
    for case in cases {
        let report = load(case.as_bytes());
        assert!(report.has_errors());
        assert!(text::render(&report, false).len() < 500_000);
    }
}

#[test]
fn a_long_chain_of_services_is_no_circle() {
    let services: Vec<String> = (0..500)
        .map(|i| format!("  s{i}: {{image: x, depends_on: [s{}]}}", (i + 1).min(500)))
        .collect();
    let report =
        load(format!("services:\n{}\n  s500: {{image: x}}", services.join("\n")).as_bytes());
    assert!(report.is_empty(), "{report:?}");
}

/// Something that an attribute could hold.
fn token() -> impl Strategy<Value = String> {
    prop_oneof![
        Just("null".to_owned()),
        Just("[]".to_owned()),
        Just("{}".to_owned()),
        Just("[[a]]".to_owned()),
        Just("{a: {b: c}}".to_owned()),
        Just("*common".to_owned()),
        Just("!reset x".to_owned()),
        Just("!override {a: 1}".to_owned()),
        Just("\"${A:?}\"".to_owned()),
        Just("-1".to_owned()),
        Just("1e999".to_owned()),
        Just("99999999999999999999999999".to_owned()),
        Just("yes".to_owned()),
        Just(":::".to_owned()),
        Just("0-65535:0-65535".to_owned()),
        "\\PC{0,8}",
    ]
}

proptest! {
    #![proptest_config(fixed(300))]

    #[test]
    fn any_bytes(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
        load(&bytes);
    }

    #[test]
    fn any_yaml_like_text(text in "([a-z]{1,3}|[:\\-\\[\\]{},&*!|>'\"#%@ \\n\\t]| \\n|: |- ){0,60}") {
        load(text.as_bytes());
    }

    #[test]
    fn the_sample_with_a_value_exchanged(line in 0..34_usize, value in token()) {
        let mut lines: Vec<String> = SAMPLE.lines().map(str::to_owned).collect();
        if let Some(line) = lines.get_mut(line)
            && let Some((key, _)) = line.split_once(": ")
        {
            *line = format!("{key}: {value}");
        }
        load(lines.join("\n").as_bytes());
    }

    #[test]
    fn the_sample_with_bytes_exchanged(edits in prop::collection::vec((0..1200_usize, any::<u8>()), 1..6)) {
        let mut bytes = SAMPLE.as_bytes().to_vec();
        for (position, byte) in edits {
            let length = bytes.len();
            bytes[position % length] = byte;
        }
        load(&bytes);
    }
}
