use std::io::Write;

use serde_json::{Value, json};

use super::super::runtime::block_on;
use super::super::{Exit, Failure, GlobalArgs};
use crate::control_plane::{self, DataDirectory, ServerStatus};

/// Show whether the control plane runs; exit code 3 when it does not
#[derive(Debug, Clone, Copy, clap::Args)]
pub struct Args {
    /// How the status is written
    #[arg(long, value_enum, default_value_t = Format::Text)]
    format: Format,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
enum Format {
    /// For people
    Text,
    /// One JSON object
    Json,
}

/// Runs `longshore cluster status`.
pub fn run(global: &GlobalArgs, args: Args) -> Result<(), Failure> {
    let Args { format } = args;
    let data = super::data_directory(global)?;
    block_on(async {
        let status = control_plane::status(&data).await.map_err(super::background_failure)?;
        let text = match format {
            Format::Text => text(&data, status),
            Format::Json => format!("{:#}\n", json(&data, status)),
        };
        std::io::stdout().write_all(text.as_bytes()).map_err(|error| {
            Failure::new(Exit::Input, anyhow::Error::new(error).context("cannot write the status"))
        })?;
        match status {
            ServerStatus::Running { ready: true, .. } => Ok(()),
            _ => Err(Failure::told(Exit::Cluster)),
        }
    })
}

fn state(status: ServerStatus) -> &'static str {
    match status {
        ServerStatus::Stopped => "stopped",
        ServerStatus::Running { ready: false, .. } => "starting",
        ServerStatus::Running { ready: true, .. } => "ready",
    }
}

fn text(data: &DataDirectory, status: ServerStatus) -> String {
    let mut rows = vec![("state", state(status).to_owned())];
    if let ServerStatus::Running { pid, .. } = status {
        rows.push(("process", pid.to_string()));
        rows.extend(endpoint(data).map(|endpoint| ("endpoint", endpoint)));
        rows.push(("kubeconfig", data.kubeconfig().display().to_string()));
    }
    rows.push(("data", data.root().display().to_string()));
    rows.iter().fold(String::new(), |text, (name, value)| text + &format!("{name:<12}{value}\n"))
}

fn json(data: &DataDirectory, status: ServerStatus) -> Value {
    let mut value = json!({"state": state(status), "dataDir": data.root()});
    if let (ServerStatus::Running { pid, .. }, Some(fields)) = (status, value.as_object_mut()) {
        fields.insert("pid".to_owned(), json!(pid));
        fields.insert("endpoint".to_owned(), json!(endpoint(data)));
        fields.insert("kubeconfig".to_owned(), json!(data.kubeconfig()));
    }
    value
}

fn endpoint(data: &DataDirectory) -> Option<String> {
    Some(format!("https://127.0.0.1:{}", data.port()?))
}
