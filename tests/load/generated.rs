//! Projects made by chance: no panic, and what loads is printed as a file that loads to the same project.
//!
//! The seeds are fixed, so that a run is like any other; `GENERATED_SEEDS=100000 cargo test --test load
//! generated` has more of them.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::fs;
use std::path::Path;

use longshore::load::{Input, Skip, load_project};
use proptest::prelude::*;

use crate::generate::{self, Mood};
use crate::reload::{check_file, check_literal};
use crate::seeds::fixed;

#[test]
fn generated_projects_load_again() {
    let seeds = std::env::var("GENERATED_SEEDS").map_or(300, |seeds| seeds.parse().unwrap());
    let mut wrong = String::new();
    let mut accepted = 0;
    for seed in 0..seeds {
        let mood = if seed % 2 == 0 { Mood::Tame } else { Mood::Wild };
        let file = generate::compose_file(seed, mood);
        match load_again(&file, skip_of(seed)) {
            Ok(loads) => accepted += usize::from(loads),
            Err(difference) => writeln!(wrong, "\n== seed {seed}\n{difference}").unwrap(),
        }
    }
    eprintln!("{seeds} projects, {accepted} of them load");
    assert!(wrong.is_empty(), "{wrong}");
    assert!(accepted > 0);
}

/// Whether the file loads; an error where what is printed loads to something else.
fn load_again(file: &str, skip: Skip) -> Result<bool, String> {
    let directory = tempfile::tempdir().unwrap();
    let root = directory.path().canonicalize().unwrap();
    fill(&root, file);
    let environment = [("HOME", "/home/me"), ("TAG", "1.2"), ("EMPTY", "")];
    let environment = environment.map(|(name, value)| (name.to_owned(), value.to_owned()));
    let input = Input {
        project_name: Some("app".to_owned()),
        profiles: vec!["*".to_owned()],
        skip,
        working_directory: root,
        environment: BTreeMap::from(environment),
        ..Input::default()
    };
    let (project, report) = load_project(&input);
    assert_eq!(project.is_none(), report.has_errors());
    let Some(project) = project else { return Ok(false) };
    check_file(&project, &input)?;
    check_literal(&project, &input)?;
    Ok(true)
}

fn fill(root: &Path, file: &str) {
    fs::create_dir(root.join("sub")).unwrap();
    fs::write(root.join("compose.yaml"), file).unwrap();
    for name in ["a.env", "a.labels", "a.txt"] {
        fs::write(root.join(name), generate::VARIABLES).unwrap();
    }
}

proptest! {
    #![proptest_config(fixed(100))]

    #[test]
    fn projects_that_any_bytes_choose_load_again(choices in prop::collection::vec(any::<u8>(), 0..1_000)) {
        let file = generate::compose_file_of(&choices);
        let loaded = load_again(&file, Skip::default());
        prop_assert!(loaded.is_ok(), "{}", loaded.unwrap_err());
    }
}

/// What the command line leaves undone.
fn skip_of(seed: u64) -> Skip {
    let bit = |bit: u64| seed >> bit & 7 == 7;
    Skip { consistency: bit(1), paths: bit(2), service_files: bit(3), secrets: bit(4) }
}
