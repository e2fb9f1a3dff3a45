//! Section 3 of the loader: what is larger or deeper than any compose file has reason to be is
//! refused. What many files, variables or services multiply is in `limits.rs`.

use std::fmt::Write as _;
use std::fs;

use longshore::load::{Input, load_project};

/// What is reported about a file: the code and the message of each finding.
fn findings(file: &str) -> Vec<String> {
    let directory = tempfile::tempdir().unwrap();
    fs::write(directory.path().join("compose.yaml"), file).unwrap();
    let working_directory = directory.path().to_owned();
    let (_, report) = load_project(&Input { working_directory, ..Input::default() });
    report.iter().map(|it| format!("{} {}", it.code.id, it.message)).collect()
}

fn assert_refused(name: &str, file: &str, expected: &str) {
    let found = findings(file);
    let [found] = found.as_slice() else { panic!("{name}: {found:?}") };
    assert!(found.starts_with("LS0103 ") && found.contains(expected), "{name}: {found}");
}

/// `levels` lists of `width` aliases to the list before.
fn bomb(width: usize, levels: usize) -> String {
    let mut text = "x-0: &a0 {k: v}\n".to_owned();
    for level in 1..=levels {
        let aliases = vec![format!("*a{}", level - 1); width].join(", ");
        writeln!(text, "x-{level}: &a{level} [{aliases}]").unwrap();
    }
    text + "services: {svc: {image: alpine}}\n"
}

#[test]
fn alias_bombs_are_refused() {
    for (width, levels) in [(3, 12), (9, 9), (100, 50)] {
        let file = bomb(width, levels);
        assert_refused("bomb", &file, "more than 500000 values once its aliases are expanded");
    }
    assert_eq!(findings(&bomb(3, 8)), [""; 0], "a small one is none");
}

/// Each anchor keeps a copy of all anchors inside it.
#[test]
fn anchors_around_anchors_are_refused() {
    let mut file = String::new();
    for outer in 0..90 {
        writeln!(file, "{}a: &a{outer}", " ".repeat(outer)).unwrap();
    }
    for inner in 0..20_000 {
        writeln!(file, "{}b{inner}: x", " ".repeat(90)).unwrap();
    }
    assert_refused("anchors", &file, "more than 500000 values");
}

#[test]
fn the_number_of_values_is_limited() {
    let values = |count: usize| format!("x-a:\n{}", "- \n".repeat(count));
    assert_refused("values", &values(500_001), "more than 500000 values");
    let half = values(250_001);
    assert_refused("over documents", &format!("{half}---\n{half}"), "more than 500000 values");
}

/// The limit was 100,000 values, which are about 2,400 services.
#[test]
fn five_thousand_services_are_not_too_much() {
    let mut file =
        "x-common: &common {a: 1, b: [1, 2, 3], c: {d: 1, e: 2, f: 3}}\nx-all:\n".to_owned();
    for service in 0..5_000 {
        let variables: Vec<String> = (0..40).map(|index| format!("V{index}: v")).collect();
        let variables = variables.join(", ");
        writeln!(file, "  s{service}: {{<<: *common, environment: {{{variables}}}}}").unwrap();
    }
    assert_eq!(findings(&file), [""; 0]);
}

#[test]
fn the_number_of_documents_is_limited() {
    let documents = |count: usize| "x-a: 1\n---\n".repeat(count);
    assert_eq!(findings(&format!("{}x-a: 2", documents(99))), [""; 0]);
    assert_refused("documents", &format!("{}x-a: 2", documents(100)), "more than 100 documents");
    assert_refused("empty documents", &"---\n".repeat(100_000), "more than 100 documents");
}

#[test]
fn the_depth_is_limited() {
    let lists = |depth: usize| format!("x-a: {}{}", "[".repeat(depth), "]".repeat(depth));
    let keys = |depth: usize| {
        let mut text = String::new();
        for level in 0..depth {
            writeln!(text, "{}x-a:", " ".repeat(level)).unwrap();
        }
        text
    };
    assert_eq!(findings(&lists(99)), [""; 0]);
    assert_eq!(findings(&keys(100)), [""; 0]);
    for depth in [101, 10_000, 100_000] {
        assert_refused("lists", &lists(depth), "nested");
    }
    for depth in [101, 3_000] {
        assert_refused("keys", &keys(depth), "nested");
    }
    let aliases: Vec<String> =
        (1..60).map(|level| format!("x-{level}: &a{level} [[*a{}]]", level - 1)).collect();
    let file = format!("x-0: &a0 [x]\n{}", aliases.join("\n"));
    assert_refused("through aliases", &file, "nested more than 100 levels deep");
}
