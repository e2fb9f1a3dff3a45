//! What follows the schema, and what is said about the rest.

use crate::case::{Case, check};

/// A row with one file and the errors that it gives.
fn refused<'a>(
    name: &'a str,
    files: &'a [(&'a str, &'a str)],
    findings: &'a [&'a str],
) -> Case<'a> {
    Case { name, files, findings, ..Case::default() }
}

#[test]
fn sections_and_their_members_are_mappings() {
    check(&[
        refused(
            "a list of services",
            &[("compose.yaml", "services:\n  - foo: {image: busybox}")],
            &["LS0203 compose.yaml:2:3 services: `services` must be a mapping, but is a list"],
        ),
        refused(
            "a text as service",
            &[("compose.yaml", "services: {foo: busybox}")],
            &["LS0203 compose.yaml:1:17 services.foo: must be a mapping, but is a string"],
        ),
        refused(
            "lists and texts elsewhere",
            &[(
                "compose.yaml",
                "services: {a: {image: b}}
networks: [default]
volumes: {data: local}
secrets: text
configs: {c: [a]}
models: {m: text}",
            )],
            &[
                "LS0203 compose.yaml:2:11 networks: must be a mapping, but is a list",
                "LS0203 compose.yaml:3:17 volumes.data: must be a mapping or null, but is a string",
                "LS0203 compose.yaml:4:10 secrets: must be a mapping, but is a string",
                "LS0203 compose.yaml:5:14 configs.c: must be a mapping, but is a list",
                "LS0203 compose.yaml:6:13 models.m: must be a mapping, but is a string",
            ],
        ),
        refused(
            "a file of version 1",
            &[("compose.yaml", "foo:\n  image: busybox")],
            &["LS0202 compose.yaml:1:1 foo: unknown attribute `foo`"],
        ),
        refused(
            "an unknown section",
            &[("compose.yaml", "services: {a: {image: b}}\nhelicopters: {foo: {}}")],
            &["LS0202 compose.yaml:2:1 helicopters: unknown attribute `helicopters`"],
        ),
    ]);
}

#[test]
fn names_have_the_letters_of_names() {
    check(&[refused(
        "in every section",
        &[(
            "compose.yaml",
            "services: {'my web': {image: a}}
networks: {/: {driver: bridge}}
volumes: {'a b': }
secrets: {'': {file: a}}
configs: {ä: {file: a}}
models: {/: {model: ai/model}}",
        )],
        &[
            "LS0205 compose.yaml:1:12 services.my web: `my web` is not a possible name",
            "LS0205 compose.yaml:2:12 networks./: `/` is not a possible name",
            "LS0205 compose.yaml:3:11 volumes.a b: `a b` is not a possible name",
            "LS0205 compose.yaml:4:11 secrets.: `` is not a possible name",
            "LS0205 compose.yaml:5:11 configs.ä: `ä` is not a possible name",
            "LS0205 compose.yaml:6:10 models./: `/` is not a possible name",
        ],
    )]);
}

#[test]
fn extensions_pass_where_they_are_allowed() {
    check(&[
        Case {
            name: "in every mapping of the specification",
            files: &[(
                "compose.yaml",
                "
x-top: {}
services:
  bar:
    image: a
    x-extra: {}
    deploy: {x-a: 1, resources: {x-b: 1, limits: {x-c: 1}}}
    ports: [{target: 80, x-d: 1}]
    volumes: [{type: volume, target: /a, x-e: 1}]
networks: {n: {x-f: 1, ipam: {x-g: 1}}}
volumes: {v: {x-h: 1}}
configs: {c: {content: a, x-i: 1}}
secrets: {s: {external: true, x-j: 1}}",
            )],
            values: &[("services.bar.image", "a")],
            ..Case::default()
        },
        Case {
            name: "where the user chooses the names they are names",
            files: &[(
                "compose.yaml",
                "
services:
  x-foo:
    image: busybox
    volumes: ['x-volume:/dev/null']
    configs: [x-config]
    secrets: [x-secret]
    networks: [x-network]
    depends_on: {x-bar: {condition: service_started}}
    environment: {x-a: b}
    labels: {x-c: d}
  x-bar: {image: busybox}
volumes: {x-volume: }
secrets: {x-secret: {external: true}}
networks: {x-network: }
configs: {x-config: {external: true}}",
            )],
            values: &[
                ("services.x-foo.image", "busybox"),
                ("services.x-foo.depends_on.x-bar.condition", "service_started"),
                ("services.x-foo.environment", "{x-a: b}"),
                ("services.x-foo.labels", "{x-c: d}"),
                ("volumes.x-volume.name", "app_x-volume"),
                ("secrets.x-secret.external", "true"),
                ("networks.x-network.name", "app_x-network"),
                ("configs.x-config.external", "true"),
            ],
            ..Case::default()
        },
        refused(
            "a service needs attributes whatever its name",
            &[("compose.yaml", "services: {x-d: 1}")],
            &["LS0203 compose.yaml:1:17 services.x-d: must be a mapping, but is a number"],
        ),
    ]);
}

#[test]
fn adopted_extensions_are_their_attributes() {
    let watched = "[{path: <DIR>/other, action: rebuild}, {path: <DIR>/src, action: sync, target: /app, initial_sync: true}]";
    check(&[
        Case {
            name: "an extension is the attribute that it has become",
            files: &[(
                "compose.yaml",
                "
services:
  web:
    image: app
    build: .
    x-develop:
      watch: [{path: src, action: sync, target: /app, x-initialSync: true}]",
            )],
            values: &[(
                "services.web.develop.watch",
                "[{path: <DIR>/src, action: sync, target: /app, initial_sync: true}]",
            )],
            ..Case::default()
        },
        Case {
            name: "the attribute counts more, and lists are merged",
            files: &[(
                "compose.yaml",
                "
services:
  web:
    image: app
    build: .
    develop: {watch: [{path: src, action: sync, target: /app, initial_sync: true, x-initialSync: false}]}
    x-develop: {watch: [{path: other, action: rebuild}]}",
            )],
            values: &[("services.web.develop.watch", watched)],
            ..Case::default()
        },
        Case {
            name: "nothing does not hide the extension",
            files: &[(
                "compose.yaml",
                "
services:
  web:
    image: app
    build: .
    develop:
    x-develop: {watch: [{path: src, action: rebuild}]}",
            )],
            values: &[("services.web.develop.watch", "[{path: <DIR>/src, action: rebuild}]")],
            ..Case::default()
        },
        Case {
            name: "each file says it in its own way, also to take it back",
            files: &[
                (
                    "compose.yaml",
                    "services: {web: {image: app, build: ., develop: {watch: [{path: a, action: rebuild}]}}}",
                ),
                (
                    "compose.override.yaml",
                    "services: {web: {x-develop: !override {watch: [{path: b, action: rebuild}]}}}",
                ),
            ],
            values: &[("services.web.develop.watch", "[{path: <DIR>/b, action: rebuild}]")],
            ..Case::default()
        },
        refused(
            "it is checked as the attribute",
            &[("compose.yaml", "services: {web: {image: app, x-develop: text}}")],
            &["LS0203 compose.yaml:1:41 services.web.develop: must be a mapping or null"],
        ),
        refused(
            "two kinds cannot be merged",
            &[("compose.yaml", "services: {web: {image: app, develop: text, x-develop: {watch: []}}}")],
            &["LS0210 compose.yaml:1:39 services.web.develop: "],
        ),
    ]);
}

#[test]
fn unknown_attributes_are_named_where_they_stand() {
    check(&[refused(
        "at any depth",
        &[(
            "compose.yaml",
            "services:
  foo:
    image: busybox
    imagee: busybox
    deploy: {resources: {impossible: {x: 1}}}
    volumes: [{type: tmpfs, target: /app, foo: {bar: zot}}]
    build: {contxt: .}
    healthcheck: {tests: a}
    depends_on: {bar: {condition: service_started, optional: true}}
    networks: {default: {aliasses: [a]}}
    logging: {opts: {}}
  bar: {image: busybox}",
        )],
        &[
            "LS0202 compose.yaml:4:5 services.foo.imagee: unknown attribute `imagee`",
            "LS0202 compose.yaml:5:26 services.foo.deploy.resources.impossible: unknown attribute",
            "LS0202 compose.yaml:6:43 services.foo.volumes[0].foo: unknown attribute `foo`",
            "LS0202 compose.yaml:7:13 services.foo.build.contxt: unknown attribute `contxt`",
            "LS0202 compose.yaml:8:19 services.foo.healthcheck.tests: unknown attribute `tests`",
            "LS0202 compose.yaml:9:52 services.foo.depends_on.bar.optional: unknown attribute",
            "LS0202 compose.yaml:10:26 services.foo.networks.default.aliasses: unknown attribute",
            "LS0202 compose.yaml:11:15 services.foo.logging.opts: unknown attribute `opts`",
        ],
    )]);
}

#[test]
fn types_are_named_in_the_branch_that_is_meant() {
    check(&[refused(
        "what is there decides which form is meant",
        &[(
            "compose.yaml",
            "services:
  foo:
    image: [busybox, latest]
    environment: FOO=1
    ports: 80:80
    command: {a: b}
    build: [.]
    ulimits: {nofile: {soft: 1}}
    networks: web
    env_file: {path: a}
    depends_on: db
    secrets: [1]
    gpus: some
    volumes: [{source: a, target: /b}]
    devices: [{target: /dev/a}]
    healthcheck: {test: 5}",
        )],
        &[
            "LS0203 compose.yaml:3:12 services.foo.image: must be a string, but is a list",
            "LS0203 compose.yaml:4:18 services.foo.environment: must be a mapping or a list, but is a string",
            "LS0203 compose.yaml:5:12 services.foo.ports: must be a list, but is a string",
            "LS0203 compose.yaml:6:14 services.foo.command: must be null, a string or a list, but is a mapping",
            "LS0203 compose.yaml:7:12 services.foo.build: must be a string or a mapping, but is a list",
            "LS0204 compose.yaml:8:23 services.foo.ulimits.nofile: needs the attribute `hard`",
            "LS0203 compose.yaml:9:15 services.foo.networks: must be a list or a mapping, but is a string",
            "LS0203 compose.yaml:10:15 services.foo.env_file: must be a string or a list, but is a mapping",
            "LS0203 compose.yaml:11:17 services.foo.depends_on: must be a list or a mapping, but is a string",
            "LS0203 compose.yaml:12:15 services.foo.secrets[0]: must be a string or a mapping, but is a number",
            "LS0205 compose.yaml:13:11 services.foo.gpus: must be `all`, but is `some`",
            "LS0204 compose.yaml:14:15 services.foo.volumes[0]: needs the attribute `type`",
            "LS0204 compose.yaml:15:15 services.foo.devices[0]: needs the attribute `source`",
            "LS0203 compose.yaml:16:25 services.foo.healthcheck.test: must be a string or a list, but is a number",
        ],
    )]);
}

#[test]
fn numbers_have_limits() {
    check(&[
        refused(
            "sizes in memory",
            &[(
                "compose.yaml",
                "services:
  a: {image: b, volumes: [{type: tmpfs, target: /app, tmpfs: {size: -1}}]}
  c: {image: b, volumes: [{type: tmpfs, target: /app, tmpfs: {size: 0.0001}}]}",
            )],
            &[
                "LS0205 compose.yaml:2:69 services.a.volumes[0].tmpfs.size: must be at least 0, but is -1",
                "LS0203 compose.yaml:3:69 services.c.volumes[0].tmpfs.size: must be a whole number or a string",
            ],
        ),
        Case {
            name: "a size of nothing, a size with a fraction of nothing",
            files: &[(
                "compose.yaml",
                "services:
  a: {image: b, volumes: [{type: tmpfs, target: /app, tmpfs: {size: 0}}]}
  c: {image: b, volumes: [{type: tmpfs, target: /app, tmpfs: {size: 1.0}}]}",
            )],
            values: &[
                ("services.a.volumes[0].tmpfs.size", "'0'"),
                ("services.c.volumes[0].tmpfs.size", "'1'"),
            ],
            ..Case::default()
        },
    ]);
}

#[test]
fn nothing_is_no_value_where_one_is_needed() {
    check(&[refused(
        "an attribute without a value",
        &[(
            "compose.yaml",
            "services:
  foo:
    image:
    environment:
    ports:
    build: {context: ., ssh: }",
        )],
        &[
            "LS0203 compose.yaml:3:5 services.foo.image: must be a string, but is null",
            "LS0203 compose.yaml:4:5 services.foo.environment: must be a mapping or a list, but is null",
            "LS0203 compose.yaml:5:5 services.foo.ports: must be a list, but is null",
            "LS0203 compose.yaml:6:25 services.foo.build.ssh: must be a mapping or a list, but is null",
        ],
    )]);
}

#[test]
fn the_same_item_twice_is_found_whatever_the_order_of_its_keys() {
    check(&[refused(
        "lists whose items Compose does not know by a key",
        &[(
            "compose.yaml",
            "services: {foo: {image: a, security_opt: [a, a], build: {context: ., args: [A=1, A=1]}}}",
        )],
        &[
            "LS0205 compose.yaml:1:46 services.foo.security_opt[1]: the list holds the same item twice",
        ],
    )]);
}

#[test]
fn pull_policies_match_as_a_whole() {
    for policy in [
        "always",
        "never",
        "build",
        "if_not_present",
        "missing",
        "refresh",
        "daily",
        "weekly",
        "every_2d",
    ] {
        check(&[Case {
            name: policy,
            files: &[(
                "compose.yaml",
                &format!("services: {{foo: {{image: busybox, pull_policy: {policy}}}}}"),
            )],
            values: &[("services.foo.image", "busybox")],
            ..Case::default()
        }]);
    }
    for policy in ["neverxxx", "xxdailyxx", "garbage-always-garbage", "hourly", "every_d"] {
        check(&[refused(
            policy,
            &[(
                "compose.yaml",
                &format!("services: {{foo: {{image: busybox, pull_policy: {policy}}}}}"),
            )],
            &["LS0205 compose.yaml:1:47 services.foo.pull_policy: must be `always`, `never`"],
        )]);
    }
}

#[test]
fn a_job_is_a_workload_that_is_triggered() {
    check(&[
        refused(
            "it has nothing of a service that lives on",
            &[(
                "compose.yaml",
                "jobs:
  job:
    image: alpine
    triggers: {manual: true}
    attach: true
    container_name: x
    links: [db]
    post_start: [{command: a}]
    restart: always
    deploy: {replicas: 1}",
            )],
            &[
                "LS0202 compose.yaml:5:5 jobs.job.attach: unknown attribute `attach`",
                "LS0202 compose.yaml:6:5 jobs.job.container_name: unknown attribute `container_name`",
                "LS0202 compose.yaml:7:5 jobs.job.links: unknown attribute `links`",
                "LS0202 compose.yaml:8:5 jobs.job.post_start: unknown attribute `post_start`",
                "LS0202 compose.yaml:9:5 jobs.job.restart: unknown attribute `restart`",
                "LS0202 compose.yaml:10:5 jobs.job.deploy: unknown attribute `deploy`",
            ],
        ),
        refused(
            "its triggers are complete",
            &[(
                "compose.yaml",
                "jobs:
  a: {image: alpine}
  b: {image: alpine, triggers: {}}
  c: {image: alpine, triggers: {schedule: 0 3 * * *}}
  d: {image: alpine, triggers: {schedule: [{timezone: Europe/Paris}]}}
  e: {image: alpine, triggers: {schedule: [{cron: 0 3 * * *, concurrency: replace}]}}",
            )],
            &[
                "LS0204 compose.yaml:2:6 jobs.a: needs the attribute `triggers`",
                "LS0204 compose.yaml:3:32 jobs.b.triggers: needs one of the attributes `manual` or `schedule`",
                "LS0203 compose.yaml:4:43 jobs.c.triggers.schedule: must be a list, but is a string",
                "LS0204 compose.yaml:5:44 jobs.d.triggers.schedule[0]: needs the attribute `cron`",
                "LS0205 compose.yaml:6:75 jobs.e.triggers.schedule[0].concurrency: must be `forbid` or `queue`",
            ],
        ),
        refused(
            "its attributes are cast and expanded",
            &[(
                "compose.yaml",
                "jobs:
  job: {image: alpine, triggers: {manual: true}, cpus: half, command: '(a)', ports: [x], tty: maybe}",
            )],
            &[
                "LS0205 compose.yaml:2:56 jobs.job.cpus: must be a number, but is `half`",
                "LS0205 compose.yaml:2:71 jobs.job.command: a parenthesis stands outside quotes",
                "LS0205 compose.yaml:2:86 jobs.job.ports[0]: `x` is not a port",
                "LS0205 compose.yaml:2:95 jobs.job.tty: must be `true` or `false`, but is `maybe`",
            ],
        ),
    ]);
}

#[test]
fn what_the_schema_leaves_open_is_left_open() {
    check(&[Case {
        name: "names and places of all kinds",
        files: &[(
            "compose.yaml",
            "
services:
  test.a.b.c:
    image: foo
    isolation: some-isolation-value
    ports: []
    volumes: ['0:/foo']
    ulimits: {NOFILE: 1}
volumes: {'0': {}}
configs: {bar: {name: foobar, external: true}}",
        )],
        values: &[(
            "services.\"test.a.b.c\".volumes",
            "[{type: volume, source: '0', target: /foo}]",
        )],
        ..Case::default()
    }]);
}
