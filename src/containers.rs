//! Into the containers of a deployed project: logs, commands, files and ports; through the `kube` client only.
//!
//! ```text
//! service names ─▶ replicas (pure) ─▶ logs │ session (exec, attach) ─▶ copy │ forward
//! ```
//!
//! # Invariants
//! - Never imports `control_plane`: the same code serves every cluster.
//! - A replica is found anew whenever something begins: a pod that was replaced is no error.

mod archive;
mod copy;
mod error;
mod forward;
mod logs;
mod merge;
mod replica;
mod session;

pub use copy::{Place, copy};
pub use error::Error;
pub use forward::{Forward, forward};
pub use logs::{Line, LogsOptions, logs};
pub use replica::{Replica, replica};
pub use session::{Command, Ends, Session, Size};
