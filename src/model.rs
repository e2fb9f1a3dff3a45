//! The Compose model: what a project means after all files, variables and short forms are resolved.
//!
//! Every field has one type: short syntaxes are expanded, durations and sizes parsed, paths absolute.
//! The names are those of the Compose Specification.
//!
//! Serialised, a project is the canonical Compose file: what is not set is left out, all else
//! has its long form.
//!
//! # Invariants
//! - What the files said and no field holds is in [`Project::untyped`]: nothing is dropped in silence.
//! - Positions are not in the fields but in [`Project::origins`], by Compose path.

mod build;
mod contents;
mod deploy;
mod health;
mod mount;
mod notation;
mod origins;
mod port;
mod resource;
mod service;

pub use build::Build;
pub use contents::Contents;
pub use deploy::{
    Deploy, DeployMode, EndpointMode, Placement, Preference, Resource, Resources, RestartCondition,
    RestartPolicy, UpdateConfig, UpdateOrder,
};
pub use health::{Healthcheck, HealthcheckTest};
pub use mount::{FileMount, Mount, MountSource};
pub use origins::{Origins, UntypedAttribute};
pub use port::{Port, Protocol, PublishedPort};
pub use resource::{Config, External, Network, Secret, Source, Volume};
pub use service::{
    Condition, Dependency, ExtraHost, PullPolicy, Restart, Service, ServiceNetwork, Ulimit,
};

use std::path::PathBuf;

use indexmap::IndexMap;
use serde::Serialize;

use notation::unset;

/// A whole project: <https://github.com/compose-spec/compose-spec/blob/main/spec.md>.
#[derive(Debug, Clone, Default, Serialize)]
pub struct Project {
    /// The project name, normalised: `[a-z0-9][a-z0-9_-]*`.
    pub name: String,
    /// The project directory, absolute: relative paths start here, and nothing outside is read unasked.
    #[serde(skip)]
    pub directory: PathBuf,
    /// `services`, only the enabled ones.
    pub services: IndexMap<String, Service>,
    /// `networks`, with `default` where a service uses it.
    #[serde(skip_serializing_if = "unset")]
    pub networks: IndexMap<String, Network>,
    /// `volumes`.
    #[serde(skip_serializing_if = "unset")]
    pub volumes: IndexMap<String, Volume>,
    /// `configs`.
    #[serde(skip_serializing_if = "unset")]
    pub configs: IndexMap<String, Config>,
    /// `secrets`.
    #[serde(skip_serializing_if = "unset")]
    pub secrets: IndexMap<String, Secret>,
    /// Attributes that the files set and no field of the model holds.
    #[serde(skip)]
    pub untyped: Vec<UntypedAttribute>,
    /// Where each attribute was written.
    #[serde(skip)]
    pub origins: Origins,
}

/// Two projects are the same that mean the same, wherever they were written.
impl PartialEq for Project {
    fn eq(&self, other: &Self) -> bool {
        let Self {
            name,
            directory: _,
            services,
            networks,
            volumes,
            configs,
            secrets,
            untyped: _,
            origins: _,
        } = self;
        *name == other.name
            && *services == other.services
            && *networks == other.networks
            && *volumes == other.volumes
            && *configs == other.configs
            && *secrets == other.secrets
    }
}
