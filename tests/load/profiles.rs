//! Section 14: profiles, and services that the user names.

use super::case::{Case, check};

/// One service without a profile that two others lean on, and some with profiles.
const SIX: &[(&str, &str)] = &[(
    "compose.yaml",
    "
services:
  one: {image: x}
  two: {image: x, profiles: [foo], depends_on: [one]}
  three: {image: x, profiles: [bar], depends_on: [two]}
  four:
    image: x
    profiles: [zot]
    depends_on: {two: {condition: service_started, required: false}}
  five: {image: x, profiles: [zot]}
  six: {image: x, links: [one]}
",
)];

/// The example of the Compose Specification's page on profiles, with names of our own.
const TESTING: &[(&str, &str)] = &[(
    "compose.yaml",
    "
services:
  site: {image: x}
  library: {image: x, profiles: [test]}
  coverage: {image: x, depends_on: [library], profiles: [test]}
  inspector: {image: x, depends_on: [library], profiles: [debug]}
",
)];

const ONE: (&str, &str) = ("services.one.image", "x");
const TWO: (&str, &str) = ("services.two.image", "x");
const THREE: (&str, &str) = ("services.three.image", "x");
const FOUR: (&str, &str) = ("services.four.image", "x");
const FIVE: (&str, &str) = ("services.five.image", "x");
const SIX_: (&str, &str) = ("services.six.image", "x");
const NO_ONE: (&str, &str) = ("services.one", "");
const NO_TWO: (&str, &str) = ("services.two", "");
const NO_THREE: (&str, &str) = ("services.three", "");
const NO_FOUR: (&str, &str) = ("services.four", "");
const NO_FIVE: (&str, &str) = ("services.five", "");
const NO_SIX: (&str, &str) = ("services.six", "");

const SITE: (&str, &str) = ("services.site.image", "x");
const LIBRARY: (&str, &str) = ("services.library.image", "x");
const COVERAGE: (&str, &str) = ("services.coverage.image", "x");
const INSPECTOR: (&str, &str) = ("services.inspector.image", "x");
const NO_SITE: (&str, &str) = ("services.site", "");
const NO_LIBRARY: (&str, &str) = ("services.library", "");
const NO_COVERAGE: (&str, &str) = ("services.coverage", "");
const NO_INSPECTOR: (&str, &str) = ("services.inspector", "");

#[test]
fn profiles_enable_services() {
    check(&[
        Case {
            name: "without active profiles only services without profiles take part",
            files: SIX,
            values: &[ONE, NO_TWO, NO_THREE, NO_FOUR, NO_FIVE, SIX_],
            ..Case::default()
        },
        Case {
            name: "an active profile enables its services",
            files: SIX,
            profiles: &["foo"],
            values: &[ONE, TWO, NO_THREE, NO_FOUR, NO_FIVE, SIX_],
            ..Case::default()
        },
        Case {
            name: "`*` enables all services",
            files: SIX,
            profiles: &["*"],
            values: &[ONE, TWO, THREE, FOUR, FIVE, SIX_],
            ..Case::default()
        },
        Case {
            name: "COMPOSE_PROFILES lists profiles, with blanks around them",
            files: SIX,
            environment: &[("COMPOSE_PROFILES", " foo , zot ,")],
            values: &[ONE, TWO, NO_THREE, FOUR, FIVE, SIX_],
            ..Case::default()
        },
        Case {
            name: "COMPOSE_PROFILES may be `*`",
            files: SIX,
            environment: &[("COMPOSE_PROFILES", "*")],
            values: &[ONE, TWO, THREE, FOUR, FIVE, SIX_],
            ..Case::default()
        },
        Case {
            name: "COMPOSE_PROFILES may stand in `.env`",
            files: &[SIX[0], (".env", "COMPOSE_PROFILES=foo\n")],
            values: &[TWO, NO_THREE],
            ..Case::default()
        },
        Case {
            name: "COMPOSE_PROFILES does not count beside `--profile`",
            files: SIX,
            environment: &[("COMPOSE_PROFILES", "zot")],
            profiles: &["foo"],
            values: &[TWO, NO_FOUR, NO_FIVE],
            ..Case::default()
        },
        Case {
            name: "a profile that no service has enables nothing",
            files: SIX,
            profiles: &["other"],
            values: &[ONE, NO_TWO, SIX_],
            findings: &["LS0301: no service has the profile `other`"],
            ..Case::default()
        },
        Case {
            name: "an empty list of profiles is none",
            files: &[("compose.yaml", "services: {web: {image: x, profiles: []}}")],
            values: &[("services.web.image", "x")],
            ..Case::default()
        },
        Case {
            name: "what depends on a disabled service without needing it loses the dependency",
            files: SIX,
            profiles: &["zot"],
            values: &[FOUR, FIVE, ("services.four.depends_on", ""), NO_TWO],
            ..Case::default()
        },
        Case {
            name: "what needs a disabled service is an error",
            files: SIX,
            profiles: &["bar"],
            findings: &["LS0301 compose.yaml:5:51 services.three.depends_on.two: \
                 `three` needs `two`, which no active profile enables"],
            ..Case::default()
        },
        Case {
            name: "the links of a disabled service count for nothing",
            files: &[(
                "compose.yaml",
                "services: {web: {image: x}, old: {image: x, links: [gone], profiles: [old]}}",
            )],
            values: &[("services.old", "")],
            ..Case::default()
        },
    ]);
}

#[test]
fn the_specification_s_example() {
    check(&[
        Case {
            name: "no profile: the service without profiles",
            files: TESTING,
            values: &[SITE, NO_LIBRARY, NO_COVERAGE, NO_INSPECTOR],
            ..Case::default()
        },
        Case {
            name: "profile test",
            files: TESTING,
            profiles: &["test"],
            values: &[SITE, LIBRARY, COVERAGE, NO_INSPECTOR],
            ..Case::default()
        },
        Case {
            name: "profile debug lacks what its service needs",
            files: TESTING,
            profiles: &["debug"],
            findings: &["LS0301 compose.yaml:6:38 services.inspector.depends_on.library: needs"],
            ..Case::default()
        },
        Case {
            name: "profiles debug and test",
            files: TESTING,
            profiles: &["debug", "test"],
            values: &[SITE, LIBRARY, COVERAGE, INSPECTOR],
            ..Case::default()
        },
        Case {
            name: "a named service is enabled with its profile",
            files: TESTING,
            ask: Some(|input| input.services = vec!["library".into()]),
            values: &[LIBRARY, NO_SITE, NO_COVERAGE, NO_INSPECTOR],
            ..Case::default()
        },
        Case {
            name: "a named service pulls in what it depends on in the same profile",
            files: TESTING,
            ask: Some(|input| input.services = vec!["coverage".into()]),
            values: &[COVERAGE, LIBRARY, NO_SITE, NO_INSPECTOR],
            ..Case::default()
        },
        Case {
            name: "a named service does not pull in what only another profile enables",
            files: TESTING,
            ask: Some(|input| input.services = vec!["inspector".into()]),
            findings: &["LS0301 compose.yaml:6:38 services.inspector.depends_on.library: \
                 `inspector` needs `library`, which no active profile enables"],
            ..Case::default()
        },
        Case {
            name: "a named service uses what the active profiles enable",
            files: TESTING,
            profiles: &["test"],
            ask: Some(|input| input.services = vec!["inspector".into()]),
            values: &[INSPECTOR, LIBRARY, NO_SITE, NO_COVERAGE],
            ..Case::default()
        },
    ]);
}

#[test]
fn named_services() {
    check(&[
        Case {
            name: "what it depends on comes with it",
            files: SIX,
            ask: Some(|input| input.services = vec!["two".into()]),
            values: &[ONE, TWO, ("services.two.depends_on.one.required", "true"), NO_SIX],
            ..Case::default()
        },
        Case {
            name: "one of several profiles is enough, and naming it enables them all",
            files: &[(
                "compose.yaml",
                "
services:
  a: {image: x, profiles: [one, two], depends_on: [b]}
  b: {image: x, profiles: [two]}
  c: {image: x, profiles: [two]}
",
            )],
            ask: Some(|input| input.services = vec!["a".into()]),
            values: &[("services.a.image", "x"), ("services.b.image", "x"), ("services.c", "")],
            ..Case::default()
        },
        Case {
            name: "what it links to comes with it",
            files: SIX,
            ask: Some(|input| input.services = vec!["six".into()]),
            values: &[SIX_, ONE, NO_TWO, NO_FIVE],
            ..Case::default()
        },
        Case {
            name: "what depends on it does not come with it",
            files: SIX,
            ask: Some(|input| input.services = vec!["one".into()]),
            values: &[ONE, NO_SIX],
            ..Case::default()
        },
        Case {
            name: "the profile of one named service enables what another one needs",
            files: SIX,
            ask: Some(|input| input.services = vec!["three".into(), "two".into()]),
            values: &[ONE, TWO, THREE, NO_FOUR, NO_SIX],
            ..Case::default()
        },
        Case {
            name: "what it needs and no profile enables is an error",
            files: SIX,
            ask: Some(|input| input.services = vec!["three".into()]),
            findings: &["LS0301 compose.yaml:5:51 services.three.depends_on.two: `three` needs"],
            ..Case::default()
        },
        Case {
            name: "what it could use and no profile enables is dropped",
            files: SIX,
            ask: Some(|input| input.services = vec!["four".into()]),
            values: &[FOUR, ("services.four.depends_on", ""), NO_FIVE, NO_ONE],
            ..Case::default()
        },
        Case {
            name: "what it could use and a profile enables comes with it",
            files: SIX,
            profiles: &["foo"],
            ask: Some(|input| input.services = vec!["four".into()]),
            values: &[ONE, TWO, FOUR, ("services.four.depends_on.two.required", "false")],
            ..Case::default()
        },
    ]);
}

#[test]
fn named_services_alone() {
    check(&[
        Case {
            name: "alone it has no dependencies",
            files: SIX,
            ask: Some(|input| {
                input.services = vec!["two".into()];
                input.without_dependencies = true;
            }),
            values: &[TWO, ("services.two.depends_on", ""), NO_ONE],
            ..Case::default()
        },
        Case {
            name: "alone it may need what no profile enables",
            files: SIX,
            ask: Some(|input| {
                input.services = vec!["three".into()];
                input.without_dependencies = true;
            }),
            values: &[THREE, ("services.three.depends_on", ""), NO_TWO],
            ..Case::default()
        },
        Case {
            name: "two that are named keep the dependency between them",
            files: SIX,
            ask: Some(|input| {
                input.services = vec!["two".into(), "three".into()];
                input.without_dependencies = true;
            }),
            values: &[
                TWO,
                ("services.two.depends_on", ""),
                THREE,
                ("services.three.depends_on.two.condition", "service_started"),
                NO_ONE,
            ],
            ..Case::default()
        },
    ]);
}

#[test]
fn what_no_service_uses() {
    let files = &[(
        "compose.yaml",
        "
services: {a: {image: x, profiles: [p]}, b: {image: x}}
networks: {n: {}}
volumes: {v: {}}
secrets: {s: {file: ./s}}
configs: {c: {content: c}}
models: {m: {model: m}}
",
    )];
    check(&[
        Case {
            name: "is left out",
            files,
            values: &[
                ("networks.n", ""),
                ("volumes", ""),
                ("secrets", ""),
                ("configs", ""),
                ("models", ""),
            ],
            ..Case::default()
        },
        Case {
            name: "is there with `--all-resources`",
            files,
            ask: Some(|input| input.all_resources = true),
            values: &[
                ("networks.n", "{name: app_n}"),
                ("volumes.v", "{name: app_v}"),
                ("secrets.s.file", "<DIR>/s"),
                ("configs.c.content", "c"),
                ("models.m.model", "m"),
            ],
            ..Case::default()
        },
    ]);
}

#[test]
fn a_profile_that_no_service_has() {
    let misspelt = |name, profiles, finding| Case {
        name,
        files: SIX,
        profiles,
        values: &[ONE, NO_TWO],
        findings: finding,
        ..Case::default()
    };
    check(&[
        misspelt("a word nearby", &["fooo"], &["LS0301: no service has the profile `fooo`"]),
        misspelt("nothing nearby", &["debug"], &["LS0301: no service has the profile `debug`"]),
        Case {
            name: "the variable may name those of other projects",
            files: SIX,
            environment: &[("COMPOSE_PROFILES", "debug")],
            values: &[ONE, NO_TWO],
            ..Case::default()
        },
    ]);
}

#[test]
fn names_are_patterns() {
    check(&[
        Case {
            name: "a pattern names what is enabled",
            files: SIX,
            ask: Some(|input| input.services = vec!["*".into()]),
            values: &[ONE, SIX_, NO_TWO, NO_FIVE],
            ..Case::default()
        },
        Case {
            name: "a pattern may have a class of characters",
            files: SIX,
            profiles: &["zot"],
            ask: Some(|input| input.services = vec!["f[a-i]*".into()]),
            values: &[FIVE, NO_FOUR, NO_ONE],
            ..Case::default()
        },
        Case {
            name: "a name that there is not is an error",
            files: SIX,
            ask: Some(|input| input.services = vec!["tow".into(), "SIX".into()]),
            findings: &[
                "LS0301 services: there is no service `SIX`",
                "LS0301 services: there is no service `tow`",
            ],
            ..Case::default()
        },
        Case {
            name: "a name where there are no services is an error",
            files: &[("compose.yaml", "networks: {a: {}}")],
            ask: Some(|input| input.services = vec!["web".into()]),
            findings: &["LS0301 services: there is no service `web`"],
            ..Case::default()
        },
    ]);
}

#[test]
fn what_is_checked_when_services_are_named() {
    const BROKEN: &[(&str, &str)] = &[(
        "compose.yaml",
        "
services:
  web: {image: x}
  other: {image: x, volumes: [none:/x]}
  hidden: {image: x, volumes: [none:/x], profiles: [p]}
  beside: {image: x, profiles: [p]}
",
    )];
    check(&[
        Case {
            name: "services that profiles enable, though they are not named",
            files: BROKEN,
            ask: Some(|input| input.services = vec!["web".into()]),
            findings: &["LS0301 compose.yaml:4:31 services.other.volumes[0]: `none`"],
            ..Case::default()
        },
        Case {
            name: "named services that no profile enables",
            files: &[(
                "compose.yaml",
                "services:\n  hidden: {image: x, volumes: [none:/x], profiles: [p]}\n",
            )],
            ask: Some(|input| input.services = vec!["hidden".into()]),
            findings: &["LS0301 compose.yaml:2:32 services.hidden.volumes[0]: `none`"],
            ..Case::default()
        },
        Case {
            name: "not what only shares a profile with them",
            files: &[(
                "compose.yaml",
                "
services:
  hidden: {image: x, volumes: [none:/x], profiles: [p]}
  beside: {image: x, profiles: [p]}
",
            )],
            ask: Some(|input| input.services = vec!["beside".into()]),
            values: &[("services.beside.image", "x"), ("services.hidden", "")],
            ..Case::default()
        },
        Case {
            name: "a circle ends, and is an error",
            files: &[(
                "compose.yaml",
                "
services:
  a: {image: x, depends_on: [b]}
  b: {image: x, depends_on: [c]}
  c: {image: x, depends_on: [a]}
",
            )],
            ask: Some(|input| input.services = vec!["a".into()]),
            findings: &["LS0302 compose.yaml:5:30 services.a.depends_on: circle"],
            ..Case::default()
        },
        Case {
            name: "files of variables and labels of the services that stay, and no others",
            files: &[(
                "compose.yaml",
                "
services:
  web: {image: x}
  env: {image: x, env_file: [none.env]}
  labels: {image: x, label_file: [none.labels]}
  hidden: {image: x, env_file: [none.env], profiles: [p]}
",
            )],
            ask: Some(|input| input.services = vec!["web".into()]),
            values: &[("services.web.image", "x"), ("services.env", "")],
            ..Case::default()
        },
        Case {
            name: "files of variables of all services when none is named",
            files: &[(
                "compose.yaml",
                "
services:
  web: {image: x}
  env: {image: x, env_file: [none.env]}
  hidden: {image: x, env_file: [none.env], profiles: [p]}
",
            )],
            findings: &["LS0201 compose.yaml:4:30 services.env.env_file[0]: none.env"],
            ..Case::default()
        },
    ]);
}

#[test]
fn what_nobody_uses_is_left_out() {
    const USED: &[(&str, &str)] = &[(
        "compose.yaml",
        "
services:
  web:
    image: x
    build: {context: ., secrets: [build]}
    networks: [front]
    volumes: [data:/data]
    secrets: [mine]
    configs: [mine]
  worker:
    image: x
    networks: [back]
    volumes: [scratch:/scratch]
    secrets: [its]
    configs: [its]
networks: {front: {}, back: {}, orphan: {}}
volumes: {data: {}, scratch: {}, orphan: {}}
secrets:
  mine: {external: true}
  its: {external: true}
  build: {file: ./key}
  orphan: {external: true}
configs: {mine: {external: true}, its: {external: true}, orphan: {external: true}}
",
    )];
    check(&[
        Case {
            name: "by any service",
            files: USED,
            values: &[
                ("networks.front.name", "app_front"),
                ("networks.back.name", "app_back"),
                ("networks.orphan", ""),
                ("volumes.data.name", "app_data"),
                ("volumes.scratch.name", "app_scratch"),
                ("volumes.orphan", ""),
                ("secrets.mine.name", "mine"),
                ("secrets.its.name", "its"),
                ("secrets.orphan", ""),
                ("configs.mine.name", "mine"),
                ("configs.its.name", "its"),
                ("configs.orphan", ""),
            ],
            ..Case::default()
        },
        Case {
            name: "by the named services",
            files: USED,
            ask: Some(|input| input.services = vec!["web".into()]),
            values: &[
                ("networks.front.name", "app_front"),
                ("networks.back", ""),
                ("volumes.data.name", "app_data"),
                ("volumes.scratch", ""),
                ("secrets.mine.name", "mine"),
                ("secrets.its", ""),
                ("configs.mine.name", "mine"),
                ("configs.its", ""),
            ],
            ..Case::default()
        },
        Case {
            name: "but a secret that only the image build needs stays",
            files: USED,
            values: &[("secrets.build.file", "<DIR>/key")],
            ..Case::default()
        },
        Case {
            name: "the default network of services that have another one",
            files: &[(
                "compose.yaml",
                "
services: {web: {image: x, networks: [front]}}
networks: {default: {name: mine}, front: {}}
",
            )],
            values: &[("networks.default", ""), ("networks.front.name", "app_front")],
            ..Case::default()
        },
    ]);
}

#[test]
fn an_empty_profile_is_active_where_none_is_named() {
    const OPTIONAL: (&str, &str) = (
        "compose.yaml",
        "services: {web: {image: x}, more: {image: x, profiles: ['${PROFILE:-}']}}",
    );
    check(&[
        Case {
            name: "a variable without a value switches the service on",
            files: &[OPTIONAL],
            values: &[("services.more.image", "x")],
            ..Case::default()
        },
        Case {
            name: "a variable with a value makes it optional",
            files: &[OPTIONAL],
            environment: &[("PROFILE", "p")],
            values: &[("services.more", ""), ("services.web.image", "x")],
            ..Case::default()
        },
        Case {
            name: "with an active profile the empty one is not active",
            files: &[OPTIONAL],
            profiles: &["other"],
            values: &[("services.more", ""), ("services.web.image", "x")],
            findings: &["LS0301: no service has the profile `other`"],
            ..Case::default()
        },
        Case {
            name: "a job and a service have different names, also when no profile enables one",
            files: &[(
                "compose.yaml",
                "services: {a: {image: x}}\njobs: {a: {image: x, triggers: {manual: true}, profiles: [p]}}",
            )],
            findings: &["LS0303 compose.yaml:2:8 jobs.a: is the name of a service and of a job"],
            ..Case::default()
        },
    ]);
}
