//! A [`Project`](crate::model::Project) to template contexts: every decision is taken here.
//!
//! # Invariants
//! - Pure: no files, environment, clock or random numbers.
//! - Every attribute is translated or reported.
