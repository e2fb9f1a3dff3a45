//! The API server as clients have it: over TLS, in process and as the real program.

#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::print_stdout,
    reason = "the helpers of tests may fail, and say what they skip"
)]

#[path = "control_plane/cluster.rs"]
mod cluster;
#[path = "control_plane/discovery.rs"]
mod discovery;
#[path = "control_plane/durability.rs"]
mod durability;
#[path = "control_plane/identity.rs"]
mod identity;
#[path = "control_plane/kubectl.rs"]
mod kubectl;
#[path = "control_plane/lists.rs"]
mod lists;
#[path = "control_plane/objects.rs"]
mod objects;
#[path = "control_plane/process.rs"]
mod process;
#[path = "control_plane/protobuf.rs"]
mod protobuf;
#[path = "control_plane/watches.rs"]
mod watches;
