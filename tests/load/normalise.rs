//! Section 13: what a project means beyond what it says.

use crate::case::{Case, check};

fn case<'a>(
    name: &'a str,
    files: &'a [(&'a str, &'a str)],
    values: &'a [(&'a str, &'a str)],
) -> Case<'a> {
    Case { name, files, values, ..Case::default() }
}

#[test]
fn networks_that_nobody_names() {
    check(&[
        case(
            "a service without networks is on `default`",
            &[("compose.yaml", "services: {a: {image: x}}")],
            &[
                ("services.a.networks", "{default: null}"),
                ("networks", "{default: {name: app_default}}"),
            ],
        ),
        case(
            "so is one with an empty list or mapping of them",
            &[(
                "compose.yaml",
                "services: {a: {image: x, networks: []}, b: {image: x, networks: {}}}",
            )],
            &[
                ("services.a.networks", "{default: null}"),
                ("services.b.networks", "{default: null}"),
                ("networks", "{default: {name: app_default}}"),
            ],
        ),
        case(
            "a service with a network is not on `default`, which then is not there",
            &[(
                "compose.yaml",
                "services: {a: {image: x, networks: [own]}}\nnetworks: {own: null}",
            )],
            &[("services.a.networks", "{own: null}"), ("networks", "{own: {name: app_own}}")],
        ),
        case(
            "neither is one that has a network mode",
            &[("compose.yaml", "services: {a: {image: x, network_mode: none}}")],
            &[("services.a.networks", ""), ("networks", "")],
        ),
        case(
            "`default` keeps what the file says of it",
            &[("compose.yaml", "services: {a: {image: x}}\nnetworks: {default: {internal: true}}")],
            &[("networks.default", "{name: app_default, internal: true}")],
        ),
    ]);
}

#[test]
fn names_of_resources() {
    check(&[case(
        "the project and the key, but for external ones the key alone",
        &[(
            "compose.yaml",
            "
services:
  a:
    image: x
    networks: [plain, named, foreign]
    volumes: ['plain:/p', 'named:/n', 'foreign:/f']
    configs: [plain, named]
    secrets: [plain, foreign]
networks: {plain: {}, named: {name: Custom}, foreign: {external: true}}
volumes: {plain: null, named: {name: Custom}, foreign: {external: true}}
configs: {plain: {content: x}, named: {content: x, name: Custom}}
secrets: {plain: {environment: S}, foreign: {external: true}}
",
        )],
        &[
            ("networks.plain.name", "app_plain"),
            ("networks.named.name", "Custom"),
            ("networks.foreign", "{name: foreign, external: true}"),
            ("volumes.plain.name", "app_plain"),
            ("volumes.named.name", "Custom"),
            ("volumes.foreign", "{name: foreign, external: true}"),
            ("configs.plain.name", "app_plain"),
            ("configs.named.name", "Custom"),
            ("secrets.plain.name", "app_plain"),
            ("secrets.foreign", "{name: foreign, external: true}"),
        ],
    )]);
}

#[test]
fn builds() {
    check(&[
        case(
            "the context and the Dockerfile of a build that says nothing",
            &[("compose.yaml", "services: {a: {build: {}}, b: {build: ./sub}}")],
            &[
                ("services.a.build", "{context: <DIR>, dockerfile: Dockerfile}"),
                ("services.b.build", "{context: <DIR>/sub, dockerfile: Dockerfile}"),
            ],
        ),
        case(
            "a Dockerfile in the compose file is the only one",
            &[("compose.yaml", "services: {a: {build: {dockerfile_inline: FROM x}}}")],
            &[("services.a.build", "{context: <DIR>, dockerfile_inline: FROM x}")],
        ),
        Case {
            environment: &[("FOO", "BAR")],
            ..case(
                "arguments without a value take that of the environment, or go",
                &[(
                    "compose.yaml",
                    "services: {a: {build: {args: {FOO: null, ZOT: null, SET: 1}}}}",
                )],
                &[("services.a.build.args", "{FOO: BAR, SET: '1'}")],
            )
        },
        Case {
            environment: &[("FOO", "BAR")],
            ..case(
                "also in a list",
                &[("compose.yaml", "services: {a: {build: {args: [FOO, ZOT, SET=1, NONE=]}}}")],
                &[("services.a.build.args", "{FOO: BAR, SET: '1', NONE: ''}")],
            )
        },
    ]);
}

#[test]
fn variables_without_a_value() {
    let expected = &[("services.a.environment", "{FOO: null, BAR: bar, ZOT: QIX}")];
    for text in [
        "services: {a: {image: x, environment: [FOO, BAR, ZOT=QIX]}}",
        "services: {a: {image: x, environment: {FOO: null, BAR: null, ZOT: QIX}}}",
    ] {
        check(&[Case {
            environment: &[("BAR", "bar"), ("ZOT", "zot")],
            ..case(
                "they take that of the environment, or stay",
                &[("compose.yaml", text)],
                expected,
            )
        }]);
    }
}

#[test]
fn dependencies_that_nobody_names() {
    let started = "{condition: service_started, required: true, restart: true}";
    let without_restart = "{condition: service_started, required: true}";
    check(&[
        case(
            "of shared namespaces, volumes and links",
            &[(
                "compose.yaml",
                "
services:
  all:
    image: x
    ipc: service:ipc
    uts: service:uts
    pid: service:pid
    network_mode: service:net
    volumes_from: ['volumes:ro', 'container:other']
    links: [link, 'named:alias']
    depends_on: {ipc: {condition: service_healthy}}
  ipc: {image: x}
  uts: {image: x}
  pid: {image: x}
  net: {image: x}
  volumes: {image: x}
  link: {image: x}
  named: {image: x}
",
            )],
            &[
                ("services.all.depends_on.ipc", "{condition: service_healthy, required: true}"),
                ("services.all.depends_on.uts", started),
                ("services.all.depends_on.pid", started),
                ("services.all.depends_on.net", started),
                ("services.all.depends_on.link", started),
                ("services.all.depends_on.named", started),
                ("services.all.depends_on.volumes", without_restart),
                ("services.all.depends_on.other", ""),
                ("services.all.networks", ""),
                ("services.ipc.depends_on", ""),
            ],
        ),
        case(
            "what a service says itself wins",
            &[(
                "compose.yaml",
                "
services:
  a:
    image: x
    network_mode: service:b
    depends_on: {b: {condition: service_healthy, required: true, restart: false}}
  b: {image: x}
",
            )],
            &[("services.a.depends_on.b", "{condition: service_healthy, required: true}")],
        ),
    ]);
}

#[test]
fn replicas_and_mounts() {
    check(&[
        case(
            "`scale` is `deploy.replicas` too, where there is `deploy`",
            &[(
                "compose.yaml",
                "services: {a: {image: x, scale: 3, deploy: {}}, b: {image: x, scale: 2}}",
            )],
            &[
                ("services.a.deploy.replicas", "3"),
                ("services.a.scale", "3"),
                ("services.b.deploy", ""),
                ("services.b.scale", "2"),
            ],
        ),
        case(
            "targets are clean",
            &[(
                "compose.yaml",
                "
services:
  a:
    image: x
    volumes:
      - {type: tmpfs, target: /a//b/../c/}
      - ./x:/x/./y/
",
            )],
            &[("services.a.volumes[0].target", "/a/c"), ("services.a.volumes[1].target", "/x/y")],
        ),
        case(
            "`if_not_present` is an old word for `missing`",
            &[("compose.yaml", "services: {a: {image: x, pull_policy: if_not_present}}")],
            &[("services.a.pull_policy", "missing")],
        ),
    ]);
}

#[test]
fn hooks_before_the_start() {
    check(&[
        case(
            "they run the image of the service, unless they have their own",
            &[(
                "compose.yaml",
                "
services:
  app:
    image: alpine
    pre_start: [{command: [migrate]}, {image: busybox, command: [chown, /data]}]
  builder: {build: ., pre_start: [{command: [init]}]}
  hybrid: {image: ubuntu, build: ., pre_start: [{command: [bootstrap]}]}
",
            )],
            &[
                (
                    "services.app.pre_start[0]",
                    "{command: [migrate], image: alpine, networks: {default: null}}",
                ),
                ("services.app.pre_start[1].image", "busybox"),
                ("services.builder.pre_start[0]", "{command: [init], networks: {default: null}}"),
                ("services.hybrid.pre_start[0].image", "ubuntu"),
            ],
        ),
        Case {
            environment: &[("B", "shell"), ("C", "shell")],
            ..case(
                "they have the container of the service; what they say themselves wins",
                &[
                    (
                        "compose.yaml",
                        "
services:
  app:
    image: myapp
    command: [serve]
    user: of-service
    environment: [COMMON=service, BOTH=service, B]
    env_file: service.env
    extra_hosts: ['shared:10.0.0.1']
    volumes: ['data:/data:ro']
    ports: ['8080:80']
    pre_start:
      - command: [migrate]
        user: root
        init: true
        environment: [BOTH=hook, C]
        extra_hosts: ['own:10.0.0.2']
      - volumes: ['data:/data:rw']
volumes: {data: {}}
",
                    ),
                    ("service.env", "FILE=service"),
                ],
                &[
                    ("services.app.pre_start[0].image", "myapp"),
                    ("services.app.pre_start[0].command", "[migrate]"),
                    ("services.app.pre_start[0].user", "root"),
                    ("services.app.pre_start[0].init", "true"),
                    (
                        "services.app.pre_start[0].environment",
                        "{FILE: service, COMMON: service, BOTH: hook, B: shell, C: shell}",
                    ),
                    ("services.app.pre_start[0].volumes", ""),
                    ("services.app.pre_start[0].ports", ""),
                    ("services.app.pre_start[1].command", "[serve]"),
                    ("services.app.pre_start[1].user", "of-service"),
                    ("services.app.pre_start[1].volumes[0].read_only", ""),
                    ("services.app.environment.BOTH", "service"),
                    ("services.app.volumes[0].read_only", "true"),
                ],
            )
        },
        Case {
            findings: &["LS0202 compose.yaml:1:40 services.a.post_start[0].image:"],
            ..case(
                "other hooks run in the container of the service",
                &[(
                    "compose.yaml",
                    "services: {a: {image: x, post_start: [{image: y, command: z}]}}",
                )],
                &[],
            )
        },
    ]);
}
