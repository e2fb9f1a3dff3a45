//! Bad input: a clear error with place and remedy, exit code 2, and nothing written.

use super::place::{Place, Ran};

/// Converts and gives what came, after looking that nothing was written.
fn refused(place: &Place) -> Ran {
    let before = place.files("");
    let ran = place.run(&["convert", "-o", "out/"]);
    assert_eq!(place.files(""), before, "nothing is written");
    ran
}

fn check(compose: &str, stderr: &str) {
    refused(&Place::with(compose)).gives(2, "", stderr);
}

#[test]
fn text_that_is_not_yaml() {
    check(
        "services:\n  web: [nginx\n",
        r"error[LS0101 yaml-syntax]: the file is not valid YAML: a bracket is not closed
 --> compose.yaml:2:8
  |
2 |   web: [nginx
  |        ^
  |
  = help: close it with `]` or `}`

",
    );
}

#[test]
fn a_list_at_the_top() {
    check(
        "- web\n- db\n",
        r"error[LS0203 wrong-type]: the top level of a compose file must be a mapping, but is a list
 --> compose.yaml:1:1
  |
1 | - web
  | ^^^^^
  |
  = help: start with `services:`, and indent the services below it

",
    );
}

#[test]
fn an_unknown_key() {
    check(
        "services:\n  web:\n    image: nginx\n    portz: [80]\n",
        r"error[LS0202 unknown-attribute]: unknown attribute `portz`
 --> compose.yaml:4:5
  |
4 |     portz: [80]
  |     ^^^^^
  |
  = help: did you mean `ports`?

",
    );
}

#[test]
fn an_undefined_volume() {
    check(
        "services:\n  web:\n    image: nginx\n    volumes: [data:/data]\n",
        r"error[LS0301 undefined-reference]: the volume `data` is not defined
 --> compose.yaml:4:15
  |
4 |     volumes: [data:/data]
  |               ^^^^
  |
  = help: define it: add `data:` below `volumes:` at the top level

",
    );
}

#[test]
fn a_missing_variable_that_must_be_set() {
    check(
        "services:\n  web:\n    image: nginx:${TAG:?say which version}\n",
        r"error[LS0207 required-variable]: required variable `TAG` is missing a value: say which version
 --> compose.yaml:3:18
  |
3 |     image: nginx:${TAG:?say which version}
  |                  ^^^^^^^^^^^^^^^^^^^^^^^^^
  |
  = help: set `TAG` in the environment, in `.env` or in a file given with `--env-file`

",
    );
}

#[test]
fn a_circle_of_dependencies() {
    check(
        "services:\n  a:\n    image: a\n    depends_on: [b]\n  b:\n    image: b\n    depends_on: [a]\n",
        r"error[LS0302 dependency-cycle]: the services depend on each other in a circle: `a` -> `b` -> `a`
 --> compose.yaml:7:18
  |
4 |     depends_on: [b]
  |                  - which needs this one
...
7 |     depends_on: [a]
  |                  ^
  |
  = help: remove one of these dependencies

",
    );
}

#[test]
fn a_schedule_that_is_none() {
    check(
        "services:\n  a:\n    image: a\n    labels:\n      longshore.cron: every now and then\n",
        r"error[LS0205 invalid-value]: `every now and then` is not a schedule
 --> compose.yaml:5:23
  |
5 |       longshore.cron: every now and then
  |                       ^^^^^^^^^^^^^^^^^^
  |
  = help: write minute, hour, day, month and weekday, e.g. `*/5 * * * *`

",
    );
}

#[test]
fn no_compose_file() {
    refused(&Place::new()).gives(2, "", r"error[LS0201 unreadable-file]: no compose file in `<PLACE>/app` or a directory above
 |
 = help: create one of `compose.yaml`, `compose.yml`, `docker-compose.yml`, `docker-compose.yaml`, or name a file with `-f`

");
}

#[test]
fn a_named_file_that_is_not_there() {
    Place::new().run(&["-f", "missing.yaml", "convert"]).gives(
        2,
        "",
        r"error[LS0201 unreadable-file]: the file `<PLACE>/app/missing.yaml` does not exist
 |
 = help: create it, or correct the path

",
    );
}

#[test]
fn an_output_that_cannot_be_written() {
    let place = Place::with("services:\n  web:\n    image: nginx\n");
    place.file("plain", "a file");
    place.run(&["convert", "-o", "plain/out/"]).gives(
        2,
        "",
        r"error: cannot write `plain/out/`: Not a directory (os error 20)
help: choose another place with `-o`; `-o -` writes to standard output
",
    );
    place.run(&["convert", "-o", "plain/out.yaml"]).gives(
        2,
        "",
        r"error: cannot write `plain`: File exists (os error 17)
help: choose another place with `-o`; `-o -` writes to standard output
",
    );
    assert_eq!(place.files(""), ["compose.yaml", "plain"]);
    assert_eq!(place.read("plain"), "a file");
}

#[test]
fn an_output_that_would_overwrite_the_compose_file() {
    let place = Place::with("services:\n  web:\n    image: nginx\n");
    place.run(&["convert", "-o", "compose.yaml"]).gives(
        2,
        "",
        r"error: `compose.yaml` is in the way: longshore did not write it
help: move it away, write elsewhere, or overwrite it with `--force`; nothing was written
",
    );
    assert!(place.read("compose.yaml").starts_with("services:"));
}

#[test]
fn several_faults_are_told_at_once() {
    check(
        "services:\n  web:\n    image: nginx\n    portz: [80]\n    volumes: [data:/data]\n",
        r"error[LS0202 unknown-attribute]: unknown attribute `portz`
 --> compose.yaml:4:5
  |
4 |     portz: [80]
  |     ^^^^^
  |
  = help: did you mean `ports`?

error[LS0301 undefined-reference]: the volume `data` is not defined
 --> compose.yaml:5:15
  |
5 |     volumes: [data:/data]
  |               ^^^^
  |
  = help: define it: add `data:` below `volumes:` at the top level

2 errors
",
    );
}

/// `-n Bad_Name` was written into every object, and Kubernetes refused them all.
#[test]
fn a_namespace_that_cannot_be() {
    let place = Place::with("services: { web: { image: nginx } }\n");
    place.run(&["convert", "-n", "Bad_Name", "-o", "out/"]).gives(
        2,
        "",
        "error: invalid value 'Bad_Name' for '--namespace <NAMESPACE>': use at most 63 lower-case letters, digits and `-`\n\nFor more information, try '--help'.\n",
    );
    assert!(!place.files("").iter().any(|file| file.starts_with("out")));
}

/// A finding on the same line showed the password.
#[test]
fn passwords_are_not_in_excerpts() {
    let place = Place::new();
    place.file(
        "compose.yaml",
        "services: {db: {image: x, environment: {DB_PASSWORD: hunter2, MODE: a}, portz: 1}}\n",
    );
    let ran = place.run(&["config"]);
    assert!(!ran.stderr.contains("hunter2"), "{}", ran.stderr);
    ran.gives(
        2,
        "",
        "\
error[LS0202 unknown-attribute]: unknown attribute `portz`
 --> compose.yaml:1:73
  |
1 | services: {db: {image: x, environment: {DB_PASSWORD: *******, MODE: a}, portz: 1}}
  |                                                                         ^^^^^
  |
  = help: did you mean `ports`?

",
    );
}
