//! The model as a canonical Compose file.

use std::fs;
use std::path::Path;

use longshore::load::{Input, load_project};
use longshore::model::Project;
use serde_json::Value;

#[test]
fn a_printed_project_loads_to_the_same_project() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    for sample in [
        "samples/everything",
        "samples/hello",
        "samples/jobs",
        "samples/voting",
        "samples/wordpress",
        "tests/load/every-attribute",
    ] {
        let project = load(&root.join(sample));
        let directory = tempfile::tempdir().unwrap();
        fs::write(directory.path().join("compose.yaml"), printed(&project).to_string()).unwrap();
        let again = load(directory.path());
        similar_asserts::assert_eq!(
            serde_json::to_string_pretty(&printed(&project)).unwrap(),
            serde_json::to_string_pretty(&printed(&again)).unwrap()
        );
        assert!(project == again, "{sample}: the two print the same, but are not the same");
    }
}

/// `config` works where a secret is not at hand, as it does with Compose.
#[test]
fn a_project_prints_without_the_files_of_its_secrets() {
    let directory = tempfile::tempdir().unwrap();
    fs::write(
        directory.path().join("compose.yaml"),
        "
services: {web: {image: x, secrets: [a, b], configs: [c]}}
secrets: {a: {file: ./none.txt}, b: {environment: NONE}}
configs: {c: {content: text}}
",
    )
    .unwrap();
    let printed = printed(&load(directory.path()));
    let file = directory.path().join("none.txt");
    assert_eq!(printed["secrets"]["a"]["file"], file.to_str().unwrap());
    assert_eq!(printed["secrets"]["b"]["environment"], "NONE");
    assert_eq!(printed["configs"]["c"]["content"], "text");
}

fn load(directory: &Path) -> Project {
    let input = Input {
        working_directory: directory.to_owned(),
        profiles: vec!["*".to_owned()],
        ..Input::default()
    };
    let (project, report) = load_project(&input);
    project.unwrap_or_else(|| panic!("{}", longshore::diagnostic::text::render(&report, false)))
}

/// With `$$` for each `$`: JSON is YAML, and is interpolated.
fn printed(project: &Project) -> Value {
    let mut value = serde_json::to_value(project).unwrap();
    escape(&mut value);
    value
}

fn escape(value: &mut Value) {
    match value {
        Value::String(text) => *text = text.replace('$', "$$"),
        Value::Array(items) => items.iter_mut().for_each(escape),
        Value::Object(entries) => entries.values_mut().for_each(escape),
        Value::Null | Value::Bool(_) | Value::Number(_) => {}
    }
}
