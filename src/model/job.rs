use indexmap::IndexMap;
use serde::Serialize;

use super::attribute::unset;
use super::{Build, Container, Dependency, Extensions, Healthcheck, Port, PublishedPort};

/// A job: a container that is run when it is asked for, or by the clock.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub struct Job {
    /// What its container is made with.
    #[serde(flatten)]
    pub container: Container,
    /// `build`.
    #[serde(skip_serializing_if = "unset")]
    pub build: Option<Build>,
    /// `depends_on`, with the implicit ones of `links` and shared namespaces.
    #[serde(skip_serializing_if = "unset")]
    pub depends_on: IndexMap<String, Dependency>,
    /// `expose`.
    #[serde(skip_serializing_if = "unset")]
    pub expose: Vec<Port>,
    /// `healthcheck`.
    #[serde(skip_serializing_if = "unset")]
    pub healthcheck: Option<Healthcheck>,
    /// `ports`, ranges expanded.
    #[serde(skip_serializing_if = "unset")]
    pub ports: Vec<PublishedPort>,
    /// `stdin_open`.
    #[serde(skip_serializing_if = "unset")]
    pub stdin_open: Option<bool>,
    /// `tty`.
    #[serde(skip_serializing_if = "unset")]
    pub tty: Option<bool>,
    /// `profiles`; the job is in the project because one of them is active or there is none.
    #[serde(skip_serializing_if = "unset")]
    pub profiles: Vec<String>,
    /// `triggers`: when it is run.
    pub triggers: Triggers,
    /// `x-*`.
    #[serde(flatten)]
    pub extensions: Extensions,
}

/// `jobs.*.triggers`.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Triggers {
    /// `manual`: whether it can be asked for; it can when nothing is said.
    #[serde(skip_serializing_if = "unset")]
    pub manual: Option<bool>,
    /// `schedule`.
    #[serde(skip_serializing_if = "unset")]
    pub schedule: Vec<Schedule>,
    /// `x-*`.
    #[serde(flatten)]
    pub extensions: Extensions,
}

/// One entry of `jobs.*.triggers.schedule`.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Schedule {
    /// `cron`, as written.
    pub cron: String,
    /// `timezone`, as written.
    #[serde(skip_serializing_if = "unset")]
    pub timezone: Option<String>,
    /// `concurrency`: what happens when the run before is not over.
    #[serde(skip_serializing_if = "unset")]
    pub concurrency: Option<Concurrency>,
    /// `missed_fires`: what happens after times that were missed.
    #[serde(skip_serializing_if = "unset")]
    pub missed_fires: Option<MissedFires>,
    /// `x-*`.
    #[serde(flatten)]
    pub extensions: Extensions,
}

/// `concurrency` of a schedule.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Concurrency {
    /// `forbid`: the run is left out.
    Forbid,
    /// `queue`: the run waits.
    Queue,
}

/// `missed_fires` of a schedule.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum MissedFires {
    /// `one`: it is run once for all of them.
    One,
    /// `skip`: they are left out.
    Skip,
}
