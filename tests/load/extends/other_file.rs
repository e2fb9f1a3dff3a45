//! A service of another file.

use crate::case::{Case, check};

use super::{BASE, SIBLING, case};

#[test]
fn services_of_another_file() {
    check(&[
        case(
            "several services over one",
            &[
                (
                    "compose.yaml",
                    "
services:
  one: {extends: {file: lib/base.yaml, service: base}, hostname: one}
  two: {extends: {file: lib/base.yaml, service: base}, hostname: two}
  three: {extends: {file: lib/base.yaml, service: another}, hostname: three}
",
                ),
                BASE,
                SIBLING,
            ],
            &[
                ("services.one", "{image: base, hostname: one, networks: {default: null}}"),
                ("services.two", "{image: base, hostname: two, networks: {default: null}}"),
                ("services.three", "{image: base, hostname: three, networks: {default: null}}"),
                ("services.base", ""),
            ],
        ),
        case(
            "ports and limits",
            &[
                (
                    "compose.yaml",
                    "
services:
  port: {image: x, extends: {file: lib/base.yaml, service: with-port}}
  limits: {extends: {file: lib/base.yaml, service: with-ulimits}}
",
                ),
                BASE,
                SIBLING,
            ],
            &[
                ("services.port.ports[0].target", "8000"),
                ("services.port.ports[0].published", "'8000'"),
                ("services.limits.ulimits.nproc", "65535"),
                ("services.limits.ulimits.nofile", "{soft: 20000, hard: 40000}"),
            ],
        ),
        case(
            "a service that says nothing",
            &[
                (
                    "compose.yaml",
                    "services: {a: {image: x, extends: {file: lib/base.yaml, service: empty}}}",
                ),
                BASE,
                SIBLING,
            ],
            &[("services.a", "{image: x, networks: {default: null}}")],
        ),
    ]);
}

#[test]
fn definitions_of_the_other_file_stay_there() {
    check(&[case(
        "networks are inherited, definitions of the other file are not",
        &[
            (
                "compose.yaml",
                "
services: {a: {extends: {file: lib/base.yaml, service: joined}}}
networks: {front: {}}
volumes: {data: {}}
secrets: {s: {file: ./s}}
configs: {c: {content: mine}}
",
            ),
            (
                "lib/base.yaml",
                "
services: {joined: {image: x, networks: [front], volumes: ['data:/d'], secrets: [s], configs: [c]}}
networks: {front: {internal: true}, other: {}}
volumes: {data: {driver: theirs}}
secrets: {s: {file: ./theirs}, other: {file: ./o}}
configs: {c: {content: theirs}, other: {content: o}}
",
            ),
        ],
        &[
            ("services.a.networks", "{front: null}"),
            ("networks", "{front: {name: app_front}}"),
            ("volumes", "{data: {name: app_data}}"),
            ("secrets", "{s: {name: app_s, file: <DIR>/s}}"),
            ("configs", "{c: {name: app_c, content: mine}}"),
        ],
    )]);
    check(&[Case {
        findings: &["LS0301 base.yaml:1:37 services.a.networks.front: `front` is not defined"],
        ..case(
            "what is not defined here is missed",
            &[
                ("compose.yaml", "services: {a: {extends: {file: base.yaml, service: b}}}"),
                (
                    "base.yaml",
                    "services: {b: {image: x, networks: [front]}}\nnetworks: {front: {}}",
                ),
            ],
            &[],
        )
    }]);
}

#[test]
fn services_of_the_same_name() {
    check(&[
        case(
            "a service of the same name, in two files one after the other",
            &[
                (
                    "compose.yaml",
                    "services: {a: {image: x, cap_add: [A], extends: {service: a, file: d/compose.yaml}}}",
                ),
                (
                    "d/compose.yaml",
                    "services: {a: {cap_add: [B], extends: {service: a, file: d/compose.yaml}}}",
                ),
                ("d/d/compose.yaml", "services: {a: {cap_add: [C]}}"),
            ],
            &[("services.a.cap_add", "[C, B, A]")],
        ),
        case(
            "what one service adds to the base does not reach the next",
            &[
                (
                    "compose.yaml",
                    "
services:
  web: {extends: {file: base.yaml, service: web}, environment: [OWN=1], cap_add: [A]}
  web2: {extends: {file: base.yaml, service: web}}
",
                ),
                ("base.yaml", "services: {web: {image: base, cap_add: [B]}}"),
            ],
            &[
                ("services.web.environment", "{OWN: '1'}"),
                ("services.web.cap_add", "[B, A]"),
                ("services.web2.environment", ""),
                ("services.web2.cap_add", "[B]"),
            ],
        ),
    ]);
}

#[test]
fn how_another_file_is_read() {
    check(&[
        case(
            "documents of the other file count together",
            &[
                ("compose.yaml", "services: {a: {extends: {file: base.yaml, service: b}}}"),
                (
                    "base.yaml",
                    "
services: {b: {image: first, ports: ['1:1'], command: x}}
---
services: {b: {image: second, ports: !override ['2:2'], command: !reset null}}
",
                ),
            ],
            &[
                ("services.a.image", "second"),
                ("services.a.ports[0].target", "2"),
                ("services.a.ports[1]", ""),
                ("services.a.command", ""),
            ],
        ),
        Case {
            environment: &[("SHELL_TAG", "shell")],
            ..case(
                "the other file sees the variables of the project, not those of its own directory",
                &[
                    ("compose.yaml", "services: {a: {extends: {file: lib/base.yaml, service: b}}}"),
                    (
                        "lib/base.yaml",
                        "
services:
  b:
    image: x:${SHELL_TAG}-${PROJECT_TAG}-${LIB_TAG:-none}
    volumes: ['${SOURCE:-/dev/null}:/tmp/foo:ro']
",
                    ),
                    (".env", "PROJECT_TAG=project"),
                    ("lib/.env", "LIB_TAG=lib"),
                ],
                &[
                    ("services.a.image", "x:shell-project-none"),
                    ("services.a.volumes[0].source", "/dev/null"),
                ],
            )
        },
        case(
            "what is not taken over need not follow the schema",
            &[
                (
                    "compose.yaml",
                    "services: {a: {image: x, extends: {file: base.yaml, service: b}}}",
                ),
                (
                    "base.yaml",
                    "
nonsense: 1
services: {b: {cap_add: [B], extends: c}, c: {}, d: {extends: nobody}, e: {prots: 1}}
",
                ),
            ],
            &[("services.a.cap_add", "[B]")],
        ),
    ]);
}
