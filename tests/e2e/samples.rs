//! Each sample goes up, is seen by kubectl, comes up again unchanged, and goes down without a trace.

use serde_json::Value;

use super::site::Site;

/// One test per sample: `samples_each_have_a_test` finds those without.
macro_rules! samples {
    ($($name:ident)*) => {
        $(#[test] fn $name() { up_and_down(stringify!($name)); })*

        #[test]
        fn samples_each_have_a_test() {
            let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/samples");
            let mut found: Vec<String> = std::fs::read_dir(folder)
                .unwrap()
                .map(|entry| entry.unwrap().file_name().into_string().unwrap())
                .collect();
            found.sort();
            let mut tested = vec![$(stringify!($name)),*];
            tested.sort_unstable();
            assert_eq!(found, tested);
        }
    };
}

samples! {
    hello wordpress voting jobs everything devices network kompose order restricted settings sidecar
    files storage variables build rare
}

fn up_and_down(name: &str) {
    let Some(site) = Site::of_sample(name) else { return };
    let options = site.options();
    let up: Vec<&str> =
        ["up", "-d"].into_iter().chain(options.iter().map(String::as_str)).collect();
    site.succeed(&up);

    let applied = site.applied(name);
    assert!(!applied.is_empty());
    assert_eq!(applied, converted(&site), "up applies what convert writes");
    assert_all_ready(&site, name);

    let versions = resource_versions(&site, name);
    site.succeed(&up);
    assert_eq!(resource_versions(&site, name), versions, "nothing changed, nothing is written");

    site.succeed(&["down", "-v"]);
    assert_eq!(site.applied(name), Vec::<String>::new());
    let namespace = site.try_kubectl(&["get", "namespace", name]);
    assert!(!namespace.status.success(), "the namespace is gone");
    let volumes = site.get(&["pv"]);
    assert_eq!(volumes["items"].as_array().unwrap().len(), 0, "no volume is left");

    site.succeed(&["down", "-v"]);
}

/// `kind/name` of what `convert` prints, sorted.
fn converted(site: &Site) -> Vec<String> {
    let options = site.options();
    // `up` starts in order, so that its pods wait for nothing.
    let convert = ["convert", "--wait-for", "none", "--format", "json", "-o", "-"];
    let convert: Vec<&str> =
        convert.into_iter().chain(options.iter().map(String::as_str)).collect();
    let (manifests, _) = site.succeed(&convert);
    let list: Value = serde_json::from_str(&manifests).unwrap();
    let mut names: Vec<String> = list["items"]
        .as_array()
        .unwrap()
        .iter()
        .map(|item| {
            let kind = item["kind"].as_str().unwrap();
            format!("{kind}/{}", item["metadata"]["name"].as_str().unwrap())
        })
        .collect();
    names.sort();
    names
}

fn assert_all_ready(site: &Site, namespace: &str) {
    let deployments = site.get(&["deployments", "-n", namespace]);
    for deployment in deployments["items"].as_array().unwrap() {
        let name = &deployment["metadata"]["name"];
        let desired = deployment["spec"]["replicas"].as_i64().unwrap();
        let available = deployment["status"]["availableReplicas"].as_i64().unwrap_or(0);
        assert_eq!(available, desired, "deployment {name}");
    }
    let jobs = site.get(&["jobs", "-n", namespace]);
    for job in jobs["items"].as_array().unwrap() {
        assert_eq!(job["status"]["succeeded"], 1, "job {}", job["metadata"]["name"]);
    }
    let pods = site.get(&["pods", "-n", namespace]);
    for claim in site.get(&["pvc", "-n", namespace])["items"].as_array().unwrap() {
        let name = &claim["metadata"]["name"];
        let used = pods["items"].as_array().unwrap().iter().any(|pod| mounts(pod, name));
        let phase = if used { "Bound" } else { "Pending" };
        assert_eq!(claim["status"]["phase"], phase, "claim {name}");
    }
}

fn mounts(pod: &Value, claim: &Value) -> bool {
    let volumes = pod["spec"]["volumes"].as_array();
    volumes.is_some_and(|all| {
        all.iter().any(|volume| volume["persistentVolumeClaim"]["claimName"] == *claim)
    })
}

/// Name and resourceVersion of the spec-bearing objects, sorted.
fn resource_versions(site: &Site, namespace: &str) -> Vec<(String, String)> {
    let list = site.get(&["deploy,svc,pvc,cm,secret,ingress,pods", "-n", namespace]);
    let mut versions: Vec<(String, String)> = list["items"]
        .as_array()
        .unwrap()
        .iter()
        .map(|item| {
            (item["metadata"]["name"].to_string(), item["metadata"]["resourceVersion"].to_string())
        })
        .collect();
    versions.sort();
    versions
}
