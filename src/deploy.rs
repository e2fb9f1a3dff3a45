//! Objects to a cluster: observe, plan, execute, wait; through the `kube` client only.
//!
//! ```text
//! Application ─┐
//!              ├─▶ observe ─▶ Observed ─▶ plan (pure) ─▶ Plan ─▶ execute ─▶ wait ─▶ follow
//! Cluster ─────┘                                          │
//!                                                         └─▶ text: `up --dry-run`
//! ```
//!
//! # Invariants
//! - Never imports `control_plane`: the same code serves every cluster.
//! - Decides in pure functions ([`Plan::new`], [`workload_state`], the board of the wait); what
//!   executes a plan decides nothing.
//! - Touches only what carries the project's labels; an object of somebody else is never taken over.
//! - Volumes are deleted by `down -v` alone.
//! - Never shows the value of a field: plans name changed fields by their path.

mod board;
mod changes;
mod cluster;
mod delivery;
mod down;
mod error;
mod events;
mod execute;
mod fields;
mod follow;
mod id;
mod kinds;
mod leftovers;
mod observe;
mod plan;
mod pod;
mod progress;
mod reasons;
mod services;
mod wait;
mod watch;
mod workload;

pub use cluster::Cluster;
pub use delivery::{Delivery, Target};
pub use down::{DownOptions, NamespaceFate, Removed, down};
pub use error::{Error, Refusal};
pub use events::{Event, events, watch_events};
pub use execute::{UpOptions, execute};
pub use follow::follow;
pub use id::Id;
pub use observe::{Effect, Observed, observe};
pub use plan::{Action, Operation, Others, Plan, PlanOptions, Stage, Why};
pub use pod::Trouble;
pub use progress::{Change, Progress, Step};
pub use services::{PublishedPort, ServiceStatus, published_services, services, simulated_nodes};
pub use wait::{Failed, FailedWorkload};
pub use workload::{Phase, State, workload_state};
