//! Section 15: `environment` and `env_file`, `labels` and `label_file`.

use std::process::Command;

use crate::case::{Case, check};

const ENVIRONMENT: &str = "services.a.environment";
const LABELS: &str = "services.a.labels";

#[test]
fn variables_without_a_value_take_that_of_the_project() {
    let expected = "{ FOO: '1', BAR: '2', GA: '2.5', BU: '', MEU: Shadoks, ZO: ~ }";
    check(&[
        Case {
            name: "in a mapping",
            files: &[(
                "compose.yaml",
                "
services:
  a:
    image: x
    environment: { FOO: '1', BAR: 2, GA: 2.5, BU: '', ZO: , MEU: }
",
            )],
            environment: &[("MEU", "Shadoks")],
            values: &[(ENVIRONMENT, expected)],
            ..Case::default()
        },
        Case {
            name: "in a list",
            files: &[
                (
                    "compose.yaml",
                    "
services:
  a:
    image: x
    environment: [FOO=1, BAR=2, GA=2.5, BU=, ZO, MEU]
",
                ),
                (".env", "MEU=Shadoks\n"),
            ],
            values: &[(ENVIRONMENT, expected)],
            ..Case::default()
        },
        Case {
            name: "truth values are texts",
            files: &[(
                "compose.yaml",
                "services: { a: { image: x, environment: { A: true, B: false } } }\n",
            )],
            values: &[(ENVIRONMENT, "{ A: 'true', B: 'false' }")],
            ..Case::default()
        },
        Case {
            name: "a name with a blank behind it is an error",
            files: &[(
                "compose.yaml",
                "services: { a: { image: x, environment: ['DEBUG = true'] } }\n",
            )],
            findings: &[
                "LS0205 compose.yaml:1:43 services.a.environment[0]: `DEBUG` is followed by a blank",
            ],
            ..Case::default()
        },
        Case {
            name: "values are scalars",
            files: &[(
                "compose.yaml",
                "services: { a: { image: x, environment: { A: ['1'] } } }\n",
            )],
            findings: &["LS0203 compose.yaml:1:46 services.a.environment.A: must be"],
            ..Case::default()
        },
    ]);
}

#[test]
fn files_go_below_what_the_service_says() {
    const BASE: &str = "
FOO=foo_of_base
WITH_FOO=${FOO}
BAR=bar_of_base
WITH_BAR=${BAR}
ZOT=zot_of_base
WITH_ZOT=${ZOT}
";
    const MORE: &str = "
FOO=foo_of_more
WITH_FOO=${FOO}
BAR=bar_of_more
WITH_BAR=${BAR}
";
    check(&[
        Case {
            name: "in values the project goes before the service, and that before the lines above",
            files: &[
                (
                    "compose.yaml",
                    "
services:
  a:
    image: x
    environment: { FOO: foo_of_service, BAR: bar_of_service, QIX: }
    env_file: base.env
",
                ),
                ("base.env", BASE),
            ],
            environment: &[("FOO", "foo_of_project"), ("QIX", "qix_of_project")],
            values: &[(
                ENVIRONMENT,
                "
FOO: foo_of_service
BAR: bar_of_service
QIX: qix_of_project
ZOT: zot_of_base
WITH_FOO: foo_of_project
WITH_BAR: bar_of_service
WITH_ZOT: zot_of_base
",
            )],
            ..Case::default()
        },
        Case {
            name: "a later file goes over an earlier one, and sees it",
            files: &[
                (
                    "compose.yaml",
                    "
services:
  a:
    image: x
    environment: { FOO: foo_of_service }
    env_file: [base.env, more.env]
",
                ),
                ("base.env", BASE),
                ("more.env", MORE),
            ],
            environment: &[("FOO", "foo_of_project")],
            values: &[(
                ENVIRONMENT,
                "
FOO: foo_of_service
BAR: bar_of_more
ZOT: zot_of_base
WITH_FOO: foo_of_project
WITH_BAR: bar_of_more
WITH_ZOT: zot_of_base
",
            )],
            ..Case::default()
        },
    ]);
}

#[test]
fn services_keep_apart_what_their_files_say() {
    check(&[
        Case {
            name: "what the service says is a text there too",
            files: &[
                (
                    "compose.yaml",
                    "services: { a: { image: x, environment: { N: 5 }, env_file: a.env } }\n",
                ),
                ("a.env", "A=$N\n"),
            ],
            values: &[(ENVIRONMENT, "{ A: '5', N: '5' }")],
            ..Case::default()
        },
        Case {
            name: "a variable without a value hides that of the file",
            files: &[
                (
                    "compose.yaml",
                    "services: { a: { image: x, environment: [A], env_file: a.env } }\n",
                ),
                ("a.env", "A=1\n"),
            ],
            values: &[(ENVIRONMENT, "{ A: ~ }")],
            ..Case::default()
        },
        Case {
            name: "a name without a value that nobody sets is not there",
            files: &[
                ("compose.yaml", "services: { a: { image: x, env_file: a.env } }\n"),
                ("a.env", "A\nB\n"),
            ],
            environment: &[("B", "project")],
            values: &[(ENVIRONMENT, "{ B: project }")],
            ..Case::default()
        },
        Case {
            name: "variables of other services are not seen",
            files: &[
                (
                    "compose.yaml",
                    "
services:
  a: { image: x, env_file: a.env }
  b: { image: x, environment: { N: 1 }, env_file: b.env }
",
                ),
                ("a.env", "A=${N-unset}\n"),
                ("b.env", "N=2\n"),
            ],
            values: &[(ENVIRONMENT, "{ A: unset }")],
            ..Case::default()
        },
        Case {
            name: "one file may serve several services",
            files: &[
                (
                    "compose.yaml",
                    "
services:
  a: { image: x, environment: { N: 1 }, env_file: same.env }
  b: { image: x, environment: { N: 2 }, env_file: same.env }
",
                ),
                ("same.env", "A=$N\n"),
            ],
            values: &[("services.a.environment.A", "'1'"), ("services.b.environment.A", "'2'")],
            ..Case::default()
        },
        Case {
            name: "names with dots, with a digit in front and without letters are names",
            files: &[
                ("compose.yaml", "services: { a: { image: x, env_file: a.env } }\n"),
                ("a.env", "A.B=1\n1A=2\n_=3\n"),
            ],
            values: &[(ENVIRONMENT, "{ A.B: '1', 1A: '2', _: '3' }")],
            ..Case::default()
        },
    ]);
}

#[test]
fn files_are_named_in_several_forms() {
    for form in [
        "a.env",
        "[a.env]",
        "[./sub/../a.env]",
        "[{ path: a.env }]",
        "[{ path: a.env, required: true }]",
        "[{ path: a.env, required: false }]",
        "[{ path: a.env, format: raw }]",
        "[{ path: none.env, required: false }, a.env]",
        "[{ path: none.env, required: false, format: strange }, a.env]",
        "[{ path: '${NAME}.env', required: '${NO}' }]",
    ] {
        let file = format!("services: {{ a: {{ image: x, env_file: {form} }} }}\n");
        check(&[Case {
            name: form,
            files: &[("compose.yaml", &file), ("a.env", "A=1\n")],
            environment: &[("NAME", "a"), ("NO", "false")],
            values: &[(ENVIRONMENT, "{ A: '1' }")],
            ..Case::default()
        }]);
    }
    check(&[
        Case {
            name: "they start from the project directory",
            files: &[
                ("x/compose.yaml", "services: { a: { image: x, env_file: a.env } }\n"),
                ("x/a.env", "A=1\n"),
                ("a.env", "A=2\n"),
            ],
            compose_files: &["x/compose.yaml"],
            values: &[(ENVIRONMENT, "{ A: '1' }")],
            ..Case::default()
        },
        Case {
            name: "a tilde is the home directory",
            files: &[
                ("compose.yaml", "services: { a: { image: x, env_file: ~/a.env } }\n"),
                ("home/a.env", "A=1\n"),
            ],
            ask: Some(|input| {
                let home = input.working_directory.join("home").display().to_string();
                input.environment.insert("HOME".to_owned(), home);
            }),
            values: &[(ENVIRONMENT, "{ A: '1' }")],
            ..Case::default()
        },
        Case {
            name: "a name may start with a digit",
            files: &[
                ("compose.yaml", "services: { a: { image: x, env_file: a.env } }\n"),
                (".env", "1A=3\n"),
                ("a.env", "1A=2\n"),
            ],
            values: &[(ENVIRONMENT, "{ 1A: '2' }")],
            ..Case::default()
        },
        Case {
            name: "no file at all is one as well",
            files: &[("compose.yaml", "services: { a: { image: x, env_file: /dev/null } }\n")],
            values: &[("services.a.image", "x"), (ENVIRONMENT, "")],
            ..Case::default()
        },
        Case {
            name: "an empty list is none",
            files: &[("compose.yaml", "services: { a: { image: x, env_file: [] } }\n")],
            values: &[("services.a.image", "x"), (ENVIRONMENT, "")],
            ..Case::default()
        },
    ]);
}

#[test]
fn formats_are_raw_or_the_usual_one() {
    const TEXT: &str = "A=\"$B\" # c\n";
    let file = |format: &str| {
        format!(
            "services: {{ a: {{ image: x, env_file: [{{ path: a.env, format: {format} }}] }} }}\n"
        )
    };
    for (format, expected) in
        [("raw", "{ A: '\"$B\" # c' }"), ("''", "{ A: b }"), (".env", "{ A: b }")]
    {
        check(&[Case {
            name: format,
            files: &[("compose.yaml", &file(format)), ("a.env", TEXT)],
            environment: &[("B", "b")],
            values: &[(ENVIRONMENT, expected)],
            ..Case::default()
        }]);
    }
    check(&[Case {
        name: "another format is an error",
        files: &[("compose.yaml", &file("toml")), ("a.env", TEXT)],
        findings: &[
            "LS0205 compose.yaml:1:62 services.a.env_file[0].format: must be `raw`, but is `toml`",
        ],
        ..Case::default()
    }]);
}

#[test]
fn what_cannot_be_read_is_told_where_it_is_named() {
    check(&[
        Case {
            name: "all files that are missing are told",
            files: &[(
                "compose.yaml",
                "
services:
  a: { image: x, env_file: [none.env] }
  b: { image: x, env_file: [{ path: other.env, required: true }], label_file: none.labels }
",
            )],
            findings: &[
                "LS0201 compose.yaml:3:29 services.a.env_file[0]: none.env` does not exist",
                "LS0201 compose.yaml:4:37 services.b.env_file[0]: other.env` does not exist",
                "LS0201 compose.yaml:4:79 services.b.label_file[0]: none.labels` does not exist",
            ],
            ..Case::default()
        },
        Case {
            name: "an optional file that is there is read, whatever it is",
            files: &[
                (
                    "compose.yaml",
                    "services: { a: { image: x, env_file: [{ path: dir, required: false }] } }\n",
                ),
                ("dir/a.env", ""),
            ],
            findings: &["LS0201 compose.yaml:1:47 services.a.env_file[0]: is a directory"],
            ..Case::default()
        },
        Case {
            name: "a pipe is not opened",
            files: &[("compose.yaml", "services: { a: { image: x, env_file: pipe } }\n")],
            ask: Some(|input| {
                let pipe = input.working_directory.join("pipe");
                assert!(Command::new("mkfifo").arg(pipe).status().unwrap().success());
            }),
            findings: &[
                "LS0201 compose.yaml:1:38 services.a.env_file[0]: is a pipe, a socket or a device",
            ],
            ..Case::default()
        },
        Case {
            name: "a device is not read",
            files: &[("compose.yaml", "services: { a: { image: x, label_file: /dev/zero } }\n")],
            findings: &[
                "LS0201 compose.yaml:1:40 services.a.label_file[0]: is a pipe, a socket or a device",
            ],
            ..Case::default()
        },
        Case {
            name: "what is wrong in a file is told with the line of the file",
            files: &[
                (
                    "compose.yaml",
                    "services: { a: { image: x, env_file: a.env, label_file: a.labels } }\n",
                ),
                ("a.env", "A=1\nB C=2\n"),
                ("a.labels", "A=${B:?say it}\n"),
            ],
            findings: &[
                "LS0205 a.env:2:1 services.a.env_file[0]: a variable name cannot contain a blank",
                "LS0205 a.labels:1:1 services.a.label_file[0]: `B` is missing a value: say it",
            ],
            ..Case::default()
        },
        Case {
            name: "a variable in a file that is not set is told with the line of the file",
            files: &[
                ("compose.yaml", "services: { a: { image: x, env_file: a.env } }\n"),
                ("a.env", "A=1\nB=secret$C\n"),
            ],
            values: &[("services.a.environment.B", "secret")],
            findings: &["LS0208 a.env:2:1 services.a.env_file[0]: `C` is not set"],
            ..Case::default()
        },
    ]);
}

#[test]
fn files_of_services_that_take_no_part_are_not_read() {
    const MISSING: &str = "
services:
  a: { image: x }
  b: { image: x, profiles: [debug], env_file: none.env, label_file: none.labels }
  c: { image: x, env_file: none.env, label_file: none.labels }
";
    check(&[
        Case {
            name: "no active profile enables them",
            files: &[(
                "compose.yaml",
                &MISSING.replace("  c:", "  x-c:").replace("\n  x-c:", "\n#"),
            )],
            values: &[("services.a.image", "x"), ("services.b", "")],
            ..Case::default()
        },
        Case {
            name: "nobody selects them",
            files: &[("compose.yaml", MISSING)],
            ask: Some(|input| input.services = vec!["a".to_owned()]),
            values: &[("services.a.image", "x"), ("services.c", "")],
            ..Case::default()
        },
        Case {
            name: "otherwise they are missed",
            files: &[("compose.yaml", MISSING)],
            findings: &[
                "LS0201 compose.yaml:5:28 services.c.env_file[0]: none.env` does not exist",
                "LS0201 compose.yaml:5:50 services.c.label_file[0]: none.labels` does not exist",
            ],
            ..Case::default()
        },
    ]);
}

#[test]
fn labels_go_over_those_of_files() {
    check(&[
        Case {
            name: "one file",
            files: &[
                ("compose.yaml", "services: { a: { image: x, label_file: ./a.labels } }\n"),
                ("a.labels", "# c\nFOO=1\nWITH.DOT=ok\nWITH_UNDERSCORE=ok\nBAR='2'\n"),
            ],
            values: &[(LABELS, "{ FOO: '1', WITH.DOT: ok, WITH_UNDERSCORE: ok, BAR: '2' }")],
            ..Case::default()
        },
        Case {
            name: "several files in order, and above them the labels of the service",
            files: &[
                (
                    "compose.yaml",
                    "
services:
  a: { image: x, label_file: [1.labels, 2.labels], labels: { B: own, D: 4 } }
",
                ),
                ("1.labels", "A=1\nB=1\nC=1\n"),
                ("2.labels", "B=2\nC=2\n"),
            ],
            values: &[(LABELS, "{ A: '1', B: own, C: '2', D: '4' }")],
            ..Case::default()
        },
        Case {
            name: "values see only labels of the files before and of the lines above",
            files: &[
                (
                    "compose.yaml",
                    "
services:
  a:
    image: x
    label_file: [1.labels, 2.labels]
    labels: { OWN: own }
    environment: { VARIABLE: v }
",
                ),
                ("1.labels", "A=1\nB=$A\n"),
                ("2.labels", "C=$A${OWN-no}${VARIABLE-no}${PROJECT-no}\nD\n"),
            ],
            environment: &[("PROJECT", "p"), ("D", "d")],
            values: &[(LABELS, "{ A: '1', B: '1', C: 1nonono, OWN: own }")],
            ..Case::default()
        },
        Case {
            name: "labels without a value are empty",
            files: &[("compose.yaml", "services: { a: { image: x, labels: [a=b, c] } }\n")],
            values: &[(LABELS, "{ a: b, c: '' }")],
            ..Case::default()
        },
    ]);
}

#[test]
fn hooks_have_the_files_of_their_service_and_their_own() {
    check(&[
        Case {
            name: "variables of the hook and its files go over those of the service",
            files: &[
                (
                    "compose.yaml",
                    "
services:
  a:
    image: x
    env_file: service.env
    environment: { SERVICE: s }
    pre_start:
      - { command: echo own, env_file: hook.env, environment: { HOOK: h } }
      - { command: echo inherited }
",
                ),
                ("service.env", "SERVICE_FILE=s\nSHARED=service\n"),
                ("hook.env", "HOOK_FILE=h\nSHARED=hook\n"),
            ],
            values: &[
                (ENVIRONMENT, "{ SERVICE: s, SERVICE_FILE: s, SHARED: service }"),
                (
                    "services.a.pre_start[0].environment",
                    "{ SERVICE: s, SERVICE_FILE: s, SHARED: hook, HOOK: h, HOOK_FILE: h }",
                ),
                (
                    "services.a.pre_start[1].environment",
                    "{ SERVICE: s, SERVICE_FILE: s, SHARED: service }",
                ),
            ],
            ..Case::default()
        },
        Case {
            name: "labels of the service go over the files of the hook",
            files: &[
                (
                    "compose.yaml",
                    "
services:
  a:
    image: x
    label_file: service.labels
    labels: { SERVICE: s, OVER: service }
    pre_start:
      - { command: echo own, label_file: hook.labels, labels: { HOOK: h } }
      - { command: echo inherited }
",
                ),
                ("service.labels", "SERVICE_FILE=s\nSHARED=service\nOVER=file\n"),
                ("hook.labels", "HOOK_FILE=h\nSHARED=hook\nOVER=file\n"),
            ],
            values: &[
                (LABELS, "{ SERVICE: s, SERVICE_FILE: s, SHARED: service, OVER: service }"),
                (
                    "services.a.pre_start[0].labels",
                    "
SERVICE: s
SERVICE_FILE: s
SHARED: hook
OVER: service
HOOK: h
HOOK_FILE: h
",
                ),
                (
                    "services.a.pre_start[1].labels",
                    "{ SERVICE: s, SERVICE_FILE: s, SHARED: service, OVER: service }",
                ),
            ],
            ..Case::default()
        },
        Case {
            name: "a file that is missing is told at the hook",
            files: &[(
                "compose.yaml",
                "
services:
  a:
    image: x
    pre_start: [{ command: echo, label_file: none.labels }]
",
            )],
            findings: &[
                "LS0201 compose.yaml:5:46 services.a.pre_start[0].label_file[0]: none.labels` does not exist",
            ],
            ..Case::default()
        },
    ]);
}
