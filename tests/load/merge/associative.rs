//! A over (B over C) is (A over B) over C: for texts, mappings, pairs and lists, of which the Compose
//! Specification says how they merge.
//!
//! The first is what an override file makes of a service that extends one of another file, the second what three
//! files make of it. What compares two neighbours is not associative, neither here nor in the reference, and not
//! tried: options of a log count with their driver, and an item that is there already is passed over, also when
//! another one with its key has come between.

use std::collections::BTreeMap;

use longshore::diagnostic::text;
use longshore::load::{Input, load_project};
use proptest::prelude::*;
use serde_json::Value;

use crate::directory::Directory;
use crate::seeds::fixed;

/// Attributes, and in which forms a file may give them.
const FORMS: &[(&str, &[&str])] = &[
    ("hostname", &["a", "b"]),
    ("init", &["true", "false"]),
    ("command", &["[a]", "b c"]),
    ("entrypoint", &["[a, b]", "c", "[]"]),
    ("environment", &["[A=1, B]", "{B: 2, C: 3}", "[C=4, A=]"]),
    ("labels", &["[a=1]", "{a: 2, b: 3}", "[b=4, c=]"]),
    ("annotations", &["{a: 1}", "[a=2, b=3]"]),
    ("sysctls", &["{a: 1}", "[b=2]", "[a=3]"]),
    ("ports", &["['80']", "['8080:80', '81']", "[{target: 80}, {target: 81, protocol: udp}]"]),
    ("expose", &["['1', '2']", "[2, 3]"]),
    ("volumes", &["['/a:/x']", "['/b:/x', 'data:/y:ro']", "[{type: tmpfs, target: /z}]"]),
    ("tmpfs", &["/a", "['/b', '/c']"]),
    ("secrets", &["[one]", "[{source: two, target: other}]", "[two]"]),
    ("configs", &["[one]", "[{source: one, target: /x}]"]),
    (
        "networks",
        &["[front]", "{front: {aliases: [n]}, back: {priority: 1}}", "{back: {aliases: [m]}}"],
    ),
    ("depends_on", &["[db]", "{db: {condition: service_healthy}}", "[cache]"]),
    ("extra_hosts", &["['a=1.1.1.1']", "{a: 2.2.2.2, b: 3.3.3.3}"]),
    ("dns", &["1.1.1.1", "[1.1.1.1, 8.8.8.8]"]),
    ("cap_add", &["[A, B]", "[B, C]"]),
    ("devices", &["['/dev/a:/dev/x']", "['/dev/b:/dev/x', '/dev/c']"]),
    ("build", &["{context: ., args: [A=1]}", "{args: {A: 2, B: 3}, tags: [t]}", "src"]),
    ("healthcheck", &["{test: a, retries: 1}", "{retries: 2, interval: 1s}", "{test: [CMD, b]}"]),
    (
        "deploy",
        &["{replicas: 1, labels: [a=1]}", "{labels: {a: 2}, resources: {limits: {cpus: '1'}}}"],
    ),
    ("ulimits", &["{a: 1}", "{a: {soft: 1, hard: 2}, b: 3}"]),
    ("x-own", &["{a: {b: 1}}", "{a: {c: [1]}, d: e}", "{a: {c: [2]}}"]),
];

const DEFINITIONS: &str = "
networks: {front: {}, back: {}}
volumes: {data: {}}
secrets: {one: {file: ./s}, two: {file: ./s}}
configs: {one: {content: a}, two: {content: b}}
";

/// A service of some attributes, each in the first of the forms that are chosen for it.
fn service(chosen: &[(&str, &str)]) -> String {
    let mut attributes = BTreeMap::new();
    for (name, form) in chosen {
        attributes.entry(name).or_insert_with(|| format!("{name}: {form}"));
    }
    attributes.into_values().collect::<Vec<_>>().join(", ")
}

fn load(files: &[(&str, &str)]) -> Result<Value, String> {
    let directory = Directory::new(files);
    let compose_files = files.iter().map(|(name, _)| *name).filter(|name| *name != "base.yaml");
    let input = Input { files: compose_files.map(Into::into).collect(), ..directory.input() };
    let (project, report) = load_project(&input);
    let project = project.ok_or_else(|| text::render(&report, false))?;
    let text = serde_json::to_string(&project).unwrap();
    let text = text.replace(&directory.path().display().to_string(), "<DIR>");
    Ok(serde_json::from_str(&text).unwrap())
}

fn chosen() -> impl Strategy<Value = Vec<(&'static str, &'static str)>> {
    let forms = FORMS.iter().flat_map(|(name, forms)| forms.iter().map(|form| (*name, *form)));
    prop::collection::vec(prop::sample::select(forms.collect::<Vec<_>>()), 0..16)
}

proptest! {
    #![proptest_config(fixed(200))]

    #[test]
    fn three_files_merge_in_any_order_of_steps(a in chosen(), b in chosen(), c in chosen()) {
        let [a, b, c] = [a, b, c].map(|chosen| service(&chosen));
        let first = format!(
            "services: {{db: {{image: x}}, cache: {{image: x}}, s: {{image: x, {a}}}}}\n{DEFINITIONS}"
        );
        let second = format!("services: {{s: {{{b}}}}}");
        let third = format!("services: {{s: {{{c}}}}}");
        let extending = third.replace("{s: {", "{s: {extends: {file: base.yaml, service: s}, ");
        let one_by_one = load(&[("a.yaml", &first), ("b.yaml", &second), ("c.yaml", &third)]);
        let two_at_first = load(&[("a.yaml", &first), ("bc.yaml", &extending), ("base.yaml", &second)]);
        prop_assert!(one_by_one.is_ok(), "{}", one_by_one.unwrap_err());
        prop_assert_eq!(one_by_one, two_at_first, "{}\n{}\n{}", first, second, third);
    }
}
