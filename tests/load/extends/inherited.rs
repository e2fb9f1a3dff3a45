//! What is inherited through override files and tags, and what names lead to.

use crate::case::{Case, check};

use super::case;

#[test]
fn override_files_extend_too() {
    check(&[
        case(
            "a service over what the earlier file says of it",
            &[
                ("compose.yaml", "services: {a: {image: x, environment: [A=1]}}"),
                (
                    "compose.override.yaml",
                    "services: {a: {extends: {service: a, file: compose.yaml}, environment: [B=1]}}",
                ),
            ],
            &[("services.a.environment", "{A: '1', B: '1'}")],
        ),
        case(
            "ports that come in both ways are there once",
            &[
                ("compose.yaml", "services: {a: {image: x, ports: ['8080:8080']}}"),
                (
                    "compose.override.yaml",
                    "services: {a: {extends: {service: a, file: compose.yaml}}}",
                ),
            ],
            &[
                ("services.a.ports[0].target", "8080"),
                ("services.a.ports[0].published", "'8080'"),
                ("services.a.ports[1]", ""),
            ],
        ),
        Case {
            findings: &[
                "LS0301 compose.override.yaml:1:25 services.b.extends: `b` extends `a`, but there is no such service",
            ],
            ..case(
                "a service of an earlier file needs its file",
                &[
                    ("compose.yaml", "services: {a: {image: x}}"),
                    ("compose.override.yaml", "services: {b: {extends: 'a'}}"),
                ],
                &[],
            )
        },
    ]);
}

#[test]
fn tags_take_out_what_would_be_inherited() {
    check(&[
        case(
            "`!reset`",
            &[(
                "compose.yaml",
                "
services:
  foo: {extends: {service: bar}, volumes: !reset [], environment: {A: !reset null}}
  bar: {image: x, volumes: ['.:/src'], environment: {A: 1, B: 1}}
",
            )],
            &[
                ("services.foo.volumes", ""),
                ("services.foo.environment", "{B: '1'}"),
                ("services.bar.volumes[0].target", "/src"),
                ("services.bar.environment", "{A: '1', B: '1'}"),
            ],
        ),
        case(
            "`!override`",
            &[(
                "compose.yaml",
                "
services:
  a: {image: x, depends_on: [c]}
  b: {extends: a, depends_on: !override [a]}
  c: {image: x}
",
            )],
            &[("services.b.depends_on", "{a: {condition: service_started, required: true}}")],
        ),
        case(
            "`!reset` in the other file",
            &[
                ("compose.yaml", "services: {a: {extends: {file: base.yaml, service: base}}}"),
                (
                    "base.yaml",
                    "services: {init: {image: x, command: sleep 1}, base: {extends: init, command: !reset}}",
                ),
            ],
            &[("services.a.image", "x"), ("services.a.command", "")],
        ),
    ]);
}

#[test]
fn names_that_come_from_another_file_lead_to_something_here() {
    let base = (
        "lib/base.yaml",
        "
services:
  depends: {image: foo, depends_on: [zot]}
  volumes: {image: foo, volumes_from: [zot]}
  ipc: {image: foo, ipc: 'service:zot'}
  net: {image: foo, network_mode: 'service:zot'}
  named: {image: foo, volumes: ['data:/data']}
  zot: {image: hidden}
volumes: {data: {}}
",
    );
    for (service, finding) in [
        ("depends", "LS0301 lib/base.yaml:3:38 services.bar.depends_on.zot: `zot` is not defined"),
        ("volumes", "LS0301 lib/base.yaml:4:40 services.bar.depends_on.zot: `zot` is not defined"),
        ("ipc", "LS0301 lib/base.yaml:5:26 services.bar.depends_on.zot: `zot` is not defined"),
        ("net", "LS0301 lib/base.yaml:6:35 services.bar.depends_on.zot: `zot` is not defined"),
        ("named", "LS0301 lib/base.yaml:7:34 services.bar.volumes[0]: `data` is not defined"),
    ] {
        let bar = format!("  bar: {{extends: {{file: lib/base.yaml, service: {service}}}}}\n");
        let alone = format!("services:\n{bar}");
        let both = format!("services:\n{bar}  zot: {{image: zot}}\nvolumes: {{data: {{}}}}\n");
        check(&[
            Case {
                findings: &[finding],
                ..case(
                    "what the other file defines does not come along",
                    &[("compose.yaml", &alone), base],
                    &[],
                )
            },
            case(
                "it is defined here",
                &[("compose.yaml", &both), base],
                &[("services.bar.image", "foo")],
            ),
        ]);
    }
}
