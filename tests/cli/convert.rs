//! `convert` as scripts use it.

use super::place::Place;

const WEB: &str = "services:\n  web:\n    image: nginx:1.29\n    ports: [\"8080:80\"]\n";
const NOISY: &str = "services:\n  web:\n    image: nginx:1.29\n    cpuset: \"0\"\n";

#[test]
fn standard_output_has_the_manifests_and_nothing_else() {
    let ran = Place::with(NOISY).run(&["convert"]);
    assert_eq!(ran.code, Some(0));
    assert!(ran.stdout.starts_with("apiVersion: v1\nkind: Service\n"), "{}", ran.stdout);
    assert!(ran.stderr.starts_with("warning[LS1313 cpuset]"), "{}", ran.stderr);
}

#[test]
fn the_same_input_gives_the_same_bytes() {
    let place = Place::with(WEB);
    let first = place.run(&["convert"]);
    let second = place.run(&["convert", "-o", "-"]);
    assert_eq!(first.stdout, second.stdout);
    place.run(&["convert", "-o", "all.yaml"]).gives(0, "", "");
    assert_eq!(place.read("all.yaml"), first.stdout);
}

#[test]
fn a_directory_has_a_file_per_object_and_loses_what_is_gone() {
    let place = Place::with(&format!("{WEB}  worker:\n    image: busybox\n"));
    place.run(&["convert", "-o", "out/"]).gives(0, "", "");
    let names = [
        ".longshore",
        "deployment-web.yaml",
        "deployment-worker.yaml",
        "service-web-published.yaml",
        "service-web.yaml",
        "service-worker.yaml",
    ];
    assert_eq!(place.files("out"), names);

    place.file("out/kustomization.yaml", "mine");
    place.file("compose.yaml", WEB);
    place.run(&["convert", "-o", "out"]).gives(0, "", "");
    let names = [
        ".longshore",
        "deployment-web.yaml",
        "kustomization.yaml",
        "service-web-published.yaml",
        "service-web.yaml",
    ];
    assert_eq!(place.files("out"), names);
    assert_eq!(place.read("out/kustomization.yaml"), "mine");
}

#[test]
fn a_file_that_someone_edited_is_kept() {
    let place = Place::with(WEB);
    place.run(&["convert", "-o", "out/"]).gives(0, "", "");
    place.file("out/service-web.yaml", "edited");
    place.file("compose.yaml", &WEB.replace("80\"", "81\""));
    place.run(&["convert", "-o", "out/"]).gives(
        2,
        "",
        r"error: `out/service-web.yaml` is in the way: it was changed since longshore wrote it
help: move it away, write elsewhere, or overwrite it with `--force`; nothing was written
",
    );
    assert_eq!(place.read("out/service-web.yaml"), "edited");
    assert!(place.read("out/deployment-web.yaml").contains("containerPort: 80\n"));

    place.run(&["convert", "-o", "out/", "--force"]).gives(0, "", "");
    assert!(place.read("out/service-web.yaml").contains("port: 81"));
}

#[test]
fn with_strict_a_warning_is_a_finding_and_nothing_is_written() {
    let place = Place::with(NOISY);
    let ran = place.run(&["convert", "--strict", "-o", "out/"]);
    assert_eq!((ran.code, ran.stdout.as_str()), (Some(1), ""));
    assert!(ran.stderr.contains("warning[LS1313 cpuset]"), "{}", ran.stderr);
    assert_eq!(place.files(""), ["compose.yaml"]);
    Place::with(WEB).run(&["convert", "--strict", "-o", "out/"]).gives(0, "", "");
}

#[test]
fn diagnostics_for_programs_are_a_json_object_per_line() {
    let ran = Place::with(NOISY).run(&["convert", "--diagnostics", "json", "-o", "all.yaml"]);
    let lines: Vec<serde_json::Value> =
        ran.stderr.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!(lines.len(), 1);
    assert_eq!(lines[0]["path"], "services.web.cpuset");
    assert_eq!(lines[0]["place"]["line"], 4);
}

#[test]
fn the_namespace_is_written_only_when_it_is_asked_for() {
    let place = Place::with(WEB);
    assert!(!place.run(&["convert"]).stdout.contains("namespace"));
    let named = place.run(&["convert", "-n", "shop"]).stdout;
    assert_eq!(named.matches("\n  namespace: shop\n").count(), named.matches("kind: ").count());
}

#[test]
fn json_is_one_list() {
    let ran = Place::with(WEB).run(&["convert", "--format", "json"]);
    let list: serde_json::Value = serde_json::from_str(&ran.stdout).unwrap();
    assert_eq!(list["kind"], "List");
    assert_eq!(list["items"].as_array().unwrap().len(), 3);
}

#[test]
fn named_services_come_with_what_they_depend_on() {
    let place = Place::with(
        "services: {web: {image: x, depends_on: [db]}, db: {image: x}, other: {image: x}}",
    );
    let names = |arguments: &[&str]| -> Vec<String> {
        let ran = place.run(&[&["convert", "--format", "json"], arguments].concat());
        let list: serde_json::Value = serde_json::from_str(&ran.stdout).unwrap();
        let deployments = list["items"].as_array().unwrap().iter();
        let mut names: Vec<String> = deployments
            .filter(|object| object["kind"] == "Deployment")
            .map(|object| object["metadata"]["name"].as_str().unwrap().to_owned())
            .collect();
        names.sort();
        names
    };
    assert_eq!(names(&["web"]), ["db", "web"]);
    assert_eq!(names(&["--no-deps", "web"]), ["web"]);
    assert_eq!(names(&["[ow]*", "--no-deps"]), ["other", "web"]);
    assert_eq!(names(&[]), ["db", "other", "web"]);
}

#[test]
fn a_service_that_there_is_not_is_a_usage_error_with_a_suggestion() {
    Place::with(WEB).run(&["convert", "wbe"]).gives(
        2,
        "",
        "error[LS0301 undefined-reference]: there is no service `wbe`
 |
 = help: did you mean `web`?

",
    );
}

#[test]
fn volumes_ask_for_what_the_options_say_unless_they_say_it_themselves() {
    let place = Place::with(
        "services: {db: {image: x, volumes: [one:/a, two:/b]}}\nvolumes: {one: {}, two: {labels: {longshore.volume.size: 2Gi}}}\n",
    );
    let ran = place.run(&["convert", "--volume-size", "20Gi", "--storage-class", "fast"]);
    assert_eq!(ran.code, Some(0), "{}", ran.stderr);
    assert_eq!(ran.stdout.matches("storageClassName: fast\n").count(), 2);
    assert!(ran.stdout.contains("storage: 20Gi\n") && ran.stdout.contains("storage: 2Gi\n"));
    let ran = place.run(&["convert", "--volume-size", "20GB"]);
    assert_eq!(ran.code, Some(2));
    assert!(ran.stderr.contains("`10Gi`"), "{}", ran.stderr);
}

#[test]
fn check_prints_what_differs_and_writes_nothing() {
    let place = Place::with(&format!("{WEB}  worker:\n    image: busybox\n"));
    place.run(&["convert", "-o", "out/"]).gives(0, "", "");
    place.run(&["convert", "-o", "out/", "--check"]).gives(0, "", "");

    place.file("compose.yaml", &WEB.replace("1.29", "1.30").replace("80\"", "80\", \"90:90\""));
    std::fs::remove_file(place.path("out/service-web.yaml")).unwrap();
    let ran = place.run(&["convert", "-o", "out/", "--check"]);
    assert_eq!((ran.code, ran.stderr.as_str()), (Some(1), ""));
    for part in [
        "--- out/deployment-web.yaml\n+++ out/deployment-web.yaml\n@@ ",
        "\n-        image: nginx:1.29\n+        image: nginx:1.30\n",
        "--- out/deployment-worker.yaml\n+++ /dev/null\n@@ ",
        "--- /dev/null\n+++ out/service-web.yaml\n@@ -0,0 +1,",
    ] {
        assert!(ran.stdout.contains(part), "{part}{}", ran.stdout);
    }
    assert!(!place.files("out").contains(&"service-web.yaml".to_owned()));
    assert!(place.read("out/deployment-web.yaml").contains("nginx:1.29"));

    place.run(&["convert", "-o", "out/"]).gives(0, "", "");
    place.run(&["convert", "-o", "out/", "--check"]).gives(0, "", "");
}

#[test]
fn check_shows_no_values_of_secrets() {
    let compose = |value: &str| {
        format!("services: {{db: {{image: x, environment: {{DB_PASSWORD: {value}}}}}}}\n")
    };
    let place = Place::with(&compose("open"));
    place.run(&["convert", "-o", "all.yaml"]).gives(0, "", "");
    place.file("compose.yaml", &compose("sesame"));
    let ran = place.run(&["convert", "-o", "all.yaml", "--check"]);
    assert_eq!(ran.code, Some(1), "{}", ran.stderr);
    let lines: Vec<&str> = ran.stdout.lines().filter(|line| line.contains("***")).collect();
    assert_eq!(lines, ["-  DB_PASSWORD: *** (before)", "+  DB_PASSWORD: *** (after)"]);
}

#[test]
fn check_needs_files() {
    let place = Place::with(WEB);
    place.run(&["convert", "--check", "-o", "-"]).gives(
        2,
        "",
        "error: only files will do here\nhelp: name a directory: `-o DIR/`\n",
    );
    assert_eq!(place.run(&["convert", "--check"]).code, Some(2));
    let ran = place.run(&["convert", "--check", "-o", "new/"]);
    assert_eq!(ran.code, Some(1));
    assert_eq!(place.files(""), ["compose.yaml"]);
}

#[test]
fn the_namespace_comes_first_when_it_is_asked_for() {
    let place = Place::with(WEB);
    let named = place.run(&["convert", "-n", "shop", "--create-namespace"]).stdout;
    let head = "apiVersion: v1\nkind: Namespace\nmetadata:\n  name: shop\n  labels:\n";
    assert!(named.starts_with(head), "{named}");
    assert_eq!(named.matches("kind: Namespace\n").count(), 1);
    let restricted = ["convert", "-n", "shop", "--create-namespace", "--security", "restricted"];
    let restricted = place.run(&restricted).stdout;
    assert!(restricted.contains("\n    pod-security.kubernetes.io/enforce: restricted\n"));
    place.run(&["convert", "--create-namespace"]).gives(
        2,
        "",
        "error: `--create-namespace` needs a name\nhelp: name it: `-n NAMESPACE`\n",
    );
}

/// `platform: ${PLATFORM:-}` and the like were told as values that cannot be; to Compose they are not there.
#[test]
fn an_attribute_with_an_empty_text_is_not_there() {
    let attributes = [
        "cgroup_parent",
        "cpuset",
        "domainname",
        "hostname",
        "ipc",
        "mac_address",
        "network_mode",
        "pid",
        "platform",
        "stop_signal",
        "user",
        "userns_mode",
        "working_dir",
    ];
    let attributes = attributes.join(": ${X:-}\n    ");
    let place = Place::with(&format!("services:\n  a:\n    image: x\n    {attributes}: ''\n"));
    let ran = place.run(&["convert"]);
    assert_eq!((ran.code, ran.stderr.as_str()), (Some(0), ""));
}
