//! `pre_start`, `post_start`, `pre_stop`, `develop`, `provider`.

use super::{check, check_with, web, wrong};

#[test]
fn hooks_have_commands_and_variables() {
    check(&[
        web(
            "after the start and before the end",
            "
post_start:
  - {command: echo start, user: root, privileged: true, working_dir: /, environment: [FOO=BAR]}
pre_stop:
  - {command: [echo, stop], user: root, privileged: 'false', environment: {FOO: BAR}}",
            &[
                (
                    "post_start",
                    "[{command: [echo, start], user: root, privileged: true, working_dir: /, environment: {FOO: BAR}}]",
                ),
                (
                    "pre_stop",
                    "[{command: [echo, stop], user: root, privileged: false, environment: {FOO: BAR}}]",
                ),
            ],
        ),
        wrong(
            "they are no containers",
            "post_start: [{image: b, command: a}]",
            &["LS0202 4:19 post_start[0].image: unknown attribute `image`"],
        ),
        wrong(
            "they need a command",
            "pre_stop: [{user: root}]",
            &["LS0204 4:16 pre_stop[0]: needs the attribute `command`"],
        ),
    ]);
}

#[test]
fn what_runs_before_the_start_is_a_container() {
    check_with("volumes: {data: }", &[
        web(
            "with an image of its own or that of the service",
            "
pre_start:
  - {command: [./manage.py, migrate], user: root, working_dir: /app, environment: [FOO=BAR]}
  - {image: busybox, command: sh -c 'chown -R 1000:1000 /data', privileged: 'true', per_replica: true}",
            &[
                ("pre_start[0].image", "nginx"),
                ("pre_start[0].command", "[./manage.py, migrate]"),
                ("pre_start[0].user", "root"),
                ("pre_start[0].working_dir", "/app"),
                ("pre_start[0].environment", "{FOO: BAR}"),
                ("pre_start[1].image", "busybox"),
                ("pre_start[1].command", "[sh, -c, 'chown -R 1000:1000 /data']"),
                ("pre_start[1].privileged", "true"),
                ("pre_start[1].per_replica", "true"),
            ],
        ),
        web(
            "with all short forms",
            "
pre_start:
  - command: a
    init: 'true'
    cpus: '1.5'
    umask: '077'
    dns: 8.8.8.8
    volumes: ['data:/data']
    devices: [/dev/a]
    ulimits: {nofile: '5'}
    extra_hosts: ['a:1.1.1.1']",
            &[
                ("pre_start[0].init", "true"),
                ("pre_start[0].cpus", "1.5"),
                ("pre_start[0].umask", "63"),
                ("pre_start[0].dns", "[8.8.8.8]"),
                ("pre_start[0].volumes", "[{type: volume, source: data, target: /data}]"),
                ("pre_start[0].devices[0].target", "/dev/a"),
                ("pre_start[0].ulimits", "{nofile: 5}"),
                ("pre_start[0].extra_hosts", "[a=1.1.1.1]"),
            ],
        ),
        wrong("but no workload", "pre_start: [{command: a, ports: [80]}]", &[
            "LS0202 4:30 pre_start[0].ports: unknown attribute `ports`",
        ]),
    ]);
}

#[test]
fn single_patterns_of_a_watch_are_lists() {
    check(&[
        web(
            "watches",
            "
build: .
develop:
  watch:
    - {path: ./src, action: sync, target: /app/src, ignore: node_modules/, include: '*.go', initial_sync: true}
    - {path: ./requirements.txt, action: rebuild}
    - {path: /c, action: sync+exec, target: /c, exec: {command: echo a b, environment: [A=1]}}",
            &[(
                "develop.watch",
                "[{path: <DIR>/src, action: sync, target: /app/src, ignore: [node_modules/],
                   include: ['*.go'], initial_sync: true},
                  {path: <DIR>/requirements.txt, action: rebuild},
                  {path: /c, action: sync+exec, target: /c,
                   exec: {command: [echo, a, b], environment: {A: '1'}}}]",
            )],
        ),
        wrong("an action is needed", "build: .\ndevelop: {watch: [{path: ./src, target: /a}]}", &[
            "LS0204 5:23 develop.watch[0]: needs the attribute `action`",
        ]),
        wrong("of five", "build: .\ndevelop: {watch: [{path: a, action: sink}]}", &[
            "LS0205 5:41 develop.watch[0].action: must be `rebuild`, `sync`, `restart`, `sync+restart` or `sync+exec`",
        ]),
        wrong("a path is not empty", "build: .\ndevelop: {watch: [{path: '', action: rebuild}]}", &[
            "LS0205 5:30 develop.watch[0].path: ",
        ]),
    ]);
}

#[test]
fn options_of_a_provider_are_lists_of_texts() {
    check(&[web(
        "texts, numbers, booleans, alone or in a list",
        "provider: {type: foo, options: {bar: zot, n: 1e6, strings: [foo, bar], numbers: [12, 3.5], booleans: [true, false]}}",
        &[(
            "provider",
            "{type: foo, options: {bar: [zot], n: ['1e+06'], strings: [foo, bar], numbers: ['12', '3.5'],
              booleans: ['true', 'false']}}",
        )],
    )]);
}
