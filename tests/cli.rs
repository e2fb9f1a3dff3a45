//! The real binary: what it writes, what it says, and how it exits.

#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "the helpers of tests may fail")]

mod cli {
    pub mod allow;
    pub mod config;
    pub mod convert;
    pub mod coverage;
    pub mod diagnostics;
    mod env_files;
    pub mod explain;
    mod fixtures;
    pub mod helm;
    pub mod kompose;
    mod kubeconform;
    pub mod kustomize;
    mod models;
    pub mod network;
    pub mod parity;
    pub mod patch;
    pub mod place;
    mod pods;
    mod readers;
    mod references;
    pub mod refused;
    pub mod report;
    pub mod same_bytes;
    pub mod secrets;
    mod seed;
    pub mod storage;
    mod takeover;
    pub mod templates;
    pub mod tool;
    mod volume_group;
}
