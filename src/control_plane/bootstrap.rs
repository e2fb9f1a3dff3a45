//! The objects that every cluster has from its first start.

use serde_json::{Value, json};

use super::verbs::{Key, Verbs, WriteOptions};
use crate::kubernetes::{Reason, Status, kinds};

/// Who writes them.
const MANAGER: &str = "longshore-bootstrap";
const NAMESPACES: &[&str] = &["default", "kube-system", "kube-public", "kube-node-lease"];

/// Creates the namespaces that every cluster has; those that are there stay as they are.
pub async fn namespaces(verbs: &Verbs) -> Result<(), Status> {
    for name in NAMESPACES {
        ensure(verbs, json!({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": name}}))
            .await?;
    }
    Ok(())
}

/// Creates an object unless it is there: what a user changed stays changed.
async fn ensure(verbs: &Verbs, object: Value) -> Result<(), Status> {
    let text = |path| object.pointer(path).and_then(Value::as_str).unwrap_or("").to_owned();
    let kind = kinds::find(&text("/apiVersion"), &text("/kind"))
        .ok_or_else(|| Status::new(Reason::InternalError, "bootstrap of an unknown kind"))?;
    let key = Key::new(kind, text("/metadata/namespace"), text("/metadata/name"));
    if verbs.get(&key).is_ok() {
        return Ok(());
    }
    let options = WriteOptions { manager: MANAGER.to_owned(), ..WriteOptions::default() };
    match verbs.create(kind, &key.namespace, object, &options).await {
        Err(status) if status.reason != Reason::AlreadyExists => Err(status),
        _ => Ok(()),
    }
}
