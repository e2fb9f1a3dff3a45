//! Any project: no panic, and what loads is printed as a file that loads to the same project.
//!
//! Input that starts with [`AS_IT_IS`] is a compose file; any other is what decides how one is made from the
//! schema, so that most of them load.

#![no_main]
#![allow(dead_code, reason = "the tests use more of their helpers")]

#[path = "../tests/load/generate.rs"]
mod generate;
#[path = "../tests/load/reload.rs"]
mod reload;

use std::fs;
use std::path::PathBuf;
use std::sync::LazyLock;

use libfuzzer_sys::fuzz_target;

use longshore::diagnostic::{json, text};
use longshore::load::{Input, find_variables, load_literal, load_project};

/// What a compose file starts with that is no choice of anything.
const AS_IT_IS: &[u8] = b"#\n";

/// The folder of all projects: only their compose files differ.
static FOLDER: LazyLock<PathBuf> = LazyLock::new(|| {
    let folder = tempfile::tempdir().expect("the system has room for a folder").keep();
    fs::create_dir(folder.join("sub")).expect("the folder is new");
    for name in ["a.env", "a.labels", "a.txt"] {
        fs::write(folder.join(name), generate::VARIABLES).expect("the folder is new");
    }
    folder
});

fuzz_target!(|data: &[u8]| {
    let file = match data.strip_prefix(AS_IT_IS) {
        Some(file) => file.to_vec(),
        None => generate::compose_file_of(data).into_bytes(),
    };
    fs::write(FOLDER.join("compose.yaml"), &file).expect("the folder is there");
    let environment = [("HOME", "/home/me"), ("TAG", "1.2"), ("A", "a"), ("EMPTY", "")];
    let environment = environment.map(|(name, value)| (name.to_owned(), value.to_owned()));
    let input = Input {
        project_name: Some("app".to_owned()),
        profiles: vec!["*".to_owned()],
        working_directory: FOLDER.clone(),
        environment: environment.into(),
        ..Input::default()
    };
    let _ = (load_literal(&input), find_variables(&input));
    let (project, report) = load_project(&input);
    let _ = (text::render(&report, false), json::render(&report));
    assert_eq!(project.is_none(), report.has_errors(), "an error, or a project");
    let Some(project) = project else { return };
    let mut checked = reload::check_file(&project, &input);
    // an included project has variables of its own, which the printed file does not have; and of what is
    // merged, two items of a list may be the same only once their variables are expanded
    let has = |word: &[u8]| file.windows(word.len()).any(|part| part == word);
    if checked.is_ok() && !has(b"include") && !has(b"extends") && !has(b"\n---\n") {
        checked = reload::check_literal(&project, &input);
    }
    if let Err(difference) = checked {
        panic!("{}\n{difference}", String::from_utf8_lossy(&file));
    }
});
