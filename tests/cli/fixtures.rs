//! Real kompose beside `--compat kompose`, over every project of kompose's own tests: what it writes is here, or
//! `kompose/fixtures.txt` says what is better, or why the project is refused.

mod facts;
mod verdicts;

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::Mutex;

use super::place::Place;
use super::tool::{tool, tools};
use facts::{facts, unselected_pods};
use verdicts::{Outcome, Verdicts};

/// Everything that kompose writes from a project, and that is not here: one line each.
type Missing = BTreeSet<String>;

#[test]
fn what_kompose_writes_of_its_own_projects_is_written_or_done_better() {
    let fixtures = tools().join("kompose-fixtures");
    if tool("kompose").is_none() || !fixtures.is_dir() {
        eprintln!("skipped: needs kompose, which `.ci/tools` builds");
        return;
    }
    let verdicts = Verdicts::read(include_str!("kompose/fixtures.txt"));
    let cases = cases(&fixtures, &verdicts);
    assert!(cases.len() > 100, "{}", cases.len());
    let outcomes = outcomes(&cases, &fixtures);
    let wrong = verdicts.compare(&outcomes);
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// Every compose file alone, but for those that the list converts together or with options.
fn cases(fixtures: &Path, verdicts: &Verdicts) -> Vec<String> {
    let mut cases = verdicts.runs.clone();
    let named: BTreeSet<String> =
        cases.iter().flat_map(|case| files(case)).map(str::to_owned).collect();
    let mut all = Vec::new();
    compose_files(fixtures, &mut all);
    for file in all {
        let name = file.strip_prefix(fixtures).unwrap().to_str().unwrap().to_owned();
        if !named.contains(&name) {
            cases.push(name);
        }
    }
    cases.sort();
    cases
}

/// The files of a case; options follow them.
fn files(case: &str) -> impl Iterator<Item = &str> {
    case.split(' ').take_while(|word| !word.starts_with('-'))
}

fn compose_files(folder: &Path, all: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_name().unwrap().to_str().unwrap();
        if path.is_dir() {
            compose_files(&path, all);
        } else if path.extension().is_some_and(|it| it == "yaml" || it == "yml")
            && !name.starts_with("output")
        {
            all.push(path);
        }
    }
}

/// What becomes of each case, on both processors.
fn outcomes(cases: &[String], fixtures: &Path) -> BTreeMap<String, Outcome> {
    let outcomes = Mutex::new(BTreeMap::new());
    let waiting = Mutex::new(cases.iter());
    std::thread::scope(|threads| {
        for _ in 0..2 {
            threads.spawn(|| {
                while let Some(case) = { waiting.lock().unwrap().next() } {
                    let outcome = outcome(case, fixtures);
                    outcomes.lock().unwrap().insert(case.clone(), outcome);
                }
            });
        }
    });
    outcomes.into_inner().unwrap()
}

fn outcome(case: &str, fixtures: &Path) -> Outcome {
    let place = Place::new();
    let paths: Vec<String> =
        files(case).map(|file| fixtures.join(file).to_str().unwrap().to_owned()).collect();
    let mut options = vec!["convert"];
    for path in &paths {
        options.extend(["-f", path]);
    }
    options.extend(case.split(' ').skip(paths.len()));
    let run = |mut program: Command, more: &[&str]| {
        let program = program.args(&options).args(more).current_dir(place.path(""));
        let variables = variables(&paths);
        let output = program.env_clear().envs(variables).stdin(Stdio::null()).output().unwrap();
        let text = String::from_utf8(output.stdout).unwrap();
        let objects = output.status.success().then(|| longshore::yaml::read(&text).unwrap());
        objects.ok_or_else(|| String::from_utf8(output.stderr).unwrap())
    };
    let kompose = tool("kompose").expect("it has just been there");
    let there = run(kompose, &["--stdout", "--with-kompose-annotation=false"]);
    let longshore = Command::new(env!("CARGO_BIN_EXE_longshore"));
    match (run(longshore, &["--compat", "kompose"]), there) {
        (Ok(here), there) => {
            assert_eq!(unselected_pods(&here), Vec::<String>::new(), "{case}");
            let (there, here) = (facts(&there.unwrap_or_default()), facts(&here));
            Outcome::Written { missing: missing(&there, &here), here }
        }
        (Err(messages), Ok(_)) => Outcome::Refused(messages),
        (Err(_), Err(_)) => Outcome::RefusedByBoth,
    }
}

/// What the file `envs` beside a compose file sets, as the tests of kompose do before they run it.
fn variables(paths: &[String]) -> Vec<(String, String)> {
    let files = paths.iter().map(|path| Path::new(path).with_file_name("envs"));
    let text: String = files.filter_map(|file| std::fs::read_to_string(file).ok()).collect();
    let pair = |line: &str| line.split_once('=').map(|(a, b)| (a.to_owned(), b.to_owned()));
    text.lines().filter_map(pair).collect()
}

/// An object that is not there has no parts that could be missing.
fn missing(there: &BTreeSet<String>, here: &BTreeSet<String>) -> Missing {
    let object = |fact: &str| fact.split(' ').next().unwrap_or_default().to_owned();
    let missing = there.difference(here);
    missing.filter(|fact| **fact == object(fact) || here.contains(&object(fact))).cloned().collect()
}
