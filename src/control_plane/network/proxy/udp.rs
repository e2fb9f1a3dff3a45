use std::collections::HashMap;
use std::net::{Ipv4Addr, SocketAddr, SocketAddrV4};
use std::sync::Arc;
use std::time::Duration;

use tokio::net::UdpSocket;
use tokio::sync::watch;
use tokio::task::JoinSet;
use tokio::time::Instant;

use super::Balancer;

/// A flow without a reply is forgotten after this long, as the kernel's connection tracking does it…
const UNREPLIED: Duration = Duration::from_secs(30);
/// …and one with replies after this.
const REPLIED: Duration = Duration::from_mins(2);
/// Flows of one listener at a time.
const FLOWS: usize = 16_384;
/// The longest datagram.
const LONGEST: usize = 65_535;

/// The datagrams between one client and its endpoint.
struct Flow {
    endpoint: SocketAddrV4,
    socket: Arc<UdpSocket>,
    /// When the client sent last.
    heard: watch::Sender<Instant>,
}

/// Serves until it is dropped.
pub(super) async fn serve(socket: Arc<UdpSocket>, balancer: Arc<Balancer>) {
    let mut flows: HashMap<SocketAddr, Flow> = HashMap::new();
    let mut replies = JoinSet::new();
    let mut buffer = vec![0; LONGEST];
    loop {
        tokio::select! {
            received = socket.recv_from(&mut buffer) => {
                // An error is about an earlier reply that did not reach its client.
                let Ok((length, client)) = received else { continue };
                let datagram = buffer.get(..length).unwrap_or_default();
                if flows.get(&client).is_none_or(|flow| !balancer.has(flow.endpoint)) {
                    flows.remove(&client);
                    if flows.len() >= FLOWS {
                        tracing::debug!(%client, "too many flows: a datagram was dropped");
                        continue;
                    }
                    let Ok(flow) = Flow::open(client, &balancer).await else { continue };
                    let (from, heard) = (Arc::clone(&flow.socket), flow.heard.subscribe());
                    replies.spawn(reply(from, heard, Arc::clone(&socket), client));
                    flows.insert(client, flow);
                }
                if let Some(flow) = flows.get(&client) {
                    flow.heard.send_replace(Instant::now());
                    if flow.socket.send(datagram).await.is_err() {
                        // Refused: the next datagram may find another endpoint.
                        flows.remove(&client);
                    }
                }
            }
            Some(ended) = replies.join_next() => {
                // Another flow of this client may have taken the place of the one that ended.
                if let Ok((client, ended)) = ended
                    && flows.get(&client).is_some_and(|flow| Arc::ptr_eq(&flow.socket, &ended))
                {
                    flows.remove(&client);
                }
            }
        }
    }
}

impl Flow {
    async fn open(client: SocketAddr, balancer: &Balancer) -> std::io::Result<Self> {
        let candidates = balancer.candidates(client.ip());
        let endpoint = *candidates.first().ok_or(std::io::ErrorKind::ConnectionRefused)?;
        let socket = UdpSocket::bind((Ipv4Addr::UNSPECIFIED, 0)).await?;
        socket.connect(endpoint).await?;
        balancer.keep(client.ip(), endpoint);
        let heard = watch::Sender::new(Instant::now());
        Ok(Self { endpoint, socket: Arc::new(socket), heard })
    }
}

/// Carries replies back until nothing is heard any more from either side, or the flow is dropped.
async fn reply(
    endpoint: Arc<UdpSocket>,
    mut heard: watch::Receiver<Instant>,
    listener: Arc<UdpSocket>,
    client: SocketAddr,
) -> (SocketAddr, Arc<UdpSocket>) {
    let mut buffer = vec![0; LONGEST];
    let mut last = Instant::now();
    let mut patience = UNREPLIED;
    loop {
        tokio::select! {
            received = endpoint.recv(&mut buffer) => {
                let Ok(length) = received else { break };
                let datagram = buffer.get(..length).unwrap_or_default();
                // A client that is gone sends no more, and that ends the flow.
                let _ = listener.send_to(datagram, client).await;
                (last, patience) = (Instant::now(), REPLIED);
            }
            changed = heard.changed() => {
                if changed.is_err() {
                    break;
                }
                last = *heard.borrow_and_update();
            }
            () = tokio::time::sleep_until(last + patience) => break,
        }
    }
    (client, endpoint)
}
