//! The cluster's DNS, by the specification of Kubernetes 1.1.0; what it leaves open is as in `CoreDNS`.
//!
//! ```text
//!  query ──▶ answer (pure, from the table) ─┬─▶ reply
//!                                           ├─▶ another name has to be looked up (ExternalName) ─┐
//!                                           └─▶ not of the cluster ──▶ forward ──▶ upstream ◀────┘
//! ```
//!
//! # Invariants
//! - A name of the cluster never leaves it: not below its domain, not the addresses of its range.
//! - A question is asked of one upstream after another, never of ourselves.

mod answer;
mod forward;
mod listen;
mod names;
mod reply;
mod resolve;

use std::net::Ipv4Addr;

use super::super::cluster_range::Subnet;
use super::table::Table;

pub(super) use forward::{Forwarder, upstreams};
pub(super) use listen::{Server, bind};

/// The domain of the cluster.
const DOMAIN: &str = "cluster.local";
/// How long answers may be kept: endpoints come and go.
const TTL: u32 = 5;

/// What DNS answers from, at one moment.
#[derive(Debug, Clone)]
struct Zone {
    table: Table,
    /// The addresses of the cluster: their names are asked of nobody else.
    range: Subnet,
    /// Where DNS itself is.
    server: Ipv4Addr,
}
