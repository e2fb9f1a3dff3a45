//! Volumes that are filled with what the image has in their place, as with Docker: who fills which, and that the copy
//! is made once.

use std::fs;
use std::path::Path;
use std::process::Command;

use serde_json::Value;

use super::place::Place;

/// Service, and what its image has, for each volume that is filled.
fn filled(compose: &str, options: &[&str]) -> Vec<String> {
    seeds(compose, options)
        .iter()
        .map(|(name, container)| {
            let args = container["args"].as_array().unwrap().chunks(2);
            let pairs: Vec<String> = args.map(|it| format!("{} {}", it[0], it[1])).collect();
            format!("{name}: {}", pairs.join(", ")).replace('"', "")
        })
        .collect()
}

/// The init containers that fill volumes, by workload.
fn seeds(compose: &str, options: &[&str]) -> Vec<(String, Value)> {
    let ran = Place::with(compose).run(&[&["convert"], options].concat());
    assert_eq!(ran.code, Some(0), "{}", ran.stderr);
    let objects = longshore::yaml::read(&ran.stdout).unwrap();
    let all = objects.iter().flat_map(|object| {
        let name = object["metadata"]["name"].as_str().unwrap().to_owned();
        let init = object.pointer("/spec/template/spec/initContainers").and_then(Value::as_array);
        init.into_iter().flatten().map(move |container| (name.clone(), container.clone()))
    });
    all.filter(|(name, it)| it["name"] == format!("{name}-seed")).collect()
}

const PROJECT: &str = "\
services:
  web:
    image: x
    depends_on: [app]
    volumes: [shared:/web]
  app:
    image: x
    user: '1000'
    volumes:
      - shared:/app
      - /cache
      - own:/own
      - reader:/reader:ro
      - {type: volume, source: empty, target: /empty, volume: {nocopy: true}}
      - {type: volume, source: part, target: /part, volume: {subpath: a}}
      - memory:/memory
      - ./bound:/bound
volumes:
  shared: {}
  own: {}
  reader: {}
  empty: {}
  part: {}
  memory: {driver_opts: {type: tmpfs, device: tmpfs}}
";

const OF_APP: &str =
    "app: /app /longshore/seed/shared, /cache /longshore/seed/cache, /own /longshore/seed/own";

#[test]
fn the_first_that_starts_fills_a_volume_that_others_have_too() {
    assert!(filled(PROJECT, &[]).is_empty());
    assert_eq!(filled(PROJECT, &["--seed-volumes"]), [OF_APP]);
}

#[test]
fn a_label_says_it_for_one_service() {
    let without =
        PROJECT.replace("    user:", "    labels: {longshore.seed-volumes: 'no'}\n    user:");
    assert_eq!(filled(&without, &["--seed-volumes"]), ["web: /web /longshore/seed/shared"]);
    assert_eq!(filled(&without.replace("'no'", "'yes'"), &[]), [OF_APP]);
}

#[test]
fn what_fills_a_volume_has_no_more_rights_than_the_service() {
    let privileged = PROJECT.replace("    user:", "    privileged: true\n    user:");
    for (_, container) in seeds(&privileged, &["--seed-volumes"]) {
        assert_eq!(container["securityContext"], serde_json::json!({ "runAsUser": 1000 }));
    }
    for (_, container) in seeds(PROJECT, &["--seed-volumes", "--security", "restricted"]) {
        assert_eq!(container["securityContext"]["allowPrivilegeEscalation"], false);
        assert_eq!(container["securityContext"]["capabilities"]["drop"][0], "ALL");
    }
}

/// Runs the script with these paths in place of its arguments.
fn seed(pairs: &[[&Path; 2]]) {
    let (_, container) = seeds(PROJECT, &["--seed-volumes"]).remove(0);
    let command = container["command"].as_array().unwrap();
    // What the kubelet reads.
    let mut words = command.iter().map(|word| word.as_str().unwrap().replace("$$(", "$("));
    let mut run = Command::new(words.next().unwrap());
    run.args(words).args(pairs.iter().flatten());
    assert!(run.status().unwrap().success());
}

fn entries(directory: &Path) -> Vec<String> {
    let entries = fs::read_dir(directory).unwrap();
    let mut names: Vec<String> =
        entries.map(|it| it.unwrap().file_name().into_string().unwrap()).collect();
    names.sort();
    names
}

#[test]
fn an_empty_volume_is_filled_once() {
    let directory = tempfile::tempdir().unwrap();
    let at = |name: &str| directory.path().join(name);
    for name in ["image/.hidden/deep", "image/sub dir", "volume/lost+found", "other", "empty"] {
        fs::create_dir_all(at(name)).unwrap();
    }
    fs::write(at("image/a"), "1").unwrap();
    fs::write(at("image/.hidden/deep/b"), "2").unwrap();
    std::os::unix::fs::symlink("gone", at("image/link")).unwrap();
    let (image, volume, other) = (at("image"), at("volume"), at("other"));
    seed(&[[&image, &volume], [&at("nowhere"), &other], [&at("empty"), &other]]);
    assert_eq!(entries(&volume), [".hidden", "a", "link", "lost+found", "sub dir"]);
    assert_eq!(fs::read(volume.join(".hidden/deep/b")).unwrap(), b"2");
    assert_eq!(fs::read_link(volume.join("link")).unwrap(), Path::new("gone"));
    assert!(entries(&other).is_empty());

    fs::write(volume.join("a"), "mine").unwrap();
    fs::remove_file(volume.join("link")).unwrap();
    seed(&[[&image, &volume]]);
    assert_eq!(fs::read(volume.join("a")).unwrap(), b"mine");
    assert_eq!(entries(&volume), [".hidden", "a", "lost+found", "sub dir"]);
}

#[test]
fn a_copy_that_was_cut_short_is_finished() {
    let directory = tempfile::tempdir().unwrap();
    let (image, volume) = (directory.path().join("image"), directory.path().join("volume"));
    for (path, content) in [
        (&image.join("a"), "whole"),
        (&image.join("b"), "2"),
        (&volume.join("a"), "who"),
        (&volume.join(".longshore-seed"), "unfinished\n"),
    ] {
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, content).unwrap();
    }
    seed(&[[&image, &volume]]);
    assert_eq!(fs::read(volume.join("a")).unwrap(), b"whole");
    assert_eq!(entries(&volume), ["a", "b"]);
}
