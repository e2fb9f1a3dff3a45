//! Section 6: what a project is called.

use std::fs;
use std::os::unix::fs::symlink;
use std::path::Path;
use std::process::Command;

use longshore::load::Input;

use crate::case::{Case, check};
use crate::directory::Directory;

const PLAIN: &str =
    "services: { a: { image: x, container_name: \"it-${COMPOSE_PROJECT_NAME}\" } }\n";
const NAMED: &str = "name: from_file\nservices: { a: { image: x } }\n";
/// The way a file says its name that comes from a variable.
const EXPANDED: &str = "name: is-${TAG}-x\nservices: { a: { image: x } }\n";

/// Puts the files in a directory of this name, and works there.
fn in_directory(input: &mut Input, name: &str) {
    let root = input.working_directory.clone();
    let directory = root.join(name);
    fs::create_dir_all(&directory).unwrap();
    for entry in fs::read_dir(&root).unwrap() {
        let path = entry.unwrap().path();
        if path.is_file() {
            fs::rename(&path, directory.join(path.file_name().unwrap())).unwrap();
        }
    }
    input.working_directory = directory;
    input.project_name = None;
}

fn nameless(input: &mut Input) {
    in_directory(input, "my_dir");
}

fn asked(input: &mut Input, name: &str) {
    nameless(input);
    input.project_name = Some(name.to_owned());
}

#[test]
fn the_command_line_goes_before_all_others() {
    const EVERYWHERE: Case<'_> = Case {
        name: "",
        files: &[("compose.yaml", NAMED), (".env", "COMPOSE_PROJECT_NAME=from_dotenv\n")],
        environment: &[("COMPOSE_PROJECT_NAME", "from_environment")],
        compose_files: &[],
        profiles: &[],
        ask: None,
        values: &[],
        findings: &[],
    };
    check(&[
        Case {
            name: "the command line",
            ask: Some(|input| asked(input, "from_option")),
            values: &[("name", "from_option")],
            ..EVERYWHERE
        },
        Case {
            name: "an empty name there is none",
            ask: Some(|input| asked(input, "")),
            values: &[("name", "from_environment")],
            ..EVERYWHERE
        },
        Case {
            name: "then the environment",
            ask: Some(nameless),
            values: &[("name", "from_environment")],
            ..EVERYWHERE
        },
        Case {
            name: "then `.env`",
            environment: &[],
            ask: Some(nameless),
            values: &[("name", "from_dotenv")],
            ..EVERYWHERE
        },
        Case {
            name: "where an empty name is none either",
            environment: &[("COMPOSE_PROJECT_NAME", "")],
            ask: Some(nameless),
            values: &[("name", "from_file")],
            ..EVERYWHERE
        },
        Case {
            name: "then the file",
            files: &[("compose.yaml", NAMED)],
            environment: &[],
            ask: Some(nameless),
            values: &[("name", "from_file")],
            ..EVERYWHERE
        },
        Case {
            name: "then the directory",
            files: &[("compose.yaml", PLAIN)],
            environment: &[],
            ask: Some(nameless),
            values: &[("name", "my_dir")],
            ..EVERYWHERE
        },
    ]);
}

#[test]
fn a_name_that_is_asked_for_must_be_right_as_it_is() {
    for good in ["my_project", "42my_project_num", "a", "0-_"] {
        check(&[Case {
            name: good,
            files: &[("compose.yaml", PLAIN)],
            environment: &[("COMPOSE_PROJECT_NAME", good)],
            ask: Some(nameless),
            values: &[("name", &format!("'{good}'"))],
            ..Case::default()
        }]);
    }
    for bad in
        ["-my_project", "_my_project", "www.my.project", "MY_PROJECT", "my project", "é", "--"]
    {
        check(&[Case {
            name: bad,
            files: &[("compose.yaml", PLAIN)],
            environment: &[("COMPOSE_PROJECT_NAME", bad)],
            ask: Some(nameless),
            findings: &[&format!("LS0211 name: `{bad}` is not a possible project name")],
            ..Case::default()
        }]);
    }
    check(&[
        Case {
            name: "so must that of the command line",
            files: &[("compose.yaml", PLAIN)],
            ask: Some(|input| asked(input, "My.App")),
            findings: &["LS0211 name: `My.App` is not a possible project name"],
            ..Case::default()
        },
        Case {
            name: "the rest of the project is checked nevertheless",
            files: &[("compose.yaml", "services:\n  a: { image: x, tty: maybe }\n")],
            ask: Some(|input| asked(input, "My.App")),
            findings: &[
                "LS0211 name: `My.App` is not a possible project name",
                "LS0205 compose.yaml:2:23 services.a.tty: maybe",
            ],
            ..Case::default()
        },
        Case {
            name: "the line of `.env` is shown",
            files: &[("compose.yaml", PLAIN), (".env", "A=1\nCOMPOSE_PROJECT_NAME=My\n")],
            ask: Some(|input| input.project_name = None),
            findings: &["LS0211 .env:2:1 name: `My` is not a possible project name"],
            ..Case::default()
        },
    ]);
}

#[test]
fn the_name_of_a_directory_is_made_right() {
    check(&[
        Case {
            name: "that of the working directory",
            files: &[("compose.yaml", PLAIN)],
            ask: Some(|input| in_directory(input, "UNNORMALIZED PATH")),
            values: &[("name", "unnormalizedpath")],
            ..Case::default()
        },
        Case {
            name: "letters in front stay, other signs go",
            files: &[("compose.yaml", PLAIN)],
            ask: Some(|input| in_directory(input, "_-My.App-2_")),
            values: &[("name", "myapp-2_")],
            ..Case::default()
        },
        Case {
            name: "that of the first file, not of the working directory",
            files: &[("env-file/a.yaml", PLAIN), ("other/b.yaml", PLAIN)],
            compose_files: &["env-file/a.yaml", "other/b.yaml"],
            ask: Some(|input| input.project_name = None),
            values: &[("name", "env-file")],
            ..Case::default()
        },
        Case {
            name: "that of the directory above where the file is found",
            files: &[("Found/compose.yaml", PLAIN), ("Found/sub/x", "")],
            ask: Some(|input| {
                input.project_name = None;
                input.working_directory.push("Found/sub");
            }),
            values: &[("name", "found")],
            ..Case::default()
        },
        Case {
            name: "the project directory, which need not be there",
            files: &[("compose.yaml", PLAIN)],
            compose_files: &["compose.yaml"],
            ask: Some(|input| {
                input.project_name = None;
                input.project_directory = Some("/path/to/Proj".into());
            }),
            values: &[("name", "proj")],
            ..Case::default()
        },
        Case {
            name: "the root has no name",
            files: &[("compose.yaml", PLAIN)],
            compose_files: &["compose.yaml"],
            ask: Some(|input| {
                input.project_name = None;
                input.project_directory = Some("/".into());
            }),
            findings: &["LS0211 name: the project has no name: its directory `/` gives none"],
            ..Case::default()
        },
        Case {
            name: "a name without any usable letter is none",
            files: &[("compose.yaml", PLAIN)],
            ask: Some(|input| in_directory(input, "日本")),
            findings: &["LS0211 name: the project has no name"],
            ..Case::default()
        },
    ]);
}

#[test]
fn a_link_to_the_directory_gives_its_own_name_with_a_warning() {
    fn through_link(input: &mut Input) {
        let link = input.working_directory.join("Link");
        in_directory(input, "real");
        symlink("real", &link).unwrap();
        input.working_directory = link;
    }
    check(&[
        Case {
            name: "the name of the link",
            files: &[("compose.yaml", PLAIN)],
            ask: Some(through_link),
            values: &[("name", "link")],
            findings: &["LS0211 name: the project is named `link` after"],
            ..Case::default()
        },
        Case {
            name: "a name in the file is the same everywhere",
            files: &[("compose.yaml", NAMED)],
            ask: Some(through_link),
            values: &[("name", "from_file")],
            ..Case::default()
        },
        Case {
            name: "so is one that is asked for",
            files: &[("compose.yaml", PLAIN)],
            environment: &[("COMPOSE_PROJECT_NAME", "mine")],
            ask: Some(through_link),
            values: &[("name", "mine")],
            ..Case::default()
        },
        Case {
            name: "a link of the same name is none",
            files: &[("compose.yaml", PLAIN)],
            ask: Some(|input| {
                let root = input.working_directory.clone();
                in_directory(input, "a/same");
                symlink("a/same", root.join("same")).unwrap();
                input.working_directory = root.join("same");
            }),
            values: &[("name", "same")],
            ..Case::default()
        },
    ]);
}

#[test]
fn the_last_name_of_the_files_counts() {
    check(&[
        Case {
            name: "it is made right",
            files: &[("compose.yaml", "name: _My.App\nservices: { a: { image: x } }\n")],
            ask: Some(nameless),
            values: &[("name", "myapp")],
            ..Case::default()
        },
        Case {
            name: "a later file goes before",
            files: &[("1.yaml", NAMED), ("2.yaml", "name: second\n"), ("3.yaml", PLAIN)],
            compose_files: &["1.yaml", "2.yaml", "3.yaml"],
            ask: Some(nameless),
            values: &[("name", "second"), ("services.a.container_name", "it-second")],
            ..Case::default()
        },
        Case {
            name: "a later document goes before",
            files: &[(
                "compose.yaml",
                "name: one\n---\nname: two\nservices: { a: { image: x } }\n",
            )],
            ask: Some(nameless),
            values: &[("name", "two")],
            ..Case::default()
        },
        Case {
            name: "an empty name is none",
            files: &[("1.yaml", NAMED), ("2.yaml", "name: ''\n")],
            compose_files: &["1.yaml", "2.yaml"],
            ask: Some(nameless),
            values: &[("name", "from_file")],
            ..Case::default()
        },
        Case {
            name: "the name of an included project says nothing",
            files: &[
                ("compose.yaml", "include: [sub.yaml]\nservices: { a: { image: x } }\n"),
                ("sub.yaml", "name: sub\nservices: { b: { image: x } }\n"),
            ],
            ask: Some(nameless),
            values: &[("name", "my_dir"), ("services.b.image", "x")],
            ..Case::default()
        },
    ]);
}

#[test]
fn names_hold_variables() {
    check(&[
        Case {
            name: "of the environment",
            files: &[("compose.yaml", EXPANDED)],
            environment: &[("TAG", "Expected")],
            ask: Some(nameless),
            values: &[("name", "is-expected-x")],
            ..Case::default()
        },
        Case {
            name: "of `.env`",
            files: &[("compose.yaml", EXPANDED), (".env", "TAG=dot\n")],
            ask: Some(nameless),
            values: &[("name", "is-dot-x")],
            ..Case::default()
        },
        Case {
            name: "that are not set",
            files: &[("compose.yaml", EXPANDED)],
            ask: Some(nameless),
            values: &[("name", "is--x")],
            findings: &["LS0208 compose.yaml:1:10 name: `TAG` is not set"],
            ..Case::default()
        },
        Case {
            name: "of which nothing remains, which is an error though the directory has a name",
            files: &[("compose.yaml", "name: ${TAG}\nservices: { a: { image: x } }\n")],
            ask: Some(nameless),
            findings: &[
                "LS0208 compose.yaml:1:7 name: `TAG` is not set",
                "LS0211 compose.yaml:1:7 name: nothing is left of `${TAG}`",
            ],
            ..Case::default()
        },
        Case {
            name: "that are missing",
            files: &[("compose.yaml", "name: ${TAG:?say it}\nservices: { a: { image: x } }\n")],
            ask: Some(nameless),
            findings: &["LS0207 compose.yaml:1:7 name: `TAG` is missing a value: say it"],
            ..Case::default()
        },
        Case {
            name: "that are not well formed",
            files: &[("compose.yaml", "name: a${\nservices: { a: { image: x } }\n")],
            ask: Some(nameless),
            findings: &["LS0206 compose.yaml:1:8 name: invalid interpolation format"],
            ..Case::default()
        },
    ]);
}

#[test]
fn a_name_without_letters_and_digits_is_an_error() {
    check(&[Case {
        name: "signs alone are no name",
        files: &[("compose.yaml", "name: '---'\nservices: { a: { image: x } }\n")],
        ask: Some(nameless),
        findings: &["LS0211 compose.yaml:1:7 name: nothing is left of `---`"],
        ..Case::default()
    }]);
}

#[test]
fn a_name_is_a_text() {
    for name in ["123", "[a]", "{ a: b }", "true"] {
        let file = format!("name: {name}\nservices: {{ a: {{ image: x }} }}\n");
        check(&[Case {
            name,
            files: &[("compose.yaml", &file)],
            ask: Some(nameless),
            findings: &["LS0203 compose.yaml:1:7 name: `name` must be a string"],
            ..Case::default()
        }]);
    }
}

#[test]
fn files_see_the_name_of_their_project() {
    check(&[
        Case {
            name: "that of the file",
            files: &[("1.yaml", PLAIN), ("2.yaml", "name: Two\n")],
            compose_files: &["1.yaml", "2.yaml"],
            ask: Some(nameless),
            values: &[("services.a.container_name", "it-two")],
            ..Case::default()
        },
        Case {
            name: "that of the command line, though the file has another",
            files: &[("1.yaml", PLAIN), ("2.yaml", "name: two\n")],
            compose_files: &["1.yaml", "2.yaml"],
            ask: Some(|input| asked(input, "mine")),
            values: &[("services.a.container_name", "it-mine"), ("name", "mine")],
            ..Case::default()
        },
        Case {
            name: "that of the directory",
            files: &[("compose.yaml", PLAIN)],
            ask: Some(nameless),
            values: &[("services.a.container_name", "it-my_dir")],
            ..Case::default()
        },
        Case {
            name: "resources have it in their names",
            files: &[(
                "compose.yaml",
                "services: { a: { image: x, volumes: ['vol:/v'] } }\nvolumes: { vol: {} }\n",
            )],
            ask: Some(nameless),
            values: &[
                ("volumes.vol.name", "my_dir_vol"),
                ("networks.default.name", "my_dir_default"),
            ],
            ..Case::default()
        },
    ]);
}

/// The working directory was that behind the link, whatever way the user took.
#[test]
fn a_shell_that_stands_in_a_link_names_the_project_after_the_link() {
    let directory = Directory::new(&[("real/compose.yaml", PLAIN)]);
    let link = directory.path().join("Link");
    symlink("real", &link).unwrap();
    let told = |shell: &Path| {
        let output = Command::new(env!("CARGO_BIN_EXE_longshore"))
            .arg("convert")
            .env_clear()
            .env("PWD", shell)
            .current_dir(&link)
            .output()
            .unwrap();
        String::from_utf8(output.stderr).unwrap()
    };
    assert!(told(&link).contains("the project is named `link` after"), "{}", told(&link));
    for elsewhere in [Path::new("/"), Path::new("Link"), Path::new("/none"), Path::new("")] {
        assert!(!told(elsewhere).contains("link"), "{}", told(elsewhere));
    }
}
