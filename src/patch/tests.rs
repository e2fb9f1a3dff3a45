use serde_json::json;

use super::*;
use crate::diagnostic::text;
use crate::kubernetes::{Application, Gate, GateCondition, Object, Wave};

/// A Deployment `web` and a Service `web`.
fn application() -> Application {
    let objects = [
        json!({
            "apiVersion": "apps/v1",
            "kind": "Deployment",
            "metadata": {"name": "web", "labels": {"tier": "front"}},
            "spec": {
                "replicas": 1,
                "selector": {"matchLabels": {"a": "b"}},
                "template": {"spec": {"containers": [{"name": "web", "image": "nginx"}]}},
            },
        }),
        json!({
            "apiVersion": "v1",
            "kind": "Service",
            "metadata": {"name": "web"},
            "spec": {"ports": [{"name": "tcp-80", "port": 80}]},
        }),
    ];
    let objects = objects
        .map(|object| match object {
            serde_json::Value::Object(fields) => Object::new(fields).unwrap(),
            _ => unreachable!(),
        })
        .into();
    let gate = Gate {
        kind: "Deployment".to_owned(),
        name: "web".to_owned(),
        until: GateCondition::Ready,
        required: true,
    };
    Application { project: "app".to_owned(), waves: vec![Wave { objects, gates: vec![gate] }] }
}

/// The objects after the patches, or what is wrong with the patches.
fn patched(patches: &str) -> Result<Application, String> {
    let shown = |report: Report| text::render(&report, false);
    let patches = parse(&Arc::new(Source::new("p.yaml", patches))).map_err(shown)?;
    let mut application = application();
    let report = apply_patches(&patches, &mut application);
    if report.is_empty() { Ok(application) } else { Err(shown(report)) }
}

fn check(patches: &str, pointer: &str, expected: &serde_json::Value) {
    let application = patched(patches).unwrap_or_else(|error| panic!("{error}"));
    let objects: Vec<serde_json::Value> =
        application.objects().map(|object| object.clone().into_value()).collect();
    assert_eq!(json!(objects).pointer(pointer), Some(expected), "{patches}");
}

#[test]
fn a_part_of_an_object_is_merged_by_the_keys_of_lists() {
    check(
        "kind: Deployment\nmetadata: {name: web}\nspec:\n  template:\n    spec:\n      containers:\n      - {name: web, tty: true}\n      - {name: side, image: busybox}\n",
        "/0/spec/template/spec/containers",
        &json!([
            {"name": "web", "image": "nginx", "tty": true},
            {"name": "side", "image": "busybox"},
        ]),
    );
    check(
        "{apiVersion: v1, kind: Service, metadata: {name: web, annotations: {a: b}}}",
        "/1/metadata",
        &json!({"name": "web", "annotations": {"a": "b"}}),
    );
}

#[test]
fn operations_are_applied_in_their_order() {
    for patch in [
        "target: {kind: Deployment, name: web}\npatch:\n- {op: replace, path: /spec/replicas, value: 2}\n- {op: test, path: /spec/replicas, value: 2}\n- {op: replace, path: /spec/replicas, value: 3}\n",
        "target: {labelSelector: 'tier=front, tier!=back, !other, tier'}\npatch: |-\n  - op: replace\n    path: /spec/replicas\n    value: 3\n",
        r#"{"target": {"group": "apps", "version": "v1"}, "patch": [{"op": "add", "path": "/spec/replicas", "value": 3}]}"#,
        "# nothing\n---\ntarget: {kind: Deployment}\npatch: {kind: ignored, metadata: {name: ignored}, spec: {replicas: 2}}\n---\nkind: Deployment\nmetadata: {name: web}\nspec: {replicas: 3}\n",
    ] {
        check(patch, "/0/spec/replicas", &json!(3));
        check(patch, "/0/metadata/name", &json!("web"));
    }
}

#[test]
fn an_object_can_be_deleted_and_nobody_waits_for_it() {
    let application = patched("$patch: delete\nkind: Deployment\nmetadata: {name: web}\n").unwrap();
    assert_eq!(application.objects().count(), 1);
    assert!(application.waves[0].gates.is_empty());
}

#[test]
fn what_is_wrong_with_a_patch_is_said_with_its_place() {
    for (patch, line, message) in [
        ("a: [", 1, "this is not YAML"),
        ("- a\n", 1, "a patch is a part of an object"),
        ("---\nkind: Service\nspec: {}\n", 2, "`metadata.name` is missing"),
        ("kind: Service\nmetadata: {name: wbe}\n", 1, "there is no Service `wbe`"),
        ("target: {kind: Service, name: we.*}\npatch: []\n", 1, "regular expressions"),
        (
            "target:\n  kind: Service\n  annotationSelector: a\npatch: []\n",
            3,
            "no `annotationSelector`",
        ),
        ("target: {kind: Service}\npath: x\npatch: []\n", 2, "unknown field `path`"),
        ("target: {kind: Service}\npatch:\n- op: remove\n  path: /a\n", 3, "cannot remove `/a`"),
        (
            "target: {kind: Service}\npatch:\n- op: add\n  path: /spec/type\n  value: x\n- op: nothing\n",
            6,
            "operation 2 is not well-formed",
        ),
        ("patch:\n- op: remove\n  path: /a\n", 1, "needs a `target`"),
        ("target: {kind: Service}\npatch: |\n  a: 1\n  ---\n  b: 1\n", 2, "must hold one patch"),
        (
            "kind: Deployment\nmetadata:\n  name: web\nspec:\n  replicas: many\n",
            5,
            "expected an integer",
        ),
        (
            "kind: Deployment\nmetadata:\n  name: web\nspec:\n  replica: 2\n",
            5,
            "did you mean `replicas`?",
        ),
        (
            "target: {name: web, kind: Service}\npatch: [{op: replace, path: /metadata/name, value: x}]\n",
            2,
            "cannot change `kind`",
        ),
        ("kind: Service\nmetadata: {name: web}\nspec:\n  ports: [{port: {}}]\n", 4, "expected"),
        ("kind: Service\nmetadata: {name: web}\n$patch: wrong\n", 1, "unknown patch type"),
    ] {
        let error = patched(patch).unwrap_err();
        assert!(error.contains(message), "{patch}\n{error}");
        assert!(error.contains(&format!("p.yaml:{line}:")), "line {line} of\n{patch}\n{error}");
    }
}
