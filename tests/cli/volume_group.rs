//! `fsGroup`: which pods get one, because a claim and the files of a Secret belong to root.

use super::place::Place;

/// `fsGroup` of the pod of `web`, and what is told beside the usual.
fn group(service: &str, rest: &str) -> (Option<i64>, Vec<String>) {
    let compose = format!(
        "services:\n  web:\n    image: x\n    {service}\n{rest}\nvolumes: {{data: {{}}, there: {{external: true}}}}\n\
         secrets: {{key: {{environment: KEY}}}}\n"
    );
    let place = Place::with(&compose);
    place.file(".env", "KEY=x\n");
    let ran = place.run(&["convert"]);
    assert_eq!(ran.code, Some(0), "{}", ran.stderr);
    let objects = longshore::yaml::read(&ran.stdout).unwrap();
    let web =
        objects.iter().find(|it| it["kind"] == "Deployment" && it["metadata"]["name"] == "web");
    let context = &web.unwrap()["spec"]["template"]["spec"]["securityContext"];
    let group = context["fsGroup"].as_i64();
    if group.is_some() && !service.contains("fs-group") {
        assert_eq!(context["fsGroupChangePolicy"], "OnRootMismatch");
    }
    let usual = ["LS1007", "LS1008", "LS1010", "LS3201"];
    let told =
        ran.stderr.lines().filter(|line| line.starts_with("note[") || line.starts_with("warning["));
    let told = told.filter(|line| !usual.iter().any(|code| line.contains(code)));
    (group, told.map(str::to_owned).collect())
}

#[test]
fn what_does_not_run_as_root_writes_to_claims_by_its_group() {
    for (service, expected) in [
        ("{user: '1000:2000', volumes: ['data:/d']}", Some(2000)),
        ("{user: '1000:0', volumes: ['data:/d']}", Some(0)),
        ("{user: '1000', volumes: ['data:/d']}", Some(1000)),
        ("{user: '1000', group_add: [50], volumes: ['data:/d']}", Some(50)),
        ("{user: '1000:2000', volumes: ['data:/d'], labels: {longshore.fs-group: '7'}}", Some(7)),
        // Root may write anywhere; what is only read, external or no claim needs nothing.
        ("{user: '0:2000', volumes: ['data:/d']}", None),
        ("{volumes: ['data:/d']}", None),
        ("{user: '1000', volumes: ['data:/d:ro', 'there:/t', /e]}", None),
        ("{user: '1000'}", None),
        ("{pre_start: [{user: '5', command: [a]}], volumes: ['data:/d']}", Some(5)),
    ] {
        assert_eq!(group(&format!("<<: {service}"), "").0, expected, "{service}");
    }
}

#[test]
fn files_that_are_not_for_everyone_are_read_by_the_group() {
    let secret = |owner: &str| format!("secrets: [{{source: key, {owner}}}]");
    for (service, expected, told) in [
        (secret("mode: 0400"), None, &[][..]),
        (secret("mode: 0440, uid: '1000', gid: '30'"), Some(30), &["group 30", "group 30"]),
        (secret("mode: 0400, uid: '1000'"), Some(1000), &["group 1000"]),
        (secret("mode: 0400, uid: '1000'") + "\n    user: root", None, &["runs as root"]),
        (secret("mode: 0400") + "\n    user: '9'", Some(9), &[]),
        (secret("uid: '1000'"), None, &["everyone may read it"]),
        (secret("uid: app"), None, &["`app` has no number"]),
    ] {
        let (group, found) = group(&service, "");
        assert_eq!(group, expected, "{service}");
        assert_eq!(found.len(), told.len(), "{service}: {found:?}");
        for (found, told) in found.iter().zip(told) {
            assert!(found.contains(told), "{found}");
        }
    }
}

#[test]
fn pods_that_give_a_volume_to_different_groups_are_told() {
    let other = "  other: {image: x, user: '1001', volumes: ['data:/d']}";
    let (_, told) = group("user: '1000'\n    volumes: ['data:/d']", other);
    let expected =
        "`other` runs with the group 1001 and `web` with 1000: what starts last gets the files";
    assert!(told.iter().any(|it| it.contains(expected)), "{told:?}");
}
