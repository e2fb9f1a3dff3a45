//! Bad input: each folder of `tests/load/bad/` with the report that it gives in `expected.txt`.
//!
//! `UPDATE_EXPECT=1 cargo test --test load` writes the reports.

use std::fs;
use std::path::{Path, PathBuf};

use longshore::diagnostic::text;
use longshore::load::{Input, load_with_contents};

#[test]
fn bad_input_gives_errors_with_place_and_remedy() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/load/bad");
    let mut cases: Vec<PathBuf> = fs::read_dir(root).unwrap().map(|e| e.unwrap().path()).collect();
    cases.sort();
    assert!(!cases.is_empty());
    let mut wrong = Vec::new();
    for case in cases {
        let (loaded, report) = load_with_contents(&input(&case));
        assert!(loaded.is_none() && report.has_errors(), "{}: no error", case.display());
        let text = text::render(&report, false);
        let text = text.replace(&case.display().to_string(), "<DIR>");
        let expected = case.join("expected.txt");
        if std::env::var_os("UPDATE_EXPECT").is_some() {
            fs::write(&expected, &text).unwrap();
        } else if fs::read_to_string(&expected).unwrap_or_default() != text {
            wrong.push(format!("{}:\n{text}", case.display()));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// The file `args` holds the options, each with its value, separated by blanks; `--env NAME=VALUE`
/// is a variable of the process environment.
pub fn input(case: &Path) -> Input {
    let mut input = Input { working_directory: case.to_owned(), ..Input::default() };
    let args = fs::read_to_string(case.join("args")).unwrap_or_default();
    let mut words = args.split_whitespace();
    while let (Some(option), Some(value)) = (words.next(), words.next()) {
        match option {
            "-f" => input.files.push(value.into()),
            "-p" => input.project_name = Some(value.to_owned()),
            "--env-file" => input.env_files.push(value.into()),
            "--profile" => input.profiles.push(value.to_owned()),
            "--env" => {
                let (name, value) = value.split_once('=').unwrap();
                input.environment.insert(name.to_owned(), value.to_owned());
            }
            "--project-directory" => input.project_directory = Some(value.into()),
            _ => panic!("unknown option {option}"),
        }
    }
    input
}
