//! The types of the Kubernetes v1.35 API: fields, list types, merge keys, and the check against them.

mod check;
mod prune;
mod quantity;
mod table;
mod trail;
mod types;

pub use check::{Fault, Problem, check};
pub use prune::prune;
pub use quantity::Quantity;
pub use table::documents;
pub use types::{ListType, Shape, Type};
