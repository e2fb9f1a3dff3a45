//! The project that a command is about, when it is in the cluster already.

use super::{Exit, Failure, GlobalArgs};
use crate::deploy::Target;

/// The project that the arguments name.
pub(super) fn existing(global: &GlobalArgs) -> Result<Target, Failure> {
    let Some(name) = &global.project_name else {
        let error = anyhow::anyhow!("no project is named");
        return Err(Failure::new(Exit::Input, error).help("name it with `-p NAME`"));
    };
    Ok(Target::new(name, global.namespace.as_deref()))
}
