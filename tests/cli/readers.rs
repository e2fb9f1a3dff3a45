//! Reports as other people's programs read them: SARIF by types made from its official schema, JUnit by a parser
//! of its own, GitLab's by the attributes that its documentation names.

use std::path::Path;

use serde_json::Value;
use serde_sarif::sarif::Sarif;

use super::place::Place;

/// The reports of every sample and of some bad projects, in all three forms.
fn reports() -> Vec<(String, [String; 3])> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let folders = ["samples", "tests/load/bad"].map(|folder| root.join(folder));
    let cases = folders.iter().flat_map(|folder| std::fs::read_dir(folder).unwrap());
    let files = cases.map(|case| case.unwrap().path().join("compose.yaml"));
    let place = Place::new();
    let reports = files.filter(|file| file.is_file()).map(|file| {
        let name = file.display().to_string();
        let diagnostics = "--diagnostics=sarif=a.sarif,junit=a.xml,gitlab=a.json";
        place.run(&["-f", &name, "report", "-o", "report.txt", diagnostics]);
        (name, ["a.sarif", "a.xml", "a.json"].map(|report| place.read(report)))
    });
    reports.collect()
}

#[test]
fn others_read_the_reports() {
    let reports = reports();
    let mut results = 0;
    for (name, [sarif, junit, gitlab]) in &reports {
        let count = check_sarif(name, sarif);
        assert_eq!(check_junit(name, junit), count, "{name}");
        assert_eq!(check_gitlab(name, gitlab), count, "{name}");
        results += count;
    }
    assert!(reports.len() > 30 && results > 100, "{} reports, {results} results", reports.len());
}

/// Read and written again it is the same: nothing in it is unknown.
fn check_sarif(name: &str, text: &str) -> usize {
    let written: Value = serde_json::from_str(text).unwrap();
    let read: Sarif = serde_json::from_str(text).unwrap();
    similar_asserts::assert_eq!(serde_json::to_value(&read).unwrap(), written, "{name}");
    assert_eq!(read.runs.len(), 1, "{name}");
    let run = &read.runs[0];
    let rules = run.tool.driver.rules.as_ref().unwrap();
    let results = run.results.as_ref().unwrap();
    for result in results {
        let index = usize::try_from(result.rule_index.unwrap()).unwrap();
        assert_eq!(Some(&rules[index].id), result.rule_id.as_ref(), "{name}");
    }
    results.len()
}

fn check_junit(name: &str, text: &str) -> usize {
    let suites = junit_parser::from_reader(text.as_bytes()).unwrap();
    let cases: Vec<_> = suites.suites.iter().flat_map(|suite| &suite.cases).collect();
    let failed = cases.iter().filter(|case| !case.status.is_success()).count();
    let counted = |suite: &junit_parser::TestSuite| suite.failures + suite.errors + suite.skipped;
    let counted: u64 = suites.suites.iter().map(counted).sum();
    assert_eq!(counted, failed as u64, "{name}");
    failed
}

fn check_gitlab(name: &str, text: &str) -> usize {
    let violations: Value = serde_json::from_str(text).unwrap();
    let violations = violations.as_array().unwrap();
    let mut fingerprints: Vec<&str> = Vec::new();
    for violation in violations {
        let text = |pointer: &str| violation.pointer(pointer).and_then(Value::as_str).unwrap();
        assert!(!text("/description").is_empty() && !text("/check_name").is_empty(), "{name}");
        let severities = ["info", "minor", "major", "critical", "blocker"];
        assert!(severities.contains(&text("/severity")), "{name}: {violation}");
        assert!(!text("/location/path").starts_with("./"), "{name}: {violation}");
        let line = violation.pointer("/location/lines/begin").and_then(Value::as_u64);
        assert!(line.is_some_and(|line| line > 0), "{name}: {violation}");
        fingerprints.push(text("/fingerprint"));
    }
    fingerprints.sort_unstable();
    let all = fingerprints.len();
    fingerprints.dedup();
    assert_eq!(fingerprints.len(), all, "{name}: a fingerprint twice");
    all
}
