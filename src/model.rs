//! The Compose model: what a project means after all files, variables and short forms are resolved.
//!
//! Every field has one type: short syntaxes are expanded, durations and sizes parsed, paths absolute.
//! The names are those of the Compose Specification.
//!
//! # Invariants
//! - What the files said and no field holds is in [`Project::untyped`]: nothing is dropped in silence.
//! - Positions are not in the fields but in [`Project::origins`], by Compose path.

mod build;
mod deploy;
mod health;
mod mount;
mod origins;
mod port;
mod resource;
mod service;

pub use build::Build;
pub use deploy::{
    Deploy, DeployMode, EndpointMode, Placement, Resource, Resources, RestartCondition,
    RestartPolicy, UpdateConfig, UpdateOrder,
};
pub use health::{Healthcheck, HealthcheckTest};
pub use mount::{FileMount, Mount, MountSource};
pub use origins::{Origins, UntypedAttribute};
pub use port::{Port, Protocol, PublishedPort};
pub use resource::{Config, Content, External, Network, Secret, Volume};
pub use service::{
    Condition, Dependency, ExtraHost, PullPolicy, Restart, Service, ServiceNetwork, Ulimit,
};

use std::path::PathBuf;

use indexmap::IndexMap;

/// A whole project: <https://github.com/compose-spec/compose-spec/blob/main/spec.md>.
#[derive(Debug, Clone, Default)]
pub struct Project {
    /// The project name, normalised: `[a-z0-9][a-z0-9_-]*`.
    pub name: String,
    /// The project directory, absolute: relative paths start here, and nothing outside is read unasked.
    pub directory: PathBuf,
    /// `services`, only the enabled ones.
    pub services: IndexMap<String, Service>,
    /// `networks`, with `default` where a service uses it.
    pub networks: IndexMap<String, Network>,
    /// `volumes`.
    pub volumes: IndexMap<String, Volume>,
    /// `configs`.
    pub configs: IndexMap<String, Config>,
    /// `secrets`.
    pub secrets: IndexMap<String, Secret>,
    /// Attributes that the files set and no field of the model holds.
    pub untyped: Vec<UntypedAttribute>,
    /// Where each attribute was written.
    pub origins: Origins,
}
