//! What `config` prints loads to the same project.

use std::fs;
use std::path::Path;

use proptest::prelude::*;

use longshore::compose_file::{Format, write_project, write_tree};
use longshore::diagnostic::text;
use longshore::load::{Input, load_literal, load_project, load_with_surroundings};
use longshore::model::{Container, Project, Service};

use crate::seeds::fixed;

/// Loads the canonical file of a project; tells how what that gives differs.
pub fn check_file(project: &Project, input: &Input) -> Result<(), String> {
    if builds_on_disabled_service(project) {
        return Ok(());
    }
    for format in [Format::Yaml, Format::Json] {
        let printed = write_project(project, format);
        let again = Input {
            profiles: vec!["*".to_owned()],
            services: Vec::new(),
            project_name: Some(project.name.clone()),
            ..input.clone()
        };
        check_text(&printed, project, again)?;
    }
    Ok(())
}

/// The file of Compose itself does not load again then: it has no services that do not take part.
fn builds_on_disabled_service(project: &Project) -> bool {
    let builds = project.services.values().filter_map(|service| service.build.as_ref());
    let contexts = builds.flat_map(|build| build.additional_contexts.values());
    let mut services = contexts.filter_map(|context| context.strip_prefix("service:"));
    services.any(|name| !project.services.contains_key(name))
}

/// Loads the file of a project in which variables stay as they are written.
pub fn check_literal(project: &Project, input: &Input) -> Result<(), String> {
    let (tree, report) = load_literal(input);
    let Some(tree) = tree else { return Err(text::render(&report, false)) };
    check_text(&write_tree(&tree, Format::Yaml), project, input.clone())
}

fn check_text(printed: &str, project: &Project, input: Input) -> Result<(), String> {
    let elsewhere = tempfile::tempdir().unwrap();
    let file = elsewhere.path().join("printed.yaml");
    fs::write(&file, printed).unwrap();
    // the files of variables were found by way of the compose files, which are elsewhere now
    let (loaded, _) = load_with_surroundings(&input);
    let mut environment = loaded.map_or(input.environment, |(_, around)| around.environment);
    environment.remove("COMPOSE_ENV_FILES");
    environment.insert("COMPOSE_DISABLE_ENV_FILE".to_owned(), "1".to_owned());
    let input = Input {
        files: vec![file],
        env_files: Vec::new(),
        environment,
        project_directory: Some(project.directory.clone()),
        ..input
    };
    let (again, report) = load_project(&input);
    let Some(again) = again else {
        return Err(format!("{printed}\n{}", text::render(&report, false)));
    };
    let (before, after) = (json(project), json(&again));
    if before != after {
        let difference = similar_asserts::SimpleDiff::from_str(&before, &after, "before", "after");
        return Err(format!("{printed}\n{difference}"));
    }
    if *project == again { Ok(()) } else { Err("they print the same, but are not".to_owned()) }
}

fn json(project: &Project) -> String {
    let value = serde_json::to_value(project).unwrap();
    write_tree(&sorted(value), Format::Json)
}

fn sorted(value: serde_json::Value) -> serde_json::Value {
    match value {
        serde_json::Value::Object(mut fields) => {
            fields.sort_keys();
            fields.into_iter().map(|(name, value)| (name, sorted(value))).collect()
        }
        serde_json::Value::Array(items) => items.into_iter().map(sorted).collect(),
        other => other,
    }
}

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
