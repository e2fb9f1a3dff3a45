//! Section 2: the variables that a project sees.

use std::fs;
use std::process::Command;

use longshore::load::Input;

use crate::case::{Case, check};

/// Shows two variables as labels.
const SHOW: &str = "services: { a: { image: x, labels: { a: '${A-unset}', b: '${B-unset}' } } }\n";
const A: &str = "services.a.labels.a";
const B: &str = "services.a.labels.b";

fn env_files(input: &mut Input, files: &[&str]) {
    input.env_files = files.iter().map(Into::into).collect();
}

fn enter_sub(input: &mut Input) {
    input.working_directory.push("sub");
    fs::create_dir_all(&input.working_directory).unwrap();
}

#[test]
fn the_process_environment_goes_before_dotenv() {
    check(&[
        Case {
            name: "what only one of them sets counts",
            files: &[("compose.yaml", SHOW), (".env", "A=dotenv\n")],
            environment: &[("B", "process")],
            values: &[(A, "dotenv"), (B, "process")],
            ..Case::default()
        },
        Case {
            name: "what both set is that of the process",
            files: &[("compose.yaml", SHOW), (".env", "A=dotenv\nB=${A}\n")],
            environment: &[("A", "process")],
            values: &[(A, "process"), (B, "process")],
            ..Case::default()
        },
        Case {
            name: "an empty variable is set",
            files: &[("compose.yaml", SHOW), (".env", "A=dotenv\n")],
            environment: &[("A", "")],
            values: &[(A, "''")],
            ..Case::default()
        },
        Case {
            name: "values see the lines above",
            files: &[("compose.yaml", SHOW), (".env", "A=dotenv\nB=${A}\n")],
            values: &[(A, "dotenv"), (B, "dotenv")],
            ..Case::default()
        },
        Case {
            name: "a name without a value is that of the process, or not set",
            files: &[("compose.yaml", SHOW), (".env", "A\nB\n")],
            environment: &[("A", "process")],
            values: &[(A, "process"), (B, "unset")],
            ..Case::default()
        },
        Case {
            name: "names differ by their case",
            files: &[("compose.yaml", SHOW), (".env", "a=dotenv\nB=dotenv\n")],
            environment: &[("b", "process")],
            values: &[(A, "unset"), (B, "dotenv")],
            ..Case::default()
        },
        Case {
            name: "a port may come from `.env`",
            files: &[
                ("compose.yaml", "services: { a: { image: x, ports: ['${PORT}:80'] } }\n"),
                (".env", "PORT=8000\n"),
            ],
            values: &[("services.a.ports[0].published", "'8000'")],
            ..Case::default()
        },
    ]);
}

#[test]
fn the_default_file_is_that_of_the_project() {
    check(&[
        Case {
            name: "with a named file it is that beside it, not that of the working directory",
            files: &[
                ("x/compose.yaml", SHOW),
                ("x/.env", "A=beside\n"),
                (".env", "A=working\nB=working\n"),
            ],
            compose_files: &["x/compose.yaml"],
            values: &[(A, "beside"), (B, "unset")],
            ..Case::default()
        },
        Case {
            name: "with a project directory it is that of the project directory",
            files: &[("x/compose.yaml", SHOW), ("x/.env", "A=beside\n"), ("y/.env", "A=project\n")],
            compose_files: &["x/compose.yaml"],
            ask: Some(|input| input.project_directory = Some("y".into())),
            values: &[(A, "project")],
            ..Case::default()
        },
        Case {
            name: "with a file found above, that of the file fills what the nearer one leaves",
            files: &[
                ("compose.yaml", SHOW),
                (".env", "A=above\nB=above\n"),
                ("sub/.env", "A=working\n"),
            ],
            ask: Some(enter_sub),
            values: &[(A, "working"), (B, "above")],
            ..Case::default()
        },
        Case {
            name: "with a variable for the files, that of the first file fills the rest as well",
            files: &[
                ("x/compose.yaml", SHOW),
                ("x/.env", "A=beside\nB=beside\n"),
                (".env", "A=working\nCOMPOSE_FILE=x/compose.yaml\n"),
            ],
            values: &[(A, "working"), (B, "beside")],
            ..Case::default()
        },
        Case {
            name: "a directory of this name is no file",
            files: &[("compose.yaml", SHOW), (".env/x", "A=1\n")],
            values: &[(A, "unset")],
            ..Case::default()
        },
        Case {
            name: "a link to a file is a file",
            files: &[("compose.yaml", SHOW), ("x/real", "A=linked\n")],
            ask: Some(|input| {
                let link = input.working_directory.join(".env");
                std::os::unix::fs::symlink("x/real", link).unwrap();
            }),
            values: &[(A, "linked")],
            ..Case::default()
        },
        Case {
            name: "a pipe of this name is not opened, and not passed over",
            files: &[("compose.yaml", SHOW)],
            ask: Some(|input| {
                let pipe = input.working_directory.join(".env");
                assert!(Command::new("mkfifo").arg(pipe).status().unwrap().success());
            }),
            findings: &["LS0201: .env` is a pipe, a socket or a device"],
            ..Case::default()
        },
        Case {
            name: "what is wrong in it is told with its line",
            files: &[("compose.yaml", SHOW), (".env", "A=1\nB='2\n")],
            findings: &["LS0205 .env:2:3: the quoted value has no end"],
            ..Case::default()
        },
        Case {
            name: "a variable in it that is not set is told with its line",
            files: &[("compose.yaml", SHOW), (".env", "A=1\nB=2$C\n")],
            values: &[(B, "'2'")],
            findings: &["LS0208 .env:2:1: `C` is not set"],
            ..Case::default()
        },
    ]);
}

#[test]
fn named_files_take_the_place_of_the_default_one() {
    check(&[
        Case {
            name: "the default one is not read",
            files: &[("compose.yaml", SHOW), (".env", "B=default\n"), ("x/a.env", "A=named\n")],
            ask: Some(|input| env_files(input, &["x/a.env"])),
            values: &[(A, "named"), (B, "unset")],
            ..Case::default()
        },
        Case {
            name: "unless it is named",
            files: &[("compose.yaml", SHOW), (".env", "A=1\nB=1\n"), ("b.env", "B=2\n")],
            ask: Some(|input| env_files(input, &[".env", "b.env"])),
            values: &[(A, "'1'"), (B, "'2'")],
            ..Case::default()
        },
        Case {
            name: "a later file goes over an earlier one",
            files: &[
                ("compose.yaml", SHOW),
                ("base.env", "A=base\nB=http://${A}\n"),
                ("more.env", "A=more\nB=http://${A}\n"),
            ],
            ask: Some(|input| env_files(input, &["base.env", "more.env"])),
            values: &[(A, "more"), (B, "http://more")],
            ..Case::default()
        },
        Case {
            name: "in values the process goes before both",
            files: &[
                ("compose.yaml", SHOW),
                ("base.env", "HOST=base\nA=http://${HOST}\n"),
                ("more.env", "HOST=more\nB=http://${HOST}\n"),
            ],
            environment: &[("HOST", "process")],
            ask: Some(|input| env_files(input, &["base.env", "more.env"])),
            values: &[(A, "http://process"), (B, "http://process")],
            ..Case::default()
        },
        Case {
            name: "a later file sees the values of an earlier one",
            files: &[("compose.yaml", SHOW), ("1.env", "A=one\n"), ("2.env", "B=$A\n")],
            ask: Some(|input| env_files(input, &["1.env", "2.env"])),
            values: &[(B, "one")],
            ..Case::default()
        },
        Case {
            name: "they start from the working directory",
            files: &[("x/compose.yaml", SHOW), ("a.env", "A=named\n")],
            compose_files: &["x/compose.yaml"],
            ask: Some(|input| env_files(input, &["a.env"])),
            values: &[(A, "named")],
            ..Case::default()
        },
        Case {
            name: "no file at all is one as well",
            files: &[("compose.yaml", SHOW), (".env", "A=default\n")],
            ask: Some(|input| env_files(input, &["/dev/null"])),
            values: &[(A, "unset")],
            ..Case::default()
        },
        Case {
            name: "all that cannot be read are told",
            files: &[("compose.yaml", SHOW), ("dir/x", "")],
            ask: Some(|input| env_files(input, &["none.env", "dir", "/dev/zero"])),
            findings: &[
                "LS0201: `/dev/zero` is a pipe, a socket or a device",
                "LS0201: dir` is a directory",
                "LS0201: none.env` does not exist",
            ],
            ..Case::default()
        },
    ]);
}

#[test]
fn a_variable_of_the_process_names_the_files() {
    check(&[
        Case {
            name: "commas separate them, and empty entries are none",
            files: &[
                ("compose.yaml", SHOW),
                ("1.env", "A=1\nB=1\n"),
                ("2.env", "B=2\n"),
                (".env", "A=default\n"),
            ],
            environment: &[("COMPOSE_ENV_FILES", "1.env,,2.env,")],
            values: &[(A, "'1'"), (B, "'2'")],
            ..Case::default()
        },
        Case {
            name: "blanks belong to the names",
            files: &[("compose.yaml", SHOW), ("1.env", "A=1\n"), (" 2.env", "B=2\n")],
            environment: &[("COMPOSE_ENV_FILES", "1.env, 2.env")],
            values: &[(A, "'1'"), (B, "'2'")],
            ..Case::default()
        },
        Case {
            name: "files of the command line go before",
            files: &[("compose.yaml", SHOW), ("1.env", "A=1\n"), ("2.env", "B=2\n")],
            environment: &[("COMPOSE_ENV_FILES", "1.env")],
            ask: Some(|input| env_files(input, &["2.env"])),
            values: &[(A, "unset"), (B, "'2'")],
            ..Case::default()
        },
        Case {
            name: "an empty variable names none",
            files: &[("compose.yaml", SHOW), (".env", "A=default\n")],
            environment: &[("COMPOSE_ENV_FILES", "")],
            values: &[(A, "default")],
            ..Case::default()
        },
        Case {
            name: "in `.env` it comes too late",
            files: &[
                ("compose.yaml", SHOW),
                (".env", "A=default\nCOMPOSE_ENV_FILES=1.env\n"),
                ("1.env", "A=1\n"),
            ],
            values: &[(A, "default")],
            ..Case::default()
        },
        Case {
            name: "a file that is missing is an error",
            files: &[("compose.yaml", SHOW)],
            environment: &[("COMPOSE_ENV_FILES", "none.env")],
            findings: &["LS0201: none.env` does not exist"],
            ..Case::default()
        },
    ]);
}

#[test]
fn a_variable_turns_the_default_file_off() {
    for yes in ["1", "t", "T", "true", "TRUE", "True"] {
        check(&[Case {
            name: yes,
            files: &[("compose.yaml", SHOW), (".env", "A=default\n")],
            environment: &[("COMPOSE_DISABLE_ENV_FILE", yes)],
            values: &[(A, "unset")],
            ..Case::default()
        }]);
    }
    for no in ["0", "f", "F", "false", "FALSE", "False"] {
        check(&[Case {
            name: no,
            files: &[("compose.yaml", SHOW), (".env", "A=default\n")],
            environment: &[("COMPOSE_DISABLE_ENV_FILE", no)],
            values: &[(A, "default")],
            ..Case::default()
        }]);
    }
    for wrong in ["", "yes", "2", "tRUE"] {
        check(&[Case {
            name: wrong,
            files: &[("compose.yaml", SHOW), (".env", "A=default\n")],
            environment: &[("COMPOSE_DISABLE_ENV_FILE", wrong)],
            findings: &["LS0205: `COMPOSE_DISABLE_ENV_FILE` must be `true` or `false`"],
            ..Case::default()
        }]);
    }
    check(&[
        Case {
            name: "files that are named are read nevertheless",
            files: &[("compose.yaml", SHOW), (".env", "A=default\n"), ("b.env", "B=named\n")],
            environment: &[("COMPOSE_DISABLE_ENV_FILE", "maybe")],
            ask: Some(|input| env_files(input, &["b.env"])),
            values: &[(A, "unset"), (B, "named")],
            ..Case::default()
        },
        Case {
            name: "the file may turn itself off, all but what it says to Compose",
            files: &[
                ("x.yaml", SHOW),
                (".env", "A=default\nCOMPOSE_DISABLE_ENV_FILE=1\nCOMPOSE_FILE=x.yaml\n"),
            ],
            values: &[(A, "unset")],
            ..Case::default()
        },
        Case {
            name: "unless the process says otherwise",
            files: &[("compose.yaml", SHOW), (".env", "A=default\nCOMPOSE_DISABLE_ENV_FILE=1\n")],
            environment: &[("COMPOSE_DISABLE_ENV_FILE", "0")],
            values: &[(A, "default")],
            ..Case::default()
        },
        Case {
            name: "what it says must be right there as well",
            files: &[("compose.yaml", SHOW), (".env", "A=1\nCOMPOSE_DISABLE_ENV_FILE=maybe\n")],
            findings: &["LS0205 .env:2:1: must be `true` or `false`, but is `maybe`"],
            ..Case::default()
        },
    ]);
}

#[test]
fn the_working_directory_is_a_variable() {
    const WHERE: &str = "services: { a: { image: x, volumes: ['${PWD}/data:/data'] } }\n";
    check(&[
        Case {
            name: "that of the command, not that of the project",
            files: &[("compose.yaml", WHERE)],
            ask: Some(enter_sub),
            values: &[("services.a.volumes[0].source", "<DIR>/sub/data")],
            ..Case::default()
        },
        Case {
            name: "unless the process sets it",
            files: &[("compose.yaml", WHERE)],
            environment: &[("PWD", "/elsewhere")],
            values: &[("services.a.volumes[0].source", "/elsewhere/data")],
            ..Case::default()
        },
    ]);
}

#[test]
fn a_variable_activates_profiles() {
    const PROFILES: &str = "
services:
  a: { image: x }
  b: { image: x, profiles: [p] }
  c: { image: x, profiles: [q] }
";
    const ALL: &str = "services.c.image";
    check(&[
        Case {
            name: "commas separate them, with or without blanks",
            files: &[("compose.yaml", PROFILES)],
            environment: &[("COMPOSE_PROFILES", " p , q")],
            values: &[("services.b.image", "x"), (ALL, "x")],
            ..Case::default()
        },
        Case {
            name: "it may come from `.env`",
            files: &[("compose.yaml", PROFILES), (".env", "COMPOSE_PROFILES=p\n")],
            values: &[("services.b.image", "x"), (ALL, "")],
            ..Case::default()
        },
        Case {
            name: "an asterisk is all of them",
            files: &[("compose.yaml", PROFILES)],
            environment: &[("COMPOSE_PROFILES", "*")],
            values: &[("services.b.image", "x"), (ALL, "x")],
            ..Case::default()
        },
        Case {
            name: "profiles of the command line go before",
            files: &[("compose.yaml", PROFILES)],
            environment: &[("COMPOSE_PROFILES", "p")],
            profiles: &["q"],
            values: &[("services.b.image", ""), (ALL, "x")],
            ..Case::default()
        },
        Case {
            name: "an empty variable is none",
            files: &[("compose.yaml", PROFILES)],
            environment: &[("COMPOSE_PROFILES", "")],
            values: &[("services.b.image", ""), ("services.a.image", "x")],
            ..Case::default()
        },
    ]);
}
