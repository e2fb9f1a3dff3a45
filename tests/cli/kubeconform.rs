//! kubeconform as an independent reader: every sample is valid in the last four minors of Kubernetes.

mod schemas;

use std::path::PathBuf;
use std::process::Output;

use super::place::{Place, samples};
use super::tool::{tool, tools};

const MINORS: &[&str] = &["v1.32", "v1.33", "v1.34", "v1.35"];

#[test]
fn every_sample_is_valid_in_the_last_four_minors() {
    let place = Place::new();
    for sample in samples() {
        let target = format!("{}.yaml", sample.file_name().unwrap().to_str().unwrap());
        let compose = sample.join("compose.yaml");
        let ran = place.run(&["-f", compose.to_str().unwrap(), "convert", "-o", &target]);
        assert_eq!(ran.code, Some(0), "{}", ran.stderr);
    }
    let files: Vec<PathBuf> = place.files("").iter().map(|name| place.path(name)).collect();
    for minor in MINORS {
        let Some(output) = validate(minor, &place, &files) else { return };
        let said = String::from_utf8_lossy(&output.stdout).into_owned();
        assert!(output.status.success(), "{minor}: {said}");
        assert!(said.contains("Invalid: 0, Errors: 0, Skipped: 0"), "{minor}: {said}");
    }
}

#[test]
fn a_misspelt_field_is_found() {
    let place = Place::new();
    place.file(
        "wrong.yaml",
        "apiVersion: v1\nkind: Service\nmetadata: {name: a}\nspec: {portz: [], ports: [{port: http}]}\n",
    );
    let Some(output) = validate("v1.35", &place, &[place.path("wrong.yaml")]) else { return };
    let said = String::from_utf8_lossy(&output.stdout).into_owned();
    assert!(!output.status.success(), "{said}");
    assert!(said.contains("portz") && said.contains("/spec/ports/0/port"), "{said}");
}

fn validate(minor: &str, place: &Place, files: &[PathBuf]) -> Option<Output> {
    let mut kubeconform = tool("kubeconform")?;
    let document = tools().join(format!("openapi/{minor}.json"));
    if !document.is_file() {
        eprintln!(
            "skipped: needs the API document of Kubernetes {minor}, which `.ci/tools` fetches"
        );
        return None;
    }
    let text = std::fs::read_to_string(document).unwrap();
    let objects = files
        .iter()
        .flat_map(|file| longshore::yaml::read(&std::fs::read_to_string(file).unwrap()).unwrap());
    let kinds = objects
        .map(|object| {
            let text = |field: &str| object[field].as_str().unwrap().to_owned();
            (text("apiVersion"), text("kind"))
        })
        .collect();
    for (name, schema) in schemas::schemas(&serde_json::from_str(&text).unwrap(), &kinds) {
        place.file(&format!("schemas/{minor}/{name}"), &schema.to_string());
    }
    let schemas = place.path("schemas").join(minor);
    let location =
        format!("{}/{{{{ .ResourceKind }}}}{{{{ .KindSuffix }}}}.json", schemas.display());
    let output = kubeconform
        .args(["-strict", "-summary", "-schema-location", &location])
        .args(files)
        .output();
    Some(output.unwrap())
}
