use super::cluster_client::connect;
use super::runtime::block_on;
use super::{Failure, GlobalArgs, containers, target};
use crate::containers::{Place, copy};

/// Copy files between a service's container and this machine
///
/// Into what is a directory, else in its place. The container needs `tar`.
#[derive(Debug, Clone, clap::Args)]
pub struct Args {
    /// Which of the service's containers, from 1 [default: the first that runs]
    #[arg(long, value_name = "INDEX")]
    index: Option<usize>,
    /// What is copied
    #[arg(value_name = "SERVICE:PATH|PATH")]
    from: String,
    /// Where to
    #[arg(value_name = "SERVICE:PATH|PATH")]
    to: String,
}

/// Runs `longshore cp`.
pub fn run(global: &GlobalArgs, args: Args) -> Result<(), Failure> {
    let Args { index, from, to } = args;
    let target = target::existing(global)?;
    block_on(async {
        let cluster = connect(global).await?;
        let copied = copy(&cluster, &target, index, &place(&from), &place(&to)).await;
        copied.map_err(|error| containers::failure(&error))
    })
}

fn place(text: &str) -> Place {
    match Place::parse(text) {
        Place::There { service, path } => {
            Place::There { service: containers::service(&service), path }
        }
        here @ Place::Here(_) => here,
    }
}
