//! Section 1: which files make a project, and in which directory it lives.

use std::fs;
use std::io::Write as _;
use std::os::unix::fs::symlink;
use std::path::Path;
use std::process::{Command, Stdio};

use longshore::load::Input;

use crate::case::{Case, check};
use crate::directory::Directory;

const A: &str = "services: { a: { image: a, volumes: ['./data:/data'] } }\n";
const B: &str = "services: { a: { image: b } }\n";
const C: &str = "services: { a: { image: c } }\n";

fn enter_sub(input: &mut Input) {
    input.working_directory.push("sub");
    fs::create_dir_all(&input.working_directory).unwrap();
}

fn make_directory(input: &Input, name: &str) {
    fs::create_dir_all(input.working_directory.join(name)).unwrap();
}

fn make_pipe(input: &Input, name: &str) {
    let path = input.working_directory.join(name);
    assert!(Command::new("mkfifo").arg(path).status().unwrap().success());
}

#[test]
fn files_are_found_by_their_names() {
    let names = ["compose.yaml", "compose.yml", "docker-compose.yml", "docker-compose.yaml"];
    for name in names {
        check(&[Case {
            name,
            files: &[(name, A)],
            values: &[("services.a.image", "a")],
            ..Case::default()
        }]);
    }
    check(&[
        Case {
            name: "a project without any of these files is an error",
            files: &[("compose.json", A), ("Compose.yaml", A)],
            findings: &["LS0201: no compose file in"],
            ..Case::default()
        },
        Case {
            name: "of several names the first in this order counts, with a warning",
            files: &[
                ("docker-compose.yaml", C),
                ("docker-compose.yml", C),
                ("compose.yml", B),
                ("compose.yaml", A),
            ],
            values: &[("services.a.image", "a")],
            findings: &["LS0201: several compose files found"],
            ..Case::default()
        },
        Case {
            name: "what has the name and is no file is an error",
            ask: Some(|input| make_directory(input, "compose.yaml")),
            findings: &["LS0201: is a directory"],
            ..Case::default()
        },
    ]);
}

#[test]
fn an_override_beside_the_file_is_merged() {
    let names = [
        "compose.override.yml",
        "compose.override.yaml",
        "docker-compose.override.yml",
        "docker-compose.override.yaml",
    ];
    for name in names {
        check(&[Case {
            name,
            files: &[("compose.yml", A), (name, B)],
            values: &[("services.a.image", "b"), ("services.a.volumes[0].target", "/data")],
            ..Case::default()
        }]);
    }
    check(&[
        Case {
            name: "of several overrides the first in this order counts, with a warning",
            files: &[
                ("compose.yaml", A),
                ("docker-compose.override.yaml", C),
                ("compose.override.yaml", C),
                ("compose.override.yml", B),
            ],
            values: &[("services.a.image", "b")],
            findings: &["LS0201: several compose files found"],
            ..Case::default()
        },
        Case {
            name: "an override alone makes no project",
            files: &[("compose.override.yml", A)],
            findings: &["LS0201: no compose file in"],
            ..Case::default()
        },
        Case {
            name: "files that are named have no override",
            files: &[("compose.yaml", A), ("compose.override.yml", B)],
            compose_files: &["compose.yaml"],
            values: &[("services.a.image", "a")],
            ..Case::default()
        },
        Case {
            name: "the files of the variable have no override",
            files: &[("compose.yaml", A), ("compose.override.yml", B)],
            environment: &[("COMPOSE_FILE", "compose.yaml")],
            values: &[("services.a.image", "a")],
            ..Case::default()
        },
        Case {
            name: "an override that is a directory is an error",
            files: &[("compose.yaml", A)],
            ask: Some(|input| make_directory(input, "compose.override.yml")),
            findings: &["LS0201: is a directory"],
            ..Case::default()
        },
    ]);
}

#[test]
fn the_search_goes_upwards_to_the_nearest_file() {
    check(&[
        Case {
            name: "the directory of the file is the project directory",
            files: &[("docker-compose.yml", A)],
            ask: Some(enter_sub),
            values: &[("services.a.volumes[0].source", "<DIR>/data")],
            ..Case::default()
        },
        Case {
            name: "the override stands beside the file, not in the working directory",
            files: &[
                ("compose.yaml", A),
                ("compose.override.yaml", B),
                ("sub/compose.override.yaml", C),
            ],
            ask: Some(enter_sub),
            values: &[("services.a.image", "b")],
            ..Case::default()
        },
        Case {
            name: "a less usual name that is nearer wins",
            files: &[("compose.yaml", A), ("sub/docker-compose.yaml", B)],
            ask: Some(enter_sub),
            values: &[("services.a.image", "b")],
            ..Case::default()
        },
        Case {
            name: "the project directory is where the search begins, and it stays",
            files: &[("compose.yaml", A)],
            ask: Some(|input| input.project_directory = Some("sub/dir".into())),
            values: &[("services.a.volumes[0].source", "<DIR>/sub/dir/data")],
            ..Case::default()
        },
    ]);
}

#[test]
fn named_files_are_merged_in_order() {
    check(&[
        Case {
            name: "a later file goes over an earlier one",
            files: &[("one.yaml", A), ("two.yaml", B)],
            compose_files: &["one.yaml", "two.yaml"],
            values: &[("services.a.image", "b"), ("services.a.volumes[0].target", "/data")],
            ..Case::default()
        },
        Case {
            name: "all paths start from the directory of the first file",
            files: &[
                ("x/one.yaml", "services: { a: { image: a } }"),
                ("y/two.yaml", A),
                ("x/data", ""),
            ],
            compose_files: &["x/one.yaml", "y/two.yaml"],
            values: &[("services.a.volumes[0].source", "<DIR>/x/data")],
            ..Case::default()
        },
        Case {
            name: "a project directory moves what the files name, but not the files",
            files: &[("x/one.yaml", A)],
            compose_files: &["x/one.yaml"],
            ask: Some(|input| input.project_directory = Some("y".into())),
            values: &[("services.a.volumes[0].source", "<DIR>/y/data")],
            ..Case::default()
        },
        Case {
            name: "a file that is missing is an error",
            files: &[("compose.yaml", A)],
            compose_files: &["compose.yaml", "none.yaml"],
            findings: &["LS0201: none.yaml` does not exist"],
            ..Case::default()
        },
        Case {
            name: "a directory is an error",
            files: &[("dir/compose.yaml", A)],
            compose_files: &["dir"],
            findings: &["LS0201: dir` is a directory"],
            ..Case::default()
        },
        Case {
            name: "an empty name is the working directory",
            files: &[("compose.yaml", A)],
            compose_files: &[""],
            findings: &["LS0201: is a directory"],
            ..Case::default()
        },
    ]);
}

#[test]
fn a_variable_names_the_files() {
    check(&[
        Case {
            name: "colons separate them",
            files: &[("one.yaml", A), ("two.yaml", B)],
            environment: &[("COMPOSE_FILE", "one.yaml:two.yaml")],
            values: &[("services.a.image", "b"), ("services.a.volumes[0].target", "/data")],
            ..Case::default()
        },
        Case {
            name: "another variable names the separator",
            files: &[("one.yaml", A), ("a:b.yaml", B)],
            environment: &[
                ("COMPOSE_FILE", "one.yaml, a:b.yaml"),
                ("COMPOSE_PATH_SEPARATOR", ", "),
            ],
            values: &[("services.a.image", "b")],
            ..Case::default()
        },
        Case {
            name: "an empty separator is a colon",
            files: &[("one.yaml", A), ("two.yaml", B)],
            environment: &[("COMPOSE_FILE", "one.yaml:two.yaml"), ("COMPOSE_PATH_SEPARATOR", "")],
            values: &[("services.a.image", "b")],
            ..Case::default()
        },
        Case {
            name: "both may come from `.env`",
            files: &[
                (".env", "COMPOSE_FILE=one.yaml;two.yaml\nCOMPOSE_PATH_SEPARATOR=;\n"),
                ("one.yaml", A),
                ("two.yaml", B),
                ("compose.yaml", C),
            ],
            values: &[("services.a.image", "b")],
            ..Case::default()
        },
        Case {
            name: "files start from the working directory, and what they name from that of the first",
            files: &[("x/one.yaml", A), ("two.yaml", B)],
            environment: &[("COMPOSE_FILE", "../x/one.yaml:../two.yaml")],
            ask: Some(enter_sub),
            values: &[("services.a.image", "b"), ("services.a.volumes[0].source", "<DIR>/x/data")],
            ..Case::default()
        },
        Case {
            name: "files that are named otherwise go before",
            files: &[("one.yaml", A), ("two.yaml", B)],
            environment: &[("COMPOSE_FILE", "one.yaml:none.yaml")],
            compose_files: &["two.yaml"],
            values: &[("services.a.image", "b")],
            ..Case::default()
        },
    ]);
}

#[test]
fn what_a_variable_names_must_be_files() {
    check(&[
        Case {
            name: "all that are missing are told, also without a compose file beside them",
            files: &[("compose.yaml", A)],
            environment: &[("COMPOSE_FILE", "none.yaml:compose.yaml:other.yaml")],
            findings: &[
                "LS0201: none.yaml`, which does not exist",
                "LS0201: other.yaml`, which does not exist",
            ],
            ..Case::default()
        },
        Case {
            name: "the line of `.env` is shown",
            files: &[("compose.yaml", A), (".env", "A=1\nCOMPOSE_FILE=none.yaml\n")],
            findings: &["LS0201 .env:2:1: none.yaml`, which does not exist"],
            ..Case::default()
        },
        Case {
            name: "a directory is no file",
            files: &[("compose.yaml", A)],
            environment: &[("COMPOSE_FILE", ".")],
            findings: &["LS0201: is a directory"],
            ..Case::default()
        },
        Case {
            name: "a pipe is no file",
            environment: &[("COMPOSE_FILE", "pipe")],
            ask: Some(|input| make_pipe(input, "pipe")),
            findings: &["LS0201: is no regular file"],
            ..Case::default()
        },
        Case {
            name: "an empty variable names nothing, and does not start a search",
            files: &[("compose.yaml", A)],
            environment: &[("COMPOSE_FILE", "")],
            findings: &["LS0201: `COMPOSE_FILE` is empty"],
            ..Case::default()
        },
        Case {
            name: "an empty entry is an error",
            files: &[("compose.yaml", A)],
            environment: &[("COMPOSE_FILE", "compose.yaml:")],
            findings: &["LS0201: `COMPOSE_FILE` has an empty entry"],
            ..Case::default()
        },
    ]);
}

#[test]
fn files_elsewhere_have_to_be_fetched_first() {
    const MESSAGE: &str = "is not on this machine, and longshore fetches no compose files";
    for reference in [
        "oci://registry.example/app:1",
        "https://example.org/app.git#main:deploy",
        "https://example.org/compose.yaml",
        "git://example.org/app",
        "ssh://git@example.org/app",
        "git@example.org:org/app.git",
        "github.com/org/app",
    ] {
        let finding = format!("LS0212: `{reference}` {MESSAGE}");
        let include = format!("include: ['{reference}']\n");
        let include_finding = finding.replace("LS0212", "LS0212 compose.yaml:1:11 include[0]");
        let extends = format!(
            "services:\n  a:\n    extends: {{ service: b, file: '{reference}' }}\n    image: x\n"
        );
        let extends_finding =
            finding.replace("LS0212", "LS0212 compose.yaml:3:25 services.a.extends");
        check(&[
            Case {
                name: reference,
                compose_files: &[reference],
                findings: &[&finding],
                ..Case::default()
            },
            Case {
                name: reference,
                environment: &[("COMPOSE_FILE", reference), ("COMPOSE_PATH_SEPARATOR", ",")],
                findings: &[&finding],
                ..Case::default()
            },
            Case {
                name: reference,
                environment: &[("COMPOSE_FILE", reference)],
                findings: &[&finding],
                ..Case::default()
            },
            Case {
                name: reference,
                files: &[("compose.yaml", &include)],
                findings: &[&include_finding],
                ..Case::default()
            },
            Case {
                name: reference,
                files: &[("compose.yaml", &extends)],
                findings: &[&extends_finding],
                ..Case::default()
            },
        ]);
    }
    check(&[
        Case {
            name: "all of them are told",
            compose_files: &["oci://r.example/a", "compose.yaml", "git@h.example:b"],
            findings: &["LS0212: `git@h.example:b`", "LS0212: `oci://r.example/a`"],
            ..Case::default()
        },
        Case {
            name: "one in a longer list is told as well",
            files: &[("compose.yaml", A)],
            environment: &[
                ("COMPOSE_FILE", "compose.yaml;oci://r.example/a"),
                ("COMPOSE_PATH_SEPARATOR", ";"),
            ],
            findings: &["LS0212: `oci://r.example/a`"],
            ..Case::default()
        },
    ]);
}

#[test]
fn what_files_name_must_be_files_too() {
    check(&[
        Case {
            name: "a pipe is not opened to include it",
            files: &[("compose.yaml", "include: [pipe]\n")],
            ask: Some(|input| make_pipe(input, "pipe")),
            findings: &["LS0201 compose.yaml:1:11 include[0]: is a pipe, a socket or a device"],
            ..Case::default()
        },
        Case {
            name: "a device is not read to include it",
            files: &[("compose.yaml", "include: [{ path: /dev/zero }]\n")],
            findings: &["LS0201 compose.yaml:1:19 include[0]: is a pipe, a socket or a device"],
            ..Case::default()
        },
    ]);
}

/// What `convert` prints when standard input has this text: the image of the service `a`.
fn image(directory: &Path, arguments: &[&str], variables: &[(&str, &str)], text: &str) -> String {
    let mut child = Command::new(env!("CARGO_BIN_EXE_longshore"))
        .args(arguments)
        .args(["-p", "app", "convert"])
        .env_clear()
        .envs(variables.iter().copied())
        .current_dir(directory)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    child.stdin.take().unwrap().write_all(text.as_bytes()).unwrap();
    let output = child.wait_with_output().unwrap();
    let printed = String::from_utf8(output.stdout).unwrap();
    let image = printed
        .lines()
        .find_map(|line| line.trim_start_matches(['-', ' ']).strip_prefix("image: "));
    image.map_or_else(|| String::from_utf8(output.stderr).unwrap(), str::to_owned)
}

#[test]
fn standard_input_is_a_file_as_well() {
    let directory = Directory::new(&[("b.yaml", B), ("compose.yaml", C)]);
    let image = |arguments: &[&str], variables: &[(&str, &str)]| {
        image(directory.path(), arguments, variables, "services: { a: { image: stdin } }")
    };
    assert_eq!(image(&["-f", "-"], &[]), "stdin");
    assert_eq!(image(&["-f", "-", "-f", "-"], &[]), "stdin");
    assert_eq!(image(&["-f", "-", "-f", "b.yaml"], &[]), "b");
    assert_eq!(image(&["-f", "b.yaml", "-f", "-"], &[]), "stdin");
    assert_eq!(image(&[], &[("COMPOSE_FILE", "b.yaml:-")]), "stdin");
    assert_eq!(image(&[], &[("COMPOSE_FILE", "-")]), "stdin");
}

#[test]
fn a_pipe_may_be_named_on_the_command_line() {
    let directory = Directory::new(&[]);
    let text = "services: { a: { image: pipe } }";
    assert_eq!(image(directory.path(), &["-f", "/dev/stdin"], &[], text), "pipe");
}

#[test]
fn standard_input_has_no_directory() {
    let directory =
        Directory::new(&[("x/b.yaml", "services: { a: { env_file: a.env } }"), ("x/a.env", "A=1")]);
    let text = "services: { a: { image: stdin, env_file: a.env } }";
    let arguments = ["-f", "-", "-f", "x/b.yaml"];
    assert_eq!(image(directory.path(), &arguments, &[], text), "stdin");
    let told = image(directory.path(), &["-f", "-"], &[], text);
    assert!(told.contains("a.env` does not exist") && told.contains("-:1:42"), "{told}");
}

#[test]
fn links_to_files_are_files() {
    check(&[Case {
        name: "a link keeps its own directory",
        files: &[("real/file.yaml", A)],
        ask: Some(|input| {
            let link = input.working_directory.join("compose.yaml");
            symlink("real/file.yaml", link).unwrap();
        }),
        values: &[("services.a.volumes[0].source", "<DIR>/data")],
        ..Case::default()
    }]);
}
