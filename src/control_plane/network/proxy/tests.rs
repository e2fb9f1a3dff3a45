use std::net::Ipv4Addr;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use super::*;

const ANY: SocketAddrV4 = SocketAddrV4::new(Ipv4Addr::LOCALHOST, 0);

/// A port of this machine that nobody listens on.
async fn free(protocol: Protocol) -> SocketAddrV4 {
    let address = match protocol {
        Protocol::Udp => UdpSocket::bind(ANY).await.unwrap().local_addr().unwrap(),
        _ => TcpListener::bind(ANY).await.unwrap().local_addr().unwrap(),
    };
    v4(address)
}

fn v4(address: SocketAddr) -> SocketAddrV4 {
    match address {
        SocketAddr::V4(address) => address,
        SocketAddr::V6(_) => unreachable!(),
    }
}

fn to(endpoints: &[SocketAddrV4]) -> Backends {
    Backends { endpoints: endpoints.to_vec(), affinity: None }
}

/// A server that answers each connection with its name, once the client has said all.
async fn named(name: &'static str) -> SocketAddrV4 {
    let listener = TcpListener::bind(ANY).await.unwrap();
    let address = v4(listener.local_addr().unwrap());
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            tokio::spawn(async move {
                let mut said = String::new();
                if stream.read_to_string(&mut said).await.is_ok() {
                    let _ = stream.write_all(format!("{name}: {said}").as_bytes()).await;
                }
            });
        }
    });
    address
}

async fn ask(address: SocketAddrV4, text: &str) -> std::io::Result<String> {
    let stream = TcpStream::connect(address).await?;
    finish(stream, text).await
}

async fn finish(mut stream: TcpStream, text: &str) -> std::io::Result<String> {
    stream.write_all(text.as_bytes()).await?;
    stream.shutdown().await?;
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await?;
    Ok(answer)
}

async fn proxy_to(endpoints: &[SocketAddrV4]) -> (Proxy, Listen, SocketAddrV4) {
    let at = free(Protocol::Tcp).await;
    let listen = Listen::new(Protocol::Tcp, at);
    let mut proxy = Proxy::default();
    let failures = proxy.apply(&Routes::from([(listen, to(endpoints))])).await;
    assert!(failures.is_empty(), "{failures:?}");
    (proxy, listen, at)
}

#[tokio::test]
async fn a_half_that_is_closed_still_gets_its_answer() {
    let (_proxy, _, at) = proxy_to(&[named("a").await, named("b").await]).await;
    let answers = [ask(at, "1").await.unwrap(), ask(at, "2").await.unwrap()];
    assert_eq!(answers, ["a: 1", "b: 2"]);
}

#[tokio::test]
async fn an_endpoint_that_takes_no_connection_is_passed_over() {
    let dead = free(Protocol::Tcp).await;
    let (_proxy, _, at) = proxy_to(&[dead, named("a").await]).await;
    for _ in 0..4 {
        assert_eq!(ask(at, "x").await.unwrap(), "a: x");
    }
}

#[tokio::test]
async fn without_endpoints_a_connection_is_reset() {
    let (_proxy, _, at) = proxy_to(&[]).await;
    assert!(ask(at, "x").await.is_err());
}

#[tokio::test]
async fn a_connection_outlives_its_endpoint_and_its_listener() {
    let (mut proxy, listen, at) = proxy_to(&[named("old").await]).await;
    // It is accepted and connected once its first byte has come through.
    let (left, kept) = connected(at).await;
    proxy.apply(&Routes::from([(listen, to(&[named("new").await]))])).await;
    assert_eq!(ask(at, "x").await.unwrap(), "new: x");
    proxy.apply(&Routes::new()).await;
    assert_eq!(finish(left, "").await.unwrap(), format!("old: {kept}"));
    assert!(TcpStream::connect(at).await.is_err());
}

/// A connection that carries something already.
async fn connected(at: SocketAddrV4) -> (TcpStream, &'static str) {
    let mut stream = TcpStream::connect(at).await.unwrap();
    stream.write_all(b"hello").await.unwrap();
    // The proxy takes connections in their order: a later one that is through says that this one is.
    ask(at, "").await.unwrap();
    (stream, "hello")
}

#[tokio::test]
async fn a_taken_port_is_said_and_tried_again() {
    let holder = TcpListener::bind(ANY).await.unwrap();
    let listen = Listen::new(Protocol::Tcp, v4(holder.local_addr().unwrap()));
    let routes = Routes::from([(listen, to(&[]))]);
    let mut proxy = Proxy::default();
    let failures = proxy.apply(&routes).await;
    assert_eq!(failures[0].1.kind(), std::io::ErrorKind::AddrInUse);
    assert_eq!(proxy.len(), 0);
    drop(holder);
    assert!(proxy.apply(&routes).await.is_empty());
    assert_eq!(proxy.len(), 1);
}

/// A server that answers datagrams with its name.
async fn named_udp(name: &'static str) -> SocketAddrV4 {
    let socket = UdpSocket::bind(ANY).await.unwrap();
    let address = v4(socket.local_addr().unwrap());
    tokio::spawn(async move {
        let mut buffer = [0; 64];
        while let Ok((length, from)) = socket.recv_from(&mut buffer).await {
            let said = String::from_utf8_lossy(&buffer[..length]);
            let _ = socket.send_to(format!("{name}: {said}").as_bytes(), from).await;
        }
    });
    address
}

#[tokio::test]
async fn datagrams_find_their_way_back() {
    let listen = Listen::new(Protocol::Udp, free(Protocol::Udp).await);
    let endpoints = [named_udp("a").await, named_udp("b").await];
    let mut proxy = Proxy::default();
    proxy.apply(&Routes::from([(listen, to(&endpoints))])).await;
    let clients = [UdpSocket::bind(ANY).await.unwrap(), UdpSocket::bind(ANY).await.unwrap()];
    let ask = async |client: &UdpSocket, text: &str| {
        client.connect(listen.address).await.unwrap();
        client.send(text.as_bytes()).await.unwrap();
        let mut buffer = [0; 64];
        let length = client.recv(&mut buffer).await.unwrap();
        String::from_utf8_lossy(&buffer[..length]).into_owned()
    };
    for _ in 0..2 {
        assert_eq!(ask(&clients[0], "1").await, "a: 1");
        assert_eq!(ask(&clients[1], "2").await, "b: 2");
    }
    // The endpoint of a flow left: the flow goes on with another one.
    proxy.apply(&Routes::from([(listen, to(&endpoints[1..]))])).await;
    assert_eq!(ask(&clients[0], "3").await, "b: 3");
}
