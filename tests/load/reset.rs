//! Section 7.4 of the loader: `!reset` and `!override`.

use crate::case::{Case, check};

/// The point, a base, an override, and the values of both together.
type Row<'a> = (&'a str, &'a str, &'a str, &'a [(&'a str, &'a str)]);

fn check_both(rows: &[Row<'_>]) {
    for (name, base, over, values) in rows {
        check(&[Case {
            name,
            files: &[("compose.yaml", base), ("compose.override.yaml", over)],
            values,
            ..Case::default()
        }]);
    }
}

const BASE: &str = "
services:
  svc1:
    image: alpine
    build: {context: ., dockerfile: foo.Dockerfile, args: {A: '1', B: '2'}}
    environment: {FOO: BAR, OTHER: '1'}
    labels: [a=1, b=2]
    ports: ['8080:80']
    networks: {default: {aliases: [x]}}
  svc2: {image: nginx, ports: ['9090:90']}
networks: {default: {name: test, external: true}}
";

#[test]
fn a_reset_removes_what_came_before() {
    check_both(&[
        (
            "a list",
            BASE,
            "services: {svc1: {ports: !reset []}}",
            &[("services.svc1.ports", ""), ("services.svc1.image", "alpine")],
        ),
        (
            "whatever the value is",
            BASE,
            "services: {svc1: {ports: !reset ['1:1'], build: !reset }}",
            &[("services.svc1.ports", ""), ("services.svc1.build", "")],
        ),
        (
            "one variable",
            BASE,
            "services: {svc1: {environment: {FOO: !reset }}}",
            &[("services.svc1.environment", "{OTHER: '1'}")],
        ),
        (
            "one item of what was written as a list, which the reference keeps",
            BASE,
            "services: {svc1: {labels: {a: !reset null}}}",
            &[("services.svc1.labels", "{b: '2'}")],
        ),
        (
            "an attribute of an attribute",
            BASE,
            "services: {svc1: {build: {dockerfile: !reset x, args: {A: !reset x}}}}",
            &[("services.svc1.build", "{context: <DIR>, dockerfile: Dockerfile, args: {B: '2'}}")],
        ),
        (
            "a service",
            BASE,
            "services: {svc1: !reset null}",
            &[("services.svc1", ""), ("services.svc2.image", "nginx")],
        ),
        (
            "a network",
            BASE,
            "networks: {default: !reset {}}",
            &[("networks.default", "{name: app_default}")],
        ),
        (
            "a section",
            BASE,
            "networks: !reset {}\nservices: {svc1: {networks: !reset []}}",
            &[
                ("networks.default", "{name: app_default}"),
                ("services.svc1.networks", "{default: null}"),
            ],
        ),
        (
            "what never was is no error",
            BASE,
            "services: {svc1: {hostname: !reset x, deploy: {replicas: !reset 1}}}",
            &[("services.svc1.hostname", ""), ("services.svc1.image", "alpine")],
        ),
        (
            "in the first file it only leaves its own value out",
            "services: {svc1: {image: x, hostname: !reset a}}",
            "services: {svc1: {tty: true}}",
            &[("services.svc1.hostname", ""), ("services.svc1.tty", "true")],
        ),
        (
            "what comes later counts again",
            BASE,
            "services: {svc1: {ports: !reset []}}\n---\nservices: {svc1: {ports: ['1:1']}}",
            &[("services.svc1.ports[0].target", "1"), ("services.svc1.ports[1]", "")],
        ),
    ]);
}

#[test]
fn an_override_replaces_what_came_before() {
    check_both(&[
        (
            "a list",
            BASE,
            "services: {svc1: {ports: !override ['1:1']}}",
            &[(
                "services.svc1.ports",
                "[{mode: ingress, target: 1, published: '1', protocol: tcp}]",
            )],
        ),
        (
            "a mapping",
            BASE,
            "services: {svc1: {environment: !override {NEW: '1'}}}",
            &[("services.svc1.environment", "{NEW: '1'}")],
        ),
        (
            "in another form",
            BASE,
            "services: {svc1: {environment: !override [NEW=1], networks: !override [default]}}",
            &[
                ("services.svc1.environment", "{NEW: '1'}"),
                ("services.svc1.networks", "{default: null}"),
            ],
        ),
        (
            "a network",
            BASE,
            "networks: {default: !override {}}",
            &[("networks.default", "{name: app_default}")],
        ),
        (
            "a service",
            BASE,
            "services: {svc2: !override {image: other}}",
            &[("services.svc2.image", "other"), ("services.svc2.ports", "")],
        ),
        (
            "all services",
            BASE,
            "services: !override {c: {image: c}}",
            &[("services.svc1", ""), ("services.c.image", "c")],
        ),
        (
            "one variable",
            BASE,
            "services: {svc1: {environment: {FOO: !override x}}}",
            &[("services.svc1.environment", "{FOO: x, OTHER: '1'}")],
        ),
        (
            "a reset inside leaves its own value out",
            BASE,
            "services: {svc1: {environment: !override {A: '1', B: !reset '2'}}}",
            &[("services.svc1.environment", "{A: '1'}")],
        ),
        (
            "a short form that could not be merged",
            "services: {a: {image: x, x-l: [1]}}",
            "services: {a: {x-l: !override 5}}",
            &[("services.a.x-l", "5")],
        ),
    ]);
}

#[test]
fn tags_come_through_aliases_and_merge_keys() {
    check_both(&[
        (
            "behind a merge key, wherever it is used",
            BASE,
            "x-r: &r {ports: !reset []}\nservices: {svc1: {<<: *r}, svc2: {<<: *r}}",
            &[("services.svc1.ports", ""), ("services.svc2.ports", "")],
        ),
        (
            "behind two of them",
            BASE,
            "x-i: &i {ports: !reset []}\nx-o: &o {<<: *i}\nservices: {svc1: {<<: *o}}",
            &[("services.svc1.ports", "")],
        ),
        (
            "behind an alias",
            BASE,
            "x-r: &r !reset []\nservices: {svc1: {ports: *r}, svc2: {ports: *r}}",
            &[("services.svc1.ports", ""), ("services.svc2.ports", "")],
        ),
        (
            "an override behind an alias",
            "
services: {a: {image: x, networks: [n1, n2]}}
networks: {n1: {external: true, name: e1}, n2: {external: true, name: e2}}
",
            "x-o: &o !override {}\nnetworks: {n1: *o, n2: *o}",
            &[("networks.n1", "{name: app_n1}"), ("networks.n2", "{name: app_n2}")],
        ),
        (
            "behind a list of merge keys",
            BASE,
            "services: {svc1: {<<: [{ports: !reset []}, {environment: !override {A: b}}]}}",
            &[("services.svc1.ports", ""), ("services.svc1.environment", "{A: b}")],
        ),
        (
            "a value of the mapping itself does not hide the tag of the merged one",
            BASE,
            "services: {svc1: {<<: {ports: !reset []}, ports: ['1:1']}}",
            &[(
                "services.svc1.ports",
                "[{mode: ingress, target: 1, published: '1', protocol: tcp}]",
            )],
        ),
        (
            "neither below it",
            BASE,
            "services: {svc1: {<<: {environment: {FOO: !reset }}, environment: {NEW: '1'}}}",
            &[("services.svc1.environment", "{OTHER: '1', NEW: '1'}")],
        ),
        (
            "in front of what a merge key merges it counts for the whole mapping",
            BASE,
            "services: {svc2: {<<: !override {image: own}}}",
            &[("services.svc2.image", "own"), ("services.svc2.ports", "")],
        ),
        (
            "where a reset takes that out as well",
            BASE,
            "services: {svc2: {<<: !reset {image: y}, image: z}}",
            &[("services.svc2.image", "z"), ("services.svc2.ports", "")],
        ),
    ]);
}

#[test]
fn what_is_extended_is_removed_too() {
    check(&[
        Case {
            name: "from the service that is extended",
            files: &[(
                "compose.yaml",
                "
services:
  base: {image: x, ports: ['80:80'], environment: {A: '1', B: '2'}, command: [a]}
  web: {extends: base, ports: !reset [], environment: {A: !reset }, command: !override [b]}
  again: {extends: web, environment: {C: '3'}}
",
            )],
            values: &[
                ("services.web.ports", ""),
                ("services.web.environment", "{B: '2'}"),
                ("services.web.command", "[b]"),
                ("services.base.environment", "{A: '1', B: '2'}"),
                ("services.again.environment", "{B: '2', C: '3'}"),
                ("services.again.ports", ""),
            ],
            ..Case::default()
        },
        Case {
            name: "in each file of a chain",
            files: &[
                (
                    "compose.yaml",
                    "
services:
  test: {image: test, extends: {file: middle.yaml, service: middle}, volumes: [/zot:/zot], networks: !override [zot]}
networks: {zot: {}}
",
                ),
                (
                    "middle.yaml",
                    "
services:
  middle: {extends: {file: base.yaml, service: base}, volumes: !override [/bar:/bar], networks: !override [bar]}
",
                ),
                ("base.yaml", "services: {base: {volumes: [/foo:/foo], networks: [foo]}}"),
            ],
            values: &[
                (
                    "services.test.volumes",
                    "[{type: bind, source: /bar, bind: {create_host_path: true}, target: /bar},
                      {type: bind, source: /zot, bind: {create_host_path: true}, target: /zot}]",
                ),
                ("services.test.networks", "{zot: null}"),
            ],
            ..Case::default()
        },
        Case {
            name: "a chain in one file resets once",
            files: &[(
                "compose.yaml",
                "
services:
  base: {image: nginx}
  one: {image: nginx}
  two: {extends: {service: one}}
  main_one: {image: nginx, depends_on: [one]}
  main_two: {extends: main_one, depends_on: !override [two]}
  main: {extends: {service: main_two}, depends_on: [base]}
",
            )],
            values: &[(
                "services.main.depends_on",
                "{base: {condition: service_started, required: true}, two: {condition: service_started, required: true}}",
            )],
            ..Case::default()
        },
        Case {
            name: "between the documents of an extended file",
            files: &[
                ("compose.yaml", "services: {web: {extends: {file: base.yaml, service: base}}}"),
                (
                    "base.yaml",
                    "services: {base: {image: x, ports: ['80:80']}}\n---\nservices: {base: {ports: !override ['81:81']}}",
                ),
            ],
            values: &[("services.web.ports[0].target", "81"), ("services.web.ports[1]", "")],
            ..Case::default()
        },
    ]);
}

#[test]
fn aliased_services_and_included_projects_lose_it_too() {
    check(&[
        Case {
            name: "a tag that an alias brings into a second service",
            files: &[(
                "compose.yaml",
                "
services:
  base: {image: x, configs: [{source: c, target: /one}]}
  x: &x {extends: base, configs: !override [{source: c, target: /two}]}
  y: {<<: *x}
configs: {c: {content: dummy}}
",
            )],
            values: &[
                ("services.base.configs", "[{source: c, target: /one}]"),
                ("services.x.configs", "[{source: c, target: /two}]"),
                ("services.y.configs", "[{source: c, target: /two}]"),
            ],
            ..Case::default()
        },
        Case {
            name: "from a project that is included",
            files: &[
                (
                    "compose.yaml",
                    "
include: [sub.yaml]
services: {web: {ports: !reset [], environment: {A: !override x}}}
",
                ),
                (
                    "sub.yaml",
                    "services: {web: {image: x, ports: ['80:80'], environment: {A: '1', B: '2'}}}",
                ),
            ],
            values: &[("services.web.ports", ""), ("services.web.environment", "{A: x, B: '2'}")],
            ..Case::default()
        },
    ]);
}

#[test]
fn an_adopted_extension_is_removed_under_both_names() {
    let base = |attribute: &str| {
        format!(
            "services: {{web: {{image: x, build: ., {attribute}: {{watch: [{{path: ., action: rebuild}}]}}}}}}"
        )
    };
    for (earlier, later) in
        [("develop", "x-develop"), ("x-develop", "develop"), ("x-develop", "x-develop")]
    {
        check_both(&[(
            "reset",
            &base(earlier),
            &format!("services: {{web: {{{later}: !reset {{}}}}}}"),
            &[("services.web.develop", "")],
        )]);
    }
}

#[test]
fn tags_where_they_have_no_path() {
    check(&[
        Case {
            name: "an item of a list",
            files: &[
                ("compose.yaml", "services: {a: {image: x, ports: ['80:80']}}"),
                (
                    "compose.override.yaml",
                    "services: {a: {ports: [!reset '80:80', !override '90:90', {target: 1, mode: !reset host}]}}",
                ),
            ],
            values: &[
                ("services.a.ports[0].target", "80"),
                ("services.a.ports[1].target", "90"),
                ("services.a.ports[2]", "{target: 1, mode: ingress, protocol: tcp}"),
            ],
            findings: &[
                "LS0205 compose.override.yaml:1:31 services.a.ports[0]: it takes no item out",
                "LS0205 compose.override.yaml:1:50 services.a.ports[1]: the item is added",
            ],
            ..Case::default()
        },
        Case {
            name: "a whole document, reset",
            files: &[("compose.yaml", "services: {a: {image: x}}\n--- !reset\nx-a: 1\n")],
            findings: &["LS0205 compose.yaml:3:1: works on keys, not on a whole document"],
            ..Case::default()
        },
        Case {
            name: "a whole document, overridden",
            files: &[("compose.yaml", "services: {a: {image: x}}\n--- !override\nx-a: 1\n")],
            values: &[("services.a.image", "x")],
            findings: &["LS0205 compose.yaml:3:1: the document is merged like any other"],
            ..Case::default()
        },
    ]);
}
