use std::sync::Arc;

use indexmap::IndexSet;
use proptest::collection::{hash_set, vec};
use proptest::prelude::*;

use crate::diagnostic::{Report, Severity, Source};
use crate::load::cast::cast;
use crate::load::schema::{Damage, validate};
use crate::load::tree::{Mapping, Node, Value, parse_documents};

use super::canonicalise;

/// Text that may be a short form of anything.
fn text() -> impl Strategy<Value = String> {
    prop_oneof![
        "[0-9a-z:/.,=\\[\\]{}$ ~-]{0,24}",
        "[0-9]{1,5}(-[0-9]{1,5})?:[0-9]{1,5}(-[0-9]{1,5})?(/(tcp|udp))?",
        "[./~a-zC]{1,8}:/[a-z/.]{1,8}(:(ro|rw|z|nocopy|shared))?",
        "[A-Za-z_.]{1,8}[=: ][a-z0-9.:,]{0,12}",
        "\\PC{0,16}",
    ]
}

prop_compose! {
    /// A project with one service that has the same items everywhere.
    ///
    /// Names are not empty: a list may hold such a one, but no mapping.
    fn project()(
        items in vec(text().prop_filter("a name", |text| !text.is_empty() && !text.starts_with('=')), 0..4),
        names in hash_set("[a-zA-Z0-9._-]{1,8}", 0..4),
        one in text(),
    ) -> String {
        let one = serde_json::to_string(&one).expect("a text");
        let items: IndexSet<String> = items.into_iter().collect();
        let list = serde_json::to_string(&items).expect("texts");
        let names = serde_json::to_string(&names).expect("texts");
        format!(
            "services: {{web: {{image: a, ports: {list}, volumes: {list}, devices: {list}, extra_hosts: {list}, \
             environment: {list}, labels: {list}, networks: {names}, models: {names}, depends_on: {names}, \
             command: {one}, entrypoint: {list}, dns: {one}, env_file: {one}, secrets: {list}, \
             ulimits: {{nofile: 5}}, healthcheck: {{test: {one}}}, post_start: [{{command: {one}}}], \
             build: {{context: {one}, ssh: {list}, additional_contexts: {list}, args: {list}}}}}}}"
        )
    }
}

proptest! {
    /// A base is canonical when the next file is merged over it: it is validated and expanded again.
    #[test]
    fn what_is_canonical_follows_the_schema_and_stays_as_it_is(text in project()) {
        let mut report = Report::new();
        let source = Arc::new(Source::new("compose.yaml", text));
        let mut root = parse_documents(&source, &mut report).expect("JSON").remove(0);
        cast(&mut root, |_| true, &mut report);
        validate(&mut root, |_| true, &mut Damage::default(), &mut report);
        canonicalise(&mut root, &mut report);
        let once = root.clone();

        let mut report = Report::new();
        cast(&mut root, |_| true, &mut report);
        validate(&mut root, |_| true, &mut Damage::default(), &mut report);
        canonicalise(&mut root, &mut report);
        let errors: Vec<_> = report.iter().filter(|it| it.severity == Severity::Error).collect();
        prop_assert!(errors.is_empty(), "{errors:?}");
        prop_assert!(same(&root, &once), "{root:?}\n{once:?}");
    }
}

/// Whether two trees are equal but for their places.
fn same(one: &Node, other: &Node) -> bool {
    match (&one.value, &other.value) {
        (Value::Mapping(one), Value::Mapping(other)) => {
            let values = |mapping: &Mapping| mapping.iter().count();
            values(one) == values(other)
                && one.iter().all(|(key, entry)| {
                    other.get(key).is_some_and(|other| same(&entry.node, other))
                })
        }
        (Value::Sequence(one), Value::Sequence(other)) => {
            one.len() == other.len() && one.iter().zip(other).all(|(one, other)| same(one, other))
        }
        (one, other) => one == other,
    }
}
