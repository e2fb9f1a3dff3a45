use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context as _, Result};
use serde_json::Value;

/// What the Go source says of a type or a field beyond its JSON type.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Markers {
    pub list_type: Option<String>,
    pub list_map_keys: Vec<String>,
    /// `mapType` or `structType`.
    pub map_type: Option<String>,
    pub patch_merge_key: Option<String>,
    pub patch_strategy: Option<String>,
    pub default: Option<Value>,
}

/// One message of k8s-pb.
#[derive(Debug, Default)]
pub struct Message {
    pub own: Markers,
    /// By normalised field name; see [`normalise`].
    pub fields: BTreeMap<String, Markers>,
    /// Types of message fields by normalised name: Go structs that are inlined in JSON are fields here.
    pub inlined: BTreeMap<String, String>,
}

/// Messages by `package.message`, normalised, e.g. `io.k8s.api.core.v1.podspec`.
pub type Messages = BTreeMap<String, Message>;

/// Names agree between the crates but for case and punctuation: `host_ip` and `hostIP`.
pub fn normalise(name: &str) -> String {
    let name = name.trim_start_matches("r#");
    name.chars().filter(char::is_ascii_alphanumeric).collect::<String>().to_lowercase()
}

/// Reads the source of the k8s-pb that Cargo.lock names.
pub fn read() -> Result<Messages> {
    let source = source_folder()?;
    let mut messages = Messages::new();
    for (folder, package) in [
        ("api", "io.k8s.api"),
        ("apimachinery", "io.k8s.apimachinery"),
        ("apiextensions_apiserver", "io.k8s.apiextensions-apiserver"),
        ("kube_aggregator", "io.k8s.kube-aggregator"),
    ] {
        read_folder(&source.join(folder), package, &mut messages)?;
    }
    Ok(messages)
}

fn source_folder() -> Result<PathBuf> {
    let output = Command::new("cargo")
        .args(["metadata", "--format-version", "1", "--locked", "--manifest-path"])
        .arg(Path::new(env!("CARGO_MANIFEST_DIR")).join("Cargo.toml"))
        .output()
        .context("running `cargo metadata`")?;
    let metadata: Value =
        serde_json::from_slice(&output.stdout).context("parsing `cargo metadata`")?;
    let manifest = metadata["packages"]
        .as_array()
        .and_then(|packages| packages.iter().find(|package| package["name"] == "k8s-pb"))
        .and_then(|package| package["manifest_path"].as_str())
        .context("k8s-pb is not among the packages")?;
    Ok(Path::new(manifest).with_file_name("src"))
}

fn read_folder(folder: &Path, package: &str, messages: &mut Messages) -> Result<()> {
    for entry in fs::read_dir(folder).with_context(|| format!("reading {}", folder.display()))? {
        let path = entry?.path();
        let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        if path.is_dir() {
            read_folder(&path, &format!("{package}.{name}"), messages)?;
        } else if name == "mod.rs" {
            read_source(&fs::read_to_string(&path)?, package, messages)?;
        }
    }
    Ok(())
}

fn read_source(source: &str, package: &str, messages: &mut Messages) -> Result<()> {
    let mut pending = Markers::default();
    let mut current = None;
    for line in source.lines().map(str::trim) {
        if let Some(doc) = line.strip_prefix("///") {
            read_marker(doc.trim(), &mut pending).with_context(|| line.to_owned())?;
        } else if let Some(rest) = line.strip_prefix("pub struct ") {
            let name = rest.trim_end_matches(['{', '}', ' ']);
            let key = format!("{package}.{}", normalise(name));
            messages.entry(key.clone()).or_default().own = std::mem::take(&mut pending);
            current = Some(key);
        } else if let Some((name, kind)) =
            line.strip_prefix("pub ").and_then(|rest| rest.split_once(':'))
        {
            let message = current.as_ref().and_then(|key| messages.get_mut(key));
            if let Some(message) = message {
                let name = normalise(name);
                if let Some(target) = option_of_message(kind) {
                    message
                        .inlined
                        .insert(name.clone(), format!("{package}.{}", normalise(target)));
                }
                message.fields.insert(name, std::mem::take(&mut pending));
            }
        } else if line.starts_with("pub mod ") {
            pending = Markers::default();
        }
    }
    Ok(())
}

/// `::core::option::Option<ProbeHandler>` is a message of the same package.
fn option_of_message(kind: &str) -> Option<&str> {
    let target = kind.trim().strip_prefix("::core::option::Option<")?.strip_suffix(">,")?;
    let starts_upper = target.starts_with(|c: char| c.is_ascii_uppercase());
    (starts_upper && !target.contains(':')).then_some(target)
}

fn read_marker(doc: &str, markers: &mut Markers) -> Result<()> {
    let Some((key, value)) = doc.strip_prefix('+').and_then(|marker| marker.split_once('=')) else {
        return Ok(());
    };
    let text = || Some(value.to_owned());
    match key {
        "listType" => markers.list_type = text(),
        "listMapKey" => markers.list_map_keys.push(value.to_owned()),
        "mapType" | "structType" => markers.map_type = text(),
        "patchMergeKey" => markers.patch_merge_key = text(),
        "patchStrategy" => markers.patch_strategy = text(),
        // A Go constant, whose value is not in the crate; only defaults of list map keys are needed.
        "default" if value.starts_with("ref(") => {}
        "default" => markers.default = Some(serde_json::from_str(value)?),
        _ => {}
    }
    Ok(())
}
