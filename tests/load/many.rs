//! Files with more errors than anybody reads: the report is short, and made in linear time.

use std::fs;

use longshore::diagnostic::{Severity, json, text};
use longshore::load::{Input, load_project};

const WEB: &str = "services:\n  web:\n    image: nginx\n";

fn check(name: &str, file: &str, errors: usize) {
    let directory = tempfile::tempdir().unwrap();
    fs::write(directory.path().join("compose.yaml"), file).unwrap();
    let environment = (0..200).map(|i| (format!("VARIABLE{i}"), String::new())).collect();
    let working_directory = directory.path().to_owned();
    let (project, report) =
        load_project(&Input { working_directory, environment, ..Input::default() });
    assert!(project.is_none(), "{name}");
    assert_eq!(report.count(Severity::Error), errors, "{name}");
    let (text, json) = (text::render(&report, false), json::render(&report));
    assert!(text.contains(&format!("{} more errors are not shown", errors - 100)), "{name}");
    assert!(text.len() < 100_000 && json.len() < 200_000, "{name}");
}

#[test]
fn a_file_with_very_many_errors_gives_a_short_report() {
    let text = |line: &dyn Fn(usize) -> String| (0..100_000).map(line).collect::<String>();
    check("keys", &format!("{WEB}{}", text(&|i| format!("    imag{i}: 1\n"))), 100_000);
}

#[test]
fn no_kind_of_error_takes_more_time_the_more_there_are() {
    let text = |line: &dyn Fn(usize) -> String| (0..10_000).map(line).collect::<String>();
    let names = |name: &str| text(&|i| format!("{name}{i},"));
    let command = |line: &dyn Fn(usize) -> String| format!("{WEB}    command:\n{}", text(line));
    let cases = [
        ("one key on one line", format!("x-a: {{{}}}\n{WEB}", "k: 1,".repeat(10_001))),
        ("keys that are numbers", text(&|i| format!("{i}: 1\n")) + WEB),
        ("templates", command(&|_| "    - ${!}\n".to_owned())),
        ("required variables", command(&|i| format!("    - ${{V{i}?}}\n"))),
        ("ports", format!("{WEB}    ports: [{}]\n", names("p"))),
        ("networks", format!("{WEB}    networks: [{}]\n", names("network"))),
        ("dependencies", format!("{WEB}    depends_on: [{}]\n", names("service"))),
        ("repetitions", format!("{WEB}    security_opt: [{}]\n", "a,".repeat(10_001))),
        (
            "volumes among volumes",
            format!(
                "{WEB}    volumes: [{}]\nvolumes:\n{}",
                text(&|i| format!("volume{i}:/data{i},")),
                text(&|i| format!("  {i}volume:\n"))
            ),
        ),
    ];
    for (name, file) in cases {
        check(name, &file, 10_000);
    }
}

#[test]
fn an_error_that_an_alias_multiplies_is_one_error() {
    let services: Vec<String> =
        (0..5_000).map(|i| format!("  s{i}: {{<<: *x, image: a}}\n")).collect();
    let directory = tempfile::tempdir().unwrap();
    let file = format!("x-a: &x {{imagee: a}}\nservices:\n{}", services.concat());
    fs::write(directory.path().join("compose.yaml"), file).unwrap();
    let working_directory = directory.path().to_owned();
    let (_, report) = load_project(&Input { working_directory, ..Input::default() });
    assert_eq!(report.count(Severity::Error), 1);
    assert_eq!(report.iter().next().unwrap().also.len(), 1_000);
}
