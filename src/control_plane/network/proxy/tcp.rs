use std::net::{IpAddr, SocketAddr, SocketAddrV4};
use std::sync::Arc;
use std::time::Duration;

use tokio::io::copy_bidirectional;
use tokio::net::{TcpListener, TcpStream};

use super::Balancer;

/// How long an endpoint may take to answer while there are others.
const CONNECT: Duration = Duration::from_secs(1);
/// How long the last one may take.
const CONNECT_LAST: Duration = Duration::from_secs(10);

/// Serves until it is dropped; what is connected then stays connected.
pub(super) async fn serve(listener: TcpListener, balancer: Arc<Balancer>) {
    loop {
        match listener.accept().await {
            Ok((client, from)) => {
                let balancer = Arc::clone(&balancer);
                tokio::spawn(async move { carry(client, from, &balancer).await });
            }
            // Out of file descriptors, or the client is gone already: others may still come.
            Err(error) => {
                tracing::warn!(%error, "a connection was not accepted");
                tokio::time::sleep(Duration::from_millis(10)).await;
            }
        }
    }
}

/// Carries bytes in both directions until both ends have said all; a half that is closed is closed
/// on the other side, too, and an end that breaks breaks the other.
async fn carry(mut client: TcpStream, from: SocketAddr, balancer: &Balancer) {
    let result = match connect(balancer, from.ip()).await {
        Ok(mut endpoint) => {
            let _ = client.set_nodelay(true);
            let result = copy_bidirectional(&mut client, &mut endpoint).await;
            if result.is_err() {
                let _ = endpoint.set_zero_linger();
            }
            result.map(drop)
        }
        Err(error) => Err(error),
    };
    if let Err(error) = result {
        tracing::debug!(%from, %error, "a connection was reset");
        let _ = client.set_zero_linger();
    }
}

/// Connects to the first endpoint that takes the connection.
pub(in super::super) async fn connect(
    balancer: &Balancer,
    client: IpAddr,
) -> std::io::Result<TcpStream> {
    let candidates = balancer.candidates(client);
    let mut failure = std::io::Error::from(std::io::ErrorKind::ConnectionRefused);
    for (position, endpoint) in candidates.iter().enumerate() {
        let is_last = position + 1 == candidates.len();
        let patience = if is_last { CONNECT_LAST } else { CONNECT };
        match connect_to(*endpoint, patience).await {
            Ok(stream) => {
                balancer.keep(client, *endpoint);
                return Ok(stream);
            }
            Err(error) => {
                tracing::debug!(%endpoint, %error, "an endpoint did not take a connection");
                failure = error;
            }
        }
    }
    Err(failure)
}

async fn connect_to(endpoint: SocketAddrV4, patience: Duration) -> std::io::Result<TcpStream> {
    let stream = tokio::time::timeout(patience, TcpStream::connect(endpoint)).await??;
    stream.set_nodelay(true)?;
    Ok(stream)
}
