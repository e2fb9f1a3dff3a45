//! The images of a project, for the commands that make them.

use std::collections::BTreeMap;

use super::project::{input, print};
use super::selected::Selected;
use super::{Exit, Failure, GlobalArgs, progress};
use crate::build::{BuildError, execute, missing};
pub(super) use crate::build::{Options, Plan};
use crate::engine::{Engine, EngineError};
use crate::load::load_with_surroundings;

/// What is built of the project that the arguments name; what there is to say about it is told
/// unless another command has done so.
pub(super) fn plan(
    global: &GlobalArgs,
    selected: Selected,
    options: &Options,
    is_told: bool,
) -> Result<Plan, Failure> {
    let (loaded, report) = load_with_surroundings(&input(global, selected)?);
    if !is_told {
        print(&report, global)?;
    }
    let loaded = loaded.filter(|_| !report.has_errors());
    let (project, surroundings) = loaded.ok_or_else(|| Failure::told(Exit::Input))?;
    Plan::new(&project, &surroundings.environment, options).map_err(failure)
}

/// Builds the images of a plan.
pub(super) async fn build(
    global: &GlobalArgs,
    engine: &Engine,
    plan: &Plan,
    is_quiet: bool,
) -> Result<(), Failure> {
    let mut progress = progress::images(global, is_quiet);
    let built = execute(engine, plan, progress.as_mut()).await;
    // Lines that still move would be mixed with the message.
    drop(progress);
    built.map_err(failure)
}

/// Pushes the images of a plan; gives the digest of each name.
pub(super) async fn push(
    global: &GlobalArgs,
    engine: &Engine,
    plan: &Plan,
    is_quiet: bool,
) -> Result<BTreeMap<String, String>, Failure> {
    let mut progress = progress::images(global, is_quiet);
    let pushed = crate::build::push(engine, plan, progress.as_mut()).await;
    drop(progress);
    pushed.map_err(failure)
}

/// Builds the images that the engine does not have.
pub(super) async fn build_missing(global: &GlobalArgs, mut plan: Plan) -> Result<(), Failure> {
    let engine = connect().await?;
    let missing = missing(&engine, &plan).await.map_err(failure)?;
    plan.retain(|image| missing.contains(&image.service));
    build(global, &engine, &plan, false).await
}

/// The engine that the environment names.
pub(super) async fn connect() -> Result<Engine, Failure> {
    Engine::connect().await.map_err(|error| failure(error.into()))
}

/// The failure of a command whose images are not there.
pub(super) fn failure(error: BuildError) -> Failure {
    let (exit, help) = match &error {
        BuildError::Engine(EngineError::None) => {
            (Exit::Cluster, Some("start Docker or Podman, or name its socket in DOCKER_HOST"))
        }
        BuildError::Engine(_) => (Exit::Cluster, None),
        BuildError::Push { .. } => (
            Exit::Cluster,
            Some("`longshore build` makes it, `docker login REGISTRY` lets you push it"),
        ),
        BuildError::NoRegistry { .. } => (
            Exit::Input,
            Some(
                "name one: `--registry-prefix REGISTRY/NAMESPACE`, or `image` in the compose file",
            ),
        ),
        BuildError::Failed { .. } => (Exit::Workload, None),
        BuildError::Builder { .. } => {
            (Exit::Input, Some("install Docker's plugin `buildx`, or leave the attribute out"))
        }
        _ => (Exit::Input, None),
    };
    let failure = Failure::new(exit, error);
    match help {
        Some(help) => failure.help(help),
        None => failure,
    }
}
