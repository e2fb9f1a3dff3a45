use std::path::Path as FilePath;

use crate::model::{FileMount, Mount, MountSource};

use super::fields::Fields;
use crate::load::paths::clean;
use crate::load::tree::{Node, Value};

/// Binds one entry of `volumes`; none when the model has no such type of mount.
pub(super) fn mount(fields: &mut Fields<'_, '_>) -> Option<Mount> {
    let kind = fields.string("type").unwrap_or_default();
    let source = match kind.as_str() {
        "bind" => bind(fields)?,
        "volume" => volume(fields),
        "tmpfs" => tmpfs(fields),
        _ => {
            fields.give_up();
            return None;
        }
    };
    let target = fields.string("target").unwrap_or_default();
    if target.is_empty() {
        fields.error(
            "the mount has no target",
            "add `target: …`, the absolute path in the container",
        );
        return None;
    }
    let read_only = fields.bool("read_only").unwrap_or(false);
    Some(Mount { source, target: clean(&target), read_only })
}

fn bind(fields: &mut Fields<'_, '_>) -> Option<MountSource> {
    let Some(path) = fields.string("source").filter(|path| !path.is_empty()) else {
        fields.error("a bind mount needs a source", "add `source: …`, a path of this machine");
        return None;
    };
    let create = fields.fields("bind", |bind| bind.bool("create_host_path")).flatten();
    let is_file = FilePath::new(&path).metadata().is_ok_and(|metadata| !metadata.is_dir());
    Some(MountSource::Bind { path, create_host_path: create.unwrap_or(true), is_file })
}

fn volume(fields: &mut Fields<'_, '_>) -> MountSource {
    let Some(name) = fields.string("source").filter(|name| !name.is_empty()) else {
        return MountSource::Anonymous;
    };
    let options = fields.fields("volume", |volume| {
        (volume.string("subpath"), volume.bool("nocopy").unwrap_or(false))
    });
    let (subpath, nocopy) = options.unwrap_or_default();
    MountSource::Volume { name, subpath, nocopy }
}

fn tmpfs(fields: &mut Fields<'_, '_>) -> MountSource {
    MountSource::Tmpfs { size: fields.fields("tmpfs", |tmpfs| tmpfs.bytes("size")).flatten() }
}

/// Binds one entry of `configs`.
pub(super) fn config_mount(fields: &mut Fields<'_, '_>) -> Option<FileMount> {
    file_mount(fields, "")
}

/// Binds one entry of `secrets`.
pub(super) fn secret_mount(fields: &mut Fields<'_, '_>) -> Option<FileMount> {
    file_mount(fields, "/run/secrets")
}

fn file_mount(fields: &mut Fields<'_, '_>, directory: &str) -> Option<FileMount> {
    let Some(source) = fields.string("source").filter(|source| !source.is_empty()) else {
        fields.error("the entry has no source", "add `source: …`, the name of the resource");
        return None;
    };
    let target = fields.string("target").unwrap_or_else(|| source.clone());
    let target = if target.starts_with('/') { target } else { format!("{directory}/{target}") };
    let target = clean(&target);
    let mode = fields.take("mode").and_then(|node| {
        let mode = file_mode(&node);
        if mode.is_none() {
            fields.invalid("mode", &node, "an octal file mode such as `0440`");
        }
        mode
    });
    let (uid, gid) = (fields.string("uid"), fields.string("gid"));
    Some(FileMount { source, target: clean(&target), mode, uid, gid })
}

/// Text is octal; a number has been octal in the file already.
fn file_mode(node: &Node) -> Option<u32> {
    let mode = match &node.value {
        Value::Int(mode) => u32::try_from(*mode).ok(),
        Value::String(text) => u32::from_str_radix(text.strip_prefix("0o").unwrap_or(text), 8).ok(),
        _ => None,
    };
    mode.filter(|mode| *mode <= 0o7777)
}
