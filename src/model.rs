//! The Compose model: what a project means after all files, variables and short forms are resolved.
//!
//! Every field has one type: short syntaxes are expanded, durations and sizes parsed, paths absolute.
//! The names are those of the Compose Specification.
//!
//! Serialised, a project is the canonical Compose file: what is not set is left out, all else
//! has its long form.
//!
//! # Invariants
//! - Every attribute of the Compose schema has a field, but for those that the loader uses up.
//! - Positions are not in the fields but in [`Project::origins`], by Compose path.

mod attribute;
mod block_io;
mod bound;
mod build;
mod container;
mod contents;
mod credential_spec;
mod dependency;
mod deploy;
mod develop;
mod device;
mod env_file;
mod extensions;
mod file;
mod health;
mod hook;
mod host;
mod job;
mod logging;
mod models;
mod mount;
mod network;
mod notation;
mod origins;
mod policy;
mod port;
mod provider;
mod resource;
mod resources;
mod service;
mod settings;
mod ulimit;
mod update;
mod volume;

pub use attribute::Attribute;
pub use block_io::{BlockIo, DeviceRate, DeviceWeight};
pub use bound::{Bound, BoundFile};
pub use build::{Build, BuildSecret, built_image};
pub use container::Container;
pub use contents::Contents;
pub use credential_spec::CredentialSpec;
pub use dependency::{Condition, Dependency};
pub use deploy::{
    Deploy, DeployMode, EndpointMode, Placement, Preference, RestartCondition, RestartPolicy,
};
pub use develop::{Develop, Watch, WatchAction};
pub use device::{Device, DeviceCount, DeviceRequest};
pub use env_file::EnvFile;
pub use extensions::Extensions;
pub use file::FileMount;
pub use health::{Healthcheck, HealthcheckTest};
pub use hook::{Hook, PreStartHook};
pub use host::ExtraHost;
pub use job::{Concurrency, Job, MissedFires, Schedule, Triggers};
pub use logging::Logging;
pub use models::{Model, ServiceModel};
pub use mount::{BindOptions, ImageOptions, Mount, MountSource, TmpfsOptions, VolumeOptions};
pub use network::{Ipam, IpamPool, Network, ServiceNetwork};
pub use origins::Origins;
pub use policy::{PullPolicy, Restart};
pub use port::{Port, Protocol, PublishedPort};
pub use provider::Provider;
pub use resource::{Config, External, Secret, Source};
pub use resources::{DiscreteResource, GenericResource, Limits, Reservations, Resources};
pub use service::Service;
pub use ulimit::Ulimit;
pub use update::{UpdateConfig, UpdateOrder};
pub use volume::Volume;

use std::path::PathBuf;

use indexmap::IndexMap;
use serde::Serialize;

use attribute::unset;

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
    /// `jobs`, only the enabled ones.
    #[serde(skip_serializing_if = "unset")]
    pub jobs: IndexMap<String, Job>,
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
    /// `models`.
    #[serde(skip_serializing_if = "unset")]
    pub models: IndexMap<String, Model>,
    /// `x-*`.
    #[serde(flatten)]
    pub extensions: Extensions,
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
            jobs,
            networks,
            volumes,
            configs,
            secrets,
            models,
            extensions,
            origins: _,
        } = self;
        *name == other.name
            && *services == other.services
            && *jobs == other.jobs
            && *networks == other.networks
            && *volumes == other.volumes
            && *configs == other.configs
            && *secrets == other.secrets
            && *models == other.models
            && *extensions == other.extensions
    }
}
