//! Who may import whom: the rules of the module map, read from the `crate::` paths in `src/`.

#![expect(clippy::unwrap_used, reason = "the helpers of tests may fail, and say what they skip")]

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

/// Module to the modules that it may name; every top module stands here.
const MAY_IMPORT: &[(&str, &[&str])] = &[
    ("diagnostic", &[]),
    ("model", &["diagnostic"]),
    ("yaml", &[]),
    ("kubernetes", &[]),
    ("load", &["diagnostic", "model"]),
    ("compose_file", &["model", "yaml"]),
    ("migration", &["diagnostic", "model", "translate"]),
    ("translate", &["diagnostic", "kubernetes", "model"]),
    ("render", &["diagnostic", "kubernetes", "yaml"]),
    ("patch", &["diagnostic", "kubernetes", "yaml"]),
    ("chart", &["kubernetes", "yaml"]),
    ("output", &["diagnostic", "kubernetes", "yaml"]),
    ("deploy", &["diagnostic", "kubernetes"]),
    ("engine", &[]),
    ("build", &["engine", "model"]),
    ("containers", &["deploy", "kubernetes"]),
    ("control_plane", &["diagnostic", "engine", "kubernetes", "yaml"]),
    (
        "cli",
        &[
            "build",
            "chart",
            "compose_file",
            "containers",
            "control_plane",
            "deploy",
            "diagnostic",
            "engine",
            "kubernetes",
            "load",
            "migration",
            "model",
            "output",
            "patch",
            "render",
            "translate",
        ],
    ),
];

/// What must not be named in the pure modules: the disk, the environment, the clock.
const IMPURE: &[&str] = &[
    "std::fs",
    "std::env",
    "std::process",
    "std::net::Tcp",
    "SystemTime",
    "Timestamp::now",
    "tokio::",
];

/// Modules (by path below `src/`) that decide and do not act.
const PURE: &[&str] = &[
    "yaml",
    "kubernetes",
    "model",
    "compose_file",
    "migration",
    "translate",
    "chart",
    "build/ignore",
    "build/plan",
    "control_plane/kubelet/downward",
    "control_plane/kubelet/environment",
    "control_plane/schema",
    "deploy/plan",
    "deploy/state",
];

/// Modules of the control plane that may name the store's writing side.
const WRITERS: &[&str] = &["store", "verbs", "server"];

#[test]
fn modules_import_only_what_the_map_allows() {
    let allowed: BTreeMap<&str, BTreeSet<&str>> =
        MAY_IMPORT.iter().map(|(module, may)| (*module, may.iter().copied().collect())).collect();
    let mut violations = Vec::new();
    for (file, text) in sources() {
        let Some(module) = top_module(&file) else { continue };
        let may = allowed
            .get(module.as_str())
            .unwrap_or_else(|| panic!("{module} is not in the map: add it to MAY_IMPORT"));
        for (line, imported) in crate_paths(&text) {
            if imported != module && !may.contains(imported.as_str()) {
                violations.push(format!("{}:{line}: {module} imports {imported}", file.display()));
            }
        }
    }
    assert!(violations.is_empty(), "{}", violations.join("\n"));
}

#[test]
fn every_top_module_is_in_the_tour() {
    let lib = std::fs::read_to_string(root().join("src/lib.rs")).unwrap();
    for (module, _) in MAY_IMPORT {
        assert!(lib.contains(&format!("pub mod {module};")), "src/lib.rs does not have {module}");
    }
}

#[test]
fn pure_modules_do_not_touch_the_world() {
    let mut violations = Vec::new();
    for (file, text) in sources() {
        let path = file.strip_prefix(root().join("src")).unwrap().with_extension("");
        if !PURE.iter().any(|pure| path.starts_with(pure)) || path.ends_with("tests") {
            continue;
        }
        for (number, line) in code_lines(&text) {
            for word in IMPURE.iter().filter(|word| line.contains(*word)) {
                violations.push(format!("{}:{number}: {word}", file.display()));
            }
        }
    }
    assert!(violations.is_empty(), "{}", violations.join("\n"));
}

#[test]
fn only_the_verbs_write_to_the_store() {
    let mut violations = Vec::new();
    for (file, text) in sources() {
        let Ok(path) = file.strip_prefix(root().join("src/control_plane")) else { continue };
        let path = path.with_extension("");
        if WRITERS.iter().any(|writer| path.starts_with(writer)) {
            continue;
        }
        for (number, line) in code_lines(&text).filter(|(_, line)| line.contains(".commit(")) {
            violations.push(format!("{}:{number}: {line}", file.display()));
        }
    }
    assert!(violations.is_empty(), "{}", violations.join("\n"));
}

#[test]
fn the_reader_of_imports_sees_every_form() {
    let text = "use crate::load::tree;\nuse crate::{model::{Project, Service}, kubernetes};\n\
                let x = crate::deploy::up(); // crate::comment\n#[cfg(test)]\nuse crate::cli;\n";
    let names: Vec<String> = crate_paths(text).into_iter().map(|(_, name)| name).collect();
    assert_eq!(names, ["load", "model", "kubernetes", "deploy"]);
}

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// `src/load/tree.rs` is of module `load`; `main.rs` and `lib.rs` are of none.
fn top_module(file: &Path) -> Option<String> {
    let below = file.strip_prefix(root().join("src")).ok()?;
    let first = Path::new(below.components().next()?.as_os_str()).with_extension("");
    let module = first.to_str()?.to_owned();
    (module != "main" && module != "lib").then_some(module)
}

fn sources() -> Vec<(PathBuf, String)> {
    let mut files = Vec::new();
    let mut folders = vec![root().join("src")];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(&folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|extension| extension == "rs") {
                let text = std::fs::read_to_string(&path).unwrap();
                files.push((path, text));
            }
        }
    }
    files.sort();
    assert!(files.len() > 20, "the walk finds the sources");
    files
}

/// Lines before the inline tests, without comments, with their numbers.
fn code_lines(text: &str) -> impl Iterator<Item = (usize, &str)> {
    text.lines()
        .enumerate()
        .take_while(|(_, line)| !line.starts_with("#[cfg(test)]"))
        .map(|(index, line)| (index + 1, line.split("//").next().unwrap_or(line)))
}

/// Every `crate::NAME` in the code, also in the braces of `use crate::{a, b}`.
fn crate_paths(text: &str) -> Vec<(usize, String)> {
    let mut found = Vec::new();
    for (number, line) in code_lines(text) {
        for (index, _) in line.match_indices("crate::") {
            let rest = &line[index + "crate::".len()..];
            match rest.strip_prefix('{') {
                Some(list) => found
                    .extend(outside_braces(list).split(',').map(|item| (number, first_name(item)))),
                None => found.push((number, first_name(rest))),
            }
        }
    }
    found.retain(|(_, name)| !name.is_empty());
    found
}

fn outside_braces(list: &str) -> String {
    let mut depth = 0;
    list.chars()
        .filter(|character| {
            match character {
                '{' => depth += 1,
                '}' => depth -= 1,
                _ => {}
            }
            depth == 0
        })
        .collect()
}

fn first_name(path: &str) -> String {
    path.trim().chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect()
}
