use std::convert::Infallible;
use std::net::{Ipv4Addr, SocketAddr};
use std::pin::pin;
use std::str::FromStr;
use std::sync::Arc;
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::mpsc;

use super::{Error, replica};
use crate::deploy::{Cluster, Target};

/// How much is carried at once.
const PIECE_BYTES: usize = 32 << 10;
/// How long a pod may be silent to a client that says no more.
const SILENCE: Duration = Duration::from_secs(10);

/// A port of this machine that leads to one of a service.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Forward {
    /// Here; 0 for one that is free.
    pub local: u16,
    /// There.
    pub remote: u16,
}

impl FromStr for Forward {
    type Err = String;

    /// `LOCAL:REMOTE`, `:REMOTE` for a free one, or `PORT` for the same on both sides.
    fn from_str(text: &str) -> Result<Self, String> {
        let port = |text: &str| match text.parse::<u16>() {
            Ok(port) if port > 0 => Ok(port),
            _ => Err(format!("`{text}` is no port: use 1 to 65535")),
        };
        match text.split_once(':') {
            Some(("" | "0", remote)) => Ok(Self { local: 0, remote: port(remote)? }),
            Some((local, remote)) => Ok(Self { local: port(local)?, remote: port(remote)? }),
            None => Ok(Self { local: port(text)?, remote: port(text)? }),
        }
    }
}

/// What is known of the service that is forwarded to.
struct Service {
    cluster: Cluster,
    target: Target,
    name: String,
    index: Option<usize>,
}

/// Forwards ports of this machine to a service until it is dropped; says where it listens, and
/// what goes wrong with a connection.
///
/// Each connection finds a replica anew, so that a replaced pod ends no more than those it had.
pub async fn forward(
    cluster: &Cluster,
    target: &Target,
    (service, index): (&str, Option<usize>),
    ports: &[Forward],
    mut tell: impl FnMut(&str),
) -> Result<Infallible, Error> {
    replica(cluster, target, service, index).await?;
    let service = Arc::new(Service {
        cluster: cluster.clone(),
        target: target.clone(),
        name: service.to_owned(),
        index,
    });
    let (troubles, mut told) = mpsc::channel::<String>(16);
    let mut listening = Vec::new();
    for Forward { local, remote } in ports {
        let address = SocketAddr::from((Ipv4Addr::LOCALHOST, *local));
        let listener = TcpListener::bind(address).await.map_err(|source| Error::Here {
            what: format!("cannot listen on {address}"),
            source,
        })?;
        let address = listener.local_addr().unwrap_or(address);
        tell(&format!("{address} -> {}:{remote}", service.name));
        listening.push((listener, *remote));
    }
    for (listener, remote) in listening {
        tokio::spawn(accept(listener, Arc::clone(&service), remote, troubles.clone()));
    }
    loop {
        if let Some(trouble) = told.recv().await {
            tell(&trouble);
        }
    }
}

async fn accept(
    listener: TcpListener,
    service: Arc<Service>,
    remote: u16,
    troubles: mpsc::Sender<String>,
) {
    while !troubles.is_closed() {
        let Ok((stream, _)) = listener.accept().await else { continue };
        let (service, troubles) = (Arc::clone(&service), troubles.clone());
        tokio::spawn(async move {
            if let Err(trouble) = service.connect(stream, remote).await {
                // Nobody listens any more when the command has ended.
                let _ = troubles.send(format!("{}:{remote}: {trouble}", service.name)).await;
            }
        });
    }
}

impl Service {
    async fn connect(&self, here: TcpStream, remote: u16) -> Result<(), String> {
        let found = replica(&self.cluster, &self.target, &self.name, self.index).await;
        let pod = found.map_err(|error| error.to_string())?.pod;
        let pods = self.cluster.pods(&self.target.namespace);
        let forwarder = pods.portforward(&pod, &[remote]).await;
        let mut forwarder = forwarder.map_err(|error| error.to_string())?;
        let trouble = forwarder.take_error(remote);
        let Some(there) = forwarder.take_stream(remote) else { return Ok(()) };
        relay(here, there).await;
        // Joined, it ends; how is told by the error, if there is one.
        let _ = forwarder.join().await;
        match trouble {
            Some(trouble) => trouble.await.map_or(Ok(()), Err),
            None => Ok(()),
        }
    }
}

/// Carries bytes both ways until the pod says no more.
///
/// A client that says no more may still listen; but the protocol cannot tell the pod so, which
/// would wait for ever: its answer has come when it has been silent for a while.
async fn relay(here: TcpStream, there: impl AsyncRead + AsyncWrite) {
    let (mut client, mut answer) = here.into_split();
    let (mut pod, mut request) = tokio::io::split(there);
    let said = async { tokio::io::copy(&mut client, &mut request).await };
    let mut said = pin!(said);
    let mut silence = None;
    let mut piece = vec![0; PIECE_BYTES];
    loop {
        let size = tokio::select! {
            size = pod.read(&mut piece) => size.unwrap_or(0),
            _ = &mut said, if silence.is_none() => {
                silence = Some(SILENCE);
                continue;
            }
            () = elapsed(silence) => return,
        };
        let heard = piece.get(..size).unwrap_or_default();
        // One side that breaks off is how many connections end.
        if heard.is_empty() || answer.write_all(heard).await.is_err() {
            return;
        }
    }
}

async fn elapsed(time: Option<Duration>) {
    match time {
        Some(time) => tokio::time::sleep(time).await,
        None => std::future::pending().await,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ports_are_told_in_three_ways() {
        let check = |text: &str, expected: &str| {
            let told = match text.parse::<Forward>() {
                Ok(Forward { local, remote }) => format!("{local} {remote}"),
                Err(message) => message,
            };
            assert_eq!(told, expected, "{text}");
        };
        check("8080:80", "8080 80");
        check("80", "80 80");
        check(":80", "0 80");
        check("0:80", "0 80");
        check("80:0", "`0` is no port: use 1 to 65535");
        check("http", "`http` is no port: use 1 to 65535");
        check("8080:80:90", "`80:90` is no port: use 1 to 65535");
        check("", "`` is no port: use 1 to 65535");
    }
}
