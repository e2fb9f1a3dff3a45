//! What the commands that reach into containers have in common.

use super::cluster_client;
use super::{Exit, Failure};
use crate::containers::Error;
use crate::translate::project_label;

/// A service as the cluster calls it: `my_web` is `my-web` there.
pub(super) fn service(name: &str) -> String {
    project_label(name)
}

/// The failure of a command that did not reach its container.
pub(super) fn failure(error: &Error) -> Failure {
    let exit = match error {
        Error::Cluster(error) => return cluster_client::failure(error),
        Error::NoService { .. } | Error::Here { .. } => Exit::Input,
        Error::NotRunning { .. } | Error::NoIndex { .. } => Exit::Workload,
        _ => Exit::Cluster,
    };
    let failure = Failure::new(exit, anyhow::Error::msg(error.to_string()));
    match error.help() {
        Some(help) => failure.help(help),
        None => failure,
    }
}
