//! The samples with nodes taken out, doubled, exchanged, and given another type or a tag: no panic, an error where
//! there is no project, and what loads is printed as a file that loads to the same project.

use std::fs;
use std::path::Path;
use std::sync::LazyLock;

use proptest::prelude::*;
use serde_json::{Map, Value, json};

use longshore::diagnostic::{json as report_json, text};
use longshore::load::{Input, find_variables, load_literal, load_project};

use crate::generate::write;
use crate::reload::{check_file, check_literal};
use crate::round_trip::copy_files;
use crate::seeds::fixed;

/// The compose files of the samples as trees; what has a tag is `{"!tag": value}`.
static SAMPLES: LazyLock<Vec<(String, Value)>> = LazyLock::new(|| {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut folders: Vec<_> =
        fs::read_dir(root.join("samples")).unwrap().map(|entry| entry.unwrap().path()).collect();
    folders.push(root.join("tests/load/every-attribute"));
    folders.sort();
    let read = |folder: &Path| {
        let text = fs::read_to_string(folder.join("compose.yaml")).unwrap();
        (folder.display().to_string(), serde_yaml::from_str(&text).unwrap())
    };
    folders.iter().map(|folder| read(folder)).collect()
});

/// One change; the numbers choose among the nodes that there are.
#[derive(Debug, Clone)]
enum Change {
    /// A key or an item goes.
    Delete(usize),
    /// A key or an item is there twice, under another name if it is a key.
    Double(usize, usize),
    /// A value stands where another one stood.
    Exchange(usize, usize),
    /// A value is of another type.
    Retype(usize, Value),
    /// A scalar is a list or a mapping of itself, a list or a mapping one of its items.
    Reshape(usize, bool),
    /// A tag of Compose, or one that means nothing.
    Tag(usize, &'static str),
    /// A text holds a variable.
    Variable(usize, &'static str),
}

fn change() -> impl Strategy<Value = Change> {
    let any_value = prop::sample::select(vec![
        json!(null),
        json!(true),
        json!(0),
        json!(-1),
        json!(0.5),
        json!(1e300),
        json!(""),
        json!("a b"),
        json!("x=y"),
        json!([]),
        json!({}),
        json!([""]),
        json!({"": ""}),
        json!("99999999999999999999"),
        json!("1h"),
        json!("64m"),
        json!("$A"),
        json!("${"),
    ]);
    let tags = prop::sample::select(vec!["!reset", "!override", "!other", "!!str", "!!int"]);
    let variables =
        prop::sample::select(vec!["$A", "${A:-b}", "${B}", "${C:?no}", "$$", "${A:+c}"]);
    let node = any::<u16>().prop_map(usize::from);
    prop_oneof![
        2 => node.clone().prop_map(Change::Delete),
        2 => (node.clone(), node.clone()).prop_map(|(from, to)| Change::Double(from, to)),
        3 => (node.clone(), node.clone()).prop_map(|(from, to)| Change::Exchange(from, to)),
        3 => (node.clone(), any_value).prop_map(|(at, value)| Change::Retype(at, value)),
        2 => (node.clone(), any::<bool>()).prop_map(|(at, list)| Change::Reshape(at, list)),
        1 => (node.clone(), tags).prop_map(|(at, tag)| Change::Tag(at, tag)),
        2 => (node, variables).prop_map(|(at, variable)| Change::Variable(at, variable)),
    ]
}

/// The paths to all nodes but the root.
fn nodes(root: &Value) -> Vec<Vec<String>> {
    fn walk(node: &Value, path: &mut Vec<String>, found: &mut Vec<Vec<String>>) {
        let children: Vec<(String, &Value)> = match node {
            Value::Array(items) => {
                items.iter().enumerate().map(|(index, item)| (index.to_string(), item)).collect()
            }
            Value::Object(fields) => {
                fields.iter().map(|(key, value)| (key.clone(), value)).collect()
            }
            _ => Vec::new(),
        };
        for (key, child) in children {
            path.push(key);
            found.push(path.clone());
            walk(child, path, found);
            path.pop();
        }
    }
    let mut found = Vec::new();
    walk(root, &mut Vec::new(), &mut found);
    found
}

fn at<'v>(root: &'v mut Value, path: &[String]) -> &'v mut Value {
    path.iter().fold(root, |node, key| match node {
        Value::Array(items) => items.get_mut(key.parse::<usize>().unwrap()).unwrap(),
        other => other.get_mut(key).unwrap(),
    })
}

fn apply(root: &mut Value, change: &Change, others: &Value) {
    let paths = nodes(root);
    let Some(count) = std::num::NonZero::new(paths.len()) else { return };
    let path = |index: usize| paths.get(index % count).unwrap();
    match change {
        Change::Delete(index) => {
            let (last, parent) = path(*index).split_last().unwrap();
            match at(root, parent) {
                Value::Array(items) => drop(items.remove(last.parse().unwrap())),
                Value::Object(fields) => drop(fields.remove(last)),
                _ => {}
            }
        }
        Change::Double(index, name) => {
            let copy = at(root, path(*index)).clone();
            let name = path(*name).last().unwrap().clone();
            let (last, parent) = path(*index).split_last().unwrap();
            match at(root, parent) {
                Value::Array(items) => items.insert(last.parse().unwrap(), copy),
                Value::Object(fields) => drop(fields.insert(name, copy)),
                _ => {}
            }
        }
        Change::Exchange(index, from) => {
            let sources = nodes(others);
            let source = sources.get(from % sources.len()).unwrap();
            let value = at(&mut others.clone(), source).clone();
            *at(root, path(*index)) = value;
        }
        Change::Retype(index, value) => *at(root, path(*index)) = value.clone(),
        Change::Reshape(index, list) => {
            let node = at(root, path(*index));
            *node = match std::mem::take(node) {
                Value::Array(mut items) => items.pop().unwrap_or_default(),
                Value::Object(fields) => {
                    fields.into_iter().next().map(|(_, value)| value).unwrap_or_default()
                }
                scalar if *list => json!([scalar]),
                scalar => json!({ "a": scalar }),
            };
        }
        Change::Tag(index, tag) => {
            let node = at(root, path(*index));
            *node = Value::Object(Map::from_iter([((*tag).to_owned(), node.take())]));
        }
        Change::Variable(index, variable) => {
            let node = at(root, path(*index));
            if let Value::String(text) = node {
                let middle = text.char_indices().nth(text.chars().count() / 2);
                text.insert_str(middle.map_or(0, |(at, _)| at), variable);
            } else {
                *node = json!(variable);
            }
        }
    }
}

/// Loads a file in the folder of its sample, in every way that there is.
fn load_again(folder: &str, file: &str) -> Result<(), String> {
    let copy = tempfile::tempdir().unwrap();
    copy_files(Path::new(folder), copy.path());
    fs::write(copy.path().join("compose.yaml"), file).unwrap();
    let environment = [("HOME", "/home/me"), ("A", "a"), ("B", "1")];
    let environment = environment.map(|(name, value)| (name.to_owned(), value.to_owned()));
    let input = Input {
        project_name: Some("app".to_owned()),
        profiles: vec!["*".to_owned()],
        working_directory: copy.path().canonicalize().unwrap(),
        environment: environment.into(),
        ..Input::default()
    };
    let _ = (load_literal(&input), find_variables(&input));
    let (project, report) = load_project(&input);
    let _ = (text::render(&report, false), report_json::render(&report));
    if project.is_none() != report.has_errors() {
        return Err(format!("{file}\na project with errors, or none without"));
    }
    let Some(project) = project else { return Ok(()) };
    check_file(&project, &input)?;
    // an included project has variables of its own, which the printed file does not have
    if file.contains("\"include\"") { Ok(()) } else { check_literal(&project, &input) }
}

/// Something that may stand anywhere in a file.
fn tree() -> impl Strategy<Value = Value> {
    let key = || {
        prop::sample::select(vec![
            "services",
            "jobs",
            "networks",
            "volumes",
            "configs",
            "secrets",
            "models",
            "include",
            "name",
            "image",
            "build",
            "command",
            "environment",
            "ports",
            "deploy",
            "resources",
            "depends_on",
            "extends",
            "service",
            "file",
            "path",
            "target",
            "source",
            "type",
            "labels",
            "driver",
            "external",
            "x-a",
            "a",
            "b",
            "",
            "<<",
            "1",
            "null",
            "$A",
        ])
    };
    let leaf = prop_oneof![
        Just(json!(null)),
        any::<bool>().prop_map(|it| json!(it)),
        any::<i64>().prop_map(|it| json!(it)),
        any::<f64>().prop_map(|it| json!(it)),
        "\\PC{0,6}".prop_map(|it| json!(it)),
        key().prop_map(|it| json!(it)),
    ];
    leaf.prop_recursive(6, 60, 6, move |inner| {
        prop_oneof![
            1 => prop::collection::vec(inner.clone(), 0..5).prop_map(Value::Array),
            3 => prop::collection::vec((key(), inner), 0..6).prop_map(|fields| {
                Value::Object(fields.into_iter().map(|(key, value)| (key.to_owned(), value)).collect())
            }),
        ]
    })
}

#[test]
fn the_samples_are_read_as_trees() {
    for (folder, sample) in SAMPLES.iter() {
        load_again(folder, &write(sample)).unwrap();
    }
}

proptest! {
    #![proptest_config(fixed(250))]

    #[test]
    fn changed_samples(
        sample in 0..SAMPLES.len(),
        other in 0..SAMPLES.len(),
        changes in prop::collection::vec(change(), 1..4),
    ) {
        let (folder, tree) = SAMPLES.get(sample).unwrap();
        let mut tree = tree.clone();
        for change in &changes {
            apply(&mut tree, change, &SAMPLES.get(other).unwrap().1);
        }
        let loaded = load_again(folder, &write(&tree));
        prop_assert!(loaded.is_ok(), "{}", loaded.unwrap_err());
    }

    #[test]
    fn any_tree(tree in tree()) {
        let elsewhere = tempfile::tempdir().unwrap();
        let folder = elsewhere.path().display().to_string();
        let service = json!({"services": {"a": tree}, "x-b": tree});
        for tree in [&tree, &service] {
            let loaded = load_again(&folder, &write(tree));
            prop_assert!(loaded.is_ok(), "{}", loaded.unwrap_err());
        }
    }
}
