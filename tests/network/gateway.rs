use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use hickory_proto::op::{Message, MessageType, OpCode, Query, ResponseCode};
use hickory_proto::rr::rdata::A;
use hickory_proto::rr::{Name, RData, Record, RecordType};
use serde_json::json;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpStream, UdpSocket};

use crate::harness::{Cluster, ask, free_address, key, named, until};

/// What DNS answers, as text.
async fn resolve(cluster: &Cluster, name: &str, asks: RecordType) -> Result<Vec<String>, String> {
    let mut query = Message::query();
    query.metadata.recursion_desired = true;
    query.add_query(Query::query(Name::from_ascii(name).unwrap(), asks));
    let bytes = query.to_vec().unwrap();
    let exchange = async {
        let socket = UdpSocket::bind((Ipv4Addr::LOCALHOST, 0)).await?;
        socket.connect(cluster.gateway.dns).await?;
        socket.send(&bytes).await?;
        let mut buffer = vec![0; 4096];
        let length = socket.recv(&mut buffer).await?;
        std::io::Result::Ok(buffer[..length].to_vec())
    };
    let bytes = exchange.await.map_err(|error| error.to_string())?;
    let reply = Message::from_vec(&bytes).unwrap();
    assert_eq!(reply.metadata.id, query.metadata.id);
    match reply.metadata.response_code {
        ResponseCode::NoError => {
            Ok(reply.answers.iter().map(|record| record.data.to_string()).collect())
        }
        code => Err(code.to_string()),
    }
}

#[tokio::test]
async fn a_service_is_reached_by_its_name_and_address() {
    let cluster = Cluster::start().await;
    cluster.endpoints("web", &[named("one", "127.0.0.1:0").await]).await;
    cluster.service("web", &json!({"clusterIP": "127.88.128.20"})).await;
    let answer = until("an answer", || ask("127.88.128.20:8080")).await;
    assert_eq!(answer, "one: hello");
    let name = "web.default.svc.cluster.local.";
    assert_eq!(resolve(&cluster, name, RecordType::A).await.unwrap(), ["127.88.128.20"]);
    // Another endpoint takes over at once; without any, connections are refused.
    cluster.endpoints("web", &[named("two", "127.0.0.1:0").await]).await;
    until("the other", async || match ask("127.88.128.20:8080").await {
        Ok(answer) if answer == "two: hello" => Ok(()),
        other => Err(other),
    })
    .await;
    cluster.endpoints("web", &[]).await;
    until("a refusal", async || match ask("127.88.128.20:8080").await {
        Err(error) if error.kind() == std::io::ErrorKind::ConnectionRefused => Ok(()),
        other => Err(other),
    })
    .await;
    cluster.delete(&key("v1", "Service", "web")).await;
    until("no name", async || match resolve(&cluster, name, RecordType::A).await {
        Err(code) if code == "Non-Existent Domain" => Ok(()),
        other => Err(other),
    })
    .await;
}

#[tokio::test]
async fn a_gateway_that_was_killed_comes_back_with_all_services() {
    let cluster = Cluster::start().await;
    cluster.endpoints("web", &[named("one", "127.0.0.1:0").await]).await;
    cluster.service("web", &json!({"clusterIP": "127.88.128.21"})).await;
    until("an answer", || ask("127.88.128.21:8080")).await;
    cluster.gateway.kill().await;
    until("an answer again", || ask("127.88.128.21:8080")).await;
}

#[tokio::test]
async fn a_gateway_serves_on_when_the_control_plane_stops() {
    let cluster = Cluster::start().await;
    cluster.endpoints("web", &[named("one", "127.0.0.1:0").await]).await;
    cluster.service("web", &json!({"clusterIP": "127.88.128.22"})).await;
    until("an answer", || ask("127.88.128.22:8080")).await;
    cluster.stop();
    for _ in 0..20 {
        assert_eq!(ask("127.88.128.22:8080").await.unwrap(), "one: hello");
    }
}

/// Requests at a steady rate while pods are replaced one by one: each leaves the slice, and takes no
/// connection any more soon after.
#[tokio::test]
async fn a_rolling_update_loses_no_request() {
    const REQUESTS: usize = 400;
    let cluster = Cluster::start().await;
    let mut endpoints = vec![server().await, server().await, server().await];
    let addresses = |list: &[Server]| list.iter().map(|one| one.address).collect::<Vec<_>>();
    cluster.endpoints("web", &addresses(&endpoints)).await;
    cluster.service("web", &json!({"clusterIP": "127.88.128.23"})).await;
    until("an answer", || ask("127.88.128.23:8080")).await;
    let (answered, failed) = (Arc::new(AtomicUsize::new(0)), Arc::new(AtomicUsize::new(0)));
    let load = async {
        let mut tick = tokio::time::interval(Duration::from_millis(2));
        for _ in 0..REQUESTS {
            tick.tick().await;
            let (answered, failed) = (Arc::clone(&answered), Arc::clone(&failed));
            tokio::spawn(async move {
                let count = if ask("127.88.128.23:8080").await.is_ok() { answered } else { failed };
                count.fetch_add(1, Ordering::Relaxed);
            });
        }
    };
    let update = async {
        for position in 0..endpoints.len() {
            let reached = answered.load(Ordering::Relaxed) + 50;
            let old = std::mem::replace(&mut endpoints[position], server().await);
            cluster.endpoints("web", &addresses(&endpoints)).await;
            until("requests", async || {
                let now = answered.load(Ordering::Relaxed) + failed.load(Ordering::Relaxed);
                if now >= reached { Ok(()) } else { Err(now) }
            })
            .await;
            // What it has accepted it still answers.
            old.listening.abort();
        }
    };
    tokio::join!(load, update);
    until("all answers", async || {
        let all = answered.load(Ordering::Relaxed) + failed.load(Ordering::Relaxed);
        if all == REQUESTS { Ok(()) } else { Err(all) }
    })
    .await;
    assert_eq!(failed.load(Ordering::Relaxed), 0);
}

struct Server {
    address: std::net::SocketAddrV4,
    listening: tokio::task::JoinHandle<()>,
}

/// A server that finishes what it has accepted.
async fn server() -> Server {
    let listener = tokio::net::TcpListener::bind("127.0.0.9:8099").await;
    let listener = match listener {
        Ok(listener) => listener,
        Err(_) => free_at_8099().await,
    };
    let SocketAddr::V4(address) = listener.local_addr().unwrap() else { unreachable!() };
    let listening = tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            tokio::spawn(async move {
                let mut said = String::new();
                let _ = stream.read_to_string(&mut said).await;
                let _ = stream.write_all(b"ok").await;
            });
        }
    });
    Server { address, listening }
}

/// All endpoints of a slice have the same port: they differ by address.
async fn free_at_8099() -> tokio::net::TcpListener {
    for last in 10..=200 {
        if let Ok(listener) =
            tokio::net::TcpListener::bind((Ipv4Addr::new(127, 0, 0, last), 8099)).await
        {
            return listener;
        }
    }
    panic!("no address is free");
}

#[tokio::test]
async fn other_names_are_asked_of_the_resolvers_of_the_machine() {
    let upstream = upstream(|query| {
        let name = query.queries[0].name.clone();
        let known = name.to_ascii() == "example.org.";
        let mut reply = Message::response(query.metadata.id, OpCode::Query);
        reply.add_queries(query.queries.iter().cloned());
        if known {
            reply.add_answer(Record::from_rdata(name, 60, RData::A(A::new(192, 0, 2, 1))));
        } else {
            reply.metadata.response_code = ResponseCode::NXDomain;
        }
        Some(reply)
    })
    .await;
    let cluster = Cluster::with_upstream(upstream).await;
    cluster.service("out", &json!({"type": "ExternalName", "externalName": "example.org"})).await;
    let outside = || resolve(&cluster, "example.org.", RecordType::A);
    assert_eq!(until("an address", outside).await, ["192.0.2.1"]);
    let code = resolve(&cluster, "nowhere.example.", RecordType::A).await.unwrap_err();
    assert_eq!(code, "Non-Existent Domain");
    let alias = || resolve(&cluster, "out.default.svc.cluster.local.", RecordType::A);
    assert_eq!(until("both records", alias).await, ["example.org.", "192.0.2.1"]);
}

#[tokio::test]
async fn a_resolver_that_asks_back_is_not_asked_for_ever() {
    // The resolver forwards everything to the cluster's DNS.
    let dns = Arc::new(tokio::sync::OnceCell::<SocketAddr>::new());
    let known = Arc::clone(&dns);
    let socket = Arc::new(UdpSocket::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap());
    let upstream = socket.local_addr().unwrap();
    let cluster = Cluster::with_upstream(upstream).await;
    dns.set(cluster.gateway.dns.into()).unwrap();
    tokio::spawn(async move {
        let mut buffer = vec![0; 4096];
        while let Ok((length, _)) = socket.recv_from(&mut buffer).await {
            socket.send_to(&buffer[..length], known.get().unwrap()).await.unwrap();
        }
    });
    let outside = async || match resolve(&cluster, "example.org.", RecordType::A).await {
        Err(code) if code == "Server Failure" => Ok(()),
        other => Err(other),
    };
    until("a failure", outside).await;
}

/// A resolver of ours, by UDP and TCP.
async fn upstream(answer: fn(&Message) -> Option<Message>) -> SocketAddr {
    let address = free_address().await;
    let udp = UdpSocket::bind(address).await.unwrap();
    let tcp = tokio::net::TcpListener::bind(address).await.unwrap();
    tokio::spawn(async move {
        let mut buffer = vec![0; 4096];
        while let Ok((length, client)) = udp.recv_from(&mut buffer).await {
            let query = Message::from_vec(&buffer[..length]).unwrap();
            assert_eq!(query.metadata.message_type, MessageType::Query);
            if let Some(reply) = answer(&query) {
                udp.send_to(&reply.to_vec().unwrap(), client).await.unwrap();
            }
        }
    });
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = tcp.accept().await {
            let reply = read_query(&mut stream).await.and_then(|query| answer(&query));
            if let Some(reply) = reply {
                let bytes = reply.to_vec().unwrap();
                let length = u16::try_from(bytes.len()).unwrap().to_be_bytes();
                stream.write_all(&[&length[..], &bytes].concat()).await.unwrap();
            }
        }
    });
    address.into()
}

async fn read_query(stream: &mut TcpStream) -> Option<Message> {
    let length = stream.read_u16().await.ok()?;
    let mut query = vec![0; usize::from(length)];
    stream.read_exact(&mut query).await.ok()?;
    Message::from_vec(&query).ok()
}
