//! `--patch`: what no Compose attribute can say.

use super::place::Place;

const WEB: &str = "services:\n  web:\n    image: nginx:1.29\n    ports: [\"8080:80\"]\n";

#[test]
fn patches_change_the_objects_that_they_select() {
    let place = Place::with(WEB);
    place.file(
        "one.yaml",
        "kind: Deployment\nmetadata: {name: web}\nspec:\n  template:\n    spec:\n      priorityClassName: high\n---\ntarget: {kind: Service, name: web-published}\npatch:\n- {op: replace, path: /spec/type, value: NodePort}\n",
    );
    place.file(
        "two.json",
        r#"{"target": {}, "patch": {"metadata": {"annotations": {"team": "shop"}}}}"#,
    );
    let ran = place.run(&["convert", "--patch", "one.yaml", "--patch", "two.json"]);
    assert_eq!((ran.code, ran.stderr.as_str()), (Some(0), ""));
    assert!(ran.stdout.contains("\n      priorityClassName: high\n"), "{}", ran.stdout);
    assert!(ran.stdout.contains("\n  type: NodePort\n"), "{}", ran.stdout);
    assert_eq!(ran.stdout.matches("    team: shop\n").count(), 3);
}

#[test]
fn a_patch_that_fits_nothing_is_an_error_with_its_place() {
    let place = Place::with(WEB);
    place.file("p.yaml", "kind: Deployment\nmetadata: {name: web}\nspec:\n  replicas: many\n---\nkind: Service\nmetadata: {name: wbe}\n");
    place.run(&["convert", "--patch", "p.yaml", "-o", "out/"]).gives(
        2,
        "",
        "\
error[LS2003 patch]: Deployment `web`: `spec.replicas`: expected an integer of 32 bits, found the string `many`
 --> p.yaml:4:3
  |
4 |   replicas: many
  |   ^^^^^^^^^^^^^^

error[LS2003 patch]: the patch changes nothing: there is no Service `wbe`
 --> p.yaml:6:1
  |
6 | kind: Service
  | ^^^^^^^^^^^^^
  |
  = help: `longshore convert` prints the objects with their names

2 errors
",
    );
    assert!(!place.path("out").exists());
    let ran = place.run(&["convert", "--patch", "none.yaml"]);
    assert_eq!(ran.code, Some(2));
    assert!(ran.stderr.contains("cannot read the patch `none.yaml`"), "{}", ran.stderr);
}
