use indexmap::IndexMap;
use serde::{Serialize, Serializer};

use super::attribute::unset;
use super::{
    Build, Container, Dependency, Deploy, Develop, Extensions, Healthcheck, Hook, Port,
    PreStartHook, Provider, PublishedPort, Restart,
};

/// A service: <https://github.com/compose-spec/compose-spec/blob/main/05-services.md>.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub struct Service {
    /// What each of its containers is made with.
    #[serde(flatten)]
    pub container: Container,
    /// `attach`: show its output.
    #[serde(skip_serializing_if = "unset")]
    pub attach: Option<bool>,
    /// `build`.
    #[serde(skip_serializing_if = "unset")]
    pub build: Option<Build>,
    /// `container_name`.
    #[serde(skip_serializing_if = "unset")]
    pub container_name: Option<String>,
    /// `depends_on`, with the implicit ones of `links` and shared namespaces.
    #[serde(skip_serializing_if = "unset")]
    pub depends_on: IndexMap<String, Dependency>,
    /// `deploy`.
    #[serde(skip_serializing_if = "unset")]
    pub deploy: Option<Deploy>,
    /// `develop`.
    #[serde(skip_serializing_if = "unset")]
    pub develop: Option<Develop>,
    /// `expose`.
    #[serde(skip_serializing_if = "unset")]
    pub expose: Vec<Port>,
    /// `external_links`, as written.
    #[serde(skip_serializing_if = "unset")]
    pub external_links: Vec<String>,
    /// `healthcheck`.
    #[serde(skip_serializing_if = "unset")]
    pub healthcheck: Option<Healthcheck>,
    /// `links`: service name to alias.
    #[serde(skip_serializing_if = "unset", serialize_with = "links")]
    pub links: Vec<(String, String)>,
    /// `ports`, ranges expanded.
    #[serde(skip_serializing_if = "unset")]
    pub ports: Vec<PublishedPort>,
    /// `post_start`.
    #[serde(skip_serializing_if = "unset")]
    pub post_start: Vec<Hook>,
    /// `pre_start`.
    #[serde(skip_serializing_if = "unset")]
    pub pre_start: Vec<PreStartHook>,
    /// `pre_stop`.
    #[serde(skip_serializing_if = "unset")]
    pub pre_stop: Vec<Hook>,
    /// `profiles`; the service is in the project because one of them is active or there is none.
    #[serde(skip_serializing_if = "unset")]
    pub profiles: Vec<String>,
    /// `provider`.
    #[serde(skip_serializing_if = "unset")]
    pub provider: Option<Provider>,
    /// `restart`.
    #[serde(skip_serializing_if = "unset")]
    pub restart: Option<Restart>,
    /// `scale`.
    #[serde(skip_serializing_if = "unset")]
    pub scale: Option<u32>,
    /// `stdin_open`.
    #[serde(skip_serializing_if = "unset")]
    pub stdin_open: Option<bool>,
    /// `tty`.
    #[serde(skip_serializing_if = "unset")]
    pub tty: Option<bool>,
    /// `x-*`.
    #[serde(flatten)]
    pub extensions: Extensions,
}

/// `SERVICE`, or `SERVICE:ALIAS` where the two differ.
fn links<S: Serializer>(links: &[(String, String)], serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_seq(links.iter().map(|(service, alias)| {
        if service == alias { service.clone() } else { format!("{service}:{alias}") }
    }))
}
