//! Questions that others answer.

use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use hickory_proto::op::{Message, Query, ResponseCode};
use hickory_proto::rr::{Name, RecordType};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpStream, UdpSocket};
use tokio::sync::Semaphore;

use super::reply::Transport;

/// How long one upstream may take before the next is asked.
const PATIENCE: Duration = Duration::from_secs(2);
/// How often the list of upstreams is gone through.
const ROUNDS: usize = 2;
/// Questions under way; what comes on top fails at once.
const MOST: usize = 1000;
/// The port of DNS.
const PORT: u16 = 53;

/// Asks the resolvers of the machine.
pub(in super::super) struct Forwarder {
    upstreams: Vec<SocketAddr>,
    under_way: Semaphore,
    /// A name that nobody else asks for: when it comes back to us, an upstream asks us.
    probe: String,
    loops: AtomicBool,
}

/// The resolvers that a `resolv.conf` names, without ourselves.
pub(in super::super) fn upstreams(resolv_conf: &str, ourselves: IpAddr) -> Vec<SocketAddr> {
    let servers = resolv_conf.lines().filter_map(|line| {
        let mut words = line.split_whitespace();
        (words.next() == Some("nameserver")).then(|| words.next()?.parse().ok()).flatten()
    });
    let others = servers.filter(|server: &IpAddr| *server != ourselves);
    others.map(|server| SocketAddr::new(server, PORT)).collect()
}

impl Forwarder {
    /// A forwarder to these resolvers.
    pub(in super::super) fn new(upstreams: Vec<SocketAddr>) -> Self {
        Self {
            upstreams,
            under_way: Semaphore::new(MOST),
            probe: format!("{}.loop.longshore.invalid.", uuid::Uuid::new_v4().simple()),
            loops: AtomicBool::new(false),
        }
    }

    /// Asks for a name that must not come back.
    pub(in super::super) async fn look_for_loops(&self) {
        let mut probe = Message::query();
        if let Ok(name) = Name::from_ascii(&self.probe) {
            probe.add_query(Query::query(name, RecordType::TXT));
            self.ask(&probe, Transport::Udp).await;
        }
    }

    /// Hears every question; the probe among them is the end of forwarding.
    pub(super) fn notice(&self, query: &Message) {
        let is_probe = |query: &Query| query.name.to_ascii().eq_ignore_ascii_case(&self.probe);
        if query.queries.iter().any(is_probe) && !self.loops.swap(true, Ordering::Relaxed) {
            tracing::error!(upstreams = ?self.upstreams, "the resolvers ask the cluster's DNS: no name from outside resolves");
        }
    }

    /// The reply of the first upstream that has one.
    pub(super) async fn ask(&self, query: &Message, transport: Transport) -> Option<Message> {
        let _under_way = self.under_way.try_acquire().ok()?;
        let mut failed = None;
        for upstream in self.upstreams.iter().cycle().take(self.upstreams.len() * ROUNDS) {
            if self.loops.load(Ordering::Relaxed) {
                return None;
            }
            match tokio::time::timeout(PATIENCE, ask_one(*upstream, query, transport)).await {
                Ok(Ok(reply)) if is_failure(&reply) => failed = Some(reply),
                Ok(Ok(reply)) => return Some(reply),
                Ok(Err(error)) => tracing::debug!(%upstream, %error, "a resolver failed"),
                Err(_) => tracing::debug!(%upstream, "a resolver did not answer"),
            }
        }
        failed
    }
}

fn is_failure(reply: &Message) -> bool {
    matches!(reply.metadata.response_code, ResponseCode::ServFail | ResponseCode::Refused)
}

/// Asks one resolver, with an id of our own: the client's would be guessed.
async fn ask_one(
    upstream: SocketAddr,
    query: &Message,
    transport: Transport,
) -> std::io::Result<Message> {
    let mut asked = query.clone();
    asked.metadata.id = Message::query().metadata.id;
    let bytes = asked.to_vec().map_err(std::io::Error::other)?;
    let mut reply = match transport {
        Transport::Udp => by_udp(upstream, &bytes, &asked).await?,
        Transport::Tcp => by_tcp(upstream, &bytes, &asked).await?,
    };
    reply.metadata.id = query.metadata.id;
    Ok(reply)
}

async fn by_udp(upstream: SocketAddr, bytes: &[u8], asked: &Message) -> std::io::Result<Message> {
    let any: IpAddr = match upstream {
        SocketAddr::V4(_) => Ipv4Addr::UNSPECIFIED.into(),
        SocketAddr::V6(_) => std::net::Ipv6Addr::UNSPECIFIED.into(),
    };
    let socket = UdpSocket::bind((any, 0)).await?;
    socket.connect(upstream).await?;
    socket.send(bytes).await?;
    let mut buffer = vec![0; usize::from(u16::MAX)];
    loop {
        let length = socket.recv(&mut buffer).await?;
        // What is no reply to this question is somebody else's, or forged.
        if let Ok(reply) = Message::from_vec(buffer.get(..length).unwrap_or_default())
            && replies_to(&reply, asked)
        {
            return Ok(reply);
        }
    }
}

async fn by_tcp(upstream: SocketAddr, bytes: &[u8], asked: &Message) -> std::io::Result<Message> {
    let mut stream = TcpStream::connect(upstream).await?;
    let length = u16::try_from(bytes.len()).map_err(std::io::Error::other)?;
    stream.write_all(&[&length.to_be_bytes(), bytes].concat()).await?;
    let mut buffer = vec![0; usize::from(stream.read_u16().await?)];
    stream.read_exact(&mut buffer).await?;
    let reply = Message::from_vec(&buffer).map_err(std::io::Error::other)?;
    if replies_to(&reply, asked) {
        return Ok(reply);
    }
    Err(std::io::Error::other("the reply is to another question"))
}

fn replies_to(reply: &Message, asked: &Message) -> bool {
    reply.metadata.id == asked.metadata.id
        && reply.metadata.message_type == hickory_proto::op::MessageType::Response
        && reply.queries == asked.queries
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn upstreams_are_others() {
        let text = "# made by docker\nsearch example.org\nnameserver 10.88.128.10\n\
                    nameserver 127.0.0.11\nnameserver  2001:db8::1\nnameserver nonsense\noptions ndots:0\n";
        let found = upstreams(text, "10.88.128.10".parse().unwrap());
        let found: Vec<String> = found.iter().map(ToString::to_string).collect();
        assert_eq!(found, ["127.0.0.11:53", "[2001:db8::1]:53"]);
    }
}
