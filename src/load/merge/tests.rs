use std::collections::BTreeMap;
use std::sync::Arc;

use proptest::prelude::*;
use proptest::test_runner::RngSeed;

use crate::diagnostic::Source;
use crate::load::tree::parse_documents;

use super::*;

fn tree(text: &str) -> Node {
    let source = Arc::new(Source::new("compose.yaml", text));
    parse_documents(&source, &mut Report::new()).unwrap().remove(0)
}

/// The values without their places, as JSON-like text.
fn show(node: &Node) -> String {
    match &node.value {
        Value::Null => "null".into(),
        Value::Sequence(items) => {
            format!("[{}]", items.iter().map(show).collect::<Vec<_>>().join(", "))
        }
        Value::Mapping(mapping) => {
            let entries =
                mapping.iter().map(|(key, entry)| format!("{key}: {}", show(&entry.node)));
            format!("{{{}}}", entries.collect::<Vec<_>>().join(", "))
        }
        _ => node.to_text().unwrap(),
    }
}

/// Merges two services `s`, each given by its attributes on one line.
fn merged(base: &str, over: &str) -> String {
    let document = |attributes: &str| tree(&format!("services: {{s: {{{attributes}}}}}"));
    let mut base = document(base);
    let mut report = Report::new();
    merge(&mut base, document(over), &mut report);
    enforce_uniqueness(&mut base);
    if let Some(first) = report.iter().next() {
        return first.message.clone();
    }
    show(base.get("services").unwrap().get("s").unwrap())
}

#[test]
fn services_merge_as_compose_merges_them() {
    let cases = [
        ("image: a, tty: true", "image: b", "{image: b, tty: true}"),
        ("image: a", "image: null", "{image: a}"),
        ("command: [a, b]", "command: [c]", "{command: [c]}"),
        ("command: [a, b]", "command: null", "{command: null}"),
        ("entrypoint: a", "entrypoint: [b]", "{entrypoint: [b]}"),
        (
            "healthcheck: {test: [CMD, a], retries: 1}",
            "healthcheck: {test: b}",
            "{healthcheck: {test: b, retries: 1}}",
        ),
        (
            "environment: [A=1, B]",
            "environment: {B: 2, C: null, A: null}",
            "{environment: {A: null, B: 2, C: null}}",
        ),
        ("labels: {a: 1}", "labels: [a=2, b=3]", "{labels: {a: 2, b: 3}}"),
        ("dns: 1.1.1.1", "dns: [8.8.8.8, 1.1.1.1]", "{dns: [1.1.1.1, 8.8.8.8]}"),
        ("tmpfs: /a", "tmpfs: /b", "{tmpfs: [/a, /b]}"),
        (
            "env_file: a.env",
            "env_file: [{path: b.env}, a.env]",
            "{env_file: [a.env, {path: b.env}]}",
        ),
        ("build: ./a", "build: {target: x}", "{build: {context: ./a, target: x}}"),
        (
            "build: {context: a, args: [X=1]}",
            "build: {args: {X: 2}}",
            "{build: {context: a, args: {X: 2}}}",
        ),
        (
            "depends_on: [a]",
            "depends_on: {b: {condition: service_healthy}}",
            "{depends_on: {a: {condition: service_started, required: true}, b: {condition: service_healthy}}}",
        ),
        (
            "networks: [a]",
            "networks: {a: {aliases: [x]}, b: null}",
            "{networks: {a: {aliases: [x]}, b: null}}",
        ),
        (
            "logging: {driver: a, options: {x: 1}}",
            "logging: {options: {y: 2}}",
            "{logging: {driver: a, options: {x: 1, y: 2}}}",
        ),
        ("logging: {driver: a, options: {x: 1}}", "logging: {driver: b}", "{logging: {driver: b}}"),
        ("ulimits: {n: {soft: 1, hard: 2}}", "ulimits: {n: 5}", "{ulimits: {n: 5}}"),
        (
            "extra_hosts: ['a=1.1.1.1']",
            "extra_hosts: {a: 2.2.2.2, b: '::1'}",
            "{extra_hosts: {a: [1.1.1.1, 2.2.2.2], b: [::1]}}",
        ),
        ("ports: ['80:80']", "ports: ['80:80', '81:81']", "{ports: [80:80, 81:81]}"),
        (
            "volumes: ['one:/x', 'two:/y']",
            "volumes: ['new:/x:ro', '/z']",
            "{volumes: [new:/x:ro, two:/y, /z]}",
        ),
        (
            "secrets: [a]",
            "secrets: [{source: a, mode: 256}]",
            "{secrets: [{source: a, mode: 256}]}",
        ),
        ("configs: [a]", "configs: [a, b]", "{configs: [a, b]}"),
        ("security_opt: [a]", "security_opt: [a]", "{security_opt: [a]}"),
        ("devices: ['/dev/a']", "devices: ['/dev/b:/dev/a']", "{devices: [/dev/b:/dev/a]}"),
        (
            "ports: ['80:80']",
            "ports: {a: 1}",
            "`services.s.ports` is a mapping here, but a list before",
        ),
    ];
    for (base, over, expected) in cases {
        assert_eq!(merged(base, over), expected, "{base} <- {over}");
    }
}

#[test]
fn address_pools_merge_by_subnet() {
    let mut base = tree("networks: {n: {ipam: {config: [{subnet: a, gateway: g}, {subnet: b}]}}}");
    let over = tree("networks: {n: {ipam: {config: [{subnet: c}, {subnet: a, ip_range: r}]}}}");
    merge(&mut base, over, &mut Report::new());
    let expected = "{networks: {n: {ipam: {config: [{subnet: a, gateway: g, ip_range: r}, \
                    {subnet: b}, {subnet: c}]}}}}";
    assert_eq!(show(&base), expected);
}

/// A part of a document whose attributes merge key by key or item by item. What counts only together
/// (options and their driver, soft and hard limits) and what stands alone (commands) is not among them.
fn part() -> impl Strategy<Value = String> {
    let texts = || prop::collection::vec(prop::sample::select(vec!["a", "b", "c", "null"]), 0..3);
    let list =
        |key: &'static str| texts().prop_map(move |it| format!("{key}: [{}]", it.join(", ")));
    let pairs = |key: &'static str| {
        let value = prop::sample::select(vec!["1", "x", "null"]);
        prop::collection::btree_map("[abc]", value, 0..3).prop_map(move |it| {
            let pairs = it.iter().map(|(name, value)| format!("{name}: {value}"));
            format!("{key}: {{{}}}", pairs.collect::<Vec<_>>().join(", "))
        })
    };
    let scalar = |key: &'static str| {
        prop::sample::select(vec!["1", "x", "true", "null"])
            .prop_map(move |it| format!("{key}: {it}"))
    };
    let attribute = prop_oneof![
        scalar("image"),
        scalar("tty"),
        list("cap_add"),
        list("security_opt"),
        pairs("labels"),
        pairs("environment"),
        pairs("x-anything"),
        pairs("storage_opt"),
    ];
    prop::collection::vec(attribute, 0..5).prop_map(|attributes| {
        // a key stands once in a mapping
        let mut named = BTreeMap::new();
        for attribute in attributes {
            named.insert(attribute.split(':').next().unwrap_or_default().to_owned(), attribute);
        }
        let attributes: Vec<String> = named.into_values().collect();
        format!("services: {{s: {{{}}}}}", attributes.join(", "))
    })
}

proptest! {
    #![proptest_config(ProptestConfig {
        rng_seed: RngSeed::Fixed(0),
        failure_persistence: None,
        ..ProptestConfig::default()
    })]

    #[test]
    fn three_documents_are_the_same_whichever_two_meet_first(
        first in part(),
        second in part(),
        third in part(),
    ) {
        let over = |base: &Node, over: &Node| {
            let mut merged = base.clone();
            let mut report = Report::new();
            merge(&mut merged, over.clone(), &mut report);
            (merged, report.is_empty())
        };
        let [first, second, third] = [first, second, third].map(|text| tree(&text));
        let (two, fits) = over(&first, &second);
        let (left, also) = over(&two, &third);
        prop_assert!(fits && also);
        let (two, _) = over(&second, &third);
        let (right, _) = over(&first, &two);
        prop_assert_eq!(show(&left), show(&right));
        let (again, _) = over(&left, &third);
        prop_assert_eq!(show(&again), show(&left));
    }
}
