//! The bundled Kubernetes control plane: one process that serves the v1.35 API on loopback.
//!
//! ```text
//!  kubectl, helm, longshore (kube client)
//!         │ HTTPS, client certificate
//!         ▼
//!  api ──▶ verbs (admission, defaults, validation, managed fields) ──▶ store ──▶ redb
//!            ▲                                                          │ one revision counter,
//!            └── controllers, scheduler, kubelet ◀── cursors ───────────┘ one event ring
//!                network, Ingress            │
//!                     │                      ▼
//!                     │            Runtime: simulated, or a container engine
//!                     ▼                      │ sandboxes and containers, by label
//!            gateway (a container) ◀── pods ─┘
//! ```
//!
//! # Invariants
//! - One write path: HTTP handlers, controllers, scheduler and kubelet all go through [`verbs`];
//!   only `verbs` touches [`store`].
//! - What was acknowledged is durable, and nothing is visible before it is durable.
//! - Nothing polls: controllers, watches and the kubelet are cursors over the event ring and the engine's events.

pub mod api;
mod background;
mod bootstrap;
mod certificates;
mod cluster_range;
pub mod controllers;
mod data_directory;
mod kubeconfig;
pub mod kubelet;
pub mod network;
mod nodes;
mod runner;
pub mod scheduler;
pub mod schema;
mod server;
pub mod store;
pub mod verbs;

pub use background::{BackgroundError, ServerStatus, ensure_started, status, stop};
pub use cluster_range::{ClusterRange, Subnet};
pub use data_directory::{DataDirectory, DataDirectoryError};
pub use nodes::{Containers, remove_containers};
pub use server::{Server, ServerError, ServerOptions};
