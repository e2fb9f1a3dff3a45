//! The forms of the report, and what makes a run fail.

use serde_json::Value;

use super::place::Place;

const NOISY: &str = "services:\n  web:\n    image: nginx:1.29\n    cpuset: \"0\"\n";
const CLEAN: &str = "services:\n  web:\n    image: nginx:1.29\n";

#[test]
fn several_forms_are_written_at_once() {
    let place = Place::with(NOISY);
    place.file(".git/HEAD", "");
    let ran = place.run(&[
        "convert",
        "-o",
        "out/",
        "--diagnostics",
        "github,sarif=ci/longshore.sarif",
        "--diagnostics",
        "gitlab=ci/quality.json",
        "--diagnostics=junit=ci/junit.xml",
    ]);
    ran.gives(0, "", "::warning file=compose.yaml,line=4,endLine=4,col=13,endColumn=16,title=LS1313 cpuset::`cpuset` has no equivalent in Kubernetes and is left out%0Aat services.web.cpuset%0Ahelp: let the kubelet choose cores: policy `static` and whole `cpus`\n");
    let sarif: Value = serde_json::from_str(&place.read("ci/longshore.sarif")).unwrap();
    assert_eq!(sarif["runs"][0]["results"][0]["ruleId"], "LS1313");
    let quality: Value = serde_json::from_str(&place.read("ci/quality.json")).unwrap();
    assert_eq!(quality[0]["location"]["lines"]["begin"], 4);
    assert!(place.read("ci/junit.xml").contains("failures=\"1\""));
}

#[test]
fn files_are_relative_to_the_repository() {
    let place = Place::new();
    place.file(".git/HEAD", "");
    place.file("deploy/compose.yaml", NOISY);
    let ran = place.run(&["-f", "deploy/compose.yaml", "convert", "--diagnostics", "github"]);
    assert!(ran.stderr.starts_with("::warning file=deploy/compose.yaml,"), "{}", ran.stderr);
}

#[test]
fn without_findings_there_are_still_reports_for_tools() {
    let place = Place::with(CLEAN);
    let ran =
        place.run(&["convert", "-o", "out/", "--diagnostics", "sarif=a,gitlab=b,text,github"]);
    ran.gives(0, "", "");
    assert!(place.read("a").contains("\"results\": []"));
    assert_eq!(place.read("b"), "[]\n");
}

#[test]
fn a_form_that_is_not_known_is_refused() {
    let ran = Place::with(CLEAN).run(&["convert", "--diagnostics", "xml"]);
    assert_eq!(ran.code, Some(2));
    assert!(ran.stderr.contains("the formats are `text`, `json`"), "{}", ran.stderr);
}

#[test]
fn a_file_that_cannot_be_written_is_an_error() {
    let place = Place::with(NOISY);
    place.file("taken/x", "");
    let ran = place.run(&["convert", "--diagnostics", "sarif=taken"]);
    assert_eq!((ran.code, ran.stdout.as_str()), (Some(2), ""));
    assert!(ran.stderr.contains("cannot write `taken`"), "{}", ran.stderr);
}

#[test]
fn levels_classes_and_codes_make_a_run_fail() {
    let place = Place::with(NOISY);
    let cases = [
        ("warning", 1),
        ("note", 1),
        ("error", 0),
        ("unsupported", 1),
        ("loss", 1),
        ("approximated", 0),
        ("LS1313", 1),
        ("cpuset", 1),
        ("ulimits", 0),
        ("ulimits,cpuset", 1),
    ];
    for (fail_on, code) in cases {
        let ran = place.run(&["convert", "--fail-on", fail_on]);
        assert_eq!(ran.code, Some(code), "{fail_on}: {}", ran.stderr);
        assert_eq!(ran.stdout.is_empty(), code == 1, "{fail_on}");
    }
    let ran = place.run(&["convert", "--fail-on", "ulimits", "--fail-on", "cpuset"]);
    let help =
        "help: these findings count as errors with `--fail-on cpuset`; nothing was written\n";
    assert!(ran.stderr.ends_with(help), "{}", ran.stderr);
    let ran = place.run(&["convert", "--fail-on", "everything"]);
    assert_eq!(ran.code, Some(2));
}
