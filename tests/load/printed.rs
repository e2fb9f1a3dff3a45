//! What `config` printed, and could not be loaded again or came to something else: each row is a project that
//! did so once. Every row of this folder is printed and loaded again; these say nothing more.

use super::case::{Case, check};

/// The fault, the file, and what is expected of it.
type Row<'a> = (&'a str, String, &'a [(&'a str, &'a str)]);

/// A row with the attributes of the service `a`.
fn service<'a>(name: &'a str, attributes: &str, values: &'a [(&'a str, &'a str)]) -> Row<'a> {
    let sections = "configs: {settings: {environment: HOME}, logo: {environment: HOME}}";
    (name, format!("services:\n  a: {{image: x, {attributes}}}\n{sections}\n"), values)
}

fn check_rows(environment: &[(&str, &str)], rows: &[Row<'_>]) {
    let files =
        rows.iter().map(|(_, text, _)| [("compose.yaml", text.as_str()), ("a.env", "A='b'\n")]);
    let files: Vec<_> = files.collect();
    let cases = rows.iter().zip(&files).map(|((name, _, values), files)| Case {
        name,
        files,
        environment,
        values,
        ..Case::default()
    });
    check(&cases.collect::<Vec<_>>());
}

#[test]
fn what_is_empty_is_printed_where_it_must_be_there() {
    check_rows(
        &[],
        &[
            service(
                "the command of a hook was left out where it was null, but a hook needs one",
                "post_start: [{command: null}], pre_stop: [{command: , user: root}]",
                &[("services.a.post_start", "[{command: }]")],
            ),
            service(
                "a hook before the start that has no command of its own had that of its service when it was loaded again",
                "command: serve, entrypoint: [/run], pre_start: [{command: , entrypoint: , user: root}, {command: a}]",
                &[
                    ("services.a.pre_start[0].command", ""),
                    ("services.a.pre_start[0].entrypoint", ""),
                    ("services.a.pre_start[1].entrypoint", "[/run]"),
                ],
            ),
            service(
                "reserved devices without capabilities were printed without `capabilities`, which they need",
                "deploy: {resources: {reservations: {devices: [{capabilities: [], count: 1}, {capabilities: []}]}}}",
                &[(
                    "services.a.deploy.resources.reservations.devices",
                    "[{capabilities: [], count: 1}, {capabilities: [], count: all}]",
                )],
            ),
            service(
                "a request for no device became one for all devices, since an empty list was not printed",
                "gpus: [{device_ids: []}, {driver: x}], pre_start: [{gpus: [{driver: z}, {device_ids: ['1']}]}]",
                &[
                    ("services.a.gpus", "[{count: 0}, {driver: x, count: all}]"),
                    (
                        "services.a.pre_start[0].gpus",
                        "[{count: 0}, {driver: x, count: all}, {driver: z, count: all}, {device_ids: ['1']}]",
                    ),
                ],
            ),
            service(
                "two configs with one target were two, and one when they were loaded again",
                "configs: [settings, {source: logo, target: settings}]",
                &[("services.a.configs", "[{source: logo, target: /settings}]")],
            ),
            service(
                "a key of a build without a path was printed as an item of a list, where it needs one",
                "build: {context: /x, ssh: {default: , EMPTY: , k: /k}, additional_contexts: {EMPTY: , b: ''}}",
                &[("services.a.build.ssh", "{default: , EMPTY: , k: /k}")],
            ),
            service(
                "paths that are written as numbers or booleans were left as they are, and were paths when they were loaded again",
                "build: {context: /x, ssh: {a: true, b: 1}, additional_contexts: {a: false, b: 1.50, c: service:a}}",
                &[
                    ("services.a.build.ssh", "{a: <DIR>/true, b: <DIR>/1}"),
                    (
                        "services.a.build.additional_contexts",
                        "{a: <DIR>/false, b: <DIR>/1.5, c: 'service:a'}",
                    ),
                ],
            ),
        ],
    );
}

#[test]
fn variables_may_stand_wherever_a_word_may() {
    let environment = [
        ("WHEN", "daily"),
        ("HOST", "host"),
        ("YES", "true"),
        ("B", "b"),
        ("FILE", "compose.yaml"),
    ];
    check_rows(
        &environment,
        &[
            service(
                "a variable was refused as a word that is none of those allowed, though it was to stay as it is",
                "pull_policy: $WHEN, cgroup: $HOST, gpus: [{count: '${NONE:-2}'}]",
                &[("services.a.pull_policy", "daily"), ("services.a.cgroup", "host")],
            ),
            service(
                "hooks before the start had null for what holds a variable in their service",
                "init: $YES, network_mode: $HOST, cpuset: $B, labels: {a: $B}, user: $B, pre_start: [{command: a}]",
                &[("services.a.pre_start[0].network_mode", "host")],
            ),
            (
                "a service was looked for by the name of a variable",
                "
services:
  a: {extends: $B, tty: $YES}
  b: {image: x, networks: [n], init: $YES}
  c: {extends: {service: '${NONE:-b}', file: ./$FILE}}
networks: {n: }
"
                .to_owned(),
                &[("services.a.image", "x"), ("services.c.networks", "{n: }")],
            ),
        ],
    );
}
