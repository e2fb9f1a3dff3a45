//! Section 0 of the loader: the order of the stages, as far as a project can tell.

use crate::case::{Case, check};

#[test]
fn a_fragment_need_not_be_valid_alone() {
    check(&[
        Case {
            name: "what the schema requires may be in the base",
            files: &[
                (
                    "compose.yaml",
                    "services: {test: {image: test, depends_on: {foo: {condition: service_healthy}}}, foo: {image: foo}}",
                ),
                (
                    "compose.override.yaml",
                    "services: {test: {depends_on: {foo: {required: false}}}}",
                ),
            ],
            values: &[(
                "services.test.depends_on",
                "{foo: {condition: service_healthy, required: false}}",
            )],
            ..Case::default()
        },
        Case {
            name: "neither image nor build",
            files: &[
                ("compose.yaml", "services: {test: {tty: true}}"),
                ("compose.override.yaml", "services: {test: {image: x}}"),
            ],
            values: &[("services.test.tty", "true")],
            ..Case::default()
        },
        Case {
            name: "but each file makes the whole valid",
            files: &[
                (
                    "compose.yaml",
                    "services: {test: {image: x, depends_on: {db: {required: true}}}, db: {image: db}}",
                ),
                (
                    "compose.override.yaml",
                    "services: {test: {depends_on: {db: {condition: service_healthy}}}}",
                ),
            ],
            findings: &[
                "LS0204 compose.yaml:1:46 services.test.depends_on.db: needs the attribute `condition`",
            ],
            ..Case::default()
        },
    ]);
}

#[test]
fn a_base_in_the_long_form_takes_an_override_in_the_short_form() {
    let base = "
services:
  web:
    image: x
    build: {context: a, target: t}
    command: [a]
    depends_on: {db: {condition: service_healthy}}
    networks: {front: {aliases: [a]}}
    ports: [{target: 80, published: '80'}]
    volumes: [{type: volume, source: v, target: /v}]
    environment: {A: '1'}
    secrets: [{source: s, target: /s}]
    extra_hosts: {a: [1.1.1.1]}
    dns: [1.1.1.1]
    healthcheck: {test: [CMD, a]}
  db: {image: db}
networks: {front: {}, back: {}}
volumes: {v: {}}
secrets: {s: {external: true}}
";
    let over = "
services:
  web:
    build: b
    command: b c
    depends_on: [db, web2]
    networks: [front, back]
    ports: ['80:80', '81']
    volumes: ['/v', '/w']
    environment: [B=2]
    secrets: [s]
    extra_hosts: ['a=2.2.2.2']
    dns: 8.8.8.8
    healthcheck: {test: b}
  web2: {image: x}
";
    check(&[Case {
        name: "each attribute with a short form",
        files: &[("compose.yaml", base), ("compose.override.yaml", over)],
        values: &[
            ("services.web.build", "{context: <DIR>/b, dockerfile: Dockerfile, target: t}"),
            ("services.web.command", "[b, c]"),
            ("services.web.depends_on.db.condition", "service_started"),
            ("services.web.depends_on.web2.condition", "service_started"),
            ("services.web.networks", "{front: {aliases: [a]}, back: null}"),
            ("services.web.ports[1].target", "81"),
            ("services.web.ports[2]", ""),
            ("services.web.volumes", "[{type: volume, target: /v}, {type: volume, target: /w}]"),
            ("services.web.environment", "{A: '1', B: '2'}"),
            (
                "services.web.secrets",
                "[{source: s, target: /s}, {source: s, target: /run/secrets/s}]",
            ),
            ("services.web.extra_hosts", "[a=1.1.1.1, a=2.2.2.2]"),
            ("services.web.dns", "[1.1.1.1, 8.8.8.8]"),
            ("services.web.healthcheck.test", "[CMD-SHELL, b]"),
        ],
        ..Case::default()
    }]);
}

#[test]
fn documents_of_one_file_are_overrides() {
    check(&[
        Case {
            name: "the later one counts",
            files: &[(
                "compose.yaml",
                "services: {test: {image: 'nginx:latest', tty: true}}\n---\nservices: {test: {image: 'nginx:override'}}\n",
            )],
            values: &[("services.test.image", "nginx:override"), ("services.test.tty", "true")],
            ..Case::default()
        },
        Case {
            name: "in the order of documents, then of files",
            files: &[
                (
                    "compose.yaml",
                    "services: {test: {image: a, labels: [n=1]}}\n---\nservices: {test: {image: b, labels: [n=2, m=2]}}\n",
                ),
                (
                    "compose.override.yaml",
                    "services: {test: {image: c}}\n---\nservices: {test: {labels: [n=4]}}\n...\n",
                ),
            ],
            values: &[("services.test.image", "c"), ("services.test.labels", "{n: '4', m: '2'}")],
            ..Case::default()
        },
        Case {
            name: "documents without content are skipped",
            files: &[
                (
                    "compose.yaml",
                    "---\n# nothing\n---\nservices: {test: {image: a}}\n---\n---\nservices: {test: {tty: true}}\n---\n~\n",
                ),
                ("compose.override.yaml", ""),
            ],
            values: &[("services.test.image", "a"), ("services.test.tty", "true")],
            ..Case::default()
        },
        Case {
            name: "each document has its own variables, includes and extends",
            files: &[
                (
                    "compose.yaml",
                    "
services: {a: {image: 'a:${TAG}'}}
---
include: [other.yaml]
services: {b: {extends: other, tty: true}}
---
services: {c: {extends: {service: d, file: more.yaml}}}
",
                ),
                ("other.yaml", "services: {other: {image: 'other:${TAG}'}}"),
                ("more.yaml", "services: {d: {image: 'd:${TAG}'}}"),
            ],
            environment: &[("TAG", "1")],
            values: &[
                ("services.a.image", "a:1"),
                ("services.b.image", "other:1"),
                ("services.c.image", "d:1"),
            ],
            ..Case::default()
        },
    ]);
}

#[test]
fn variables_are_expanded_before_anything_is_merged() {
    check(&[
        Case {
            name: "so that a pair from a variable is one by its name",
            files: &[
                ("compose.yaml", "services: {a: {image: x, environment: [A=1]}}"),
                (
                    "compose.override.yaml",
                    "services: {a: {environment: ['${PAIR}', 'B=${VALUE}']}}",
                ),
            ],
            environment: &[("PAIR", "A=2"), ("VALUE", "3")],
            values: &[("services.a.environment", "{A: '2', B: '3'}")],
            ..Case::default()
        },
        Case {
            name: "also what a later file replaces",
            files: &[
                ("compose.yaml", "services: {a: {image: '${MISSING:?must be set}'}}"),
                ("compose.override.yaml", "services: {a: {image: x}}"),
            ],
            findings: &["LS0207 compose.yaml:1:24 services.a.image: must be set"],
            ..Case::default()
        },
        Case {
            name: "and cast, so that numbers are compared as numbers",
            files: &[
                ("compose.yaml", "services: {a: {image: x, scale: '${N}'}}"),
                ("compose.override.yaml", "services: {a: {deploy: {replicas: 2}}}"),
            ],
            environment: &[("N", "2")],
            values: &[("services.a.scale", "2")],
            ..Case::default()
        },
    ]);
}

#[test]
fn what_is_included_lies_under_the_document_that_includes_it() {
    check(&[Case {
        name: "and over the documents before",
        files: &[
            (
                "compose.yaml",
                "
services: {a: {image: first, tty: true}}
---
include: [other.yaml]
services: {b: {image: own}}
",
            ),
            ("other.yaml", "services: {a: {image: included}, b: {image: included, tty: true}}"),
        ],
        values: &[
            ("services.a.image", "included"),
            ("services.a.tty", "true"),
            ("services.b.image", "own"),
            ("services.b.tty", "true"),
        ],
        ..Case::default()
    }]);
}

#[test]
fn a_service_extends_what_its_own_document_says() {
    check(&[
        Case {
            name: "a later override of the base does not reach it",
            files: &[
                ("compose.yaml", "services: {base: {image: a}, web: {extends: base}}"),
                ("compose.override.yaml", "services: {base: {image: b}}"),
            ],
            values: &[("services.base.image", "b"), ("services.web.image", "a")],
            ..Case::default()
        },
        Case {
            name: "and what it extends goes over the files before",
            files: &[
                ("compose.yaml", "services: {web: {image: a, tty: true}}"),
                (
                    "compose.override.yaml",
                    "services: {web: {extends: {service: base, file: base.yaml}}}",
                ),
                ("base.yaml", "services: {base: {image: b}}"),
            ],
            values: &[("services.web.image", "b"), ("services.web.tty", "true")],
            ..Case::default()
        },
    ]);
}

#[test]
fn defaults_come_after_the_last_file() {
    check(&[Case {
        name: "so that they replace nothing",
        files: &[
            (
                "compose.yaml",
                "services: {a: {build: {dockerfile: D}, image: x, ports: [{target: 80, mode: host}]}}",
            ),
            (
                "compose.override.yaml",
                "services: {a: {build: {target: t}, ports: [{target: 80, name: web}]}}",
            ),
        ],
        values: &[
            ("services.a.build", "{context: <DIR>, dockerfile: D, target: t}"),
            ("services.a.ports", "[{mode: ingress, name: web, target: 80, protocol: tcp}]"),
        ],
        ..Case::default()
    }]);
}

#[test]
fn empty_name_servers_are_dropped_from_a_list() {
    check(&[Case {
        name: "as they come from variables without a value",
        files: &[(
            "compose.yaml",
            "services: {a: {image: x, dns: ['${DNS1:-}', 1.1.1.1, '${DNS2:-}']}}",
        )],
        values: &[("services.a.dns", "[1.1.1.1]")],
        ..Case::default()
    }]);
}

#[test]
fn profiles_come_before_the_files_of_variables() {
    check(&[Case {
        name: "a file that only a disabled service needs may be missing",
        files: &[(
            "compose.yaml",
            "services: {a: {image: x}, b: {image: x, profiles: [p], env_file: missing.env}}",
        )],
        values: &[("services.b", "")],
        ..Case::default()
    }]);
}

#[test]
fn a_whole_project_goes_through_all_stages() {
    check(&[
        Case {
            name: "two files with extensions",
            files: &[
                (
                    "compose.yaml",
                    "x-extension: {test1: first}\nservices: {test: {image: foo, command: echo hello, init: true}}",
                ),
                (
                    "compose.override.yaml",
                    "x-extension: {test2: second}\nservices: {test: {image: bar, command: echo world, init: false}}",
                ),
            ],
            values: &[
                (
                    "services",
                    "{test: {image: bar, command: [echo, world], init: false, networks: {default: null}}}",
                ),
                ("x-extension", "{test1: first, test2: second}"),
                ("networks", "{default: {name: app_default}}"),
            ],
            ..Case::default()
        },
        Case {
            name: "names that begin like extensions are names where a user may choose them",
            files: &[(
                "compose.yaml",
                "
services:
  x-foo:
    image: busybox
    volumes: ['x-volume:/data']
    configs: [x-config]
    secrets: [x-secret]
    networks: [x-network]
volumes: {x-volume: }
secrets: {x-secret: {external: true}}
networks: {x-network: }
configs: {x-config: {external: true}}
",
            )],
            values: &[
                ("services.x-foo.image", "busybox"),
                ("volumes.x-volume.name", "app_x-volume"),
                ("secrets.x-secret.name", "x-secret"),
                ("networks.x-network.name", "app_x-network"),
                ("configs.x-config.name", "x-config"),
            ],
            ..Case::default()
        },
        Case {
            name: "names with dots are no paths",
            files: &[("compose.yaml", "services: {test.a.b.c: {image: foo, ports: ['5432']}}")],
            values: &[("services.\"test.a.b.c\".ports[0].target", "5432")],
            ..Case::default()
        },
        Case {
            name: "empty lists stay",
            files: &[(
                "compose.yaml",
                "services: {a: {image: x, ports: [], build: {context: ., cache_to: []}}}",
            )],
            values: &[("services.a.image", "x")],
            ..Case::default()
        },
    ]);
}
