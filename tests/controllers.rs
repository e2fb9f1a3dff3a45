//! Controllers, scheduler and kubelet over the verbs, in one process, with a clock that tests move.

#![expect(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "the helpers of tests may fail"
)]

#[path = "controllers/cluster.rs"]
mod cluster;
#[path = "controllers/deployments.rs"]
mod deployments;
#[path = "controllers/jobs.rs"]
mod jobs;
#[path = "controllers/lifecycle.rs"]
mod lifecycle;
#[path = "controllers/pods.rs"]
mod pods;
#[path = "controllers/services.rs"]
mod services;
#[path = "controllers/sets.rs"]
mod sets;
#[path = "controllers/volumes.rs"]
mod volumes;
