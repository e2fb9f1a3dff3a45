use crate::load::paths::clean;
use crate::load::tree::{Node, Value};
use crate::model::FileMount;

use super::fields::Fields;

/// Binds one entry of `configs`.
pub(super) fn config_mount(fields: &mut Fields<'_>) -> Option<FileMount> {
    file_mount(fields, "")
}

/// Binds one entry of `secrets`.
pub(super) fn secret_mount(fields: &mut Fields<'_>) -> Option<FileMount> {
    file_mount(fields, "/run/secrets")
}

/// Binds `mode`.
pub(super) fn file_mode(fields: &mut Fields<'_>) -> Option<u32> {
    let node = fields.take("mode")?;
    let mode = mode_of(&node);
    if mode.is_none() {
        fields.invalid("mode", &node, "an octal file mode such as `0440`");
    }
    mode
}

fn file_mount(fields: &mut Fields<'_>, directory: &str) -> Option<FileMount> {
    let source = fields.required("source", "entry", "the name of the resource")?;
    let target = fields.string("target").unwrap_or_else(|| source.clone());
    let target = if target.starts_with('/') { target } else { format!("{directory}/{target}") };
    Some(FileMount {
        source,
        target: clean(&target),
        mode: file_mode(fields),
        uid: fields.string("uid"),
        gid: fields.string("gid"),
        extensions: fields.extensions(),
    })
}

/// Text is octal; a number has been octal in the file already.
fn mode_of(node: &Node) -> Option<u32> {
    let mode = match &node.value {
        Value::Int(mode) => u32::try_from(*mode).ok(),
        Value::String(text) => u32::from_str_radix(text, 8).ok(),
        _ => None,
    };
    mode.filter(|mode| *mode <= 0o7777)
}
