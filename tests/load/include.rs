//! Section 9: whole projects below another one.

#[path = "include/merge.rs"]
mod merge;
#[path = "include/variables.rs"]
mod variables;

use longshore::load::Input;

use crate::case::{Case, check, check_texts};

fn case<'a>(
    name: &'a str,
    files: &'a [(&'a str, &'a str)],
    values: &'a [(&'a str, &'a str)],
) -> Case<'a> {
    Case { name, files, values, ..Case::default() }
}

fn wrong<'a>(name: &'a str, files: &'a [(&'a str, &'a str)], findings: &'a [&'a str]) -> Case<'a> {
    Case { name, files, findings, ..Case::default() }
}

/// A project with its own variables, paths and secrets.
const IMPORTED: (&str, &str) = (
    "sub/imported.yaml",
    "
services:
  imported:
    image: nginx
    container_name: ${SOURCE:-imported}
    env_file: ./extra.env
    volumes: ['/opt/data:/var/lib/mysql', './own:/own']
",
);
const EXTRA: (&str, &str) = ("sub/extra.env", "SOURCE=extends\n");

#[test]
fn what_an_included_project_brings() {
    check(&[
        case(
            "its services, with paths that start in its directory",
            &[
                (
                    "compose.yaml",
                    "
include: [{path: ./sub/imported.yaml, env_file: ./sub/extra.env}]
services: {foo: {image: busybox, depends_on: [imported]}}
",
                ),
                IMPORTED,
                EXTRA,
            ],
            &[
                ("services.imported.container_name", "extends"),
                ("services.imported.environment", "{SOURCE: extends}"),
                ("services.imported.volumes[0].source", "/opt/data"),
                ("services.imported.volumes[1].source", "<DIR>/sub/own"),
                (
                    "services.foo.depends_on",
                    "{imported: {condition: service_started, required: true}}",
                ),
            ],
        ),
        case(
            "all sections, but neither its name nor its extensions",
            &[
                ("compose.yaml", "include: [sub/compose.yaml]"),
                (
                    "sub/compose.yaml",
                    "
name: other
x-note: 1
services:
  s: {image: 'x:${COMPOSE_PROJECT_NAME}', networks: [n], volumes: ['vv:/v'], configs: [c], secrets: [k], models: [m]}
networks: {n: {}}
volumes: {vv: {}}
configs: {c: {content: text}}
secrets: {k: {file: ./k}}
models: {m: {model: ai/m}}
",
                ),
            ],
            &[
                ("name", "app"),
                ("services.s.image", "x:app"),
                ("networks.n.name", "app_n"),
                ("volumes.vv.name", "app_vv"),
                ("configs.c.content", "text"),
                ("secrets.k.file", "<DIR>/sub/k"),
            ],
        ),
        case(
            "of a file that is empty, nothing",
            &[("compose.yaml", "include: [a.yaml]\nservices: {s: {image: x}}"), ("a.yaml", "")],
            &[("services.s.image", "x")],
        ),
        case(
            "what extends something in its own directory",
            &[
                ("compose.yaml", "include: [{path: [dir/included.yaml]}]"),
                (
                    "dir/included.yaml",
                    "services: {service: {extends: {file: extended.yaml, service: service}}}",
                ),
                ("dir/extended.yaml", "services: {service: {build: .}}"),
            ],
            &[("services.service.build.context", "<DIR>/dir")],
        ),
        case(
            "what the including document extends",
            &[
                (
                    "compose.yaml",
                    "include: [sub/a.yaml]\nservices: {t: {extends: s, volumes: ['./t:/t']}}",
                ),
                ("sub/a.yaml", "services: {s: {image: x, volumes: ['./s:/s']}}"),
            ],
            &[
                ("services.s.volumes[0].source", "<DIR>/sub/s"),
                ("services.t.volumes[0].source", "<DIR>/sub/s"),
                ("services.t.volumes[1].source", "<DIR>/t"),
            ],
        ),
    ]);
}

#[test]
fn forms_of_an_entry() {
    let a = ("a.yaml", "services: {a: {image: x}}");
    check(&[
        case("a text", &[("compose.yaml", "include: [a.yaml]"), a], &[("services.a.image", "x")]),
        case(
            "a mapping with a text",
            &[("compose.yaml", "include: [{path: a.yaml}]"), a],
            &[("services.a.image", "x")],
        ),
        Case {
            environment: &[("F", "a")],
            ..case(
                "variables",
                &[("compose.yaml", "include: ['${F}.yaml', {path: ['$F.yaml']}]"), a],
                &[("services.a.image", "x")],
            )
        },
        case(
            "a list: the second file is an override of the first, in the directory of the first",
            &[
                ("compose.yaml", "include: [{path: [sub/a.yaml, other/b.yaml]}]"),
                ("sub/a.yaml", "services: {s: {image: x, volumes: ['./a:/a']}}"),
                ("other/b.yaml", "services: {s: {image: z, volumes: ['./b:/b']}}"),
            ],
            &[
                ("services.s.image", "z"),
                ("services.s.volumes[0].source", "<DIR>/sub/a"),
                ("services.s.volumes[1].source", "<DIR>/sub/b"),
            ],
        ),
        case(
            "no entry at all",
            &[("compose.yaml", "include:\nservices: {s: {image: x}}")],
            &[("services.s.image", "x")],
        ),
    ]);
}

#[test]
fn entries_that_are_wrong() {
    let a = ("a.yaml", "services: {a: {image: x}}");
    let rows = [
        ("a text instead of a list", "a.yaml", "LS0203 compose.yaml:2:10 include:"),
        ("a mapping instead of a list", "{path: a.yaml}", "LS0203 compose.yaml:2:10 include:"),
        ("a number", "[1]", "LS0203 compose.yaml:2:11 include[0]: must be a path or a mapping"),
        (
            "a number as a path",
            "[{path: [1]}]",
            "LS0203 compose.yaml:2:19 include[0].path[0]: must be a string, but is a number",
        ),
        (
            "a mapping as a path",
            "[{path: {a: 1}}]",
            "LS0203 compose.yaml:2:18 include[0].path: must be a string or a list",
        ),
        (
            "a number as a directory",
            "[{path: a.yaml, project_directory: 1}]",
            "LS0203 compose.yaml:2:45 include[0].project_directory: must be a string",
        ),
        ("null", "[null]", "LS0204 compose.yaml:2:11 include[0]: names no file"),
        ("no path", "[{path: null}]", "LS0204 compose.yaml:2:11 include[0]: names no file"),
        ("no paths", "[{path: []}]", "LS0204 compose.yaml:2:11 include[0]: names no file"),
        ("a path that is empty", "['']", "LS0201 compose.yaml:2:11 include[0]: is a directory"),
        (
            "a file that is not there",
            "[a.yaml]",
            "LS0201 compose.yaml:2:11 include[0]: a.yaml` does not exist",
        ),
        (
            "a file that is elsewhere",
            "['https://github.com/a/b.git']",
            "LS0212 compose.yaml:2:11 include[0]: is not on this machine",
        ),
        (
            "the same of OCI",
            "['oci://docker.io/a/b']",
            "LS0212 compose.yaml:2:11 include[0]: is not on this machine",
        ),
    ];
    check_texts(&rows.map(|(name, include, finding)| {
        (name, format!("services: {{s: {{image: x}}}}\ninclude: {include}"), finding)
    }));
    check(&[
        Case {
            findings: &[
                "LS0202 compose.yaml:1:26 include[0].env_fiel: has no attribute `env_fiel`",
            ],
            ..case(
                "an attribute that Compose takes no notice of",
                &[("compose.yaml", "include: [{path: a.yaml, env_fiel: x}]"), a],
                &[("services.a.image", "x")],
            )
        },
        wrong(
            "a directory",
            &[
                ("compose.yaml", "include: [sub]"),
                ("sub/compose.yaml", "services: {a: {image: x}}"),
            ],
            &["LS0201 compose.yaml:1:11 include[0]: is a directory"],
        ),
        wrong(
            "what a missing file would have brought is not missed again",
            &[(
                "compose.yaml",
                "
include: [no.yaml]
services: {a: {depends_on: [b], networks: [n], extends: c}}
",
            )],
            &["LS0201 compose.yaml:2:11 include[0]: no.yaml` does not exist"],
        ),
        wrong(
            "faults of an included file are told in that file",
            &[
                ("compose.yaml", "include: [a.yaml]"),
                ("a.yaml", "services: {s: {command: x}, u: {image: x, ports: [a]}}"),
            ],
            &["LS0204 a.yaml:1:12 services.s:", "LS0205 a.yaml:1:51 services.u.ports[0]:"],
        ),
    ]);
}

#[test]
fn the_directory_of_an_included_project() {
    check(
        &[
            case(
                "is that of its first file",
                &[
                    ("compose.yaml", "include: [{path: dir/compose.yaml}]"),
                    ("dir/compose.yaml", "services: {a: {build: '.', volumes: ['./:/mnt']}}"),
                ],
                &[
                    ("services.a.build.context", "<DIR>/dir"),
                    ("services.a.volumes[0].source", "<DIR>/dir"),
                ],
            ),
            case(
                "or the one that it is given, also for its own variables",
                &[
                    (
                        "compose.yaml",
                        "include: [{project_directory: other, path: ./dir/compose.yaml}]",
                    ),
                    (
                        "dir/compose.yaml",
                        "
services:
  a:
    image: x:${TAG}
    build: {dockerfile_inline: FROM x}
    volumes: [{type: bind, source: file, target: /file}]
    env_file: [e.env]
    extends: {service: b, file: base.yaml}
",
                    ),
                    ("dir/.env", "TAG=dir"),
                    ("other/.env", "TAG=other"),
                    ("other/e.env", "E=1"),
                    ("other/base.yaml", "services: {b: {cap_add: [OTHER], volumes: ['./b:/b']}}"),
                ],
                &[
                    ("services.a.image", "x:other"),
                    ("services.a.build.context", "<DIR>/other"),
                    ("services.a.volumes[0].source", "<DIR>/other/b"),
                    ("services.a.volumes[1].source", "<DIR>/other/file"),
                    ("services.a.environment", "{E: '1'}"),
                    ("services.a.cap_add", "[OTHER]"),
                ],
            ),
            case(
                "also for what it includes in turn",
                &[
                    ("compose.yaml", "include: [{path: sub/a.yaml, project_directory: other}]"),
                    ("sub/a.yaml", "include: [x/b.yaml]"),
                    ("other/x/b.yaml", "services: {s: {image: x, volumes: ['./d:/d']}}"),
                ],
                &[("services.s.volumes[0].source", "<DIR>/other/x/d")],
            ),
            case(
                "absolute, or beside the project",
                &[
                    (
                        "p/compose.yaml",
                        "
include:
  - {path: a.yaml, project_directory: /opt}
  - {path: b.yaml, project_directory: ..}
",
                    ),
                    ("p/a.yaml", "services: {a: {image: x, volumes: ['./d:/d']}}"),
                    ("p/b.yaml", "services: {b: {image: x, volumes: ['./d:/d']}}"),
                ],
                &[
                    ("services.a.volumes[0].source", "/opt/d"),
                    ("services.b.volumes[0].source", "<DIR>/d"),
                ],
            ),
            case(
                "the project itself",
                &[
                    ("compose.yaml", "include: [{project_directory: ., path: dir/included.yaml}]"),
                    (
                        "dir/included.yaml",
                        "services: {a: {extends: {file: dir/extended.yaml, service: b}}}",
                    ),
                    ("dir/extended.yaml", "services: {b: {image: alpine}}"),
                ],
                &[("services.a.image", "alpine")],
            ),
        ]
        .map(|case| Case {
            ask: case.files.iter().any(|(name, _)| *name == "p/compose.yaml").then_some(
                (|input: &mut Input| input.files = vec!["p/compose.yaml".into()]) as fn(&mut Input),
            ),
            ..case
        }),
    );
}

#[test]
fn files_that_include_each_other() {
    check(&[
        wrong(
            "a file that includes itself",
            &[("compose.yaml", "include: [compose.yaml]\nservices: {a: {image: x}}")],
            &["LS0205 compose.yaml:1:11 include[0]: `compose.yaml` -> `compose.yaml`"],
        ),
        wrong(
            "a circle, without what leads there",
            &[
                ("compose.yaml", "include: [a.yaml]"),
                ("a.yaml", "include: [b.yaml]"),
                ("b.yaml", "include: [a.yaml]"),
            ],
            &["LS0205 b.yaml:1:11 include[0]: `a.yaml` -> `b.yaml` -> `a.yaml`"],
        ),
        wrong(
            "a circle through an override of an included project",
            &[
                ("compose.yaml", "include: [{path: [a.yaml, compose.yaml]}]"),
                ("a.yaml", "services: {a: {image: x}}"),
            ],
            &["LS0205 compose.yaml:1:27 include[0]: `compose.yaml` -> `compose.yaml`"],
        ),
        case(
            "an override that includes what it goes over is no circle",
            &[
                ("compose.yaml", "include: [{path: [a.yaml, b.yaml]}]"),
                ("a.yaml", "services: {a: {image: x}}"),
                ("b.yaml", "include: [a.yaml]\nservices: {a: {command: b}}"),
            ],
            &[("services.a.command", "[b]")],
        ),
    ]);
}

/// Each file includes the next one twice: read as often as they are named, the last of them would
/// be read sixteen million times.
#[test]
fn inclusions_that_double_at_each_step_are_read_once() {
    let files: Vec<(String, String)> = (0..24)
        .map(|level| {
            let next = level + 1;
            let text = format!(
                "include: [level{next}.yaml, {{path: level{next}.yaml}}]\n\
                 services: {{s{level}: {{image: x, group_add: [a]}}}}"
            );
            (format!("level{level}.yaml"), text)
        })
        .chain([("level24.yaml".to_owned(), "services: {leaf: {image: x}}".to_owned())])
        .collect();
    let files: Vec<(&str, &str)> =
        files.iter().map(|(name, text)| (name.as_str(), text.as_str())).collect();
    check(&[Case {
        compose_files: &["level0.yaml"],
        ..case(
            "twenty-four steps",
            &files,
            &[
                ("services.leaf.image", "x"),
                ("services.s23.group_add", "[a]"),
                ("services.s0.image", "x"),
            ],
        )
    }]);
}
