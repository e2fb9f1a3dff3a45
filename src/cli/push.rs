use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use anyhow::Context as _;

use super::runtime::block_on;
use super::selected::Selected;
use super::translation::prefix;
use super::{Exit, Failure, GlobalArgs, images};
use crate::build::Options;

/// Push the images of the services that have `build`
///
/// They must be built: `longshore build` with the same `--registry-prefix`. The logins are those of `docker login`.
#[derive(Debug, Clone, clap::Args)]
pub struct Args {
    #[command(flatten)]
    selected: Selected,
    /// Registry and namespace of the images whose names have no registry, e.g. `registry.example/team`
    #[arg(long, value_name = "PREFIX", value_parser = prefix)]
    registry_prefix: Option<String>,
    /// File that gets the digests of what is pushed, for `convert --pin`
    #[arg(long, value_name = "FILE")]
    digests: Option<PathBuf>,
    /// Show nothing but errors
    #[arg(short, long)]
    quiet: bool,
}

/// Runs `longshore push`.
pub fn run(global: &GlobalArgs, args: Args) -> Result<(), Failure> {
    let Args { selected, registry_prefix, digests, quiet } = args;
    let options = Options { registry_prefix, ..Options::default() };
    let plan = images::plan(global, selected, &options, false)?;
    if plan.images.is_empty() {
        eprintln!("no service has `build`");
        return Ok(());
    }
    block_on(async {
        let engine = images::connect().await?;
        let pushed = images::push(global, &engine, &plan, quiet).await?;
        match &digests {
            Some(path) => {
                write_digests(path, pushed).map_err(|error| Failure::new(Exit::Input, error))
            }
            None => Ok(()),
        }
    })
}

/// The digests of a file of `push`.
pub(super) fn read_digests(path: &Path) -> anyhow::Result<BTreeMap<String, String>> {
    let text = std::fs::read(path).with_context(|| format!("cannot read `{}`", path.display()))?;
    serde_json::from_slice(&text)
        .with_context(|| format!("`{}` holds no digests of `longshore push`", path.display()))
}

/// What is there of other images stays.
fn write_digests(path: &Path, pushed: BTreeMap<String, String>) -> anyhow::Result<()> {
    let mut digests = if path.exists() { read_digests(path)? } else { BTreeMap::new() };
    digests.extend(pushed);
    let text = serde_json::to_string_pretty(&digests)? + "\n";
    std::fs::write(path, text).with_context(|| format!("cannot write `{}`", path.display()))
}
