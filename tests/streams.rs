//! Streams as their clients have them, with a runtime whose containers are this machine.

#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::print_stdout,
    reason = "the helpers of tests may fail, and say what they skip"
)]

#[path = "streams/cli.rs"]
mod cli;
#[path = "streams/command.rs"]
mod command;
#[path = "streams/here.rs"]
mod here;
#[path = "streams/kube_client.rs"]
mod kube_client;
#[path = "streams/kubectl.rs"]
mod kubectl;
#[path = "streams/served.rs"]
mod served;
