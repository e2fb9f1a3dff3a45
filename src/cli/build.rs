use super::runtime::block_on;
use super::selected::Selected;
use super::translation::prefix;
use super::{Failure, GlobalArgs, images};
use crate::build::Options;

/// Build the images of the services that have `build`
///
/// On Docker Engine, where the pods of the bundled cluster find them. BuildKit builds them if the `docker`
/// program on the PATH has it, else the engine's own builder. Exit code 4 tells that a build failed.
#[derive(Debug, Clone, clap::Args)]
#[expect(clippy::struct_excessive_bools, reason = "each is a flag of its own")]
pub struct Args {
    #[command(flatten)]
    selected: Selected,
    /// Build every step anew
    #[arg(long)]
    no_cache: bool,
    /// Ask the registries for newer images to build from
    #[arg(long)]
    pull: bool,
    /// Argument of all builds, above those of the compose files; without a value, that of the environment; may be
    /// repeated
    #[arg(long = "build-arg", value_name = "NAME[=VALUE]", value_parser = argument)]
    arguments: Vec<(String, Option<String>)>,
    /// Registry and namespace of the images whose names have no registry, e.g. `registry.example/team`
    #[arg(long, value_name = "PREFIX", value_parser = prefix)]
    registry_prefix: Option<String>,
    /// Push the images when they are built
    #[arg(long)]
    push: bool,
    /// Show nothing but errors
    #[arg(short, long)]
    quiet: bool,
}

/// Runs `longshore build`.
pub fn run(global: &GlobalArgs, args: Args) -> Result<(), Failure> {
    let Args { selected, no_cache, pull, arguments, registry_prefix, push, quiet } = args;
    let options = Options { args: arguments, no_cache, pull, registry_prefix };
    let plan = images::plan(global, selected, &options, false)?;
    if plan.images.is_empty() {
        eprintln!("no service has `build`");
        return Ok(());
    }
    block_on(async {
        let engine = images::connect().await?;
        images::build(global, &engine, &plan, quiet).await?;
        if push {
            images::push(global, &engine, &plan, quiet).await?;
        }
        Ok(())
    })
}

#[expect(clippy::unnecessary_wraps, reason = "it is what parsers of arguments are")]
fn argument(text: &str) -> Result<(String, Option<String>), String> {
    Ok(match text.split_once('=') {
        Some((name, value)) => (name.to_owned(), Some(value.to_owned())),
        None => (text.to_owned(), None),
    })
}
