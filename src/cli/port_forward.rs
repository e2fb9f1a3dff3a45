use super::cluster_client::connect;
use super::runtime::{block_on, interrupted};
use super::{Exit, Failure, GlobalArgs, containers, target};
use crate::containers::{Forward, forward};

/// Lead ports of this machine to a service, until Ctrl-C
///
/// Each connection goes to a container that runs then.
#[derive(Debug, Clone, clap::Args)]
pub struct Args {
    /// Which of the service's containers, from 1 [default: the first that runs]
    #[arg(long, value_name = "INDEX")]
    index: Option<usize>,
    /// Service
    #[arg(value_name = "SERVICE")]
    service: String,
    /// Port here and in the container, or one for both; without LOCAL (`:80`) a free one
    #[arg(value_name = "[LOCAL:]REMOTE", required = true)]
    ports: Vec<Forward>,
}

/// Runs `longshore port-forward`.
pub fn run(global: &GlobalArgs, args: Args) -> Result<(), Failure> {
    let Args { index, service, ports } = args;
    let target = target::existing(global)?;
    let service = containers::service(&service);
    block_on(async {
        let cluster = connect(global).await?;
        let tell = |text: &str| eprintln!("{text}");
        tokio::select! {
            ended = forward(&cluster, &target, (&service, index), &ports, tell) => match ended {
                Err(error) => Err(containers::failure(&error)),
            },
            () = interrupted() => Err(Failure::told(Exit::Interrupted)),
        }
    })
}
