//! Findings that are allowed.

use super::place::Place;

const HEAD: &str = "services:\n  web:\n    image: nginx:1.29\n";

/// What is told of a project whose one service has these lines: codes, and the last line.
fn told(lines: &str, arguments: &[&str]) -> (Vec<String>, String) {
    let place = Place::with(&format!("{HEAD}{lines}"));
    let ran = place.run(&[&["convert"], arguments].concat());
    assert_eq!(ran.code, Some(0), "{}", ran.stderr);
    let codes = ran.stderr.lines().filter_map(|line| {
        let (_, rest) = line.split_once('[')?;
        line.starts_with(['w', 'n']).then(|| rest.split_once(' ').unwrap().0.to_owned())
    });
    (codes.collect(), ran.stderr.lines().last().unwrap_or_default().to_owned())
}

#[test]
fn findings_are_allowed_in_three_ways() {
    let lines = "    cpuset: \"0\"\n    ulimits: { nofile: 9 }\n";
    let cases: &[(&str, &[&str], &[&str], &str)] = &[
        ("", &[], &["LS1313", "LS1305"], "2 warnings"),
        ("", &["--allow", "LS1313"], &["LS1305"], "1 warning, 1 allowed"),
        ("", &["--allow", "cpuset,ulimits:services.web"], &[], "2 allowed"),
        ("", &["--allow", "cpuset:services.*.cpuset"], &["LS1305"], "1 warning, 1 allowed"),
        (
            "",
            &["--allow", "cpuset:services.db"],
            &["LS0215", "LS1313", "LS1305"],
            "2 warnings, 1 note",
        ),
        ("    x-longshore: { allow: [cpuset, LS1305] }\n", &[], &[], "2 allowed"),
        ("    x-longshore: { allow: cpuset }\n", &[], &["LS1305"], "1 warning, 1 allowed"),
        (
            "x-longshore: { allow: [\"cpuset:services.web\"] }\n",
            &[],
            &["LS1305"],
            "1 warning, 1 allowed",
        ),
        (
            "    # longshore: allow LS1303\n    cgroup_parent: a # longshore: allow LS1303\n",
            &[],
            &["LS1313", "LS1305"],
            "2 warnings, 1 allowed",
        ),
    ];
    for (further, arguments, codes, last) in cases {
        let (found, summary) = told(&format!("{lines}{further}"), arguments);
        assert_eq!(found, *codes, "{further} {arguments:?}");
        assert_eq!(summary, *last, "{further} {arguments:?}");
    }
}

#[test]
fn a_comment_allows_what_is_on_its_line_or_below_it() {
    let cases: &[(&str, &[&str])] = &[
        ("    cpuset: \"0\" # longshore: allow cpuset -- as agreed\n", &[]),
        ("    # longshore: allow LS1313\n    # another comment\n    cpuset: \"0\"\n", &[]),
        (
            "    # longshore: allow LS1305\n    ulimits:\n      nofile:\n        soft: 1\n        hard: 2\n",
            &[],
        ),
        ("    # longshore: allow LS1208\n    group_add:\n      - audio\n      - video\n", &[]),
        (
            "    group_add:\n      - audio # longshore: allow group_add\n      - video\n",
            &["LS1208"],
        ),
        (
            "    cpuset: \"0\"\n    # longshore: allow cpuset\n    tty: true\n",
            &["LS1313", "LS0215"],
        ),
    ];
    for (lines, codes) in cases {
        let (found, _) = told(lines, &[]);
        assert_eq!(found, *codes, "{lines}");
    }
}

#[test]
fn what_cannot_be_understood_is_told() {
    let place = Place::with(&format!(
        "{HEAD}    x-longshore: {{ alow: [LS1305], allow: [ulimit, 7] }}\n    deploy: {{ x-longshore: {{}} }}\n    tty: true # longshore: allow cpusett\n"
    ));
    let ran = place.run(&["convert"]);
    let messages: Vec<&str> =
        ran.stderr.lines().filter(|line| line.starts_with("warning[LS0214")).collect();
    assert_eq!(
        messages,
        [
            "warning[LS0214 invalid-setting]: longshore has no setting `alow`",
            "warning[LS0214 invalid-setting]: there is no code `ulimit`; did you mean `ulimits`?",
            "warning[LS0214 invalid-setting]: an allowed code must be a text",
            "warning[LS0214 invalid-setting]: `x-longshore` means nothing here",
            "warning[LS0214 invalid-setting]: there is no code `cpusett`; did you mean `cpuset`?",
        ],
        "{}",
        ran.stderr
    );
    let ran = place.run(&["convert", "--allow", "ulimit"]);
    assert_eq!(ran.code, Some(2));
    assert!(ran.stderr.contains("did you mean `ulimits`?"), "{}", ran.stderr);
}

#[test]
fn errors_are_never_allowed() {
    let place = Place::with(&format!("{HEAD}    ports: [\"80x\"] # longshore: allow LS0205\n"));
    let ran = place.run(&["convert", "--allow", "LS0205"]);
    assert_eq!(ran.code, Some(2));
    assert!(ran.stderr.starts_with("error[LS0205 invalid-value]"), "{}", ran.stderr);
}

#[test]
fn of_a_part_of_a_project_nobody_can_tell_what_is_allowed_in_vain() {
    let place = Place::with(&format!(
        "{HEAD}  db:\n    image: postgres\n    cpuset: \"0\" # longshore: allow cpuset\n    profiles: [data]\n"
    ));
    place.run(&["convert", "web", "-o", "out/", "--allow", "cpuset"]).gives(0, "", "");
    place.run(&["convert", "-o", "out/"]).gives(0, "", "");
    place.run(&["convert", "--profile", "data", "-o", "out/"]).gives(0, "", "1 allowed\n");
}

#[test]
fn allowed_findings_do_not_fail_a_run_and_are_marked_for_tools() {
    let place = Place::with(&format!("{HEAD}    cpuset: \"0\" # longshore: allow cpuset\n"));
    place.run(&["convert", "--strict", "--fail-on", "loss", "-o", "out/"]).gives(
        0,
        "",
        "1 allowed\n",
    );
    place.run(&["convert", "-o", "out/", "--diagnostics", "sarif=all.sarif"]).gives(0, "", "");
    let sarif: serde_json::Value = serde_json::from_str(&place.read("all.sarif")).unwrap();
    let suppressions = &sarif["runs"][0]["results"][0]["suppressions"];
    assert_eq!(suppressions, &serde_json::json!([{ "kind": "inSource" }]));
}
