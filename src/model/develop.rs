use serde::Serialize;

use super::attribute::unset;
use super::{Extensions, Hook};

/// `develop`: <https://github.com/compose-spec/compose-spec/blob/main/develop.md>.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Develop {
    /// `watch`.
    #[serde(skip_serializing_if = "unset")]
    pub watch: Vec<Watch>,
    /// `x-*`.
    #[serde(flatten)]
    pub extensions: Extensions,
}

/// One entry of `develop.watch`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Watch {
    /// `path`, absolute.
    pub path: String,
    /// `action`.
    pub action: WatchAction,
    /// `target`: where the files go in the container.
    #[serde(skip_serializing_if = "unset")]
    pub target: Option<String>,
    /// `exec`: what is run after the files have changed.
    #[serde(skip_serializing_if = "unset")]
    pub exec: Option<Hook>,
    /// `include`: patterns of the files that count.
    #[serde(skip_serializing_if = "unset")]
    pub include: Vec<String>,
    /// `ignore`: patterns of the files that do not count.
    #[serde(skip_serializing_if = "unset")]
    pub ignore: Vec<String>,
    /// `initial_sync`.
    #[serde(skip_serializing_if = "unset")]
    pub initial_sync: Option<bool>,
    /// `x-*`.
    #[serde(flatten)]
    pub extensions: Extensions,
}

/// `develop.watch.action`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub enum WatchAction {
    /// `rebuild`.
    #[serde(rename = "rebuild")]
    Rebuild,
    /// `restart`.
    #[serde(rename = "restart")]
    Restart,
    /// `sync`.
    #[serde(rename = "sync")]
    Sync,
    /// `sync+exec`.
    #[serde(rename = "sync+exec")]
    SyncExec,
    /// `sync+restart`.
    #[serde(rename = "sync+restart")]
    SyncRestart,
}
