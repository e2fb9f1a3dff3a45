//! What every writer can rely on, over a store in memory.

mod deleting;
mod services;
mod writing;

use serde_json::{Value, json};

use super::*;
use crate::kubernetes::kinds;

fn kind(api_version: &str, kind: &str) -> &'static Kind {
    kinds::find(api_version, kind).unwrap()
}

fn options() -> WriteOptions {
    WriteOptions { manager: "test".to_owned(), ..WriteOptions::default() }
}

fn config_map(name: &str) -> Key {
    Key::new(kind("v1", "ConfigMap"), "default", name)
}

fn pod(name: &str) -> Key {
    Key::new(kind("v1", "Pod"), "default", name)
}

fn pod_object(name: &str) -> Value {
    json!({
        "metadata": {"name": name},
        "spec": {"containers": [{"name": "main", "image": "busybox"}]},
    })
}

/// Creates an object in `default` from its JSON.
async fn create(verbs: &Verbs, kind: &'static Kind, object: Value) -> Value {
    verbs.create(kind, "default", object, &options()).await.unwrap().value()
}
