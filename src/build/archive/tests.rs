use std::collections::BTreeMap;
use std::fs;
use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::Path;

use tempfile::TempDir;

use super::Archive;
use crate::build::{BuildError, Image};
use crate::model::Build;

fn context(files: &[(&str, &str)]) -> TempDir {
    let directory = tempfile::tempdir().unwrap();
    for (name, text) in files {
        let path = directory.path().join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }
    directory
}

fn image(context: &Path, dockerfile: &str) -> Image {
    let build = Build {
        context: context.to_str().unwrap().to_owned(),
        dockerfile: Some(dockerfile.to_owned()),
        ..Build::default()
    };
    Image {
        service: "web".to_owned(),
        name: "shop-web".to_owned(),
        build,
        platform: None,
        secrets: Vec::new(),
        after: Vec::new(),
        is_always_built: false,
        place: None,
    }
}

/// The entries: name to mode and what is in it.
fn entries(image: &Image) -> BTreeMap<String, (u32, String)> {
    let mut bytes = Vec::new();
    Archive::of(image).unwrap().write(&mut bytes).unwrap();
    let mut archive = tar::Archive::new(bytes.as_slice());
    let entries = archive.entries().unwrap().map(|entry| {
        let mut entry = entry.unwrap();
        let name = entry.path().unwrap().to_str().unwrap().to_owned();
        let header = entry.header();
        assert_eq!((header.uid().unwrap(), header.gid().unwrap()), (0, 0));
        let mode = header.mode().unwrap();
        let link = entry.link_name().unwrap().map(|link| format!("-> {}", link.display()));
        let text = link.unwrap_or_else(|| std::io::read_to_string(&mut entry).unwrap());
        (name, (mode, text))
    });
    entries.collect()
}

fn names(image: &Image) -> String {
    let entries = entries(image);
    entries.keys().map(String::as_str).collect::<Vec<_>>().join(" ")
}

#[test]
fn files_keep_their_modes_and_links_stay_links() {
    let context = context(&[("Dockerfile", "FROM scratch"), ("bin/run", "#!/bin/sh")]);
    let run = context.path().join("bin/run");
    fs::set_permissions(&run, fs::Permissions::from_mode(0o755)).unwrap();
    symlink("/etc/passwd", context.path().join("users")).unwrap();
    symlink("..", context.path().join("bin/up")).unwrap();
    let entries = entries(&image(context.path(), "Dockerfile"));
    assert_eq!(entries["bin/run"], (0o755, "#!/bin/sh".to_owned()));
    assert_eq!(entries["users"].1, "-> /etc/passwd");
    assert_eq!(entries["bin/up"].1, "-> ..");
    assert_eq!(entries.len(), 5, "and bin/, Dockerfile");
}

#[test]
fn what_is_ignored_is_not_sent_but_the_builder_has_its_files() {
    let context = context(&[
        (".dockerignore", "*\n!src/keep\n"),
        ("Dockerfile", "FROM scratch"),
        ("src/keep", ""),
        ("src/drop", ""),
        ("other/drop", ""),
    ]);
    let names = names(&image(context.path(), "Dockerfile"));
    assert_eq!(names, ".dockerignore Dockerfile src/ src/keep");
}

#[test]
fn a_dockerfile_may_have_rules_of_its_own() {
    let context = context(&[
        (".dockerignore", "a"),
        ("docker/web", "FROM scratch"),
        ("docker/web.dockerignore", "b\ndocker"),
        ("a", ""),
        ("b", ""),
    ]);
    assert_eq!(names(&image(context.path(), "docker/web")), ".dockerignore a docker/ docker/web");
}

#[test]
fn a_dockerfile_from_elsewhere_is_added_and_not_copied() {
    let context = context(&[("web/.dockerignore", "x"), ("web/a", ""), ("Dockerfile", "FROM a")]);
    let root = context.path().join("web");
    let entries = entries(&image(&root, "../Dockerfile"));
    assert_eq!(entries[".dockerfile.longshore"].1, "FROM a");
    assert_eq!(entries[".dockerignore"].1, "x\n.dockerignore\n.dockerfile.longshore\n");
    let mut inline = image(&root, "Dockerfile");
    inline.build.dockerfile = None;
    inline.build.dockerfile_inline = Some("FROM b".to_owned());
    assert_eq!(names(&inline), ".dockerfile.longshore .dockerignore a");
}

#[test]
fn what_cannot_be_read_is_named() {
    let context = context(&[(".dockerignore", "a\n[b")]);
    let none = Archive::of(&image(context.path(), "Dockerfile")).unwrap_err();
    assert!(none.to_string().ends_with("line 2: `[` is not closed"), "{none}");
    fs::remove_file(context.path().join(".dockerignore")).unwrap();
    let none = Archive::of(&image(context.path(), "Dockerfile")).unwrap_err();
    assert!(matches!(&none, BuildError::Unreadable { path, .. } if path.ends_with("Dockerfile")));
    let none = Archive::of(&image(Path::new("/nowhere"), "Dockerfile")).unwrap_err();
    assert!(matches!(&none, BuildError::Unreadable { path, .. } if path.ends_with("nowhere")));
}
