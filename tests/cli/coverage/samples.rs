//! The samples together use every attribute of the schema.

use std::collections::BTreeSet;
use std::path::PathBuf;

use serde_json::Value;

use super::walk::leaves;
use crate::cli::place::samples;

#[test]
fn the_samples_together_use_every_attribute() {
    let mut used = BTreeSet::new();
    for file in compose_files() {
        let text = std::fs::read_to_string(&file).unwrap();
        for document in longshore::yaml::read(&text).unwrap() {
            walk(&document, &mut Vec::new(), &mut used);
        }
    }
    let is_used = |path: &[String]| {
        let path: Vec<&str> = path.iter().map(String::as_str).filter(|key| *key != "[]").collect();
        used.iter().any(|found| {
            let pairs = || found.iter().zip(&path);
            found.len() == path.len() && pairs().all(|(found, key)| *key == "*" || found == key)
        })
    };
    let unused = leaves().into_iter().filter(|leaf| !is_used(&leaf.path) && !is_inner(&leaf.path));
    let unused: Vec<String> = unused.map(|leaf| leaf.path.join(".")).collect();
    assert!(unused.is_empty(), "{} attributes:\n{}", unused.len(), unused.join("\n"));
}

/// Whether it is an attribute of the containers of jobs and hooks, which are those of a service.
fn is_inner(path: &[String]) -> bool {
    let keys: Vec<&str> = path.iter().map(String::as_str).collect();
    match keys.as_slice() {
        ["jobs", "*", rest @ ..] => rest.first() != Some(&"triggers"),
        ["services", "*", "pre_start", ..] => true,
        _ => false,
    }
}

/// The files of all samples that a project is made of.
fn compose_files() -> Vec<PathBuf> {
    let files = samples().into_iter().flat_map(|folder| std::fs::read_dir(folder).unwrap());
    let files = files.map(|entry| entry.unwrap().path());
    files.filter(|file| file.extension().is_some_and(|it| it == "yaml")).collect()
}

/// The paths of all values, without the places in lists.
fn walk(node: &Value, path: &mut Vec<String>, used: &mut BTreeSet<Vec<String>>) {
    used.insert(path.clone());
    match node {
        Value::Object(fields) => {
            for (key, value) in fields {
                path.push(key.clone());
                walk(value, path, used);
                path.pop();
            }
        }
        Value::Array(items) => items.iter().for_each(|item| walk(item, path, used)),
        _ => {}
    }
}
