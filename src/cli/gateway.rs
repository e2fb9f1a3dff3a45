use std::net::{Ipv4Addr, SocketAddr};

use super::runtime::{interrupted, server_runtime};
use super::{Exit, Failure};
use crate::control_plane::Subnet;
use crate::control_plane::network::gateway::{self, Options, Upstreams};

/// Answer for the Services of a cluster, as told on standard input
#[derive(Debug, clap::Args)]
pub struct Args {
    /// Where DNS listens
    #[arg(long, value_name = "ADDRESS:PORT")]
    dns: SocketAddr,
    /// The addresses of the cluster
    #[arg(long, value_name = "CIDR", value_parser = subnet)]
    range: Subnet,
    /// Addresses to take as the own ones
    #[arg(long, value_name = "CIDR", value_parser = subnet)]
    own: Option<Subnet>,
    /// Resolvers for other names [default: those of /etc/resolv.conf]
    #[arg(long, value_name = "ADDRESS:PORT")]
    upstream: Vec<SocketAddr>,
}

/// Runs `longshore gateway`.
pub fn run(args: Args) -> Result<(), Failure> {
    let Args { dns, range, own, upstream } = args;
    super::log::to_stderr();
    let upstreams =
        if upstream.is_empty() { Upstreams::Machine } else { Upstreams::These(upstream) };
    let options = Options { dns, range, own, upstreams };
    let runtime = server_runtime()?;
    let result = runtime.block_on(async {
        let input = tokio::io::BufReader::new(tokio::io::stdin());
        let serving = gateway::run(options, input, tokio::io::stdout());
        tokio::select! {
            served = serving => served.map_err(|error| Failure::new(Exit::Cluster, error)),
            () = interrupted() => Ok(()),
        }
    });
    // A read of the standard input that is under way would keep the process.
    runtime.shutdown_background();
    result
}

fn subnet(text: &str) -> Result<Subnet, String> {
    let (base, prefix) = text.split_once('/').ok_or("there is no `/`")?;
    let base: Ipv4Addr = base.parse().map_err(|_| format!("`{base}` is no IPv4 address"))?;
    let prefix = prefix.parse().ok().filter(|bits| *bits <= 32);
    Ok((base, prefix.ok_or("the length of the prefix is a number up to 32")?))
}
