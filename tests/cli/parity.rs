//! Each object that kompose writes has its place in what `--compat kompose` writes: the list in
//! `kompose/parity.txt`.

use std::collections::BTreeSet;
use std::process::Command;

use serde_json::Value;

use super::place::Place;
use super::tool::tool;

const CASES: &str = include_str!("kompose/parity.txt");

/// One project.
#[derive(Default)]
struct Case<'a> {
    name: &'a str,
    options: Vec<&'a str>,
    compose: String,
    /// `same …` and `better …`.
    verdicts: Vec<&'a str>,
}

#[test]
fn each_object_of_kompose_has_its_place() {
    let cases = cases();
    assert!(cases.len() >= 20, "{}", cases.len());
    let mut wrong = Vec::new();
    for case in &cases {
        let place = Place::with(&case.compose);
        place.file(".env", "TOKEN=secret\n");
        let written = written(case, &place);
        if let Some(kompose) = tool("kompose") {
            assert_eq!(listed(case), by_kompose(kompose, case, &place), "{}", case.name);
        }
        assert!(!case.verdicts.is_empty(), "{}: kompose writes something", case.name);
        for verdict in &case.verdicts {
            if let Err(fault) = check(verdict, &written) {
                wrong.push(format!("{}: {fault}; written: {written:?}", case.name));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

fn check(verdict: &str, written: &BTreeSet<String>) -> Result<(), String> {
    let words: Vec<&str> = verdict.splitn(4, ' ').collect();
    match words.as_slice() {
        ["same", object] if written.contains(*object) => Ok(()),
        ["better", object, instead, reason] => {
            let is_there = *instead == "nothing" || written.contains(*instead);
            let is_gone = object == instead || !written.contains(*object);
            if is_there && is_gone && !reason.is_empty() { Ok(()) } else { Err(verdict.to_owned()) }
        }
        _ => Err(verdict.to_owned()),
    }
}

/// The kinds and names of what is written.
fn written(case: &Case, place: &Place) -> BTreeSet<String> {
    let mut arguments = vec!["convert", "--compat", "kompose", "-j"];
    arguments.extend(&case.options);
    let ran = place.run(&arguments);
    assert_eq!(ran.code, Some(0), "{}: {}", case.name, ran.stderr);
    let list: Value = serde_json::from_str(&ran.stdout).unwrap();
    list["items"].as_array().unwrap().iter().map(name).collect()
}

/// The kinds and names of what kompose itself writes.
fn by_kompose(mut kompose: Command, case: &Case, place: &Place) -> BTreeSet<String> {
    let kompose = kompose.args(["convert", "--stdout"]).args(&case.options);
    let output = kompose.current_dir(place.path("")).env_clear().output().unwrap();
    assert!(output.status.success(), "{}: {}", case.name, String::from_utf8_lossy(&output.stderr));
    longshore::yaml::read(&String::from_utf8(output.stdout).unwrap())
        .unwrap()
        .iter()
        .map(name)
        .collect()
}

/// The kinds and names of what kompose writes by the list.
fn listed(case: &Case) -> BTreeSet<String> {
    case.verdicts.iter().filter_map(|it| it.split(' ').nth(1)).map(str::to_owned).collect()
}

fn name(object: &Value) -> String {
    let name = object["metadata"]["name"].as_str().unwrap();
    format!("{}/{name}", object["kind"].as_str().unwrap())
}

fn cases() -> Vec<Case<'static>> {
    let mut cases: Vec<Case> = Vec::new();
    for line in CASES.lines() {
        if let Some(name) = line.strip_prefix("== ") {
            cases.push(Case { name, ..Case::default() });
        }
        let Some(case) = cases.last_mut() else { continue };
        if let Some(options) = line.strip_prefix("-- ") {
            case.options = options.split(' ').collect();
        } else if line.starts_with("same ") || line.starts_with("better ") {
            case.verdicts.push(line);
        } else if !line.starts_with("== ") {
            case.compose.push_str(line);
            case.compose.push('\n');
        }
    }
    cases
}
