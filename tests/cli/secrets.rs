//! Secrets on their way to a cluster: which variables are some, and whether manifests hold them.

use super::place::Place;

const PROJECT: &str = "\
services:
  a:
    image: x
    environment:
      PASSWORD: hunter2
      LEVEL: info
    secrets: [file, variable, there]
secrets:
  file: {file: ./secret.txt}
  variable: {environment: TOKEN}
  there: {external: true}
";

fn place() -> Place {
    let place = Place::with(PROJECT);
    place.file("secret.txt", "from a file");
    place.file(".env", "TOKEN=from-a-variable\n");
    place
}

/// `kind/name` of all objects in what was written.
fn objects(manifests: &str) -> Vec<String> {
    let objects = longshore::yaml::read(manifests).unwrap();
    let name = |object: &serde_json::Value| {
        format!("{}/{}", object["kind"], object["metadata"]["name"]).replace('"', "")
    };
    objects.iter().map(name).collect()
}

#[test]
fn manifests_without_secrets_say_which_ones_must_be_there() {
    let place = place();
    let whole = place.run(&["convert"]);
    assert!(objects(&whole.stdout).contains(&"Secret/a-env".to_owned()));

    let ran = place.run(&["convert", "--secrets", "reference"]);
    assert_eq!(ran.code, Some(0), "{}", ran.stderr);
    assert_eq!(objects(&ran.stdout), ["Service/a", "Deployment/a"]);
    assert!(ran.stdout.contains("secretKeyRef:") && ran.stdout.contains("name: variable"));
    for text in [
        "the Secret `a-env` must be there already, with the keys `PASSWORD`",
        "the Secret `file` must be there already, with the key `file`",
        "kubectl create secret generic variable --from-literal=variable=\"$TOKEN\"",
        "the Secret `there` must be there already",
    ] {
        assert!(ran.stderr.contains(text), "no `{text}` in {}", ran.stderr);
    }
    assert!(!ran.stdout.contains("config-hash"), "a hash tells what a secret may be");
    assert!(!ran.stderr.contains("hunter2"));
}

/// Whoever writes manifests without secrets need not have them.
#[test]
fn secrets_that_are_not_written_are_not_read() {
    let place = Place::with(PROJECT);
    let ran = place.run(&["convert", "--secrets", "reference"]);
    assert_eq!(ran.code, Some(0), "{}", ran.stderr);
    let ran = place.run(&["convert"]);
    assert_eq!(ran.code, Some(2));
    assert_eq!(ran.stderr.matches("error[").count(), 2, "{}", ran.stderr);
}

#[test]
fn secrets_alone_and_all_without_them_are_the_whole() {
    let place = place();
    let of = |mode: &str| objects(&place.run(&["convert", "--secrets", mode]).stdout);
    assert_eq!(of("only"), ["Secret/file", "Secret/variable", "Secret/a-env"]);
    let mut parts = [of("only"), of("reference")].concat();
    let mut whole = of("inline");
    parts.sort();
    whole.sort();
    assert_eq!(parts, whole);
}

#[test]
fn the_user_says_which_variables_hold_secrets() {
    let keys = |arguments: &[&str], labels: &str| -> Vec<String> {
        let place = Place::with(&format!(
            "services: {{a: {{image: x, environment: {{A_KEY: a, B: b, C_DSN: c}}, labels: {{{labels}}}}}}}"
        ));
        let ran = place.run(&[&["convert", "--format", "json"], arguments].concat());
        assert_eq!(ran.code, Some(0), "{}", ran.stderr);
        let list: serde_json::Value = serde_json::from_str(&ran.stdout).unwrap();
        let secrets = list["items"].as_array().unwrap().iter().filter(|it| it["kind"] == "Secret");
        secrets.flat_map(|it| it["data"].as_object().unwrap().keys().cloned()).collect()
    };
    let option = "--secret-variables";
    assert_eq!(keys(&[], ""), ["A_KEY"]);
    assert_eq!(keys(&[option, "*_DSN,!A_*"], ""), ["C_DSN"]);
    assert_eq!(keys(&[option, "B", option, "C_DSN"], ""), ["A_KEY", "B", "C_DSN"]);
    let label = r#"longshore.secret-variables: "B, !*_DSN""#;
    assert_eq!(keys(&[option, "*_DSN"], label), ["A_KEY", "B"]);
    assert_eq!(keys(&[option, "!*"], ""), [""; 0]);
}

#[test]
fn rules_that_cannot_be_are_told_with_their_place() {
    let place = Place::with(
        "services:\n  a:\n    image: x\n    labels: {longshore.secret-variables: \"A=b\"}\n",
    );
    let ran = place.run(&["convert"]);
    assert_eq!(ran.code, Some(2));
    assert!(ran.stderr.contains("`A=b` is not the name of a variable"), "{}", ran.stderr);
    assert!(ran.stderr.contains("compose.yaml:4:"), "{}", ran.stderr);
    let place = Place::with(
        "services: {a: {image: x, labels: {longshore.secret-variables: GONE}, environment: {A: b}}}",
    );
    let ran = place.run(&["convert"]);
    assert!(ran.stderr.contains("the service has no variable `GONE`"), "{}", ran.stderr);
    assert_eq!(place.run(&["convert", "--secret-variables", "A=b"]).code, Some(2));
}

#[test]
fn the_compose_file_says_which_variables_hold_secrets() {
    let keys = |project: &str, service: &str, options: &[&str]| {
        let place = Place::with(&format!(
            "{project}\nservices:\n  a:\n    image: x\n    environment: {{A_KEY: a, B: b, C_DSN: c}}\n    {service}\n"
        ));
        let ran = place.run(&[&["convert", "--format", "json"], options].concat());
        assert_eq!(ran.code, Some(0), "{}", ran.stderr);
        let list: serde_json::Value = serde_json::from_str(&ran.stdout).unwrap();
        let secrets = list["items"].as_array().unwrap().iter().filter(|it| it["kind"] == "Secret");
        let keys: Vec<String> =
            secrets.flat_map(|it| it["data"].as_object().unwrap().keys().cloned()).collect();
        // The report lists the variables, and tells the same.
        let report = place.run(&[&["report"], options].concat()).stdout;
        for name in ["A_KEY", "B", "C_DSN"] {
            let line = report.lines().find(|line| line.starts_with(&format!("  {name}: ")));
            let is_secret = line.unwrap().contains("in a Secret");
            assert_eq!(is_secret, keys.iter().any(|key| key == name), "{name}: {report}");
        }
        keys
    };
    let list = "x-longshore: {secret-variables: [B, '*_DSN']}";
    assert_eq!(keys(list, "", &[]), ["A_KEY", "B", "C_DSN"]);
    assert_eq!(keys(list, "", &["--secret-variables", "!B"]), ["A_KEY", "C_DSN"]);
    assert_eq!(keys("", list, &["--secret-variables", "!*"]), ["B", "C_DSN"]);
    assert_eq!(keys(list, "x-longshore: {secret-variables: '!A_*,!B'}", &[]), ["C_DSN"]);
    assert_eq!(
        keys("", &format!("{list}\n    labels: {{longshore.secret-variables: '!B'}}"), &[]),
        ["A_KEY", "C_DSN"]
    );
}

#[test]
fn rules_in_the_compose_file_that_cannot_be_are_told() {
    let told = |project: &str, service: &str| {
        Place::with(&format!(
            "{project}\nservices: {{a: {{image: x, environment: {{A: b}}, {service}}}}}\n"
        ))
        .run(&["convert"])
    };
    let gone = "x-longshore: {secret-variables: [A, GONE]}";
    let ran = told(gone, "");
    assert!(ran.stderr.contains("no service has a variable `GONE`"), "{}", ran.stderr);
    let ran = told("", gone);
    assert!(ran.stderr.contains("the service has no variable `GONE`"), "{}", ran.stderr);
    for wrong in ["[7]", "{A: true}", "'A=b'"] {
        let ran = told("", &format!("x-longshore: {{secret-variables: {wrong}}}"));
        assert_eq!(ran.code, Some(2), "{wrong}: {}", ran.stderr);
    }
}
