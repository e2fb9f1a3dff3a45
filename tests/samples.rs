//! Every folder in `samples/` is a case: `convert` must give the manifests and the report in `expected/`.
//!
//! A sample that shows options of `convert` has them in a file `options`.
//!
//! `UPDATE_EXPECT=1 cargo test --test samples` rewrites `expected/`; read the difference.

#![expect(clippy::unwrap_used, reason = "the helpers of tests may fail")]

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

const REPORT: &str = "report.txt";

#[test]
fn samples_convert_to_what_is_expected() {
    for sample in samples() {
        let written = convert(&sample);
        let folder = sample.join("expected");
        if std::env::var_os("UPDATE_EXPECT").is_some() {
            replace(&folder, &written);
        }
        let expected = read(&folder);
        let names = |files: &BTreeMap<String, String>| files.keys().cloned().collect::<Vec<_>>();
        similar_asserts::assert_eq!(names(&expected), names(&written), "{}", folder.display());
        for (name, text) in &expected {
            similar_asserts::assert_eq!(text, &written[name], "{}/{name}", folder.display());
        }
    }
}

#[test]
fn every_folder_is_a_case() {
    if std::env::var_os("UPDATE_EXPECT").is_some() {
        return;
    }
    let samples = samples();
    assert!(samples.len() >= 5, "{samples:?}");
    for sample in samples {
        assert!(sample.join("compose.yaml").is_file(), "{} has no compose.yaml", sample.display());
        assert!(sample.join("expected").is_dir(), "{} has no expected/", sample.display());
    }
}

/// YAML and JSON, one file and many, are the same objects.
#[test]
fn all_forms_say_the_same() {
    for sample in samples() {
        let json = longshore(&sample, &["convert", "--format", "json"]);
        let list: serde_json::Value = serde_json::from_slice(&json.stdout).unwrap();
        let mut from_json = list["items"].as_array().unwrap().clone();

        let yaml = longshore(&sample, &["convert"]);
        let text = String::from_utf8(yaml.stdout).unwrap();
        assert_eq!(longshore::yaml::read(&text).unwrap(), from_json);

        let files = convert(&sample);
        let mut from_files: Vec<serde_json::Value> = files
            .iter()
            .filter(|(name, _)| *name != REPORT)
            .flat_map(|(_, text)| longshore::yaml::read(text).unwrap())
            .collect();
        let key = |object: &serde_json::Value| {
            object["kind"].to_string() + &object["metadata"].to_string()
        };
        from_json.sort_by_key(key);
        from_files.sort_by_key(key);
        let redacted =
            serde_json::to_string(&from_json).unwrap().replace(shown(&sample), "<SAMPLE>");
        assert_eq!(serde_json::to_string(&from_files).unwrap(), redacted);
    }
}

/// The everything sample is as wide as it says: no attribute of the schema is missing from it.
#[test]
fn the_wide_sample_has_every_attribute_of_a_service() {
    let text = std::fs::read_to_string(root().join("samples/everything/compose.yaml")).unwrap();
    let schema = std::fs::read_to_string(root().join("src/load/schema.json")).unwrap();
    let schema: serde_json::Value = serde_json::from_str(&schema).unwrap();
    // Consumed by the loader.
    let elsewhere = ["extends"];
    let definitions = schema.get("definitions").or_else(|| schema.get("$defs")).unwrap();
    let parts = ["container_spec", "workload_spec", "service"];
    let attributes = parts.map(|part| definitions[part]["properties"].as_object().unwrap());
    let missing: Vec<&String> = attributes
        .iter()
        .flat_map(|attributes| attributes.keys())
        .filter(|key| !elsewhere.contains(&key.as_str()))
        .filter(|key| !text.contains(&format!("\n    {key}:")))
        .collect();
    assert!(missing.is_empty(), "{missing:?}");
}

/// What `convert` writes into a directory, and the report, without the path of the sample.
fn convert(sample: &Path) -> BTreeMap<String, String> {
    let directory = tempfile::tempdir().unwrap();
    let target = directory.path().to_str().unwrap();
    let output = longshore(sample, &["convert", "--output", target]);
    assert!(output.stdout.is_empty(), "{}", String::from_utf8_lossy(&output.stdout));
    let mut files = read(directory.path());
    files.insert(REPORT.to_owned(), String::from_utf8(output.stderr).unwrap());
    for text in files.values_mut() {
        *text = text.replace(shown(sample), "<SAMPLE>");
    }
    files
}

/// `longshore convert …`, with the options of the sample.
fn longshore(sample: &Path, arguments: &[&str]) -> Output {
    let options = std::fs::read_to_string(sample.join("options")).unwrap_or_default();
    let output = Command::new(env!("CARGO_BIN_EXE_longshore"))
        .args(arguments)
        .args(options.split_whitespace())
        .current_dir(sample)
        .env_clear()
        .output()
        .unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    output
}

/// The files of a folder, without hidden ones.
fn read(folder: &Path) -> BTreeMap<String, String> {
    let Ok(entries) = std::fs::read_dir(folder) else { return BTreeMap::new() };
    entries
        .map(|entry| entry.unwrap().path())
        .map(|path| (path.file_name().unwrap().to_str().unwrap().to_owned(), path))
        .filter(|(name, _)| !name.starts_with('.'))
        .map(|(name, path)| (name, std::fs::read_to_string(path).unwrap()))
        .collect()
}

fn replace(folder: &Path, files: &BTreeMap<String, String>) {
    let _ = std::fs::remove_dir_all(folder);
    std::fs::create_dir_all(folder).unwrap();
    for (name, text) in files {
        std::fs::write(folder.join(name), text).unwrap();
    }
}

fn samples() -> Vec<PathBuf> {
    let mut samples: Vec<PathBuf> = std::fs::read_dir(root().join("samples"))
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.is_dir())
        .collect();
    samples.sort();
    samples
}

fn shown(path: &Path) -> &str {
    path.to_str().unwrap()
}

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}
