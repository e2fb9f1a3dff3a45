//! `--format kustomize`: a base of longshore's, overlays of the user's.

use serde_json::Value;

use super::place::{Place, samples};
use super::tool::tool;

const WEB: &str = "services:\n  web:\n    image: nginx:1.29\n    ports: [\"8080:80\"]\n";
const CONVERT: &[&str] = &["convert", "--format", "kustomize", "-o", "k"];

#[test]
fn the_base_lists_its_files_in_apply_order() {
    let place = Place::with(WEB);
    place.run(CONVERT).gives(0, "", "");
    assert_eq!(place.files("k"), [".longshore", "base", "overlays"]);
    assert_eq!(
        place.read("k/base/kustomization.yaml"),
        "apiVersion: kustomize.config.k8s.io/v1beta1\nkind: Kustomization\nresources:\n\
         - service-web.yaml\n- service-web-published.yaml\n- deployment-web.yaml\n"
    );
    similar_asserts::assert_eq!(
        place.read("k/overlays/prod/kustomization.yaml"),
        "\
# What is different in prod. This file is yours: longshore does not write it again.
apiVersion: kustomize.config.k8s.io/v1beta1
kind: Kustomization
resources:
- ../../base
# namespace: prod
# replicas:
# - name: web
#   count: 2
# images:
# - name: nginx
#   newTag: \"1.0\"
"
    );
    place.run(&["convert", "--format", "kustomize"]).gives(
        2,
        "",
        "error: only files will do here\nhelp: name a directory: `-o DIR/`\n",
    );
}

#[test]
fn overlays_are_written_once_and_the_base_is_kept() {
    let place = Place::with(&format!("{WEB}  worker:\n    image: busybox\n"));
    place.run(CONVERT).gives(0, "", "");
    let check = [CONVERT, &["--check"]].concat();
    place.run(&check).gives(0, "", "");
    place.file("k/overlays/dev/kustomization.yaml", "mine");
    std::fs::remove_dir_all(place.path("k/overlays/prod")).unwrap();
    place.run(&check).gives(0, "", "");

    place.file("compose.yaml", &WEB.replace("1.29", "1.30"));
    assert_eq!(place.run(&check).code, Some(1));
    place.run(CONVERT).gives(0, "", "");
    assert_eq!(place.read("k/overlays/dev/kustomization.yaml"), "mine");
    assert_eq!(place.files("k/overlays"), ["dev"]);
    let base = [
        "deployment-web.yaml",
        "kustomization.yaml",
        "service-web-published.yaml",
        "service-web.yaml",
    ];
    assert_eq!(place.files("k/base"), base);

    place.file("k/base/service-web.yaml", "edited");
    let ran = place.run(CONVERT);
    assert_eq!(ran.code, Some(2));
    assert!(ran.stderr.starts_with("error: `k/base/service-web.yaml` is in the way"), "{ran:?}");
    place.run(&[CONVERT, &["--force"]].concat()).gives(0, "", "");
    assert!(place.read("k/base/service-web.yaml").contains("port: 80"));
    assert_eq!(place.read("k/overlays/dev/kustomization.yaml"), "mine");

    // Another format in the same directory: the base goes, with its folder.
    place.run(&["convert", "-o", "k/"]).gives(0, "", "");
    assert!(!place.path("k/base").exists());
    assert_eq!(place.read("k/overlays/dev/kustomization.yaml"), "mine");
}

/// A service left the project, an overlay still named it, and only Kustomize said so.
#[test]
fn an_overlay_that_names_what_is_gone_is_told() {
    let place = Place::with(&format!("{WEB}  worker:\n    image: busybox\n"));
    place.run(CONVERT).gives(0, "", "");
    let dev = "k/overlays/dev/kustomization.yaml";
    place.file(dev, "resources: [../../base]\nreplicas:\n- name: worker\n  count: 2\n");
    place.run(CONVERT).gives(0, "", "");
    place.file("compose.yaml", WEB);
    let ran = place.run(CONVERT);
    assert_eq!(ran.code, Some(0), "{}", ran.stderr);
    let said = "warning[LS2006 overlay]: there is no Deployment or StatefulSet `worker`";
    assert!(ran.stderr.contains(said), "{}", ran.stderr);
    assert!(ran.stderr.contains(&format!("{dev}:3:1")), "{}", ran.stderr);
    let Some(mut kustomize) = tool("kustomize") else { return };
    let built = kustomize.arg("build").arg(place.path("k/overlays/dev")).output().unwrap();
    assert!(!built.status.success());
}

#[test]
fn a_base_without_objects_is_built() {
    let place = Place::with(WEB);
    place.run(&[CONVERT, &["--secrets", "only"]].concat()).gives(0, "", "");
    for part in ["base", "overlays/dev"] {
        let Some(mut kustomize) = tool("kustomize") else { return };
        let built = kustomize.arg("build").arg(place.path("k").join(part)).output().unwrap();
        assert!(built.status.success(), "{}", String::from_utf8_lossy(&built.stderr));
    }
}

/// What Kustomize builds from the base and from each overlay is what `convert` prints, object for object.
#[test]
fn the_real_kustomize_builds_the_same_objects() {
    for sample in samples() {
        let compose = sample.join("compose.yaml");
        let place = Place::new();
        let files = ["-f", compose.to_str().unwrap()];
        assert_eq!(place.run(&[&files, CONVERT].concat()).code, Some(0));
        let plain = place.run(&[&files[..], &["convert"]].concat());
        let expected = objects(&plain.stdout);
        for part in ["base", "overlays/dev", "overlays/prod"] {
            let Some(mut kustomize) = tool("kustomize") else { return };
            let built = kustomize.arg("build").arg(place.path("k").join(part)).output().unwrap();
            assert!(built.status.success(), "{}", String::from_utf8_lossy(&built.stderr));
            let built = objects(&String::from_utf8(built.stdout).unwrap());
            similar_asserts::assert_eq!(expected, built, "{part} of {}", compose.display());
        }
    }
}

/// The objects in an order of their own, each with its fields in an order of their own.
fn objects(text: &str) -> Vec<String> {
    let mut objects: Vec<Value> = longshore::yaml::read(text).unwrap();
    objects.iter_mut().for_each(Value::sort_all_objects);
    let mut texts: Vec<String> = objects.iter().map(|object| format!("{object:#}")).collect();
    texts.sort();
    texts
}
