use crate::model::{Config, External, Network, Secret, Source, Volume};

use super::fields::Fields;

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

/// Binds one config; none when nothing says where its bytes come from, which is an error already.
pub(super) fn config(fields: &mut Fields<'_, '_>) -> Option<Config> {
    Some(Config {
        name: fields.string("name").unwrap_or_default(),
        labels: fields.pairs("labels"),
        source: source(fields)?,
    })
}

/// Binds one secret; none when nothing says where its bytes come from, which is an error already.
pub(super) fn secret(fields: &mut Fields<'_, '_>) -> Option<Secret> {
    Some(Secret {
        name: fields.string("name").unwrap_or_default(),
        labels: fields.pairs("labels"),
        source: source(fields)?,
    })
}

fn source(fields: &mut Fields<'_, '_>) -> Option<Source> {
    if fields.bool("external").unwrap_or(false) {
        return Some(Source::External);
    }
    let file = fields.string("file").map(Source::File);
    let source = file.or_else(|| fields.string("environment").map(Source::Environment));
    source.or_else(|| fields.string("content").map(Source::Content))
}
