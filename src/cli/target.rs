//! The project that a command is about, when it is in the cluster already.

use super::project::{input, print};
use super::selected::Selected;
use super::{Exit, Failure, GlobalArgs};
use crate::deploy::Target;
use crate::load::load_project;
use crate::translate::project_label;

/// The project that the arguments name: by `-p` alone, else by the compose files.
pub(super) fn existing(global: &GlobalArgs) -> Result<Target, Failure> {
    let name = match &global.project_name {
        Some(name) => name.clone(),
        None => name_in_files(global)?,
    };
    Ok(Target::new(project_label(&name), global.namespace.as_deref()))
}

fn name_in_files(global: &GlobalArgs) -> Result<String, Failure> {
    let (project, report) = load_project(&input(global, Selected::default())?);
    let Some(project) = project else {
        print(&report, global)?;
        let failure = Failure::told(Exit::Input);
        return Err(failure.help("`-p NAME` names the project without its compose files"));
    };
    Ok(project.name)
}
