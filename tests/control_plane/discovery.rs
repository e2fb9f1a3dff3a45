use http::Method;
use serde_json::{Value, json};

use crate::cluster::Cluster;

const AGGREGATED: &str = "application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList";

#[tokio::test]
async fn both_forms_of_discovery_tell_the_same() {
    let cluster = Cluster::start().await;
    let client = &cluster.client;
    let mut legacy = Vec::new();
    let groups = client.get("/apis").await.json();
    let versions = groups["groups"].as_array().unwrap().iter().flat_map(|group| {
        let versions = group["versions"].as_array().unwrap().iter();
        versions.map(|version| format!("/apis/{}", version["groupVersion"].as_str().unwrap()))
    });
    for path in std::iter::once("/api/v1".to_owned()).chain(versions) {
        let resources = client.get(&path).await.json();
        for resource in resources["resources"].as_array().unwrap() {
            legacy.push(format!("{path}/{}", resource["name"].as_str().unwrap()));
        }
    }
    let mut aggregated = Vec::new();
    for root in ["/api", "/apis"] {
        let answer = client.get_as(root, AGGREGATED).await;
        assert_eq!(answer.header("content-type"), AGGREGATED);
        for group in answer.json()["items"].as_array().unwrap() {
            names(root, group, &mut aggregated);
        }
    }
    legacy.sort();
    aggregated.sort();
    assert_eq!(legacy, aggregated);
    for expected in ["/api/v1/pods/log", "/apis/apps/v1/deployments/scale", "/api/v1/nodes/status"]
    {
        assert!(legacy.iter().any(|path| path == expected), "{expected} is missing");
    }
}

fn names(root: &str, group: &Value, found: &mut Vec<String>) {
    let name = group["metadata"]["name"].as_str().map_or(String::new(), |name| format!("/{name}"));
    for version in group["versions"].as_array().unwrap() {
        let path = format!("{root}{name}/{}", version["version"].as_str().unwrap());
        for resource in version["resources"].as_array().unwrap() {
            let plural = resource["resource"].as_str().unwrap();
            found.push(format!("{path}/{plural}"));
            for part in resource["subresources"].as_array().into_iter().flatten() {
                found.push(format!("{path}/{plural}/{}", part["subresource"].as_str().unwrap()));
            }
        }
    }
}

#[tokio::test]
async fn a_known_document_is_not_sent_again() {
    let cluster = Cluster::start().await;
    let first = cluster.client.get_as("/apis", AGGREGATED).await;
    let headers = [("accept", AGGREGATED), ("if-none-match", first.header("etag"))];
    let second = cluster.client.send(Method::GET, "/apis", &headers, "").await;
    assert_eq!((second.code, second.body.len()), (304, 0));
}

#[tokio::test]
async fn every_error_is_a_status() {
    let cluster = Cluster::start().await;
    let client = &cluster.client;
    let missing = "404 NotFound: the server could not find the requested resource";
    for path in ["/nowhere", "/apis/none/v1", "/api/v1/gizmos", "/openapi/v2", "/readyz/nowhere"] {
        assert_eq!(client.get(path).await.error(), missing, "{path}");
    }
    assert_eq!(
        client.get("/api/v1/namespaces/default/pods/none").await.error(),
        "404 NotFound: pods \"none\" not found"
    );
    let answer = client.send(Method::POST, "/api/v1/namespaces/default", &[], "{}").await;
    assert_eq!(answer.code, 405);
    assert_eq!(answer.json()["reason"], "MethodNotAllowed");
}

#[tokio::test]
async fn health_and_version_answer() {
    let cluster = Cluster::start().await;
    let client = &cluster.client;
    for path in ["/healthz", "/livez", "/readyz", "/readyz/ping"] {
        assert_eq!(client.get(path).await.body, "ok", "{path}");
    }
    let verbose = client.get("/readyz?verbose").await;
    assert!(verbose.body.ends_with(b"readyz check passed\n"), "{verbose:?}");
    let version = client.get("/version").await.json();
    assert_eq!((&version["major"], &version["minor"]), (&json!("1"), &json!("35")));
    assert!(version["gitVersion"].as_str().unwrap().starts_with("v1.35."));
}

#[tokio::test]
async fn a_new_cluster_has_its_first_objects() {
    let cluster = Cluster::start().await;
    let client = &cluster.client;
    for path in [
        "/api/v1/namespaces/kube-system",
        "/api/v1/namespaces/default/services/kubernetes",
        "/api/v1/namespaces/default/endpoints/kubernetes",
        "/apis/discovery.k8s.io/v1/namespaces/default/endpointslices/kubernetes",
        "/apis/storage.k8s.io/v1/storageclasses/local-path",
        "/apis/scheduling.k8s.io/v1/priorityclasses/system-node-critical",
    ] {
        assert_eq!(client.get(path).await.code, 200, "{path}");
    }
    let service = client.get("/api/v1/namespaces/default/services/kubernetes").await.json();
    assert_eq!(service["spec"]["clusterIP"], "10.88.128.1");
}
