//! The loader on real files: `tests/load/`.

use std::path::PathBuf;

use longshore::diagnostic::Report;
use longshore::load::{Input, load_project};
use longshore::model::Project;

fn load(case: &str) -> (Option<Project>, Report) {
    let directory = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/load").join(case);
    load_project(&Input { working_directory: directory, ..Input::default() })
}

#[test]
fn a_small_project_is_loaded() {
    let (project, report) = load("small");
    assert!(report.is_empty(), "{report:?}");
    let project = project.unwrap();
    assert_eq!(project.name, "small");
    assert_eq!(project.services["web"].image.as_deref(), Some("nginx:1.27"));
    assert_eq!(project.services["web"].ports[0].published, Some((8080, 8080)));
}
