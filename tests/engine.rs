//! Tests on a real Docker Engine; without one they say so and pass.

#![expect(
    clippy::unwrap_used,
    clippy::panic,
    clippy::print_stdout,
    reason = "the helpers of tests may fail, and say what they skip"
)]

#[path = "engine/build.rs"]
mod build;
#[path = "engine/machine.rs"]
mod machine;
#[path = "engine/network.rs"]
mod network;
#[path = "engine/server.rs"]
mod server;
#[path = "engine/site.rs"]
mod site;
#[path = "engine/streams.rs"]
mod streams;
#[path = "engine/volumes.rs"]
mod volumes;
