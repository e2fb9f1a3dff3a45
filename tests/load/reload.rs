//! Whether the canonical file of a project loads to the same project.

use std::fs;

use longshore::compose_file::{Format, write_project, write_tree};
use longshore::diagnostic::text;
use longshore::load::{Input, load_literal, load_project, load_with_surroundings};
use longshore::model::Project;

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
