//! The objects that every cluster has from its first start.

use std::net::{Ipv4Addr, SocketAddr};

use serde_json::{Value, json};

use super::verbs::{Key, Patch, Verbs, WriteOptions};
use crate::kubernetes::{Reason, Status, kinds};

/// Who writes them.
const MANAGER: &str = "longshore-bootstrap";
const NAMESPACES: &[&str] = &["default", "kube-system", "kube-public", "kube-node-lease"];

/// Creates all objects that every cluster has.
pub async fn objects(verbs: &Verbs) -> Result<(), Status> {
    namespaces(verbs).await?;
    for object in [
        storage_class(),
        node_critical(),
        cluster_critical(),
        kubernetes_service(verbs.range().kubernetes()),
    ] {
        ensure(verbs, object).await?;
    }
    Ok(())
}

/// Says where the service `kubernetes` leads: to the server, as pods reach it.
pub async fn endpoints(verbs: &Verbs, server: SocketAddr) -> Result<(), Status> {
    for object in [kubernetes_endpoints(server), kubernetes_endpoint_slice(server)] {
        apply(verbs, object).await?;
    }
    Ok(())
}

/// Creates the namespaces that every cluster has; those that are there stay as they are.
pub async fn namespaces(verbs: &Verbs) -> Result<(), Status> {
    for name in NAMESPACES {
        ensure(verbs, json!({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": name}}))
            .await?;
    }
    Ok(())
}

fn storage_class() -> Value {
    json!({
        "apiVersion": "storage.k8s.io/v1",
        "kind": "StorageClass",
        "metadata": {
            "name": "local-path",
            "annotations": {"storageclass.kubernetes.io/is-default-class": "true"},
        },
        "provisioner": "longshore.dev/local-path",
        "reclaimPolicy": "Delete",
        "volumeBindingMode": "WaitForFirstConsumer",
    })
}

fn node_critical() -> Value {
    priority_class(
        "system-node-critical",
        2_000_001_000,
        "Used for system critical pods that must not be moved from their current node.",
    )
}

fn cluster_critical() -> Value {
    priority_class(
        "system-cluster-critical",
        2_000_000_000,
        "Used for system critical pods that must run in the cluster, but can be moved to another \
         node if necessary.",
    )
}

fn priority_class(name: &str, value: i64, description: &str) -> Value {
    json!({
        "apiVersion": "scheduling.k8s.io/v1",
        "kind": "PriorityClass",
        "metadata": {"name": name},
        "value": value,
        "description": description,
    })
}

/// The service by which pods find the API server; it has no selector, its endpoints are written
/// here.
fn kubernetes_service(address: Ipv4Addr) -> Value {
    json!({
        "apiVersion": "v1",
        "kind": "Service",
        "metadata": {"name": "kubernetes", "namespace": "default", "labels": service_labels()},
        "spec": {
            "type": "ClusterIP",
            "clusterIP": address.to_string(),
            "ports": [{"name": "https", "port": 443, "protocol": "TCP", "targetPort": 6443}],
        },
    })
}

fn kubernetes_endpoints(server: SocketAddr) -> Value {
    json!({
        "apiVersion": "v1",
        "kind": "Endpoints",
        "metadata": {
            "name": "kubernetes",
            "namespace": "default",
            "labels": {"endpointslice.kubernetes.io/skip-mirror": "true"},
        },
        "subsets": [{
            "addresses": [{"ip": server.ip().to_string()}],
            "ports": [{"name": "https", "port": server.port(), "protocol": "TCP"}],
        }],
    })
}

fn kubernetes_endpoint_slice(server: SocketAddr) -> Value {
    json!({
        "apiVersion": "discovery.k8s.io/v1",
        "kind": "EndpointSlice",
        "metadata": {
            "name": "kubernetes",
            "namespace": "default",
            "labels": {"kubernetes.io/service-name": "kubernetes"},
        },
        "addressType": "IPv4",
        "endpoints": [{"addresses": [server.ip().to_string()], "conditions": {"ready": true}}],
        "ports": [{"name": "https", "port": server.port(), "protocol": "TCP"}],
    })
}

fn service_labels() -> Value {
    json!({"component": "apiserver", "provider": "kubernetes"})
}

/// Creates an object, or makes it as it should be: the port may have changed.
async fn apply(verbs: &Verbs, object: Value) -> Result<(), Status> {
    let key = key_of(&object)?;
    let patch = Patch::Apply { config: object, force: true };
    verbs.patch(&key, "", patch, &options()).await.map(drop)
}

/// Creates an object unless it is there: what a user changed stays changed.
async fn ensure(verbs: &Verbs, object: Value) -> Result<(), Status> {
    let key = key_of(&object)?;
    if verbs.get(&key).is_ok() {
        return Ok(());
    }
    match verbs.create(key.kind, &key.namespace, object, &options()).await {
        Err(status) if status.reason != Reason::AlreadyExists => Err(status),
        _ => Ok(()),
    }
}

fn key_of(object: &Value) -> Result<Key, Status> {
    let text = |path| object.pointer(path).and_then(Value::as_str).unwrap_or("").to_owned();
    let kind = kinds::find(&text("/apiVersion"), &text("/kind"))
        .ok_or_else(|| Status::new(Reason::InternalError, "bootstrap of an unknown kind"))?;
    Ok(Key::new(kind, text("/metadata/namespace"), text("/metadata/name")))
}

fn options() -> WriteOptions {
    WriteOptions { manager: MANAGER.to_owned(), ..WriteOptions::default() }
}
