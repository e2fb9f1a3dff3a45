use serde_json::json;

use super::*;
use crate::kubernetes::Object;

fn object(kind: &str, name: &str) -> Object {
    let value = json!({"apiVersion": "v1", "kind": kind, "metadata": {"name": name}});
    let serde_json::Value::Object(fields) = value else { unreachable!() };
    Object::new(fields).unwrap()
}

fn write(objects: &[Object], path: &Path, force: bool) -> Result<(), String> {
    let product =
        Product::of_objects(objects, Format::Yaml, FileNames::KindFirst, Destination::of(path));
    product.and_then(|product| product.write(force)).map_err(|error| error.to_string())
}

/// The files of a directory without the list of them.
fn files(directory: &Path) -> Vec<String> {
    let mut names: Vec<_> = std::fs::read_dir(directory)
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .filter(|name| name != ledger::FILE_NAME)
        .collect();
    names.sort();
    names
}

#[test]
fn one_file_has_all_objects_in_apply_order() {
    let objects = [object("Ingress", "a"), object("Deployment", "b"), object("Secret", "c")];
    let text = document::all(&objects, Format::Yaml);
    let kinds: Vec<_> = text.lines().filter_map(|line| line.strip_prefix("kind: ")).collect();
    assert_eq!(kinds, ["Secret", "Deployment", "Ingress"]);
    let list: serde_json::Value =
        serde_json::from_str(&document::all(&objects, Format::Json)).unwrap();
    assert_eq!(list["items"][0]["kind"], "Secret");
}

#[test]
fn only_own_files_are_replaced_and_removed() {
    let home = tempfile::tempdir().unwrap();
    let directory = home.path().join("out");
    let path = home.path().join("out/");
    write(&[object("Service", "a"), object("Service", "b")], &path, false).unwrap();
    std::fs::write(directory.join("mine.yaml"), "mine").unwrap();

    write(&[object("Service", "a")], &path, false).unwrap();
    assert_eq!(files(&directory), ["mine.yaml", "service-a.yaml"]);
    assert_eq!(std::fs::read_to_string(directory.join("mine.yaml")).unwrap(), "mine");
}

#[test]
fn a_changed_or_foreign_file_stops_everything() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path();
    write(&[object("Service", "a")], path, false).unwrap();
    std::fs::write(path.join("service-a.yaml"), "changed").unwrap();
    std::fs::write(path.join("service-b.yaml"), "foreign").unwrap();

    let wanted = [object("Service", "b"), object("Service", "c")];
    let error = write(&wanted, path, false).unwrap_err();
    assert!(error.contains("service-a.yaml") && error.contains("changed since"), "{error}");
    std::fs::remove_file(path.join("service-a.yaml")).unwrap();
    let error = write(&wanted, path, false).unwrap_err();
    assert!(error.contains("service-b.yaml") && error.contains("did not write"), "{error}");
    assert_eq!(files(path), ["service-b.yaml"]);

    write(&wanted, path, true).unwrap();
    assert_eq!(files(path), ["service-b.yaml", "service-c.yaml"]);
    write(&wanted, path, false).unwrap();
}

#[test]
fn a_file_that_is_not_a_manifest_is_not_overwritten() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("compose.yaml");
    std::fs::write(&path, "services: {}\n").unwrap();
    assert!(write(&[object("Service", "a")], &path, false).is_err());
    assert_eq!(std::fs::read_to_string(&path).unwrap(), "services: {}\n");
    write(&[object("Service", "a")], &path, true).unwrap();
    write(&[object("Service", "b")], &path, false).unwrap();
    assert!(std::fs::read_to_string(&path).unwrap().contains("name: b"));
}

#[test]
fn two_objects_of_one_name_are_an_error() {
    let directory = tempfile::tempdir().unwrap();
    let error = write(&[object("Service", "a"), object("Service", "a")], directory.path(), false);
    assert!(error.unwrap_err().contains("two objects"));
    assert!(files(directory.path()).is_empty());
}

#[test]
fn destinations() {
    for (text, destination) in [
        ("-", Destination::Stdout),
        ("new/", Destination::Directory("new/".into())),
        ("src", Destination::Directory("src".into())),
        ("new.yaml", Destination::File("new.yaml".into())),
    ] {
        assert_eq!(Destination::of(Path::new(text)), destination);
    }
}
