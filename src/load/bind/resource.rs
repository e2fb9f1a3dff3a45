use std::path::Path as FilePath;

use crate::diagnostic::{Diagnostic, Span, codes};
use crate::load::read::{ReadError, read_bytes};
use crate::load::tree::Node;
use crate::model::{Config, Content, External, Network, Secret, Volume};

use super::fields::Fields;

/// How large the file of a config or secret may be: the limit of a Kubernetes object.
const MAX_CONTENT: u64 = 1 << 20;

/// Binds one network.
pub(super) fn network(fields: &mut Fields<'_, '_>) -> Network {
    Network {
        name: fields.string("name").unwrap_or_default(),
        external: External(fields.bool("external").unwrap_or(false)),
        internal: fields.bool("internal").unwrap_or(false),
        labels: fields.pairs("labels"),
    }
}

/// Binds one volume.
pub(super) fn volume(fields: &mut Fields<'_, '_>) -> Volume {
    Volume {
        name: fields.string("name").unwrap_or_default(),
        external: External(fields.bool("external").unwrap_or(false)),
        driver: fields.string("driver"),
        driver_opts: fields.pairs("driver_opts"),
        labels: fields.pairs("labels"),
    }
}

/// Binds one config and reads its file.
pub(super) fn config(fields: &mut Fields<'_, '_>) -> Option<Config> {
    Some(Config {
        name: fields.string("name").unwrap_or_default(),
        labels: fields.pairs("labels"),
        content: content(fields)?,
    })
}

/// Binds one secret and reads its file.
pub(super) fn secret(fields: &mut Fields<'_, '_>) -> Option<Secret> {
    Some(Secret {
        name: fields.string("name").unwrap_or_default(),
        labels: fields.pairs("labels"),
        content: content(fields)?,
    })
}

/// The bytes; none after an error, or when only a driver knows them.
fn content(fields: &mut Fields<'_, '_>) -> Option<Content> {
    if fields.bool("external").unwrap_or(false) {
        return Some(Content::External);
    }
    if let Some(file) = fields.take("file") {
        return content_of_file(fields, &file);
    }
    if let Some(variable) = fields.take("environment") {
        let name = variable.to_text().unwrap_or_default();
        let value = fields.binder().environment.get(&name).map(str::to_owned);
        if value.is_none() {
            let message = format!("the variable `{name}` is not set");
            let diagnostic = Diagnostic::error(codes::REQUIRED_VARIABLE, fields.path(), message)
                .at(variable.span.clone())
                .help(format!("set `{name}` in the environment or in `.env`"));
            fields.binder().report.push(diagnostic);
        }
        return value.map(|value| Content::Bytes(value.into_bytes()));
    }
    fields.string("content").map(|content| Content::Bytes(content.into_bytes()))
}

fn content_of_file(fields: &mut Fields<'_, '_>, file: &Node) -> Option<Content> {
    let path = file.as_str().unwrap_or_default();
    match read_bytes(FilePath::new(path), MAX_CONTENT) {
        Ok(bytes) => Some(Content::Bytes(bytes)),
        Err(error) => {
            let diagnostic = unreadable(&error, fields.path(), &file.span);
            fields.binder().report.push(diagnostic);
            None
        }
    }
}

/// The error for a file that an attribute names.
fn unreadable(error: &ReadError, path: &str, span: &Span) -> Diagnostic {
    Diagnostic::error(codes::UNREADABLE_FILE, path, error.to_string())
        .at(span.clone())
        .help(error.help())
}
