//! The gateway as a container of an engine, on the network of the pods.

use std::collections::HashMap;

use bollard::container::LogOutput;
use bollard::models::{
    ContainerCreateBody, ContainerInspectResponse, EndpointIpamConfig, EndpointSettings,
    HostConfig, HostConfigLogConfig, NetworkingConfig,
};
use bollard::query_parameters::{
    AttachContainerOptions, CreateContainerOptions, RemoveContainerOptions,
};
use futures_util::future::BoxFuture;
use futures_util::{Stream, StreamExt};
use tokio::io::{AsyncWriteExt, DuplexStream, duplex};

use super::super::cluster_range::ClusterRange;
use super::link::{Host, Streams};
use crate::engine::{
    Engine, EngineError, PodNetwork, PodNetworkError, labels, refused, status_code,
};

/// The port of DNS.
const DNS: u16 = 53;
/// What is kept of what the gateway says on its standard streams.
const LOG: &str = "1m";

/// The gateway of a cluster, as a container.
#[derive(Debug, Clone)]
pub struct GatewayContainer {
    /// The engine.
    pub engine: Engine,
    /// The network of the pods.
    pub network: PodNetwork,
    /// The addresses of the cluster.
    pub range: ClusterRange,
    /// The image of our own program.
    pub image: String,
}

/// Why there is no gateway.
#[derive(Debug, thiserror::Error)]
enum ContainerError {
    #[error(transparent)]
    Engine(#[from] EngineError),
    #[error(transparent)]
    Network(#[from] PodNetworkError),
}

impl Host for GatewayContainer {
    fn connect(&self) -> BoxFuture<'_, Result<Streams, String>> {
        Box::pin(async move { self.attached().await.map_err(|error| described(&error)) })
    }
}

impl GatewayContainer {
    /// The name of the container.
    pub fn name(&self) -> String {
        format!("{}-gateway", self.network.name())
    }

    async fn attached(&self) -> Result<Streams, ContainerError> {
        self.network.ensure(&self.engine).await?;
        let body = self.body();
        let is_running = match self.inspect().await? {
            Some(there) if serves(&there, &body) => true,
            Some(_) => {
                // Of another version of ours, or it has ended.
                self.remove().await?;
                false
            }
            None => false,
        };
        let (docker, name) = (self.engine.docker(), self.name());
        if !is_running {
            let options = CreateContainerOptions { name: Some(name.clone()), ..Default::default() };
            let made = docker.create_container(Some(options), body).await;
            made.map_err(refused("make the gateway of the service network"))?;
        }
        let options = AttachContainerOptions {
            stream: true,
            stdin: true,
            stdout: true,
            stderr: true,
            ..AttachContainerOptions::default()
        };
        // Before it starts, so that nothing that it says is missed.
        let attached = docker.attach_container(&name, Some(options)).await;
        let attached = attached.map_err(refused("speak to the gateway of the service network"))?;
        if !is_running {
            let started = docker.start_container(&name, None).await;
            started.map_err(refused("start the gateway of the service network"))?;
        }
        let (output, said) = duplex(1 << 16);
        tokio::spawn(divide(attached.output, said));
        Ok(Streams { input: attached.input, output: Box::pin(output) })
    }

    async fn inspect(&self) -> Result<Option<ContainerInspectResponse>, EngineError> {
        match self.engine.docker().inspect_container(&self.name(), None).await {
            Err(error) if status_code(&error) == Some(404) => Ok(None),
            found => {
                found.map(Some).map_err(refused("look for the gateway of the service network"))
            }
        }
    }

    async fn remove(&self) -> Result<(), EngineError> {
        let options = RemoveContainerOptions { force: true, v: true, ..Default::default() };
        match self.engine.docker().remove_container(&self.name(), Some(options)).await {
            Err(error) if status_code(&error) == Some(404) => Ok(()),
            removed => removed.map_err(refused("remove the gateway of the service network")),
        }
    }

    fn body(&self) -> ContainerCreateBody {
        let range = self.range;
        let cidr = |(base, prefix)| format!("{base}/{prefix}");
        let command = [
            "gateway".to_owned(),
            format!("--dns={}:{DNS}", range.dns()),
            format!("--range={}", cidr(range.all())),
            format!("--own={}", cidr(range.services())),
        ];
        let address = EndpointIpamConfig {
            ipv4_address: Some(range.gateway().to_string()),
            ..EndpointIpamConfig::default()
        };
        let endpoint =
            EndpointSettings { ipam_config: Some(address), ..EndpointSettings::default() };
        let own =
            [(labels::CLUSTER, self.network.cluster.as_str()), (labels::ROLE, labels::GATEWAY)];
        ContainerCreateBody {
            image: Some(self.image.clone()),
            cmd: Some(command.to_vec()),
            hostname: Some("gateway".to_owned()),
            labels: Some(own.map(|(key, value)| (key.to_owned(), value.to_owned())).into()),
            open_stdin: Some(true),
            // The end of one conversation is not the end of the input.
            stdin_once: Some(false),
            attach_stdin: Some(false),
            host_config: Some(HostConfig {
                network_mode: Some(self.network.name()),
                cap_drop: Some(vec!["ALL".to_owned()]),
                // For the route to the addresses of Services, and for ports such as 53 and 80.
                cap_add: Some(vec!["NET_ADMIN".to_owned(), "NET_BIND_SERVICE".to_owned()]),
                readonly_rootfs: Some(true),
                security_opt: Some(vec!["no-new-privileges".to_owned()]),
                log_config: Some(HostConfigLogConfig {
                    typ: Some("json-file".to_owned()),
                    config: Some(HashMap::from([("max-size".to_owned(), LOG.to_owned())])),
                }),
                ..HostConfig::default()
            }),
            networking_config: Some(NetworkingConfig {
                endpoints_config: Some(HashMap::from([(self.network.name(), endpoint)])),
            }),
            ..ContainerCreateBody::default()
        }
    }
}

/// Whether a container runs, and is what would be made now.
fn serves(there: &ContainerInspectResponse, wanted: &ContainerCreateBody) -> bool {
    let is_running = there.state.as_ref().and_then(|state| state.running) == Some(true);
    let same = there
        .config
        .as_ref()
        .is_some_and(|config| config.image == wanted.image && config.cmd == wanted.cmd);
    is_running && same
}

/// Passes on what the gateway says on its standard output; the rest is its log.
async fn divide(
    mut output: impl Stream<Item = Result<LogOutput, bollard::errors::Error>> + Unpin,
    mut said: DuplexStream,
) {
    while let Some(Ok(part)) = output.next().await {
        match part {
            LogOutput::StdErr { message } => {
                let text = String::from_utf8_lossy(&message);
                for line in text.lines() {
                    tracing::info!(target: "longshore::gateway", "{line}");
                }
            }
            LogOutput::StdOut { message } => {
                if said.write_all(&message).await.is_err() {
                    return;
                }
            }
            LogOutput::StdIn { .. } | LogOutput::Console { .. } => {}
        }
    }
}

/// An error with all its causes.
fn described(error: &dyn std::error::Error) -> String {
    let causes = std::iter::successors(Some(error), |error| error.source());
    let texts: Vec<String> = causes.map(ToString::to_string).collect();
    texts.join(": ")
}
