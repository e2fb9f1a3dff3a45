use serde_json::json;

use super::*;
use crate::kubernetes::kinds;

fn target(name: &str) -> Reference {
    let kind = kinds::find("v1", "ConfigMap").unwrap();
    Reference { key: Key::new(kind, "shop", name), uid: name.to_owned() }
}

/// An object with owners and finalizers; `deleting` when its name starts with `!`.
fn item(name: &str, owners: &[&str], finalizers: &[&str]) -> Item {
    let owner = |uid: &&str| {
        json!({"apiVersion": "v1", "kind": "ConfigMap", "name": uid, "uid": uid,
            "blockOwnerDeletion": true})
    };
    let mut metadata = json!({
        "name": name.trim_start_matches('!'),
        "uid": name.trim_start_matches('!'),
        "ownerReferences": owners.iter().map(owner).collect::<Vec<_>>(),
        "finalizers": finalizers,
    });
    if name.starts_with('!') {
        metadata["deletionTimestamp"] = json!("2026-01-01T00:00:00Z");
    }
    serde_json::from_value(json!({"metadata": metadata})).unwrap()
}

fn check(item: &Item, owners: Vec<Item>, dependents: Vec<Item>, expected: &str) {
    let name = |item: &Item| item.metadata.name.clone().unwrap();
    let dependents = dependents.into_iter().map(|one| (target(&name(&one)), one)).collect();
    let plan = reconcile(&target(&name(item)), item, &Observed { owners, dependents });
    let propagation = plan.operations.iter().map(|operation| match operation {
        Operation::Delete { propagation, .. } => format!("{operation} {propagation:?}"),
        other => other.to_string(),
    });
    assert_eq!(propagation.collect::<Vec<_>>().join("\n"), expected);
}

#[test]
fn an_object_lives_as_long_as_one_of_its_owners() {
    let (a, b) = (item("a", &[], &[]), item("b", &[], &[]));
    check(&item("x", &[], &[]), vec![], vec![], "");
    check(&item("x", &["a", "b"], &[]), vec![a.clone(), b], vec![], "");
    check(&item("x", &["a"], &[]), vec![], vec![], "delete ConfigMap x Background");
    let left = json!([{"apiVersion": "v1", "blockOwnerDeletion": true, "kind": "ConfigMap",
        "name": "a", "uid": "a"}]);
    check(
        &item("x", &["a", "b"], &[]),
        vec![a],
        vec![],
        &format!("patch ConfigMap x {{\"metadata\":{{\"ownerReferences\":{left}}}}}"),
    );
}

#[test]
fn an_owner_in_the_foreground_waits_for_those_that_block_it() {
    let owner = item("!a", &[], &["foregroundDeletion"]);
    let dependent = item("x", &["a"], &[]);
    check(&owner, vec![], vec![dependent.clone()], "");
    check(&owner, vec![], vec![], "patch ConfigMap a {\"metadata\":{\"finalizers\":null}}");
    check(&dependent, vec![owner.clone()], vec![], "delete ConfigMap x Background");
    let below = item("y", &["x"], &[]);
    check(&dependent, vec![owner], vec![below], "delete ConfigMap x Foreground");
}

#[test]
fn an_orphaned_object_loses_the_owner_before_the_owner_goes() {
    let owner = item("!a", &[], &["example.com/other", "orphan"]);
    check(
        &owner,
        vec![],
        vec![item("x", &["a"], &[])],
        "patch ConfigMap x {\"metadata\":{\"ownerReferences\":null}}",
    );
    check(
        &owner,
        vec![],
        vec![],
        "patch ConfigMap a {\"metadata\":{\"finalizers\":[\"example.com/other\"]}}",
    );
}
