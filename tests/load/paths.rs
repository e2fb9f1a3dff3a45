//! Section 11: where relative paths start.

use std::os::unix::fs::symlink;

use longshore::load::{Input, load_literal};

use crate::case::{Case, check};
use crate::directory::Directory;

fn case<'a>(
    name: &'a str,
    text: &'a [(&'a str, &'a str)],
    values: &'a [(&'a str, &'a str)],
) -> Case<'a> {
    Case { name, files: text, values, ..Case::default() }
}

#[test]
fn contexts_of_builds() {
    check(&[
        case(
            "a path below the project",
            &[("compose.yaml", "services: {a: {build: {context: ./sub, dockerfile: Own}}}")],
            &[("services.a.build", "{context: <DIR>/sub, dockerfile: Own}")],
        ),
        case(
            "steps up and down",
            &[("compose.yaml", "services: {a: {build: x/./y/../z}}")],
            &[("services.a.build.context", "<DIR>/x/z")],
        ),
        case(
            "an absolute path stays as it is",
            &[("compose.yaml", "services: {a: {build: /x/../y}}")],
            &[("services.a.build.context", "/x/../y")],
        ),
        case(
            "the home directory",
            &[("compose.yaml", "services: {a: {build: ~/x}, b: {build: '~'}, c: {build: ~x}}")],
            &[
                ("services.a.build.context", "/home/me/x"),
                ("services.b.build.context", "/home/me"),
                ("services.c.build.context", "/home/me/x"),
            ],
        ),
        case(
            "remote contexts are no paths",
            &[(
                "compose.yaml",
                "
services:
  https: {build: 'https://github.com/a/b.git#main:sub'}
  http: {build: 'http://x/y.tar'}
  git: {build: 'git://x/y'}
  ssh: {build: 'ssh://x/y'}
  at: {build: 'git@github.com:a/b.git'}
  github: {build: github.com/a/b}
  image: {build: 'docker-image://foo'}
  word: {build: 'other:x'}
",
            )],
            &[
                ("services.https.build.context", "https://github.com/a/b.git#main:sub"),
                ("services.http.build.context", "http://x/y.tar"),
                ("services.git.build.context", "git://x/y"),
                ("services.ssh.build.context", "ssh://x/y"),
                ("services.at.build.context", "git@github.com:a/b.git"),
                ("services.github.build.context", "github.com/a/b"),
                ("services.image.build.context", "docker-image://foo"),
                ("services.word.build.context", "<DIR>/other:x"),
            ],
        ),
    ]);
}

#[test]
fn what_a_build_needs_besides() {
    check(&[
        case(
            "additional contexts are paths, unless they are something else",
            &[(
                "compose.yaml",
                "
services:
  a:
    build:
      context: .
      additional_contexts:
        image: docker-image://foo
        oci: oci-layout://foo
        service: service:b
        absolute: /dir
        home: ~/dir
        github: github.com/a/b
        at: git@github.com:a/b.git
        relative: ./sub/../x
  b: {build: .}
",
            )],
            &[(
                "services.a.build.additional_contexts",
                "
image: docker-image://foo
oci: oci-layout://foo
service: service:b
absolute: /dir
home: /home/me/dir
github: github.com/a/b
at: git@github.com:a/b.git
relative: <DIR>/x
",
            )],
        ),
        case(
            "keys are files",
            &[(
                "compose.yaml",
                "services: {a: {build: {ssh: [default, near=./keys/k, home=~/k, far=/k]}}}",
            )],
            &[(
                "services.a.build.ssh",
                "{default: , near: <DIR>/keys/k, home: /home/me/k, far: /k}",
            )],
        ),
    ]);
}

#[test]
fn sources_of_mounts() {
    check(&[
        case(
            "short and long, relative and absolute",
            &[(
                "compose.yaml",
                "
services:
  a:
    image: x
    volumes:
      - .:/a
      - ./b/../c/:/b
      - /x//y/..:/c
      - ~/d:/d
      - {type: bind, source: e, target: /e}
      - {type: bind, source: '.', target: /f}
      - {type: bind, source: '', target: /g}
",
            )],
            &[
                ("services.a.volumes[0].source", "<DIR>"),
                ("services.a.volumes[1].source", "<DIR>/c"),
                ("services.a.volumes[2].source", "/x//y/.."),
                ("services.a.volumes[3].source", "/home/me/d"),
                ("services.a.volumes[4].source", "<DIR>/e"),
                ("services.a.volumes[5].source", "<DIR>"),
                ("services.a.volumes[6].source", "<DIR>"),
            ],
        ),
        case(
            "paths of Windows are absolute",
            &[(
                "compose.yaml",
                r"
services:
  a:
    image: x
    volumes:
      - {type: bind, source: 'z:\', target: 'c:\data'}
      - {type: bind, source: 'Z:\some-dir', target: 'C:\more'}
      - {type: bind, source: '\\host\share', target: /x}
      - {type: bind, source: /z/some-dir, target: /c/data}
",
            )],
            &[
                ("services.a.volumes[0].source", r"z:\"),
                ("services.a.volumes[0].target", r"c:\data"),
                ("services.a.volumes[1].source", r"Z:\some-dir"),
                ("services.a.volumes[2].source", r"\\host\share"),
                ("services.a.volumes[3].source", "/z/some-dir"),
                ("services.a.volumes[3].target", "/c/data"),
            ],
        ),
        Case {
            findings: &[
                "LS0205 compose.yaml:2:51 services.b.volumes[0]: a bind mount needs a source",
                "LS0205 compose.yaml:3:58 jobs.j.volumes[0]: a bind mount needs a source",
            ],
            ..case(
                "a bind mount without a source, though no profile enables it",
                &[(
                    "compose.yaml",
                    "services: {a: {image: x},
           b: {image: x, profiles: [p], volumes: [{type: bind, target: /a}]}}
jobs: {j: {image: x, triggers: {manual: true}, volumes: [{type: bind, target: /a}],
           profiles: [p]}}
",
                )],
                &[],
            )
        },
        Case {
            findings: &[
                "LS0205 compose.yaml:1:36 services.a.volumes[0]: a bind mount needs a source",
            ],
            ..case(
                "a bind mount without a source",
                &[(
                    "compose.yaml",
                    "services: {a: {image: x, volumes: [{type: bind, target: /a}]}}",
                )],
                &[],
            )
        },
        Case {
            environment: &[("HOME", "")],
            ask: Some(|input: &mut Input| {
                input.environment.remove("HOME");
            }),
            findings: &["LS0208 compose.yaml:1:37 services.a.volumes[0].source: `HOME` is not set"],
            ..case(
                "the home directory of nobody",
                &[("compose.yaml", "services: {a: {image: x, volumes: ['~/a:/a']}}")],
                &[("services.a.volumes[0].source", "<DIR>/~/a")],
            )
        },
    ]);
}

#[test]
fn volumes_that_are_bind_mounts() {
    check(&[case(
        "only of the driver `local`, and only when `o` is `bind`",
        &[(
            "compose.yaml",
            "
services:
  a: {image: x, volumes: ['local:/a', 'no-driver:/b', 'other-o:/c', 'no-o:/d', 'nfs:/e']}
volumes:
  local: {driver: local, driver_opts: {type: none, o: bind, device: ./data}}
  no-driver: {driver_opts: {type: none, o: bind, device: ./data}}
  other-o: {driver: local, driver_opts: {o: 'bind,ro', device: ./data}}
  no-o: {driver: local, driver_opts: {device: ./data}}
  nfs: {driver: nfs, driver_opts: {o: bind, device: ./data}}
",
        )],
        &[
            ("volumes.local.driver_opts.device", "<DIR>/data"),
            ("volumes.no-driver.driver_opts.device", "./data"),
            ("volumes.other-o.driver_opts.device", "./data"),
            ("volumes.no-o.driver_opts.device", "./data"),
            ("volumes.nfs.driver_opts.device", "./data"),
        ],
    )]);
}

#[test]
fn files() {
    check(&[case(
        "of configs and secrets, variables and labels",
        &[
            (
                "compose.yaml",
                "
services:
  a:
    image: x
    env_file: [sub/one.env, {path: ./two.env, required: false}]
    label_file: ./sub/../labels
    configs: [c, d, e]
    secrets: [s]
configs: {c: {file: ./sub/../c}, d: {file: 'C:\\x'}, e: {file: ~/e}}
secrets: {s: {file: s.txt}}
",
            ),
            ("sub/one.env", "ONE=1"),
            ("two.env", "TWO=2"),
            ("labels", "a=b"),
        ],
        &[
            ("services.a.environment", "{ONE: '1', TWO: '2'}"),
            ("services.a.labels", "{a: b}"),
            ("configs.c.file", "<DIR>/c"),
            ("configs.d.file", r"C:\x"),
            ("configs.e.file", "/home/me/e"),
            ("secrets.s.file", "<DIR>/s.txt"),
        ],
    )]);
}

/// What is read below `~`.
#[test]
fn files_in_the_home_directory() {
    check(&[Case {
        ask: Some(|input| {
            let home = input.working_directory.join("home").display().to_string();
            input.environment.insert("HOME".to_owned(), home);
        }),
        ..case(
            "a tilde where files of the project are named",
            &[
                (
                    "compose.yaml",
                    "
include: [{path: ~/in.yaml, project_directory: ~/sub, env_file: ~/in.env}]
services: {a: {label_file: ~/labels, extends: {file: ~/base.yaml, service: b}}}
",
                ),
                ("home/in.yaml", "services: {i: {image: 'x:${TAG}', build: ./i}}"),
                ("home/in.env", "TAG=1"),
                ("home/labels", "l=1"),
                ("home/base.yaml", "services: {b: {image: x, build: ./b}}"),
            ],
            &[
                ("services.i.image", "'x:1'"),
                ("services.i.build.context", "<DIR>/home/sub/i"),
                ("services.a.labels", "{l: '1'}"),
                ("services.a.build.context", "<DIR>/home/b"),
            ],
        )
    }]);
}

#[test]
fn the_directory_that_paths_start_from() {
    let files: &[(&str, &str)] = &[
        ("sub/compose.yaml", "services: {a: {image: x, volumes: ['./a:/a']}}"),
        ("other/more.yaml", "services: {a: {volumes: ['./b:/b']}}"),
    ];
    check(&[
        Case {
            compose_files: &["sub/compose.yaml", "other/more.yaml"],
            ..case(
                "that of the first file, for all files",
                files,
                &[
                    ("services.a.volumes[0].source", "<DIR>/sub/a"),
                    ("services.a.volumes[1].source", "<DIR>/sub/b"),
                ],
            )
        },
        Case {
            compose_files: &["sub/compose.yaml", "other/more.yaml"],
            ask: Some(|input: &mut Input| input.project_directory = Some("third".into())),
            ..case(
                "or the one that is asked for",
                files,
                &[
                    ("services.a.volumes[0].source", "<DIR>/third/a"),
                    ("services.a.volumes[1].source", "<DIR>/third/b"),
                ],
            )
        },
    ]);
}

#[test]
fn watched_paths() {
    let link = |input: &mut Input| {
        std::fs::create_dir(input.working_directory.join("real")).unwrap();
        symlink("real", input.working_directory.join("link")).unwrap();
    };
    check(&[Case {
        ask: Some(link),
        ..case(
            "changes are told behind a symbolic link",
            &[(
                "compose.yaml",
                "
services:
  a:
    image: x
    develop:
      watch:
        - {path: ./webapp, action: sync, target: /var/www, ignore: node_modules/}
        - {path: link, action: rebuild}
        - {path: ./link/none/below, action: rebuild}
        - {path: ~/app, action: rebuild}
",
            )],
            &[
                ("services.a.develop.watch[0].path", "<DIR>/webapp"),
                ("services.a.develop.watch[0].target", "/var/www"),
                ("services.a.develop.watch[0].ignore", "[node_modules/]"),
                ("services.a.develop.watch[1].path", "<DIR>/real"),
                ("services.a.develop.watch[2].path", "<DIR>/real/none/below"),
                ("services.a.develop.watch[3].path", "/home/me/app"),
            ],
        )
    }]);
}

#[test]
fn watched_paths_that_lead_through_a_broken_link() {
    let link = |input: &mut Input| {
        symlink("nowhere", input.working_directory.join("link")).unwrap();
    };
    check(&[Case {
        ask: Some(link),
        findings: &[
            "LS0201 compose.yaml:1:51 services.a.develop.watch[0].path: broken symbolic link",
        ],
        ..case(
            "they cannot be watched",
            &[(
                "compose.yaml",
                "services: {a: {image: x, develop: {watch: [{path: link/x, action: rebuild}]}}}",
            )],
            &[],
        )
    }]);
}

/// Paths in lists of contexts, of keys and in hooks stayed relative; those of Windows did not stay.
#[test]
fn paths_beside_variables_that_stay_become_absolute() {
    let directory = Directory::new(&[(
        "compose.yaml",
        r"
services:
  a:
    image: $A
    build:
      context: ./ctx
      args: {X: $A}
      additional_contexts: [a=./x, b=docker-image://y, c=$A/z, d=./$A]
      ssh: [default, k=./key]
    pre_start:
      - {user: $A, env_file: ./h.env, label_file: [h.labels], volumes: ['./h:/h']}
configs: {c: {file: 'C:\c.txt', name: $A}, d: {file: d.txt, name: $A}}
volumes:
  local: {name: $A, driver: local, driver_opts: {o: bind, device: ./v}}
  other: {name: $A, driver: nfs, driver_opts: {o: bind, device: ./v}}
",
    )]);
    let (tree, _) = load_literal(&directory.input());
    let tree = tree.unwrap();
    let root = directory.input().working_directory.display().to_string();
    for (pointer, expected) in [
        ("/services/a/build/context", "<DIR>/ctx"),
        ("/services/a/build/additional_contexts/0", "a=<DIR>/x"),
        ("/services/a/build/additional_contexts/1", "b=docker-image://y"),
        ("/services/a/build/additional_contexts/2", "c=$A/z"),
        ("/services/a/build/additional_contexts/3", "d=<DIR>/$A"),
        ("/services/a/build/ssh/0", "default"),
        ("/services/a/build/ssh/1", "k=<DIR>/key"),
        ("/services/a/pre_start/0/env_file", "<DIR>/h.env"),
        ("/services/a/pre_start/0/label_file/0", "<DIR>/h.labels"),
        ("/services/a/pre_start/0/volumes/0", "<DIR>/h:/h"),
        ("/configs/c/file", r"C:\c.txt"),
        ("/configs/d/file", "<DIR>/d.txt"),
        ("/volumes/local/driver_opts/device", "<DIR>/v"),
        ("/volumes/other/driver_opts/device", "./v"),
    ] {
        let found = tree.pointer(pointer).and_then(serde_json::Value::as_str);
        assert_eq!(found, Some(expected.replace("<DIR>", &root).as_str()), "{pointer}");
    }
}
