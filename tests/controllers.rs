//! Controllers, scheduler and kubelet over the verbs, in one process, with a clock that tests move.

mod cluster {
    #![allow(dead_code, reason = "each test uses its part")]
    include!("controllers/cluster.rs");
}

#[path = "controllers/deployments.rs"]
mod deployments;
