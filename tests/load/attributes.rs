//! Every attribute of the schema has its place in the model.
//!
//! `UPDATE_EXPECT=1 cargo test --test load` writes `every-attribute/canonical.json`.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use longshore::load::{Input, USED_UP, load_project};
use longshore::model::Project;
use serde_json::Value;

/// The one way to forget an attribute: it is in the schema, but neither in the model nor used up.
#[test]
fn the_model_holds_every_attribute_that_the_loader_does_not_use_up() {
    let schema = Schema::embedded();
    let mut wanted = BTreeSet::new();
    schema.collect_attributes(&schema.0, "", &mut wanted);
    assert!(wanted.len() > 290, "the walk finds the attributes: {}", wanted.len());
    let mut held = BTreeSet::new();
    let printed = serde_json::to_value(load()).unwrap();
    schema.collect_set(&schema.0, &printed, "", &mut held);

    let is_used_up = |path: &str| {
        USED_UP.iter().any(|(used_up, _)| {
            path.strip_prefix(used_up).is_some_and(|rest| rest.is_empty() || rest.starts_with('.'))
        })
    };
    let forgotten: Vec<_> =
        wanted.iter().filter(|path| !held.contains(*path) && !is_used_up(path)).collect();
    assert!(forgotten.is_empty(), "{forgotten:#?}");
    let both: Vec<_> = held.iter().filter(|path| is_used_up(path)).collect();
    assert!(both.is_empty(), "held, although used up: {both:#?}");
    for (used_up, _) in USED_UP {
        let is_known = wanted.iter().any(|path| path.starts_with(used_up));
        assert!(is_known, "{used_up} is no attribute");
    }
}

#[test]
fn every_attribute_is_printed_as_it_was_meant() {
    let printed = serde_json::to_string_pretty(&load()).unwrap() + "\n";
    let printed = printed.replace(directory().to_str().unwrap(), "<DIR>");
    let expected = directory().join("canonical.json");
    if std::env::var_os("UPDATE_EXPECT").is_some() {
        fs::write(&expected, &printed).unwrap();
    }
    similar_asserts::assert_eq!(fs::read_to_string(&expected).unwrap_or_default(), printed);
}

fn directory() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/load/every-attribute")
}

/// The project that sets every attribute.
fn load() -> Project {
    let input = Input {
        working_directory: directory(),
        profiles: vec!["all".to_owned()],
        ..Input::default()
    };
    let (project, report) = load_project(&input);
    let text = longshore::diagnostic::text::render(&report, false);
    let names: Vec<_> = report.iter().map(|it| it.code.name).collect();
    let only_old_forms =
        names.iter().all(|name| ["obsolete-version", "invalid-value"].contains(name));
    assert!(only_old_forms, "{text}");
    project.unwrap_or_else(|| panic!("{text}"))
}

/// The schema, read anew: the test must not share a fault with what it tests.
struct Schema(Value);

impl Schema {
    fn embedded() -> Self {
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/load/schema.json");
        Self(serde_json::from_str(&fs::read_to_string(path).unwrap()).unwrap())
    }

    /// The paths of all attributes that have no attributes of their own, without the names that users
    /// choose and without indices: `services.ports.target`.
    fn collect_attributes(&self, schema: &Value, path: &str, all: &mut BTreeSet<String>) {
        let schema = self.resolve(schema);
        if let Some(forms) = schema["oneOf"].as_array() {
            let is_long = |form: &&Value| {
                let form = self.resolve(form);
                form["type"] == "object" || (form["type"] == "array" && self.has_objects(form))
            };
            let long: Vec<&Value> = forms.iter().filter(is_long).collect();
            for form in if long.is_empty() { forms.iter().take(1).collect() } else { long } {
                self.collect_attributes(form, path, all);
            }
            return;
        }
        let mut is_leaf = true;
        for part in schema["allOf"].as_array().into_iter().flatten() {
            is_leaf = false;
            self.collect_attributes(part, path, all);
        }
        for (key, attribute) in schema["properties"].as_object().into_iter().flatten() {
            is_leaf = false;
            self.collect_attributes(attribute, &join(path, key), all);
        }
        for (pattern, member) in schema["patternProperties"].as_object().into_iter().flatten() {
            is_leaf = false;
            if pattern == "^x-" {
                all.insert(join(path, "x-*"));
            } else {
                self.collect_attributes(member, path, all);
            }
        }
        if let Some(items) = schema.get("items") {
            is_leaf = false;
            self.collect_attributes(items, path, all);
        }
        // `external` is `true`, or a mapping with a name
        let also_scalar =
            schema["type"].as_array().is_some_and(|types| types.contains(&"boolean".into()));
        if is_leaf || also_scalar {
            all.insert(path.to_owned());
        }
    }

    /// The paths that a document sets, of the same form.
    fn collect_set(&self, schema: &Value, value: &Value, path: &str, all: &mut BTreeSet<String>) {
        let schema = self.resolve(schema);
        let forms = schema["oneOf"].as_array().map(Vec::as_slice).unwrap_or_default();
        let form = |kind: &str| {
            forms.iter().map(|form| self.resolve(form)).find(|form| form["type"] == kind)
        };
        match value {
            Value::Object(entries) => {
                let schema = form("object").unwrap_or(schema);
                let parts = schema["allOf"].as_array().map(Vec::as_slice).unwrap_or_default();
                let parts: Vec<&Value> = parts.iter().map(|part| self.resolve(part)).collect();
                let parts = || parts.iter().copied().chain([schema]);
                for (key, value) in entries {
                    let mut patterns =
                        parts().filter_map(|part| part["patternProperties"].as_object());
                    let pattern = patterns
                        .find_map(|patterns| patterns.iter().find(|(name, _)| *name != "^x-"));
                    if let Some(attribute) = parts().find_map(|part| part["properties"].get(key)) {
                        self.collect_set(attribute, value, &join(path, key), all);
                    } else if let Some((_, member)) = pattern {
                        self.collect_set(member, value, path, all);
                    } else if key.starts_with("x-") {
                        all.insert(join(path, "x-*"));
                    } else {
                        all.insert(path.to_owned());
                    }
                }
            }
            Value::Array(items) => {
                let schema = form("array").unwrap_or(schema);
                for item in items {
                    self.collect_set(&schema["items"], item, path, all);
                }
            }
            _ => {
                all.insert(path.to_owned());
            }
        }
    }

    fn resolve<'a>(&'a self, schema: &'a Value) -> &'a Value {
        match schema["$ref"].as_str() {
            Some(reference) => {
                self.0.pointer(reference.trim_start_matches('#')).expect("the reference resolves")
            }
            None => schema,
        }
    }

    fn has_objects(&self, list: &Value) -> bool {
        let items = self.resolve(&list["items"]);
        let forms = items["oneOf"].as_array().map(Vec::as_slice).unwrap_or_default();
        items["type"] == "object" || forms.iter().any(|form| self.resolve(form)["type"] == "object")
    }
}

fn join(path: &str, key: &str) -> String {
    if path.is_empty() { key.to_owned() } else { format!("{path}.{key}") }
}
