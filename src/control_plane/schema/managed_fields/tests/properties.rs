use std::collections::BTreeSet;

use proptest::prelude::*;
use serde_json::json;

use super::*;

/// Pods that a client may send: known and unknown fields, right and wrong types, equal and missing keys.
fn any_pod() -> impl Strategy<Value = Value> {
    let names = prop::sample::select(vec![
        "spec",
        "metadata",
        "containers",
        "name",
        "image",
        "ports",
        "containerPort",
        "labels",
        "env",
        "a",
        "status",
        "finalizers",
        "selector",
        "",
    ]);
    let leaf = prop_oneof![
        prop::sample::select(vec!["a", "b", ""]).prop_map(Value::from),
        (0..3_i64).prop_map(Value::from),
        Just(Value::Null),
    ];
    let value = leaf.prop_recursive(5, 40, 4, move |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(Value::Array),
            prop::collection::vec((names.clone(), inner), 0..4).prop_map(|fields| {
                fields.into_iter().map(|(name, value)| (name.to_owned(), value)).collect()
            }),
        ]
    });
    let container = prop::collection::vec(value.clone(), 0..3);
    (value.clone(), value, container).prop_map(|(metadata, spec, containers)| {
        let mut pod =
            json!({"apiVersion": "v1", "kind": "Pod", "metadata": metadata, "spec": spec});
        if let Some(spec) = pod["spec"].as_object_mut() {
            spec.insert("containers".to_owned(), Value::Array(containers));
        }
        pod
    })
}

proptest! {
    #[test]
    fn writes_never_panic_and_applying_again_changes_nothing(live in any_pod(), config in any_pod()) {
        let kind = kind_of(&config);
        let mut live = live;
        track_update(kind, None, &mut live, writer("curl", FIRST));
        if let Ok(once) = apply(kind, Some(&live), &config, writer("m", FIRST), true) {
            let again = apply(kind, Some(&once), &config, writer("m", LATER), false);
            prop_assert_eq!(again, Ok(once));
        }
    }
}

/// Pods as several people may apply them, each with a few of three containers and of three variables.
fn right_pod() -> impl Strategy<Value = Value> {
    let variable =
        (prop::sample::select(vec!["A", "B", "C"]), prop::sample::select(vec!["1", "2"]));
    let container = (
        prop::sample::select(vec!["a", "b", "c"]),
        prop::option::of(prop::sample::select(vec!["i", "j"])),
        prop::collection::btree_map(variable.0, variable.1, 0..3),
    );
    prop::collection::vec(container, 1..4).prop_map(|containers| {
        let mut seen = BTreeSet::new();
        let containers: Vec<_> = containers
            .into_iter()
            .filter(|(name, ..)| seen.insert(*name))
            .map(|(name, image, variables)| {
                let variables = variables.iter().map(|(name, value)| json!({"name": name, "value": value}));
                json!({"name": name, "image": image, "env": variables.collect::<Vec<_>>()})
            })
            .collect();
        json!({"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "p"}, "spec": {"containers": containers}})
    })
}

/// Whether all that a config says is so in an object; lists by name.
fn holds(object: &Value, config: &Value) -> bool {
    match (object, config) {
        (_, Value::Null) => true,
        (Value::Object(object), Value::Object(config)) => {
            config.iter().all(|(key, value)| holds(object.get(key).unwrap_or(&Value::Null), value))
        }
        (_, Value::Array(config)) if config.is_empty() => true,
        (Value::Array(object), Value::Array(config)) => config.iter().all(|item| {
            object.iter().any(|held| held["name"] == item["name"] && holds(held, item))
        }),
        (object, config) => object == config,
    }
}

proptest! {
    #[test]
    fn forced_applies_win_and_each_field_is_somebodys(
        writes in prop::collection::vec((prop::sample::select(vec!["m", "n", "o"]), right_pod()), 1..6)
    ) {
        let mut story = Story::default();
        for (manager, config) in &writes {
            let live = story.live.take();
            let applied = apply(kind_of(config), live.as_ref(), config, writer(manager, FIRST), true);
            let applied = applied.map_err(|status| TestCaseError::fail(status.message))?;
            prop_assert!(holds(&applied, config), "{applied}\n{config}");
            let again = apply(kind_of(config), Some(&applied), config, writer(manager, LATER), false);
            prop_assert_eq!(again.as_ref(), Ok(&applied));
            story.live = Some(applied);
        }
        // Nobody owns a container that is not there, and each that is there has an owner.
        let present = story.object()["spec"]["containers"].as_array().map_or(0, Vec::len);
        let owned: BTreeSet<_> = story
            .owners()
            .iter()
            .flat_map(|line| line.split(' ').map(str::to_owned).collect::<Vec<_>>())
            .filter(|path| path.starts_with(".spec.containers[") && path.ends_with(']') && !path.contains("env"))
            .collect();
        prop_assert_eq!(present, owned.len());
    }
}
