//! Section 9: what an included project and the including one both say.

use crate::case::{Case, check};

use super::{EXTRA, IMPORTED, case, wrong};

#[test]
fn what_both_define_is_merged_with_the_including_file_on_top() {
    check(&[
        case(
            "members of every section",
            &[
                (
                    "compose.yaml",
                    "
include: [sub/a.yaml]
services: {s: {volumes: ['vv:/v'], networks: [nn], configs: [cc], secrets: [ss], models: [mm], environment: [A=1]}}
volumes: {vv: {driver: local}}
networks: {nn: {labels: {a: 1}}}
configs: {cc: {content: mine}}
secrets: {ss: {file: ./mine}}
models: {mm: {model: mine}}
",
                ),
                (
                    "sub/a.yaml",
                    "
services: {s: {image: x, environment: {A: 0, B: 0}}}
volumes: {vv: {driver: other, labels: [a=b]}}
networks: {nn: {internal: true, labels: [b=2]}}
configs: {cc: {content: theirs}}
secrets: {ss: {file: ./theirs}}
models: {mm: {model: theirs, context_size: 1024}}
",
                ),
            ],
            &[
                ("services.s.image", "x"),
                ("services.s.environment", "{A: '1', B: '0'}"),
                ("volumes.vv", "{name: app_vv, driver: local, labels: {a: b}}"),
                ("networks.nn", "{name: app_nn, internal: true, labels: {a: '1', b: '2'}}"),
                ("models.mm", "{model: mine, context_size: 1024}"),
                ("configs.cc.content", "mine"),
                ("secrets.ss.file", "<DIR>/mine"),
            ],
        ),
        wrong(
            "what then contradicts itself",
            &[
                (
                    "compose.yaml",
                    "include: [sub/a.yaml]\nservices: {s: {configs: [cc]}}\nconfigs: {cc: {content: mine}}",
                ),
                ("sub/a.yaml", "services: {s: {image: x}}\nconfigs: {cc: {file: theirs}}"),
            ],
            &["LS0303 compose.yaml:3:16 configs.cc: can have only one of"],
        ),
        case(
            "the first included file goes over the next",
            &[
                (
                    "compose.yaml",
                    "include: [a.yaml, b.yaml]\nservices: {s: {environment: [X=main]}}",
                ),
                (
                    "a.yaml",
                    "services: {s: {image: a, cap_add: [A], environment: [X=a, Y=a]}}",
                ),
                (
                    "b.yaml",
                    "services: {s: {image: b, cap_add: [B], environment: [X=b, Y=b, Z=b]}}",
                ),
            ],
            &[
                ("services.s.image", "a"),
                ("services.s.environment", "{X: main, Y: a, Z: b}"),
                ("services.s.cap_add", "[B, A]"),
            ],
        ),
    ]);
}

#[test]
fn what_comes_in_twice() {
    check(&[
        case(
            "the same service twice is the same service",
            &[
                ("compose.yaml", "include: [left.yaml, right.yaml]"),
                ("left.yaml", "include: [./base.yaml]"),
                ("right.yaml", "include: [./base.yaml]"),
                (
                    "base.yaml",
                    "services: {d: {image: x, group_add: [a], build: {context: ., cache_from: [c]}}}",
                ),
            ],
            &[("services.d.build.context", "<DIR>"), ("services.d.group_add", "[a]")],
        ),
        case(
            "the same file with and without other variables",
            &[
                (
                    "compose.yaml",
                    "include: [{path: sub/imported.yaml, env_file: sub/extra.env}, more.yaml]",
                ),
                ("more.yaml", "include: [sub/imported.yaml]\nservices: {bar: {image: bar}}"),
                IMPORTED,
                EXTRA,
            ],
            &[("services.imported.container_name", "extends"), ("services.bar.image", "bar")],
        ),
        case(
            "a further file goes over both",
            &[
                ("compose.yaml", "include: [sub/imported.yaml]"),
                ("compose.override.yaml", "services: {imported: {image: overridden}}"),
                IMPORTED,
                EXTRA,
            ],
            &[("services.imported.image", "overridden")],
        ),
        case(
            "an including file may complete what is included",
            &[
                ("compose.yaml", "include: [a.yaml]\nservices: {s: {image: x}}"),
                ("a.yaml", "services: {s: {command: x}}"),
            ],
            &[("services.s.command", "[x]")],
        ),
    ]);
}

#[test]
fn tags_reach_into_what_is_included() {
    check(&[
        case(
            "attributes are taken out and replaced",
            &[
                (
                    "compose.yaml",
                    "
include: [a.yaml]
services: {s: {environment: !override [ZOT=QIX], ports: !reset []}}
",
                ),
                ("a.yaml", "services: {s: {image: x, environment: [FOO=BAR], ports: ['80:80']}}"),
            ],
            &[("services.s.environment", "{ZOT: QIX}"), ("services.s.ports", "")],
        ),
        Case {
            findings: &["LS0205 compose.yaml:2:11 services.s: do not reach what is included here"],
            ..case(
                "a whole service of the same document is not",
                &[
                    (
                        "compose.yaml",
                        "
include: [a.yaml]
services: {s: !reset null}
",
                    ),
                    ("a.yaml", "services: {s: {image: x}}"),
                ],
                &[("services.s.image", "x")],
            )
        },
        case(
            "a further file takes it out",
            &[
                ("compose.yaml", "include: [a.yaml]\nservices: {t: {image: x}}"),
                ("compose.override.yaml", "services: {s: !reset null}"),
                ("a.yaml", "services: {s: {image: x}}"),
            ],
            &[("services.s", ""), ("services.t.image", "x")],
        ),
    ]);
}
