//! Connections that stop being HTTP: `exec`, `attach` and `port-forward`.
//!
//! ```text
//!               ┌─ WebSocket ─┬─ channels: a byte before each message ─┐
//!  101 upgrade ─┤             └─ SPDY/3.1 in messages (port-forward) ──┼─▶ command │ forward ─▶ Runtime
//!               └─ SPDY/3.1 ───────────────────────────────────────────┘
//! ```

mod channels;
mod command;
mod forward;
mod forward_channels;
mod spdy;
mod spdy_command;
mod spdy_forward;
mod tunnel;
mod upgrade;

use hyper::upgrade::Upgraded;
use hyper_util::rt::TokioIo;

/// The bytes of a connection after its upgrade.
type Raw = TokioIo<Upgraded>;
/// The messages of a connection after its upgrade.
type Socket = tokio_tungstenite::WebSocketStream<Raw>;
