//! The words of Kubernetes: objects, kinds, types, labels, quantities. No I/O.
//!
//! # Invariants
//! - Imports nothing of ours.
//! - Facts about the API (kinds, fields, merge keys, defaults) are data in `kubernetes/data/`, generated
//!   from published sources by `tools/kubernetes-data`; no fact is typed twice.

mod application;
pub mod kinds;
pub mod labels;
mod object;
pub mod protobuf;
pub mod schema;
mod status;
pub mod strategic_merge;

pub use application::{Application, Gate, GateCondition, Wave};
pub use kinds::Kind;
pub use object::Object;
pub use status::{Cause, Reason, Status};
