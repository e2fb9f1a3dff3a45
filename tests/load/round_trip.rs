//! What `config` prints loads to the same project.

use std::fs;
use std::path::Path;

use proptest::prelude::*;

use longshore::diagnostic::text;
use longshore::load::{Input, load_project};
use longshore::model::{Container, Project, Service};

use crate::reload::{check_file, check_literal};
use crate::seeds::fixed;

#[test]
fn samples_load_again() {
    let samples = Path::new(env!("CARGO_MANIFEST_DIR")).join("samples");
    for sample in fs::read_dir(samples).unwrap() {
        let copy = tempfile::tempdir().unwrap();
        copy_files(&sample.unwrap().path(), copy.path());
        let input = Input { working_directory: copy.path().to_owned(), ..Input::default() };
        let (project, report) = load_project(&input);
        let project = project.unwrap_or_else(|| panic!("{}", text::render(&report, false)));
        check_file(&project, &input).unwrap();
        check_literal(&project, &input).unwrap();
    }
}

/// Copies what a folder holds to another one.
pub fn copy_files(from: &Path, to: &Path) {
    for entry in fs::read_dir(from).unwrap() {
        let path = entry.unwrap().path();
        let copy = to.join(path.file_name().unwrap());
        if path.is_dir() {
            fs::create_dir(&copy).unwrap();
            copy_files(&path, &copy);
        } else {
            fs::copy(&path, &copy).unwrap();
        }
    }
}

/// Pieces that mean something somewhere: in YAML, in variables, or in the short forms of Compose.
fn hostile() -> impl Strategy<Value = String> {
    let pieces = prop_oneof![
        3 => prop::sample::select(vec![
            "$", "$$", "${", "}", "${A}", "$A", "${A:-b}", "\n", " ", "\t", "\r", ":", ": ", "#",
            " #", "-", "- ", "?", "'", "\"", "\\", "|", ">", "&a", "*a", "!", "!reset", "%", "@",
            "`", "{", "[", "]", ",", "<<", "=", "---", "...", "yes", "no", "on", "null", "~",
            "0x1f", "0o7", "0440", "1_000", "12:30", "1e3", ".inf", "\u{e9}", "\u{1f600}",
            "\u{85}", "\u{2028}", "\u{feff}", "\0", "\u{7f}", "a", "b c", "1", "x-",
        ])
        .prop_map(str::to_owned),
        1 => any::<char>().prop_map(String::from),
    ];
    prop::collection::vec(pieces, 0..8).prop_map(|pieces| pieces.concat())
}

proptest! {
    #![proptest_config(fixed(300))]

    #[test]
    fn any_text_loads_again(
        words in prop::collection::vec(hostile(), 1..4),
        values in prop::collection::vec(hostile(), 0..4),
        labels in prop::collection::vec((hostile(), hostile()), 0..4),
    ) {
        let values = values.into_iter().enumerate();
        let labels = labels.into_iter();
        let container = Container {
            image: Some("x".to_owned()),
            network_mode: Some("none".to_owned()),
            command: Some(words),
            environment: values.map(|(index, value)| (format!("V{index}"), Some(value))).collect(),
            labels: labels.map(|(name, value)| (format!("k{name}"), value)).collect(),
            ..Container::default()
        };
        let service = Service { container, ..Service::default() };
        let directory = tempfile::tempdir().unwrap();
        let project = Project {
            name: "app".to_owned(),
            directory: directory.path().to_owned(),
            services: [("web".to_owned(), service)].into_iter().collect(),
            ..Project::default()
        };
        let checked = check_file(&project, &Input::default());
        prop_assert!(checked.is_ok(), "{}", checked.unwrap_err());
    }
}
