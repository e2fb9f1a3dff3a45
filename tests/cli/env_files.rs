//! `env_file` as ConfigMaps: they are there, and containers have the variables that they would have without.

use std::collections::BTreeMap;

use serde_json::Value;

use super::place::Place;

const PROJECT: &str = "\
services:
  a:
    image: x
    env_file: [one.env, conf/two.env]
    environment: {OVER: a, NULL_IN_A: }
    pre_start: [{image: y, command: [z], env_file: [one.env]}]
  b:
    image: x
    env_file: [conf/two.env, one.env]
    environment: {OWN: 'says $$(SAME)'}
  c:
    image: x
    env_file: one.env
    labels: {longshore.secret-variables: OPEN}
jobs:
  d: {image: x, env_file: [one.env], triggers: {manual: true}}
";

const ONE: &str = "\
SAME=1
OVER=file
BOTH=one
NULL_IN_A=set
FROM_OWN=${OWN:-none}
API_KEY=secret
OPEN=not for c
1ST=digit
MONEY='$(SAME)'
";

fn place() -> Place {
    let place = Place::with(PROJECT);
    place.file("one.env", ONE);
    place.file("conf/two.env", "BOTH=two\nTWO=2\n");
    place
}

fn converted(place: &Place, options: &[&str]) -> Vec<Value> {
    let ran = place.run(&[&["convert"], options].concat());
    assert_eq!(ran.code, Some(0), "{}", ran.stderr);
    longshore::yaml::read(&ran.stdout).unwrap()
}

/// The variables of all containers, by object and container, as the kubelet sets them.
fn variables(objects: &[Value]) -> BTreeMap<String, BTreeMap<String, String>> {
    let data = |kind: &str, name: &Value| {
        let found = objects.iter().find(|it| it["kind"] == kind && it["metadata"]["name"] == *name);
        found.unwrap()["data"].as_object().unwrap().clone()
    };
    let mut all = BTreeMap::new();
    for object in objects {
        let pod = ["/spec/template/spec", "/spec/jobTemplate/spec/template/spec"]
            .iter()
            .find_map(|pod| object.pointer(pod));
        let Some(pod) = pod else { continue };
        for list in ["initContainers", "containers"] {
            for container in pod[list].as_array().into_iter().flatten() {
                let mut own = BTreeMap::new();
                for source in container["envFrom"].as_array().into_iter().flatten() {
                    for (key, value) in data("ConfigMap", &source["configMapRef"]["name"]) {
                        own.insert(key, value.as_str().unwrap().to_owned());
                    }
                }
                for variable in container["env"].as_array().into_iter().flatten() {
                    let reference = &variable["valueFrom"]["secretKeyRef"];
                    let value = match reference["key"].as_str() {
                        Some(key) => data("Secret", &reference["name"])[key].clone(),
                        None => variable["value"].clone(),
                    };
                    let value = value.as_str().unwrap().replace("$$(", "$(");
                    own.insert(variable["name"].as_str().unwrap().to_owned(), value);
                }
                all.insert(format!("{} {}", object["metadata"]["name"], container["name"]), own);
            }
        }
    }
    all
}

#[test]
fn containers_have_the_same_variables() {
    let place = place();
    let inline = converted(&place, &[]);
    assert!(inline.iter().all(|it| it["kind"] != "ConfigMap"));
    let objects = converted(&place, &["--env-configmaps"]);
    similar_asserts::assert_eq!(variables(&objects), variables(&inline));
    let maps: BTreeMap<&str, Vec<&str>> = objects
        .iter()
        .filter(|it| it["kind"] == "ConfigMap")
        .map(|it| {
            let keys = it["data"].as_object().unwrap().keys().map(String::as_str);
            (it["metadata"]["name"].as_str().unwrap(), keys.collect())
        })
        .collect();
    let expected =
        [("one-env", vec!["BOTH", "MONEY", "OVER", "SAME"]), ("two-env", vec!["BOTH", "TWO"])];
    assert_eq!(maps, BTreeMap::from(expected));
}

#[test]
fn a_label_says_it_for_one_service() {
    let place = Place::with(
        &PROJECT.replace("    labels: {", "    labels: {longshore.env-configmaps: 'true', "),
    );
    place.file("one.env", ONE);
    place.file("conf/two.env", "");
    let objects = converted(&place, &[]);
    let with: Vec<&str> = objects
        .iter()
        .filter(|it| it.to_string().contains("configMapRef"))
        .map(|it| it["metadata"]["name"].as_str().unwrap())
        .collect();
    assert_eq!(with, ["c"]);
}

/// A pod reads its variables when it starts: a change of the file must replace it.
#[test]
fn a_change_of_the_file_replaces_the_pods() {
    let hash = |text: &str| {
        let place = place();
        place.file("one.env", text);
        let objects = converted(&place, &["--env-configmaps"]);
        let c =
            objects.iter().find(|it| it["kind"] == "Deployment" && it["metadata"]["name"] == "c");
        c.unwrap()["spec"]["template"]["metadata"]["annotations"].to_string()
    };
    assert_ne!(hash(ONE), hash(&ONE.replace("SAME=1", "SAME=2")));
}
