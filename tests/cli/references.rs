//! What objects name is there: the checks of kube-linter for what dangles or does not match, of our own, since it
//! cannot be built everywhere, and those of kube-score by the real program.

mod objects;

use std::path::Path;

use super::place::{Place, samples};
use super::tool::tool;
use objects::Objects;

/// Options with which every sample is converted.
const OPTIONS: &[&[&str]] = &[
    &[],
    &["--network-policies"],
    &["--compat", "kompose"],
    &["--security", "restricted"],
    &["--publish", "nodeport"],
    &["-n", "elsewhere", "--create-namespace"],
];

/// The options to try a sample with: its own, and those for all.
fn tries(sample: &Path) -> Vec<Vec<String>> {
    let own = std::fs::read_to_string(sample.join("options")).unwrap_or_default();
    let own = own.split_whitespace().map(str::to_owned).collect();
    let for_all = OPTIONS.iter().map(|it| it.iter().map(|it| (*it).to_owned()).collect());
    std::iter::once(own).chain(for_all).collect()
}

/// A sample as manifests.
fn convert(place: &Place, sample: &Path, options: &[String]) -> String {
    let compose = sample.join("compose.yaml");
    let mut arguments = vec!["-f", compose.to_str().unwrap(), "convert"];
    arguments.extend(options.iter().map(String::as_str));
    let ran = place.run(&arguments);
    assert_eq!(ran.code, Some(0), "{} {options:?}: {}", sample.display(), ran.stderr);
    ran.stdout
}

/// The objects that a sample takes from the cluster, by kind and name.
fn external(place: &Place, sample: &Path) -> Vec<(&'static str, String)> {
    let compose = sample.join("compose.yaml");
    let ran = place.run(&["-f", compose.to_str().unwrap(), "config", "--format", "json"]);
    let project: serde_json::Value = serde_json::from_str(&ran.stdout).unwrap();
    let sections =
        [("volumes", "PersistentVolumeClaim"), ("configs", "ConfigMap"), ("secrets", "Secret")];
    let members = sections.into_iter().flat_map(|(section, kind)| {
        let members = project[section].as_object().into_iter().flatten();
        let external = members.filter(|(_, member)| member["external"] == true);
        external.flat_map(move |(key, member)| {
            // The claims of kompose are called after the key.
            let of_kompose = (section == "volumes").then(|| (kind, key.clone()));
            let name = member["name"].as_str().unwrap();
            [Some((kind, name.to_owned())), of_kompose].into_iter().flatten()
        })
    });
    members.collect()
}

#[test]
fn what_objects_name_is_there() {
    let place = Place::new();
    let mut wrong = Vec::new();
    for sample in samples() {
        for options in tries(&sample) {
            let objects =
                Objects::read(&convert(&place, &sample, &options)).with(external(&place, &sample));
            let name = sample.file_name().unwrap().to_str().unwrap().to_owned();
            wrong.extend(objects.dangling().map(|it| format!("{name} {options:?}: {it}")));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn what_dangles_is_found() {
    let found: Vec<String> =
        Objects::read(include_str!("references/dangling.yaml")).dangling().collect();
    similar_asserts::assert_eq!(
        found.join("\n"),
        include_str!("references/dangling.txt").trim_end()
    );
}

/// Checks of kube-score that are about names and selectors; the others are matters of taste, or of
/// `--security restricted`, or ask for what no compose file says.
const CHECKS: &[&str] = &[
    "cronjob-restartpolicy",
    "deployment-pod-selector-labels-match-template-metadata-labels",
    "deployment-targeted-by-hpa-does-not-have-replicas-configured",
    "environment-variable-key-duplication",
    "horizontalpodautoscaler-has-target",
    "ingress-targets-service",
    "label-values",
    "networkpolicy-targets-pod",
    "service-targets-pod",
    "stable-version",
    "statefulset-has-servicename",
    "statefulset-pod-selector-labels-match-template-metadata-labels",
];

#[test]
fn kube_score_finds_nothing_that_does_not_match() {
    let Some(mut list) = tool("kube-score") else { return };
    let list = list.arg("list").output().unwrap();
    let all = String::from_utf8(list.stdout).unwrap();
    let all: Vec<&str> = all.lines().filter_map(|line| line.split(',').next()).collect();
    for check in CHECKS {
        assert!(all.contains(check), "kube-score has no check `{check}`");
    }
    let place = Place::new();
    for sample in samples() {
        for options in tries(&sample) {
            place.file("objects.yaml", &convert(&place, &sample, &options));
            let mut score = tool("kube-score").unwrap();
            score.args(["score", "--output-format", "ci"]);
            // kompose makes no headless Services, and what it has deployed keeps its own
            let kept = options
                .iter()
                .any(|option| option == "kompose")
                .then_some("statefulset-has-servicename");
            let is_asked = |check: &&str| CHECKS.contains(check) && Some(*check) != kept;
            for check in all.iter().filter(|check| !is_asked(check)) {
                score.args(["--ignore-test", check]);
            }
            let output = score.arg(place.path("objects.yaml")).output().unwrap();
            let said = String::from_utf8(output.stdout).unwrap();
            assert!(output.status.success(), "{} {options:?}: {said}", sample.display());
        }
    }
}
