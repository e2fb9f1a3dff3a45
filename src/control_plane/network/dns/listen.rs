//! DNS by UDP and TCP.

use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream, UdpSocket};
use tokio::sync::{Semaphore, watch};

use super::super::super::cluster_range::Subnet;
use super::super::table::Table;
use super::reply::Transport;
use super::resolve::resolve;
use super::{Forwarder, Zone};

/// Queries by UDP longer than this are none.
const LONGEST_QUERY: usize = 4096;
/// How long a connection may be silent.
const IDLE: Duration = Duration::from_secs(10);
/// Connections at a time.
const CONNECTIONS: usize = 256;

/// The sockets of a DNS server.
pub(in super::super) struct Sockets {
    udp: UdpSocket,
    tcp: TcpListener,
}

/// Listens by UDP and TCP.
pub(in super::super) async fn bind(address: SocketAddr) -> std::io::Result<Sockets> {
    let tcp = TcpListener::bind(address).await?;
    let udp = UdpSocket::bind(tcp.local_addr()?).await?;
    Ok(Sockets { udp, tcp })
}

/// A DNS server.
pub(in super::super) struct Server {
    /// What it answers from.
    pub(in super::super) tables: watch::Receiver<Table>,
    /// The addresses of the cluster.
    pub(in super::super) range: Subnet,
    /// Its own address, as the cluster knows it.
    pub(in super::super) address: Ipv4Addr,
    /// Who answers the rest.
    pub(in super::super) forwarder: Forwarder,
}

impl Server {
    /// Serves until it is dropped.
    pub(in super::super) async fn serve(self, sockets: Sockets) {
        let Sockets { udp, tcp } = sockets;
        let server = Arc::new(self);
        let by_udp = Arc::clone(&server).serve_udp(Arc::new(udp));
        let by_tcp = Arc::clone(&server).serve_tcp(tcp);
        tokio::join!(server.forwarder.look_for_loops(), by_udp, by_tcp);
    }

    async fn resolve(&self, query: &[u8], transport: Transport) -> Option<Vec<u8>> {
        let table = self.tables.borrow().clone();
        let zone = Zone { table, range: self.range, server: self.address };
        resolve(&zone, &self.forwarder, query, transport).await
    }

    async fn serve_udp(self: Arc<Self>, socket: Arc<UdpSocket>) {
        let mut buffer = vec![0; LONGEST_QUERY];
        loop {
            // An error is about a reply that did not reach its client.
            let Ok((length, client)) = socket.recv_from(&mut buffer).await else { continue };
            let query = buffer.get(..length).unwrap_or_default().to_vec();
            let (server, socket) = (Arc::clone(&self), Arc::clone(&socket));
            tokio::spawn(async move {
                if let Some(reply) = server.resolve(&query, Transport::Udp).await
                    && let Err(error) = socket.send_to(&reply, client).await
                {
                    tracing::debug!(%client, %error, "a DNS reply was not sent");
                }
            });
        }
    }

    async fn serve_tcp(self: Arc<Self>, listener: TcpListener) {
        let connections = Arc::new(Semaphore::new(CONNECTIONS));
        loop {
            // Waiting clients wait in the backlog.
            let Ok(permit) = Arc::clone(&connections).acquire_owned().await else { return };
            match listener.accept().await {
                Ok((stream, _)) => {
                    let server = Arc::clone(&self);
                    tokio::spawn(async move {
                        let _permit = permit;
                        // A client that hangs up has what it wanted.
                        let _ = server.converse(stream).await;
                    });
                }
                Err(error) => {
                    tracing::warn!(%error, "a DNS connection was not accepted");
                    tokio::time::sleep(Duration::from_millis(10)).await;
                }
            }
        }
    }

    /// Answers the queries of one connection, one after the other.
    async fn converse(&self, mut stream: TcpStream) -> std::io::Result<()> {
        loop {
            let length = tokio::time::timeout(IDLE, stream.read_u16()).await??;
            let mut query = vec![0; usize::from(length)];
            tokio::time::timeout(IDLE, stream.read_exact(&mut query)).await??;
            let Some(reply) = self.resolve(&query, Transport::Tcp).await else {
                return Ok(());
            };
            let length = u16::try_from(reply.len()).map_err(std::io::Error::other)?;
            stream.write_all(&[&length.to_be_bytes(), reply.as_slice()].concat()).await?;
        }
    }
}
