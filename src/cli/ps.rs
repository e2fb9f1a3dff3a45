use std::io::{self, Write as _};

use super::cluster_client::{connect, failure};
use super::runtime::block_on;
use super::table::table;
use super::{Exit, Failure, GlobalArgs};
use crate::deploy::{ServiceStatus, services};

/// List the project's services: replicas, state and published ports
#[derive(Debug, Clone, Copy, clap::Args)]
pub struct Args {
    /// How the list is written
    #[arg(long, value_enum, default_value_t = Format::Table)]
    format: Format,
}

/// `--format`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
enum Format {
    /// For people
    Table,
    /// One JSON array
    Json,
}

/// Runs `longshore ps`.
pub fn run(global: &GlobalArgs, args: Args) -> Result<(), Failure> {
    let Args { format } = args;
    let target = super::target::existing(global)?;
    block_on(async {
        let cluster = connect(global).await?;
        let rows = services(&cluster, &target).await.map_err(|error| failure(&error))?;
        if rows.is_empty() {
            let crate::deploy::Target { project, namespace } = &target;
            eprintln!("project `{project}` has no services in namespace `{namespace}`");
        }
        let text = match format {
            Format::Table => table(&cells(&rows)),
            Format::Json => json(&rows)?,
        };
        let written = io::stdout().write_all(text.as_bytes());
        written.map_err(|error| {
            let error = anyhow::Error::new(error);
            Failure::new(Exit::Input, error.context("cannot write the list to standard output"))
        })
    })
}

fn json(rows: &[ServiceStatus]) -> Result<String, Failure> {
    let text = serde_json::to_string_pretty(rows)
        .map_err(|error| Failure::new(Exit::Cluster, anyhow::Error::new(error)))?;
    Ok(text + "\n")
}

fn cells(rows: &[ServiceStatus]) -> Vec<[String; 5]> {
    let head = ["SERVICE", "KIND", "REPLICAS", "STATE", "PORTS"].map(str::to_owned);
    std::iter::once(head).chain(rows.iter().map(row)).collect()
}

fn row(status: &ServiceStatus) -> [String; 5] {
    let ServiceStatus { service, kind, name: _, ready, desired, state, reason, ports } = status;
    let replicas = if kind == "CronJob" { "-".to_owned() } else { format!("{ready}/{desired}") };
    let state = if reason.is_empty() { (*state).to_owned() } else { format!("{state} ({reason})") };
    let ports: Vec<String> = ports.iter().map(ToString::to_string).collect();
    [service.clone(), kind.clone(), replicas, state, ports.join(", ")]
}

#[cfg(test)]
mod tests {
    use super::{cells, table};
    use crate::deploy::{PublishedPort, ServiceStatus};

    #[test]
    fn columns_are_as_wide_as_their_widest_cell() {
        let web = ServiceStatus {
            service: "web".to_owned(),
            kind: "Deployment".to_owned(),
            name: "web".to_owned(),
            ready: 0,
            desired: 2,
            state: "starting",
            reason: "ImagePullBackOff".to_owned(),
            ports: vec![PublishedPort {
                address: "127.0.0.1".to_owned(),
                published: 8080,
                target: "80".to_owned(),
                protocol: "tcp".to_owned(),
                problem: None,
                is_awaited: false,
            }],
        };
        let backup = ServiceStatus {
            service: "backup".to_owned(),
            kind: "CronJob".to_owned(),
            name: "backup".to_owned(),
            ready: 0,
            desired: 0,
            state: "scheduled",
            reason: String::new(),
            ports: Vec::new(),
        };
        assert_eq!(
            table(&cells(&[backup, web])),
            "SERVICE   KIND         REPLICAS   STATE                         PORTS\n\
             backup    CronJob      -          scheduled\n\
             web       Deployment   0/2        starting (ImagePullBackOff)   127.0.0.1:8080->80/tcp\n"
        );
    }
}
