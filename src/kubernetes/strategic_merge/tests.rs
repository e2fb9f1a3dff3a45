use proptest::prelude::*;
use serde_json::json;
use similar_asserts::assert_eq;

use super::*;

fn read(text: &str) -> Value {
    serde_yaml::from_str(text).unwrap()
}

fn merged(kind: (&str, &str), original: &str, patch: &str) -> Result<Value, String> {
    merge(Type::of_kind(kind.0, kind.1).unwrap(), &read(original), &read(patch))
}

fn check(kind: (&str, &str), original: &str, patch: &str, expected: &str) {
    let merged = merged(kind, original, patch).unwrap();
    assert_eq!(format!("{merged:#}"), format!("{:#}", read(expected)));
}

const POD: (&str, &str) = ("v1", "Pod");
const DEPLOYMENT: (&str, &str) = ("apps/v1", "Deployment");

#[test]
fn maps_merge_and_nulls_delete() {
    check(
        DEPLOYMENT,
        "{metadata: {labels: {a: b, c: d}}, spec: {replicas: 1, paused: true}}",
        "{metadata: {labels: {c: null, e: f, g: null}}, spec: {replicas: 2, paused: null, template: {metadata: null}}}",
        "{metadata: {labels: {a: b, e: f}}, spec: {replicas: 2, template: {}}}",
    );
}

#[test]
fn lists_merge_by_their_key() {
    check(
        POD,
        "{spec: {containers: [{name: a, image: '1', args: [x]}, {name: b, image: '1'}]}}",
        "{spec: {containers: [{name: b, image: '2'}, {name: c, image: '3'}, {name: a, args: [z]}]}}",
        "{spec: {containers: [{name: b, image: '2'}, {name: c, image: '3'}, {name: a, image: '1', args: [z]}]}}",
    );
}

#[test]
fn items_that_the_patch_does_not_name_stay_where_they_were() {
    check(
        POD,
        "{spec: {containers: [{name: a}, {name: b}, {name: c}]}}",
        "{spec: {containers: [{name: c, image: x}]}}",
        "{spec: {containers: [{name: a}, {name: b}, {name: c, image: x}]}}",
    );
}

#[test]
fn directives_delete_and_replace() {
    check(
        POD,
        "{spec: {containers: [{name: a}, {name: b}]}}",
        "{spec: {containers: [{$patch: delete, name: a}]}}",
        "{spec: {containers: [{name: b}]}}",
    );
    check(
        POD,
        "{spec: {containers: [{name: a}, {name: b}]}}",
        "{spec: {containers: [{$patch: replace}, {name: c}]}}",
        "{spec: {containers: [{name: c}]}}",
    );
    check(
        POD,
        "{metadata: {labels: {a: b}}, spec: {securityContext: {runAsUser: 1}}}",
        "{metadata: {labels: {$patch: replace, c: d}}, spec: {securityContext: {$patch: delete}}}",
        "{metadata: {labels: {c: d}}, spec: {securityContext: {}}}",
    );
}

#[test]
fn element_order_is_set() {
    check(
        POD,
        "{spec: {containers: [{name: a}, {name: sidecar}, {name: b}, {name: c}]}}",
        "{spec: {$setElementOrder/containers: [{name: c}, {name: a}], containers: [{$patch: delete, name: b}]}}",
        "{spec: {containers: [{name: sidecar}, {name: c}, {name: a}]}}",
    );
    check(
        POD,
        "{spec: {containers: [{name: a, image: x}]}}",
        "{spec: {$setElementOrder/containers: [{name: n}, {name: a}], containers: [{name: n}]}}",
        "{spec: {containers: [{name: n}, {name: a, image: x}]}}",
    );
    check(
        POD,
        "{spec: {}}",
        "{spec: {$setElementOrder/containers: [{name: n}], containers: [{name: n}]}}",
        "{spec: {containers: [{name: n}]}}",
    );
    check(
        POD,
        "{spec: {containers: [{name: a}], hostNetwork: true}}",
        "{spec: {$setElementOrder/containers: [], containers: null}}",
        "{spec: {hostNetwork: true}}",
    );
}

#[test]
fn lists_of_scalars_merge_when_the_type_says_so() {
    check(
        POD,
        "{metadata: {finalizers: [a, b]}}",
        "{metadata: {finalizers: [c]}}",
        "{metadata: {finalizers: [c, a, b]}}",
    );
    check(
        POD,
        "{metadata: {finalizers: [a, b, c]}}",
        "{metadata: {$deleteFromPrimitiveList/finalizers: [b], $setElementOrder/finalizers: [c, a]}}",
        "{metadata: {finalizers: [c, a]}}",
    );
    check(
        POD,
        "{spec: {tolerations: [{key: a}]}}",
        "{spec: {tolerations: [{key: b}]}}",
        "{spec: {tolerations: [{key: b}]}}",
    );
}

#[test]
fn retained_keys_are_all_that_is_left() {
    check(
        DEPLOYMENT,
        "{spec: {strategy: {type: RollingUpdate, rollingUpdate: {maxSurge: 1}}}}",
        "{spec: {strategy: {$retainKeys: [type], type: Recreate}}}",
        "{spec: {strategy: {type: Recreate}}}",
    );
    check(
        POD,
        "{spec: {volumes: [{name: a, emptyDir: {}}]}}",
        "{spec: {volumes: [{name: a, $retainKeys: [name, hostPath], hostPath: {path: /x}}]}}",
        "{spec: {volumes: [{name: a, hostPath: {path: /x}}]}}",
    );
}

#[test]
fn wrong_patches_are_refused() {
    let refused =
        |patch: &str| merged(POD, "{spec: {containers: [{name: a}]}}", patch).unwrap_err();
    assert_eq!(
        refused("{spec: {containers: [{image: x}]}}"),
        "map: {\"image\":\"x\"} does not contain declared merge key: name"
    );
    assert_eq!(refused("{spec: {$patch: explode}}"), "unknown patch type \"explode\" in map: {}");
    assert_eq!(
        refused("{spec: {$retainKeys: [x], containers: []}}"),
        "invalid patch format of retainKeys: it does not name `containers`"
    );
    assert_eq!(refused("[]"), "Invalid JSON document");
}

fn any_patch() -> impl Strategy<Value = Value> {
    let names = prop::sample::select(vec![
        "spec",
        "containers",
        "name",
        "finalizers",
        "metadata",
        "$patch",
        "$retainKeys",
        "$setElementOrder/containers",
        "$setElementOrder/finalizers",
        "$deleteFromPrimitiveList/finalizers",
    ]);
    let leaf = prop_oneof![
        prop::sample::select(vec!["a", "b", "replace", "delete", "merge"]).prop_map(Value::from),
        Just(Value::Null),
        Just(json!(1)),
    ];
    leaf.prop_recursive(5, 40, 4, move |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(Value::Array),
            prop::collection::vec((names.clone(), inner), 0..4).prop_map(|fields| {
                fields.into_iter().map(|(name, value)| (name.to_owned(), value)).collect()
            }),
        ]
    })
}

fn has_directives(value: &Value) -> bool {
    match value {
        Value::Object(fields) => {
            fields.iter().any(|(key, value)| key.starts_with('$') || has_directives(value))
        }
        Value::Array(items) => items.iter().any(has_directives),
        _ => false,
    }
}

proptest! {
    #[test]
    fn no_patch_panics_or_leaves_a_directive(patch in any_patch()) {
        let pod = Type::of_kind("v1", "Pod").unwrap();
        let object = json!({
            "metadata": {"finalizers": ["a", "b"]},
            "spec": {"containers": [{"name": "a"}, {"name": "b"}]},
        });
        if let Ok(merged) = merge(pod, &object, &patch) {
            prop_assert!(!has_directives(&merged), "{merged}");
        }
    }
}
