use std::io::Read;

use http::Method;
use serde_json::{Value, json};

use crate::cluster::{CONFIG_MAPS, Cluster};

fn names(list: &Value) -> Vec<&str> {
    let items = list["items"].as_array().unwrap().iter();
    items.map(|item| item["metadata"]["name"].as_str().unwrap()).collect()
}

/// `default` as a controller leaves it has `kube-root-ca.crt`, too: tests list by this label.
const OURS: &str = "labelSelector=ours%3Dyes";

#[tokio::test]
async fn pages_show_one_state_of_the_store() {
    let cluster = Cluster::start().await;
    let client = &cluster.client;
    for name in ["a", "b", "c", "d", "e"] {
        client.config_map(name, json!({"ours": "yes"})).await;
    }
    let first = client.get(&format!("{CONFIG_MAPS}?limit=2&{OURS}")).await.json();
    assert_eq!(names(&first), ["a", "b"]);
    let next = first["metadata"]["continue"].as_str().unwrap();
    client.config_map("bb", json!({"ours": "yes"})).await;
    client.delete(&format!("{CONFIG_MAPS}/e")).await;
    let second = client.get(&format!("{CONFIG_MAPS}?limit=2&{OURS}&continue={next}")).await.json();
    assert_eq!(names(&second), ["c", "d"]);
    assert_eq!(second["metadata"]["resourceVersion"], first["metadata"]["resourceVersion"]);
    let next = second["metadata"]["continue"].as_str().unwrap();
    let third = client.get(&format!("{CONFIG_MAPS}?{OURS}&continue={next}")).await.json();
    assert_eq!(names(&third), ["e"]);
    assert!(third["metadata"].get("continue").is_none());

    let whole = client.get("/api/v1/configmaps?limit=1").await.json();
    let remaining = whole["metadata"]["remainingItemCount"].as_u64().unwrap();
    assert!(remaining >= 4, "{remaining}");
    let expired = client.get(&format!("{CONFIG_MAPS}?limit=2&continue=gone.2")).await;
    assert!(expired.error().starts_with("410 Expired"), "{expired:?}");
    let other = client.get(&format!("/api/v1/secrets?continue={next}")).await;
    assert_eq!(other.code, 400, "{other:?}");
}

#[tokio::test]
async fn revisions_are_waited_for_and_the_past_is_gone() {
    let cluster = Cluster::start().await;
    let client = &cluster.client;
    let made = client.config_map("a", json!({})).await;
    let revision: u64 = made["metadata"]["resourceVersion"].as_str().unwrap().parse().unwrap();
    let at = async |query: &str| client.get(&format!("{CONFIG_MAPS}?{query}")).await;
    assert_eq!(at("resourceVersion=0").await.code, 200);
    assert_eq!(at(&format!("resourceVersion={revision}")).await.code, 200);
    let past = at("resourceVersion=1&resourceVersionMatch=Exact").await;
    assert!(past.error().starts_with("410 Expired"), "{past:?}");
    assert_eq!(at("resourceVersion=x").await.code, 400);
    assert_eq!(at("resourceVersionMatch=Sometimes").await.code, 422);
    let future = at("resourceVersion=999999999").await;
    assert_eq!(future.code, 504, "{future:?}");
    assert_eq!(future.json()["details"]["causes"][0]["reason"], "ResourceVersionTooLarge");
}

#[tokio::test]
async fn selectors_choose() {
    let cluster = Cluster::start().await;
    let client = &cluster.client;
    client.config_map("a", json!({"app": "web", "tier": "x"})).await;
    client.config_map("b", json!({"app": "db"})).await;
    let found = async |query: &str| {
        let list = client.get(&format!("{CONFIG_MAPS}?{query}")).await.json();
        names(&list).join(" ")
    };
    assert_eq!(found("labelSelector=app%3Dweb").await, "a");
    assert_eq!(found("labelSelector=app%20in%20(web,db),!tier").await, "b");
    assert_eq!(found("fieldSelector=metadata.name%3Db").await, "b");
    assert_eq!(found("fieldSelector=metadata.name%3Db&labelSelector=app%3Dweb").await, "");
    let bad = client.get(&format!("{CONFIG_MAPS}?fieldSelector=spec.x%3Dy")).await;
    assert_eq!(bad.code, 400, "{bad:?}");
    let bad = client.get(&format!("{CONFIG_MAPS}?labelSelector=a%3D%3D%3D")).await;
    assert_eq!(bad.code, 400, "{bad:?}");
}

#[tokio::test]
async fn the_accept_header_chooses_the_form() {
    let cluster = Cluster::start().await;
    let client = &cluster.client;
    client.config_map("a", json!({"ours": "yes"})).await;
    let list = format!("{CONFIG_MAPS}?{OURS}");
    let one = format!("{CONFIG_MAPS}/a");

    let table = "application/json;as=Table;v=v1;g=meta.k8s.io,application/json";
    for path in [&list, &one] {
        let table = client.get_as(path, table).await.json();
        assert_eq!(
            (&table["kind"], &table["apiVersion"]),
            (&json!("Table"), &json!("meta.k8s.io/v1"))
        );
        let columns = table["columnDefinitions"].as_array().unwrap();
        let row = &table["rows"][0];
        assert_eq!(row["cells"].as_array().unwrap().len(), columns.len());
        assert_eq!(row["object"]["kind"], "PartialObjectMetadata");
        assert_eq!(row["object"]["metadata"]["name"], "a");
    }
    let whole = client.get_as(&format!("{list}&includeObject=Object"), table).await.json();
    assert_eq!(whole["rows"][0]["object"]["data"]["k"], "v");
    let none = client.get_as(&format!("{list}&includeObject=None"), table).await.json();
    assert!(none["rows"][0].get("object").is_none());

    let metadata = "application/json;as=PartialObjectMetadataList;v=v1;g=meta.k8s.io";
    let partial = client.get_as(&list, metadata).await.json();
    assert_eq!(partial["kind"], "PartialObjectMetadataList");
    assert_eq!(partial["items"][0]["metadata"]["labels"]["ours"], "yes");
    assert!(partial["items"][0].get("data").is_none());

    let yaml = client.get_as(&one, "application/yaml").await;
    assert_eq!(yaml.header("content-type"), "application/yaml");
    assert!(String::from_utf8_lossy(&yaml.body).contains("kind: ConfigMap\n"), "{yaml:?}");
    let unknown = client.get_as(&one, "application/vnd.kubernetes.protobuf").await;
    assert_eq!(unknown.code, 406, "{unknown:?}");
    let second = "application/vnd.kubernetes.protobuf,application/json";
    assert_eq!(client.get_as(&one, second).await.json()["kind"], "ConfigMap");
}

#[tokio::test]
async fn large_answers_are_compressed_for_who_takes_it() {
    let cluster = Cluster::start().await;
    let client = &cluster.client;
    let object = json!({"metadata": {"name": "large"}, "data": {"k": "v".repeat(200_000)}});
    assert_eq!(client.post(CONFIG_MAPS, &object).await.code, 201);
    let path = format!("{CONFIG_MAPS}/large");
    let plain = client.get(&path).await;
    assert_eq!(plain.header("content-encoding"), "");
    let headers = [("accept-encoding", "deflate, gzip;q=1.0")];
    let packed = client.send(Method::GET, &path, &headers, "").await;
    assert_eq!(packed.header("content-encoding"), "gzip");
    assert!(packed.body.len() < 20_000, "{}", packed.body.len());
    let mut unpacked = Vec::new();
    flate2::read::GzDecoder::new(&*packed.body).read_to_end(&mut unpacked).unwrap();
    assert_eq!(unpacked, plain.body);
}
