//! Writes `src/kubernetes/data` of longshore from two published crates and the published Go modules.
//!
//! `k8s-openapi` knows the JSON names, types and descriptions, `k8s-pb` the Go markers (list types, merge keys,
//! defaults). Joined they say what upstream's own OpenAPI documents say.
//!
//! | file | line |
//! |---|---|
//! | `kinds.tsv` | group, version, plural, kind, scope, short names, categories, status |
//! | `types.tsv` | type name, JSON schema without descriptions; references are bare type names |
//! | `descriptions.tsv.gz` | type name, JSON object of descriptions: `""` is the type's own |
//! | `protobuf.tsv` | message, role, fields by tag; `protobuf/main.go` says how to read it |
//!
//! The last file needs Go, because neither crate tells which fields are pointers in Go, and that decides
//! whether a zero on the wire means anything.

mod kinds;
mod markers;
mod types;

use std::io::Write as _;
use std::path::Path;
use std::process::Command;
use std::{env, fs};

use anyhow::{Context as _, Result, ensure};
use flate2::Compression;
use flate2::write::GzEncoder;

fn main() -> Result<()> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../src/kubernetes/data");
    let markers = markers::read().context("reading the markers of k8s-pb")?;
    let tables = types::build(&markers)?;

    write(&folder.join("kinds.tsv"), kinds::table().as_bytes())?;
    write(&folder.join("types.tsv"), tables.types.as_bytes())?;
    let mut packed = GzEncoder::new(Vec::new(), Compression::best());
    packed.write_all(tables.descriptions.as_bytes())?;
    write(&folder.join("descriptions.tsv.gz"), &packed.finish()?)?;
    write(&folder.join("protobuf.tsv"), &protobuf()?)
}

/// The lines of `protobuf.tsv`, from the Go program in `protobuf/`.
fn protobuf() -> Result<Vec<u8>> {
    let output = Command::new("go")
        .args(["run", "."])
        .current_dir(Path::new(env!("CARGO_MANIFEST_DIR")).join("protobuf"))
        .output()
        .context("running `go run` for the protobuf messages")?;
    ensure!(
        output.status.success(),
        "`go run` for the protobuf messages: {}",
        String::from_utf8_lossy(&output.stderr)
    );
    Ok(output.stdout)
}

fn write(path: &Path, content: &[u8]) -> Result<()> {
    println!("{:>8} {}", content.len(), path.display());
    fs::write(path, content).with_context(|| format!("writing {}", path.display()))
}
