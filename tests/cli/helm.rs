//! `--format helm`: a chart whose values are the user's.

use serde_json::Value;

use super::place::{Place, samples};
use super::tool::tool;

const CONVERT: &[&str] = &["convert", "--format", "helm", "-o", "chart"];
const SHOP: &str = r#"
name: shop
services:
  my-web:
    image: ${REGISTRY:-docker.io}/nginx:${TAG:-1.29}
    ports: ["${PORT:-8080}:80"]
    deploy:
      replicas: 2
      resources: {limits: {memory: "${MEMORY:-512M}"}}
    environment:
      MODE: production
      URL: "http://${HOST:-db}:5432/{{ not a template }}?100%"
      DB_PASSWORD: ${DB_PASSWORD:-secret}
      API_TOKEN: from-the-file
      UNSET: "${SOMETHING_UNSET}"
    volumes: [data:/data]
  db:
    image: postgres@sha256:aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa
    volumes: [data:/data]
volumes:
  data:
"#;

#[test]
fn the_chart_has_all_files_and_keeps_what_is_the_users() {
    let place = Place::with(SHOP);
    let ran = place.run(CONVERT);
    assert_eq!((ran.code, ran.stdout.as_str()), (Some(0), ""), "{}", ran.stderr);
    assert!(
        ran.stderr.contains("the variable `MEMORY` is no value of the chart"),
        "{}",
        ran.stderr
    );
    let names = [
        ".helmignore",
        ".longshore",
        "Chart.yaml",
        "templates",
        "values.schema.json",
        "values.yaml",
    ];
    assert_eq!(place.files("chart"), names);
    assert!(place.read("chart/templates/NOTES.txt").contains("service/my-web-published 8080\n"));

    place.file("chart/Chart.yaml", "mine");
    assert_eq!(place.run(&[CONVERT, &["--check"]].concat()).code, Some(0));
    place.file("compose.yaml", &SHOP.replace("production", "test"));
    assert_eq!(place.run(&[CONVERT, &["--check"]].concat()).code, Some(1));
    assert_eq!(place.run(CONVERT).code, Some(0));
    assert_eq!(place.read("chart/Chart.yaml"), "mine");
    assert!(place.read("chart/values.yaml").contains("MODE: test\n"));
}

/// With its own values, what Helm prints is what `convert` prints, object for object.
#[test]
fn the_real_helm_prints_the_same_objects() {
    if !has_helm() {
        return;
    }
    for sample in samples() {
        let compose = sample.join("compose.yaml");
        let place = Place::new();
        let files = ["-f", compose.to_str().unwrap()];
        assert_eq!(place.run(&[&files, CONVERT].concat()).code, Some(0));
        let plain = place.run(&[&files[..], &["convert"]].concat());
        let linted = tool("helm").unwrap().arg("lint").arg(place.path("chart")).output().unwrap();
        assert!(linted.status.success(), "{}", String::from_utf8_lossy(&linted.stdout));
        let printed = template(&place, &[]);
        similar_asserts::assert_eq!(
            objects(&plain.stdout),
            objects(&printed),
            "{}",
            compose.display()
        );
    }
    let place = Place::with(SHOP);
    assert_eq!(place.run(CONVERT).code, Some(0));
    let plain = place.run(&["convert"]);
    similar_asserts::assert_eq!(objects(&plain.stdout), objects(&template(&place, &[])));
}

/// Values that are set have the effect of the variable that is set, or of the field that is written.
#[test]
fn values_reach_the_objects() {
    if !has_helm() {
        return;
    }
    let place = Place::with(SHOP);
    assert_eq!(place.run(CONVERT).code, Some(0));
    let set = |name: &str, value: &str| format!("--set={name}={value}");
    let variables = [("TAG", "2"), ("PORT", "9090"), ("HOST", "other"), ("DB_PASSWORD", "open")];
    let arguments: Vec<String> =
        variables.iter().map(|(name, value)| set(&format!("variables.{name}"), value)).collect();
    let printed = template(&place, &arguments);
    let lines = variables.map(|(name, value)| format!("{name}={value}\n"));
    place.file(".env", &lines.concat());
    let plain = place.run(&["convert"]);
    // The hash over the Secret is another one, and only has to change with it.
    let without_hash = |text: &str| -> Vec<String> {
        let lines = text.lines().filter(|line| !line.contains("longshore.dev/config-hash"));
        objects(&lines.collect::<Vec<_>>().join("\n"))
    };
    similar_asserts::assert_eq!(without_hash(&plain.stdout), without_hash(&printed));

    let fields = [
        ("services.my-web.replicas", "5"),
        ("services.my-web.image.tag", "3"),
        ("services.my-web.env.MODE", "test"),
        ("persistence.data.size", "7Gi"),
        ("persistence.data.storageClass", "fast"),
        ("services.my-web.service.type", "NodePort"),
    ];
    let arguments: Vec<String> = fields.iter().map(|(name, value)| set(name, value)).collect();
    let printed = template(&place, &arguments);
    for line in [
        "replicas: 5\n",
        "image: \"docker.io/nginx:3\"\n",
        "value: \"test\"\n",
        "storage: \"7Gi\"\n",
        "storageClassName: \"fast\"\n",
        "type: NodePort\n",
    ] {
        assert!(printed.contains(line), "{line}{printed}");
    }
    // New values of Secrets give new pods, and nothing else does.
    let hash = |arguments: &[String]| -> String {
        let printed = template(&place, arguments);
        printed.lines().find(|line| line.contains("longshore.dev/config-hash")).unwrap().to_owned()
    };
    let plain = hash(&[]);
    assert_eq!(plain, hash(&["--set=variables.TAG=9".to_owned()]));
    for name in ["variables.DB_PASSWORD", "services.my-web.secretEnv.API_TOKEN"] {
        assert_ne!(plain, hash(&[set(name, "other")]), "{name}");
    }
    let printed = template(&place, &[set("services.my-web.secretEnv.API_TOKEN", "other")]);
    assert!(printed.contains("API_TOKEN: \"b3RoZXI=\"\n"), "{printed}");

    let printed = template(&place, &["--set=persistence.data.enabled=false".to_owned()]);
    assert!(!printed.contains("PersistentVolumeClaim"), "{printed}");
    assert_eq!(printed.matches("emptyDir: {}\n").count(), 2, "{printed}");
    let output = helm(&place, &["--set=services.my-web.replica=5".to_owned()]);
    assert!(!output.status.success(), "a misspelt value is an error");
}

#[test]
fn required_variables_are_required_of_the_values() {
    let place = Place::with(
        "services: {web: {image: 'nginx:${TAG:?which one?}', ports: ['${PORT:?}:80'], environment: {A: '${A?}', B: '${TAG?}'}}}\n",
    );
    let ran = place.run(CONVERT);
    assert_eq!(ran.code, Some(0), "{}", ran.stderr);
    let deployment = place.read("chart/templates/deployment-web.yaml");
    assert!(
        deployment.contains(r#"(required "which one?" .Values.variables.TAG)"#),
        "{deployment}"
    );
    assert!(place.read("chart/values.yaml").contains("To be set: A, PORT, TAG\n"));
    if !has_helm() {
        return;
    }
    let output = helm(&place, &[]);
    let message = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(!output.status.success(), "{message}");
    let set = ["TAG=1", "PORT=8080", "A=b"].map(|it| format!("--set=variables.{it}"));
    let printed = template(&place, &set);
    place.file(".env", "TAG=1\nPORT=8080\nA=b\n");
    similar_asserts::assert_eq!(objects(&place.run(&["convert"]).stdout), objects(&printed));
}

fn has_helm() -> bool {
    tool("helm").is_some()
}

fn template(place: &Place, arguments: &[String]) -> String {
    let output = helm(place, arguments);
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap()
}

fn helm(place: &Place, arguments: &[String]) -> std::process::Output {
    let home = place.path("");
    tool("helm")
        .unwrap()
        .args(["template", "release"])
        .arg(place.path("chart"))
        .args(arguments)
        .env("HOME", home)
        .output()
        .unwrap()
}

/// The objects in an order of their own, each with its fields in an order of their own.
fn objects(text: &str) -> Vec<String> {
    let mut objects: Vec<Value> = longshore::yaml::read(text).unwrap();
    objects.iter_mut().for_each(Value::sort_all_objects);
    let mut texts: Vec<String> = objects.iter().map(|object| format!("{object:#}")).collect();
    texts.sort();
    texts
}
