//! The same input gives the same bytes, wherever and whenever it is converted.

use std::path::{Path, PathBuf};
use std::process::Command;

/// What must not make a difference, beside the directory: each line of a shell before the command.
const SURROUNDINGS: &[&str] = &[
    "true",
    "umask 077",
    "export LC_ALL=tr_TR.UTF-8 LANG=de_DE.ISO-8859-1",
    "export TZ=Pacific/Kiritimati",
    "export SOURCE_DATE_EPOCH=1 USER=other HOSTNAME=other TMPDIR=/",
];

#[test]
fn surroundings_make_no_difference() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("samples");
    for sample in ["everything", "voting", "jobs"] {
        let directory = tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR")).unwrap();
        let project = directory.path().join("project");
        let mut first = None;
        for (index, surroundings) in SURROUNDINGS.iter().enumerate() {
            // Whoever lists the directory gets the files in another order.
            let _ = std::fs::remove_dir_all(&project);
            let mut files = files(&root.join(sample));
            let count = files.len();
            files.rotate_left(index % count);
            for file in &files {
                let target = project.join(file.strip_prefix(root.join(sample)).unwrap());
                std::fs::create_dir_all(target.parent().unwrap()).unwrap();
                std::fs::copy(file, target).unwrap();
            }
            let elsewhere = if index % 2 == 0 { project.as_path() } else { Path::new("/") };
            let out = directory.path().join(index.to_string());
            convert(surroundings, elsewhere, &project, &out);
            let written: Vec<(PathBuf, Vec<u8>)> = self::files(&out)
                .into_iter()
                .map(|file| {
                    let content = std::fs::read(&file).unwrap();
                    (file.strip_prefix(&out).unwrap().to_owned(), content)
                })
                .collect();
            let first = first.get_or_insert_with(|| written.clone());
            assert!(*first == written, "{sample}: {surroundings}");
        }
    }
}

fn convert(surroundings: &str, working_directory: &Path, project: &Path, out: &Path) {
    let output = Command::new("/bin/sh")
        .args(["-c", &format!("{surroundings}; exec \"$@\""), "sh"])
        .args([env!("CARGO_BIN_EXE_longshore"), "-f"])
        .arg(project.join("compose.yaml"))
        .args(["convert", "-o"])
        .arg(format!("{}/", out.display()))
        .current_dir(working_directory)
        .env_clear()
        .output()
        .unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
}

/// All files below a directory, sorted.
fn files(directory: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(directory).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() { found.extend(files(&path)) } else { found.push(path) }
    }
    found.sort();
    found
}
