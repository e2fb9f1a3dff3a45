use crate::model::{Build, BuildSecret};

use super::container::{extra_hosts, ulimits};
use super::fields::Fields;
use super::file::file_mode;

/// Binds `build`.
pub(super) fn build(fields: &mut Fields<'_>) -> Build {
    Build {
        context: fields.string("context").unwrap_or_default(),
        dockerfile: fields.string("dockerfile"),
        dockerfile_inline: fields.string("dockerfile_inline"),
        additional_contexts: fields.pairs("additional_contexts"),
        args: fields.pairs("args"),
        cache_from: fields.strings("cache_from"),
        cache_to: fields.strings("cache_to"),
        entitlements: fields.strings("entitlements"),
        extra_hosts: extra_hosts(fields),
        isolation: fields.string("isolation"),
        labels: fields.pairs("labels"),
        network: fields.string("network"),
        no_cache: fields.bool("no_cache"),
        no_cache_filter: fields.strings("no_cache_filter"),
        platforms: fields.strings("platforms"),
        privileged: fields.bool("privileged"),
        provenance: fields.string("provenance"),
        pull: fields.bool("pull"),
        sbom: fields.string("sbom"),
        secrets: fields.items("secrets", secret),
        shm_size: fields.bytes("shm_size"),
        ssh: fields.optional_pairs("ssh"),
        tags: fields.strings("tags"),
        target: fields.string("target"),
        ulimits: ulimits(fields),
        extensions: fields.extensions(),
    }
}

fn secret(fields: &mut Fields<'_>) -> Option<BuildSecret> {
    Some(BuildSecret {
        source: fields.required("source", "entry", "the name of a secret")?,
        target: fields.string("target"),
        mode: file_mode(fields),
        uid: fields.string("uid"),
        gid: fields.string("gid"),
        extensions: fields.extensions(),
    })
}
