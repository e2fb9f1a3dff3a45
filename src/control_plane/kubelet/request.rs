//! What probes and hooks ask of a container: a command, an HTTP request, a connection, a gRPC health check.

use std::net::{IpAddr, SocketAddr};

use futures_util::StreamExt;
use k8s_openapi::api::core::v1::{
    Container, ExecAction, GRPCAction, HTTPGetAction, LifecycleHandler, Probe, TCPSocketAction,
};
use k8s_openapi::apimachinery::pkg::util::intstr::IntOrString;
use tokio::net::TcpStream;

use super::runtime::{Output, Runtime, Streams};

mod grpc;
mod http;
mod untrusted;

/// What is shown of the output of a command.
const OUTPUT: usize = 10 << 10;

/// One question.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Check {
    /// It passes when the command ends with 0.
    Exec(Vec<String>),
    /// It passes when the answer is 2xx or 3xx.
    Http { action: HTTPGetAction, port: u16 },
    /// It passes when the port takes a connection.
    Tcp { host: Option<String>, port: u16 },
    /// It passes when the service says that it serves.
    Grpc { port: u16, service: String },
    /// It takes its time, and passes.
    Sleep { seconds: i64 },
}

impl Check {
    /// The question that a probe asks; `None` when it names no port that there is.
    pub(super) fn of_probe(probe: &Probe, container: &Container) -> Option<Self> {
        let Probe { exec, http_get, tcp_socket, grpc, .. } = probe;
        if let Some(GRPCAction { port, service }) = grpc {
            let service = service.clone().unwrap_or_default();
            return Some(Self::Grpc { port: u16::try_from(*port).ok()?, service });
        }
        Self::of(exec.as_ref(), http_get.as_ref(), tcp_socket.as_ref(), container)
    }

    /// The question that a hook asks.
    pub(super) fn of_hook(hook: &LifecycleHandler, container: &Container) -> Option<Self> {
        let LifecycleHandler { exec, http_get, tcp_socket, sleep } = hook;
        if let Some(sleep) = sleep {
            return Some(Self::Sleep { seconds: sleep.seconds });
        }
        Self::of(exec.as_ref(), http_get.as_ref(), tcp_socket.as_ref(), container)
    }

    fn of(
        exec: Option<&ExecAction>,
        http_get: Option<&HTTPGetAction>,
        tcp_socket: Option<&TCPSocketAction>,
        container: &Container,
    ) -> Option<Self> {
        if let Some(exec) = exec {
            return Some(Self::Exec(exec.command.clone().unwrap_or_default()));
        }
        if let Some(action) = http_get {
            let port = port(&action.port, container)?;
            return Some(Self::Http { action: action.clone(), port });
        }
        let socket = tcp_socket?;
        Some(Self::Tcp { host: socket.host.clone(), port: port(&socket.port, container)? })
    }
}

/// Asks, and waits for the answer: why it is not the right one.
pub(super) async fn ask(
    runtime: &dyn Runtime,
    id: &str,
    check: &Check,
    address: IpAddr,
) -> Result<(), String> {
    match check {
        Check::Exec(command) => exec(runtime, id, command).await,
        Check::Http { action, port } => http::get(action, address, *port).await,
        Check::Tcp { host, port } => {
            let connected = match host {
                Some(host) => TcpStream::connect((host.as_str(), *port)).await,
                None => TcpStream::connect(SocketAddr::new(address, *port)).await,
            };
            connected.map(drop).map_err(|error| format!("dial tcp {address}:{port}: {error}"))
        }
        Check::Grpc { port, service } => grpc::check(address, *port, service).await,
        Check::Sleep { seconds } => {
            let seconds = u64::try_from(*seconds).unwrap_or_default();
            tokio::time::sleep(std::time::Duration::from_secs(seconds)).await;
            Ok(())
        }
    }
}

async fn exec(runtime: &dyn Runtime, id: &str, command: &[String]) -> Result<(), String> {
    let streams = Streams { stdin: false, stdout: true, stderr: true, tty: false };
    let mut session =
        runtime.exec(id, command, streams).await.map_err(|error| error.to_string())?;
    let mut text = Vec::new();
    while let Some(output) = session.output.next().await {
        let (Output::Stdout(bytes) | Output::Stderr(bytes)) =
            output.map_err(|error| error.to_string())?;
        let room = OUTPUT.saturating_sub(text.len());
        text.extend(bytes.iter().take(room));
    }
    match session.exit.await.map_err(|error| error.to_string())? {
        0 => Ok(()),
        code if text.is_empty() => Err(format!("command ended with {code}")),
        _ => Err(String::from_utf8_lossy(&text).into_owned()),
    }
}

/// A port by its number, or by its name in the container.
fn port(port: &IntOrString, container: &Container) -> Option<u16> {
    let number = match port {
        IntOrString::Int(number) => Some(*number),
        IntOrString::String(name) => container
            .ports
            .iter()
            .flatten()
            .find(|port| port.name.as_ref() == Some(name))
            .map(|port| port.container_port)
            .or_else(|| name.parse().ok()),
    };
    number.and_then(|number| u16::try_from(number).ok())
}
