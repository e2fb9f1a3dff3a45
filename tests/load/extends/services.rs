//! A service of the same file.

use crate::case::check;

use super::case;

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
            "`file: null` is this file",
            &[(
                "compose.yaml",
                "services: {foo: {extends: {service: bar, file: null}}, bar: {image: alpine}}",
            )],
            &[("services.foo.image", "alpine")],
        ),
    ]);
}

#[test]
fn what_is_inherited() {
    check(&[
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
