//! What the API server knows about its kinds beyond their shape: defaults, validation, merge, apply, columns.
//!
//! # Invariants
//! - Pure functions on JSON values; no store, no clock (time is an argument).

pub mod defaults;
pub mod managed_fields;
mod names;
pub mod openapi;
mod quality;
pub mod selectors;
pub mod table;
pub mod validation;
