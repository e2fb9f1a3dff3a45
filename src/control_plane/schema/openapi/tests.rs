use super::*;

fn read(path: &str) -> Value {
    serde_json::from_slice(&document(path).expect(path)).expect(path)
}

#[test]
fn every_entry_of_the_index_has_its_document() {
    let index = index();
    let entries = index["paths"].as_object().unwrap();
    assert!(entries.len() > 15, "{}", entries.len());
    for (path, entry) in entries {
        let url = entry["serverRelativeURL"].as_str().unwrap();
        assert!(url.starts_with(&format!("/openapi/v3/{path}?hash=")), "{url}");
        let document = read(path);
        let schemas = document["components"]["schemas"].as_object().unwrap();
        let text = document.to_string();
        for (_, rest) in
            text.match_indices("#/components/schemas/").map(|(at, _)| text.split_at(at))
        {
            let name = rest.trim_start_matches("#/components/schemas/").split('"').next().unwrap();
            assert!(schemas.contains_key(name), "{path}: {name}");
        }
    }
    assert!(document("apis/example.com/v1").is_none());
}

#[test]
fn kubectl_finds_what_it_looks_for() {
    let document = read("apis/apps/v1");
    let patch =
        &document["paths"]["/apis/apps/v1/namespaces/{namespace}/deployments/{name}"]["patch"];
    assert_eq!(
        patch["x-kubernetes-group-version-kind"],
        json!({"group": "apps", "kind": "Deployment", "version": "v1"})
    );
    let parameters = patch["parameters"].as_array().unwrap();
    for name in ["fieldValidation", "dryRun"] {
        assert!(parameters.iter().any(|parameter| parameter["name"] == name), "{name}");
    }
    assert!(patch["requestBody"]["content"]["application/strategic-merge-patch+json"].is_object());

    let schemas = &document["components"]["schemas"];
    let deployment = &schemas["io.k8s.api.apps.v1.Deployment"];
    assert_eq!(
        deployment["x-kubernetes-group-version-kind"],
        json!([{"group": "apps", "kind": "Deployment", "version": "v1"}])
    );
    assert_eq!(
        deployment["properties"]["spec"],
        json!({
            "allOf": [{"$ref": "#/components/schemas/io.k8s.api.apps.v1.DeploymentSpec"}],
            "description": "Specification of the desired behavior of the Deployment.",
        })
    );
    let containers = &schemas["io.k8s.api.core.v1.PodSpec"]["properties"]["containers"];
    assert_eq!(containers["x-kubernetes-patch-merge-key"], "name");
    assert_eq!(containers["x-kubernetes-patch-strategy"], "merge");
    assert_eq!(
        containers["items"],
        json!({"allOf": [{"$ref": "#/components/schemas/io.k8s.api.core.v1.Container"}]})
    );
    assert_eq!(
        schemas["io.k8s.apimachinery.pkg.util.intstr.IntOrString"]["oneOf"],
        json!([{"type": "integer"}, {"type": "string"}])
    );
}
