//! Bodies as Go clients send them. The `.pb` files were written by `k8s.io/apimachinery`'s protobuf serializer, the
//! `.json` files beside them by Go's JSON encoder from the same objects, without nulls.

use std::path::PathBuf;

use http::Method;
use longshore::kubernetes::protobuf;
use serde_json::{Value, json};

use crate::cluster::{Answer, CONFIG_MAPS, Client, Cluster};

fn folder() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/control_plane/protobuf")
}

fn bytes(name: &str) -> Vec<u8> {
    std::fs::read(folder().join(name).with_extension("pb")).unwrap()
}

fn json_of(name: &str) -> Value {
    let text = std::fs::read(folder().join(name).with_extension("json")).unwrap();
    serde_json::from_slice(&text).unwrap()
}

async fn send(client: &Client, method: Method, path: &str, body: impl Into<Vec<u8>>) -> Answer {
    client.send(method, path, &[("content-type", protobuf::MEDIA_TYPE)], body).await
}

#[test]
fn the_json_is_what_go_prints() {
    let mut count = 0;
    for entry in std::fs::read_dir(folder()).unwrap() {
        let path = entry.unwrap().path();
        if path.extension().is_some_and(|extension| extension == "pb") {
            let name = path.file_stem().unwrap().to_str().unwrap();
            similar_asserts::assert_eq!(
                sorted(&protobuf::decode(&bytes(name)).unwrap()),
                sorted(&json_of(name)),
                "{name}"
            );
            count += 1;
        }
    }
    assert!(count > 5, "{count}");
}

/// Pretty-printed with the fields of all objects in order.
fn sorted(value: &Value) -> String {
    let mut value = value.clone();
    value.sort_all_objects();
    serde_json::to_string_pretty(&value).unwrap()
}

#[tokio::test]
async fn objects_are_stored_from_protobuf_and_answered_as_json() {
    let cluster = Cluster::start().await;
    let client = &cluster.client;
    let secrets = "/api/v1/namespaces/default/secrets";
    let wrong_namespace = send(client, Method::POST, secrets, bytes("secret")).await;
    assert_eq!(wrong_namespace.code, 400, "{wrong_namespace:?}");
    let volumes = "/api/v1/persistentvolumes";
    let made = send(client, Method::POST, volumes, bytes("volume")).await;
    assert_eq!((made.code, made.header("content-type")), (201, "application/json"));
    let stored = client.get(&format!("{volumes}/pv")).await.json();
    assert_eq!(stored["spec"]["csi"], json_of("volume")["spec"]["csi"]);
    assert_eq!(stored["metadata"].get("namespace"), None);
    let replaced = send(client, Method::PUT, &format!("{volumes}/pv"), bytes("volume")).await;
    assert_eq!(replaced.code, 200, "{replaced:?}");
}

#[tokio::test]
async fn delete_options_are_read_from_protobuf() {
    let cluster = Cluster::start().await;
    let client = &cluster.client;
    client.config_map("kept", json!({})).await;
    let path = format!("{CONFIG_MAPS}/kept");
    let refused = send(client, Method::DELETE, &path, bytes("delete-options")).await;
    assert!(refused.error().starts_with("409 Conflict"), "{refused:?}");
    assert_eq!(client.get(&path).await.code, 200);
}

#[tokio::test]
async fn what_is_no_object_in_protobuf_is_refused() {
    let cluster = Cluster::start().await;
    let client = &cluster.client;
    let post = async |body: Vec<u8>| send(client, Method::POST, CONFIG_MAPS, body).await.error();
    let custom = b"k8s\0\n\x12\n\x08a.com/v1\x12\x06Widget\x12\0".to_vec();
    assert_eq!(
        post(custom).await,
        "415 UnsupportedMediaType: the request body cannot be read as protobuf: \
         kind `Widget` in version `a.com/v1` has no protobuf form; send JSON"
    );
    assert_eq!(
        post(b"{}".to_vec()).await,
        "400 BadRequest: the request body is not protobuf: it does not start with `k8s` and a zero byte"
    );
    let mut cut = bytes("pod");
    cut.truncate(cut.len() / 2);
    assert_eq!(
        post(cut).await,
        "400 BadRequest: the request body is not protobuf: it ends too early"
    );
    let large = [b"k8s\0".to_vec(), vec![0; 3 << 20]].concat();
    assert!(post(large).await.starts_with("413 RequestEntityTooLarge"));
}
