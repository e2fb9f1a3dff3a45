use indexmap::IndexMap;
use serde::Serialize;

use super::attribute::unset;
use super::notation::{bytes, file_mode};
use super::{Extensions, ExtraHost, Ulimit};

/// `build`: <https://github.com/compose-spec/compose-spec/blob/main/build.md>.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Build {
    /// `context`: an absolute path, or a remote form as written.
    pub context: String,
    /// `dockerfile`, relative to the context.
    #[serde(skip_serializing_if = "unset")]
    pub dockerfile: Option<String>,
    /// `dockerfile_inline`.
    #[serde(skip_serializing_if = "unset")]
    pub dockerfile_inline: Option<String>,
    /// `additional_contexts`: name to path, address or `service:NAME`.
    #[serde(skip_serializing_if = "unset")]
    pub additional_contexts: IndexMap<String, String>,
    /// `args`; those without a value come from the project's environment.
    #[serde(skip_serializing_if = "unset")]
    pub args: IndexMap<String, String>,
    /// `cache_from`, as written.
    #[serde(skip_serializing_if = "unset")]
    pub cache_from: Vec<String>,
    /// `cache_to`, as written.
    #[serde(skip_serializing_if = "unset")]
    pub cache_to: Vec<String>,
    /// `entitlements`.
    #[serde(skip_serializing_if = "unset")]
    pub entitlements: Vec<String>,
    /// `extra_hosts`.
    #[serde(skip_serializing_if = "unset")]
    pub extra_hosts: Vec<ExtraHost>,
    /// `isolation`.
    #[serde(skip_serializing_if = "unset")]
    pub isolation: Option<String>,
    /// `labels`, of the image.
    #[serde(skip_serializing_if = "unset")]
    pub labels: IndexMap<String, String>,
    /// `network`.
    #[serde(skip_serializing_if = "unset")]
    pub network: Option<String>,
    /// `no_cache`.
    #[serde(skip_serializing_if = "unset")]
    pub no_cache: Option<bool>,
    /// `no_cache_filter`: the stages that are built anew.
    #[serde(skip_serializing_if = "unset")]
    pub no_cache_filter: Vec<String>,
    /// `platforms`, e.g. `linux/arm64`.
    #[serde(skip_serializing_if = "unset")]
    pub platforms: Vec<String>,
    /// `privileged`.
    #[serde(skip_serializing_if = "unset")]
    pub privileged: Option<bool>,
    /// `provenance`, as written.
    #[serde(skip_serializing_if = "unset")]
    pub provenance: Option<String>,
    /// `pull`.
    #[serde(skip_serializing_if = "unset")]
    pub pull: Option<bool>,
    /// `sbom`, as written.
    #[serde(skip_serializing_if = "unset")]
    pub sbom: Option<String>,
    /// `secrets`.
    #[serde(skip_serializing_if = "unset")]
    pub secrets: Vec<BuildSecret>,
    /// `shm_size`, in bytes.
    #[serde(skip_serializing_if = "unset", serialize_with = "bytes")]
    pub shm_size: Option<i64>,
    /// `ssh`: name to the path of a socket or key, if there is one.
    #[serde(skip_serializing_if = "unset")]
    pub ssh: IndexMap<String, Option<String>>,
    /// `tags`.
    #[serde(skip_serializing_if = "unset")]
    pub tags: Vec<String>,
    /// `target`.
    #[serde(skip_serializing_if = "unset")]
    pub target: Option<String>,
    /// `ulimits`.
    #[serde(skip_serializing_if = "unset")]
    pub ulimits: IndexMap<String, Ulimit>,
    /// `x-*`.
    #[serde(flatten)]
    pub extensions: Extensions,
}

/// The name that Compose gives to the image that a service or job builds and does not name.
pub fn built_image(project: &str, key: &str) -> String {
    format!("{project}-{key}").to_lowercase()
}

/// One entry of `build.secrets`.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct BuildSecret {
    /// `source`: a key of the project's `secrets`.
    pub source: String,
    /// `target`: its name in the build.
    #[serde(skip_serializing_if = "unset")]
    pub target: Option<String>,
    /// `mode`.
    #[serde(skip_serializing_if = "unset", serialize_with = "file_mode")]
    pub mode: Option<u32>,
    /// `uid`, as written.
    #[serde(skip_serializing_if = "unset")]
    pub uid: Option<String>,
    /// `gid`, as written.
    #[serde(skip_serializing_if = "unset")]
    pub gid: Option<String>,
    /// `x-*`.
    #[serde(flatten)]
    pub extensions: Extensions,
}
