//! The whole road with the real binary: compose file to running objects and back to nothing.
//!
//! Each test has a control plane of its own (data directory, port), started by `up` and stopped at
//! the end. `kubectl` is the independent witness.

#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::print_stdout,
    reason = "the helpers of tests may fail, and say what they skip"
)]

mod e2e {
    pub mod accepted;
    pub mod change;
    pub mod copy;
    pub mod samples;
    pub mod site;
    pub mod takeover;
}
