use crate::model::{Config, External, Model, Secret, Source, Volume};

use super::fields::Fields;

/// Binds one volume.
pub(super) fn volume(fields: &mut Fields<'_>) -> Volume {
    Volume {
        name: fields.string("name").unwrap_or_default(),
        external: External(fields.bool("external").unwrap_or(false)),
        driver: fields.string("driver"),
        driver_opts: fields.pairs("driver_opts"),
        labels: fields.pairs("labels"),
        extensions: fields.extensions(),
    }
}

/// Binds one config; none when nothing says where its bytes come from, which is an error already.
pub(super) fn config(fields: &mut Fields<'_>) -> Option<Config> {
    Some(Config {
        name: fields.string("name").unwrap_or_default(),
        source: source(fields)?,
        labels: fields.pairs("labels"),
        template_driver: fields.string("template_driver"),
        extensions: fields.extensions(),
    })
}

/// Binds one secret; none when nothing says where its bytes come from, which is an error already.
pub(super) fn secret(fields: &mut Fields<'_>) -> Option<Secret> {
    Some(Secret {
        name: fields.string("name").unwrap_or_default(),
        source: source(fields)?,
        driver: fields.string("driver"),
        driver_opts: fields.pairs("driver_opts"),
        labels: fields.pairs("labels"),
        template_driver: fields.string("template_driver"),
        extensions: fields.extensions(),
    })
}

/// Binds one language model.
pub(super) fn model(fields: &mut Fields<'_>) -> Model {
    Model {
        name: fields.string("name"),
        model: fields.string("model").unwrap_or_default(),
        context_size: fields.integer("context_size"),
        runtime_flags: fields.strings("runtime_flags"),
        extensions: fields.extensions(),
    }
}

fn source(fields: &mut Fields<'_>) -> Option<Source> {
    if fields.bool("external").unwrap_or(false) {
        return Some(Source::External);
    }
    // Of several, which is an error already, the first one counts.
    let sources = [
        fields.string("file").map(Source::File),
        fields.string("environment").map(Source::Environment),
        fields.content("content").map(Source::Content),
    ];
    sources.into_iter().flatten().next()
}
