//! SPDY/3.1, as far as kubectl and client-go need it: they run `exec`, `attach` and `port-forward`
//! over it, on an upgraded connection or inside WebSocket messages.
//!
//! # Invariants
//! - No input panics, and none makes us keep more than a few MiB.
//! - A stream that nobody reads holds up its connection, and no other.

mod connection;
mod frame;
mod header_block;

pub use connection::{Connection, Reader, Stream, Writer};
