use std::io::Write;

use super::super::{Exit, Failure, GlobalArgs};

/// Print the kubeconfig of the control plane
#[derive(Debug, Clone, Copy, clap::Args)]
pub struct Args {
    /// Print the file's path instead of its contents
    #[arg(long)]
    path: bool,
}

/// Runs `longshore cluster kubeconfig`.
pub fn run(global: &GlobalArgs, args: Args) -> Result<(), Failure> {
    let Args { path } = args;
    let file = super::data_directory(global)?.kubeconfig();
    let content = std::fs::read(&file).map_err(|error| {
        let context = format!("cannot read the kubeconfig `{}`", file.display());
        Failure::new(Exit::Cluster, anyhow::Error::new(error).context(context))
            .help("`longshore cluster start` makes it")
    })?;
    let text = if path { format!("{}\n", file.display()).into_bytes() } else { content };
    std::io::stdout().write_all(&text).map_err(|error| {
        let error = anyhow::Error::new(error);
        Failure::new(Exit::Input, error.context("cannot write the kubeconfig"))
    })
}
