//! The service network on loopback addresses: the gateway as a process of its own, without an engine.

#![expect(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "the helpers of tests may fail"
)]

#[path = "network/gateway.rs"]
mod gateway;
#[path = "network/harness.rs"]
mod harness;
#[path = "network/host_ports.rs"]
mod host_ports;
#[path = "network/ingress.rs"]
mod ingress;
#[path = "network/policies.rs"]
mod policies;
