use std::path::PathBuf;

use crate::engine::EngineError;

/// Why images cannot be built.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum BuildError {
    /// The builds need each other.
    #[error(
        "the builds of {} need each other: `additional_contexts` form a circle",
        quoted(services)
    )]
    Circle {
        /// The services.
        services: Vec<String>,
    },
    /// A secret of a build is not to be had.
    #[error("the build of `{service}` has no secret `{secret}`: {reason}")]
    Secret {
        /// The service.
        service: String,
        /// The secret.
        secret: String,
        /// Why.
        reason: String,
    },
    /// An attribute needs a builder that is not there.
    #[error("the build of {image} has `{attribute}`, which needs {needs}")]
    Builder {
        /// The service and its place.
        image: String,
        /// The attribute below `build`.
        attribute: &'static str,
        /// What it needs.
        needs: &'static str,
    },
    /// The context or the Dockerfile cannot be read.
    #[error("cannot read `{}` for the build of {image}", path.display())]
    Unreadable {
        /// The service and its place.
        image: String,
        /// The file.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// A line of `.dockerignore` means nothing.
    #[error("`{}` line {line}: {reason}", path.display())]
    Ignore {
        /// The file.
        path: PathBuf,
        /// The line.
        line: usize,
        /// What is wrong.
        reason: &'static str,
    },
    /// The docker program does not run.
    #[error("cannot run `{}` for the build of {image}", program.display())]
    Program {
        /// The service and its place.
        image: String,
        /// The program.
        program: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// The build itself failed.
    #[error("the build of {image} failed{}: {reason}", at(step.as_ref()))]
    Failed {
        /// The service and its place.
        image: String,
        /// The instruction of the Dockerfile, if it is known.
        step: Option<String>,
        /// What the builder said.
        reason: String,
    },
    /// The name of an image says no registry.
    #[error("the image `{name}` of {image} has no registry to push it to")]
    NoRegistry {
        /// The service and its place.
        image: String,
        /// The name.
        name: String,
    },
    /// A registry does not take an image.
    #[error("cannot push `{name}` of {image}: {reason}")]
    Push {
        /// The service and its place.
        image: String,
        /// The name.
        name: String,
        /// What the engine, or the registry, said.
        reason: String,
    },
    /// The engine does not do what it must.
    #[error(transparent)]
    Engine(#[from] EngineError),
}

fn at(step: Option<&String>) -> String {
    step.map(|step| format!(" at `{step}`")).unwrap_or_default()
}

fn quoted(names: &[String]) -> String {
    let names: Vec<String> = names.iter().map(|name| format!("`{name}`")).collect();
    names.join(", ")
}
