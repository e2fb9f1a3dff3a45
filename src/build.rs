//! Images of the services that have `build`: what is built, how, and in which order.
//!
//! ```text
//! Project ─▶ Plan (pure) ─▶ execute ─┬─▶ the user's `docker` program, where it speaks BuildKit
//!                                    └─▶ the engine's own builder, with the context as an archive
//! ```
//!
//! # Invariants
//! - The plan decides everything; the builders only say it in their own words.
//! - An attribute that a builder does not know is an error that names it, never left out.
//! - Nothing outside of a context is sent to the engine, and no link in it is followed.

mod archive;
mod buildkit;
mod classic;
mod error;
mod execute;
mod ignore;
mod names;
mod plan;
mod progress;
mod push;

pub use buildkit::BuildKit;
pub use error::BuildError;
pub use execute::{execute, missing};
pub use names::Names;
pub use plan::{Image, Options, Plan, Secret, SecretSource};
pub use progress::{Event, Progress, State};
pub use push::push;
