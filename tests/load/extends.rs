//! Section 8: a service over another one.

use crate::case::{Case, check, check_texts};

fn case<'a>(
    name: &'a str,
    files: &'a [(&'a str, &'a str)],
    values: &'a [(&'a str, &'a str)],
) -> Case<'a> {
    Case { name, files, values, ..Case::default() }
}

/// A base with all that tests want from another file.
const BASE: (&str, &str) = (
    "lib/base.yaml",
    "
services:
  base: {image: base}
  another: {extends: base}
  with-port: {image: base, ports: ['8000:8000']}
  with-ulimits: {image: base, ulimits: {nproc: 65535, nofile: {soft: 20000, hard: 40000}}}
  with-build: {extends: {file: sibling.yaml, service: test}}
  empty:
",
);
const SIBLING: (&str, &str) = ("lib/sibling.yaml", "services: {test: {build: .}}");

#[test]
fn services_of_the_same_file() {
    check(&[
        case(
            "the short form: own values win, others are inherited",
            &[(
                "compose.yaml",
                "services: {foo: {image: busybox, extends: bar}, bar: {image: alpine, command: echo}}",
            )],
            &[
                ("services.foo", "{image: busybox, command: [echo], networks: {default: null}}"),
                ("services.bar", "{image: alpine, command: [echo], networks: {default: null}}"),
            ],
        ),
        case(
            "a command is replaced, not appended to",
            &[(
                "compose.yaml",
                "
services:
  foo: {image: busybox, extends: {service: bar}, command: ash -c \"rm x\"}
  bar: {image: alpine, command: ash -c \"echo y\"}
",
            )],
            &[("services.foo.command", "[ash, -c, rm x]")],
        ),
        case(
            "a chain",
            &[(
                "compose.yaml",
                "
services:
  foo: {extends: bar, image: busybox}
  bar: {extends: wee, command: echo}
  wee: {extends: last, environment: {A: wee, B: wee}}
  last: {image: python, environment: {A: last, C: last}, restart: always}
",
            )],
            &[
                ("services.foo.image", "busybox"),
                ("services.foo.command", "[echo]"),
                ("services.foo.environment", "{A: wee, B: wee, C: last}"),
                ("services.foo.restart", "always"),
                ("services.wee.image", "python"),
            ],
        ),
        case(
            "a list of devices replaces the short form, as no other list replaces anything",
            &[(
                "compose.yaml",
                "
services:
  foo: {extends: bar, gpus: [{count: 2}]}
  none: {extends: bar, gpus: []}
  bar: {image: x, gpus: all}
",
            )],
            &[("services.foo.gpus", "[{count: 2}]"), ("services.none.gpus", "")],
        ),
        case(
            "networks of this file",
            &[(
                "compose.yaml",
                "
services: {a: {extends: b, networks: [back]}, b: {image: x, networks: {front: {aliases: ['n']}}}}
networks: {front: {}, back: {}}
",
            )],
            &[("services.a.networks", "{front: {aliases: ['n']}, back: null}")],
        ),
        case(
            "the other service of a file says nothing",
            &[
                ("compose.yaml", "services: {a: {image: x, extends: {file: b.yaml, service: b}}}"),
                ("b.yaml", "services: {b: {extends: c, init: true}, c: }"),
            ],
            &[("services.a", "{image: x, init: true, networks: {default: null}}")],
        ),
        case(
            "a health check is disabled where there is none",
            &[(
                "compose.yaml",
                "services: {a: {extends: b, healthcheck: {disable: true}}, b: {image: x}}",
            )],
            &[("services.a.healthcheck", "{disable: true}")],
        ),
        case(
            "`file: null` is this file",
            &[(
                "compose.yaml",
                "services: {foo: {extends: {service: bar, file: null}}, bar: {image: alpine}}",
            )],
            &[("services.foo.image", "alpine")],
        ),
        case(
            "dependencies, links and mounts are inherited too",
            &[(
                "compose.yaml",
                "
services:
  foo: {extends: bar, depends_on: [a], volumes: ['./y:/y', './z:/x']}
  bar: {image: x, depends_on: [b], links: [c], volumes_from: [d], volumes: ['./x:/x']}
  a: {image: x}
  b: {image: x}
  c: {image: x}
  d: {image: x}
",
            )],
            &[
                ("services.foo.depends_on.a.required", "true"),
                ("services.foo.depends_on.b.required", "true"),
                ("services.foo.depends_on.c.restart", "true"),
                ("services.foo.depends_on.d.required", "true"),
                ("services.foo.volumes[0].source", "<DIR>/z"),
                ("services.foo.volumes[1].source", "<DIR>/y"),
            ],
        ),
    ]);
}

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
        case(
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
        ),
    ]);
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

#[test]
fn relative_paths_start_in_the_file_that_has_them() {
    check(&[
        case(
            "in another directory, and further on in its neighbour",
            &[
                (
                    "compose.yaml",
                    "
services:
  a: {extends: {file: lib/base.yaml, service: with-build}}
  b: {extends: {file: lib/sibling.yaml, service: test}, build: {target: t}}
",
                ),
                BASE,
                SIBLING,
            ],
            &[
                ("services.a.build.context", "<DIR>/lib"),
                ("services.b.build.context", "<DIR>/lib"),
                ("services.b.build.target", "t"),
            ],
        ),
        case(
            "a context that nobody names is that of the project",
            &[
                (
                    "compose.yaml",
                    "
services:
  a: {extends: {file: ./a/compose.yaml, service: a}}
  b: {extends: {file: ./b/compose.yaml, service: b}}
",
                ),
                ("a/compose.yaml", "services: {a: {build: .}}"),
                ("b/compose.yaml", "services: {b: {build: {target: fake}}}"),
            ],
            &[("services.a.build.context", "<DIR>/a"), ("services.b.build.context", "<DIR>")],
        ),
        case(
            "a chain inside of the other file",
            &[
                (
                    "compose.yaml",
                    "
services:
  out-base: {extends: {file: sub/compose.yaml, service: base}}
  out-service: {extends: {file: sub/compose.yaml, service: service}}
",
                ),
                (
                    "sub/compose.yaml",
                    "services: {base: {build: {context: ..}}, service: {extends: base, build: {target: t}}}",
                ),
            ],
            &[
                ("services.out-base.build.context", "<DIR>"),
                ("services.out-service.build.context", "<DIR>"),
                ("services.out-service.build.target", "t"),
            ],
        ),
    ]);
}

#[test]
fn relative_paths_of_all_kinds() {
    check(&[
        case(
            "mounts and files of variables",
            &[
                (
                    "compose.yaml",
                    "services: {a: {extends: {file: lib/x/base.yaml, service: b}, volumes: ['./own:/own']}}",
                ),
                (
                    "lib/x/base.yaml",
                    "
services:
  b:
    image: nginx
    env_file: ../b.env
    volumes: ['./data:/data', '../up:/up', '/opt/data:/opt', 'named:/named', '~/h:/h']
    extends: {file: ../y/c.yaml, service: c}
",
                ),
                ("lib/y/c.yaml", "services: {c: {volumes: ['./c:/c'], build: '.'}}"),
                ("lib/b.env", "SOURCE=extends"),
                ("compose.override.yaml", "volumes: {named: {}}"),
            ],
            &[
                ("services.a.environment", "{SOURCE: extends}"),
                ("services.a.build.context", "<DIR>/lib/y"),
                ("services.a.volumes[0].source", "<DIR>/lib/y/c"),
                ("services.a.volumes[1].source", "<DIR>/lib/x/data"),
                ("services.a.volumes[2].source", "<DIR>/lib/up"),
                ("services.a.volumes[3].source", "/opt/data"),
                ("services.a.volumes[4].source", "named"),
                ("services.a.volumes[5].source", "/home/me/h"),
                ("services.a.volumes[6].source", "<DIR>/own"),
            ],
        ),
        case(
            "remote contexts start nowhere",
            &[
                ("compose.yaml", "services: {a: {extends: {file: lib/base.yaml, service: b}}}"),
                (
                    "lib/base.yaml",
                    "services: {b: {build: {context: 'https://github.com/a/b.git'}}}",
                ),
            ],
            &[(
                "services.a.build",
                "{context: 'https://github.com/a/b.git', dockerfile: Dockerfile}",
            )],
        ),
    ]);
}

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

#[test]
fn references_that_say_too_little_or_too_much() {
    check_texts(&[
        (
            "no service",
            "services: {a: {image: x, extends: {file: base.yaml}}}",
            "LS0204 compose.yaml:1:26 services.a.extends: needs the attribute `service`",
        ),
        (
            "nothing at all",
            "services: {a: {image: x, extends: {}}}",
            "LS0204 compose.yaml:1:26 services.a.extends: needs the attribute `service`",
        ),
        (
            "an attribute that Compose takes no notice of",
            "services: {a: {extends: {service: b, fil: x}}, b: {image: x}}",
            "LS0202 compose.yaml:1:38 services.a.extends.fil: has no attribute `fil`",
        ),
        (
            "a service of this file that is null is none",
            "services: {a: {image: x, extends: b}, b: }",
            "LS0203 compose.yaml:1:39 services.b: must be a mapping, but is null",
        ),
        (
            "a number",
            "services: {a: {image: x, extends: 1}}",
            "LS0203 compose.yaml:1:35 services.a.extends:",
        ),
        (
            "null",
            "services: {a: {image: x, extends: null}}",
            "LS0203 compose.yaml:1:26 services.a.extends:",
        ),
        (
            "a list",
            "services: {a: {image: x, extends: [b]}, b: {image: x}}",
            "LS0203 compose.yaml:1:35 services.a.extends:",
        ),
        (
            "a name that is none, which was told a second time as an attribute without a meaning",
            "services: {a: {image: x, extends: {service: 1, fil: x}}}",
            "LS0203 compose.yaml:1:45 services.a.extends.service: must be a string, but is a number
             LS0202 compose.yaml:1:48 services.a.extends.fil: has no attribute `fil`",
        ),
        (
            "a misspelt service",
            "services: {a: {image: x, extends: bass}, base: {image: x}}",
            "LS0301 compose.yaml:1:35 services.a.extends: `a` extends `bass`, but there is no such service",
        ),
        (
            "an empty name",
            "services: {a: {image: x, extends: ''}}",
            "LS0301 compose.yaml:1:35 services.a.extends: `a` extends ``",
        ),
        (
            "no image either, which is not told twice",
            "services: {a: {extends: nobody}}",
            "LS0301 compose.yaml:1:25 services.a.extends: there is no such service",
        ),
    ]);
}

#[test]
fn files_that_cannot_be_extended() {
    let compose = "services: {a: {extends: {service: b, file: lib.yaml}}}";
    let path = "services.a.extends";
    let wrong = |name, files, findings| Case { findings, ..case(name, files, &[]) };
    check(&[
        wrong(
            "none",
            &[("compose.yaml", compose)],
            &[&format!("LS0201 compose.yaml:1:44 {path}: lib.yaml` does not exist")],
        ),
        wrong(
            "a directory",
            &[("compose.yaml", compose), ("lib.yaml/file", "")],
            &[&format!("LS0201 compose.yaml:1:44 {path}: is a directory")],
        ),
        wrong(
            "an empty one",
            &[("compose.yaml", compose), ("lib.yaml", "")],
            &[&format!("LS0301 compose.yaml:1:35 {path}: `lib.yaml` has no `services`")],
        ),
        wrong(
            "one without services",
            &[("compose.yaml", compose), ("lib.yaml", "volumes: {b: {}}")],
            &[&format!("LS0301 compose.yaml:1:35 {path}: `lib.yaml` has no `services`")],
        ),
        wrong(
            "one whose services are a list",
            &[("compose.yaml", compose), ("lib.yaml", "services: [b]")],
            &[&format!(
                "LS0301 compose.yaml:1:35 {path}: `services` of `lib.yaml` is not a mapping"
            )],
        ),
        wrong(
            "one without the service",
            &[("compose.yaml", compose), ("lib.yaml", "services: {c: {image: x}}")],
            &[&format!(
                "LS0301 compose.yaml:1:35 {path}: but there is no such service in `lib.yaml`"
            )],
        ),
        wrong(
            "one that only includes the service",
            &[
                ("compose.yaml", compose),
                ("lib.yaml", "include: [more.yaml]\nservices: {c: {image: x}}"),
                ("more.yaml", "services: {b: {image: x}}"),
            ],
            &[&format!(
                "LS0301 compose.yaml:1:35 {path}: but there is no such service in `lib.yaml`"
            )],
        ),
        wrong(
            "one whose service is a list",
            &[("compose.yaml", compose), ("lib.yaml", "services: {b: [x]}")],
            &[&format!("LS0301 compose.yaml:1:35 {path}: `a` extends `b`, which is a list")],
        ),
        wrong(
            "one that is elsewhere",
            &[("compose.yaml", "services: {a: {extends: {service: b, file: 'https://x/y.git'}}}")],
            &[&format!("LS0212 compose.yaml:1:35 {path}: is not on this machine")],
        ),
        wrong(
            "one whose service does not follow the schema",
            &[("compose.yaml", compose), ("lib.yaml", "services: {b: {image: x, prots: [1]}}")],
            &["LS0202 lib.yaml:1:26 services.a.prots:"],
        ),
    ]);
}

#[test]
fn circles() {
    let extends = "services.a.extends";
    check_texts(&[
        (
            "a service over itself",
            "services: {a: {image: x, extends: a}}",
            &format!("LS0301 compose.yaml:1:35 {extends}: in a circle: `a` -> `a`")[..],
        ),
        (
            "without what leads to the circle",
            "services: {a: {image: x, extends: b}, b: {extends: c}, c: {extends: b}}",
            "LS0301 compose.yaml:1:69 services.c.extends: in a circle: `b` -> `c` -> `b`",
        ),
    ]);
    check(&[Case {
        findings: &[
            "LS0301 compose.yaml:1:45 services.a.extends: `b` (b.yaml) -> `a` (compose.yaml) -> `b` (b.yaml)",
        ],
        ..case(
            "through two files, which are told",
            &[
                ("compose.yaml", "services: {a: {image: x, extends: {service: b, file: b.yaml}}}"),
                ("b.yaml", "services: {b: {extends: {service: a, file: compose.yaml}}}"),
            ],
            &[],
        )
    }]);
}
