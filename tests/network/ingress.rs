use std::net::{SocketAddr, SocketAddrV4};
use std::sync::Arc;

use rustls::pki_types::{CertificateDer, ServerName};
use rustls::{ClientConfig, RootCertStore};
use serde_json::{Value, json};
use tokio::io::{AsyncBufReadExt, AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt, BufReader};
use tokio::net::{TcpListener, TcpStream};

use crate::harness::{Cluster, key, until};

const HTTP: u16 = 8880;
const HTTPS: u16 = 8843;

fn ingress(spec: &Value) -> Value {
    json!({
        "apiVersion": "networking.k8s.io/v1",
        "kind": "Ingress",
        "metadata": {"name": "shop", "namespace": "default"},
        "spec": spec,
    })
}

fn rule(host: &str, service: &str) -> Value {
    let backend = json!({"service": {"name": service, "port": {"name": "main"}}});
    let path = json!({"path": "/", "pathType": "Prefix", "backend": backend});
    json!({"host": host, "http": {"paths": [path]}})
}

/// A backend that answers with the head of the request, or changes the protocol to an echo.
async fn backend() -> SocketAddrV4 {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let SocketAddr::V4(address) = listener.local_addr().unwrap() else { unreachable!() };
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            tokio::spawn(async move {
                let mut stream = BufReader::new(stream);
                let head = read_head(&mut stream).await.to_lowercase();
                if !head.contains("upgrade: echo") {
                    let answer = format!(
                        "HTTP/1.1 200 OK\r\nContent-Length: {}\r\nConnection: close\r\n\r\n{head}",
                        head.len()
                    );
                    let _ = stream.write_all(answer.as_bytes()).await;
                    return;
                }
                let answer = "HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: echo\r\n\r\n";
                stream.write_all(answer.as_bytes()).await.unwrap();
                let mut line = String::new();
                while stream.read_line(&mut line).await.is_ok_and(|read| read > 0) {
                    stream.write_all(line.as_bytes()).await.unwrap();
                    line.clear();
                }
            });
        }
    });
    address
}

async fn read_head(stream: &mut (impl AsyncBufReadExt + Unpin)) -> String {
    let mut head = String::new();
    while !head.ends_with("\r\n\r\n") && stream.read_line(&mut head).await.is_ok_and(|n| n > 0) {}
    head
}

async fn get(
    mut stream: impl AsyncRead + AsyncWrite + Unpin,
    host: &str,
    path: &str,
) -> std::io::Result<String> {
    let request = format!("GET {path} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n");
    stream.write_all(request.as_bytes()).await?;
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await?;
    Ok(answer)
}

async fn get_from(cluster: &Cluster, port: u16, host: &str, path: &str) -> std::io::Result<String> {
    let stream = TcpStream::connect((cluster.address, port)).await?;
    get(stream, host, path).await
}

/// Waits until a request is answered with a status.
async fn answered(cluster: &Cluster, host: &str, path: &str, status: &str) -> String {
    until(&format!("{status} of {host}"), async || {
        match get_from(cluster, HTTP, host, path).await {
            Ok(answer) if answer.starts_with(&format!("HTTP/1.1 {status}")) => Ok(answer),
            other => Err(other),
        }
    })
    .await
}

#[tokio::test]
async fn a_request_goes_where_the_rules_say() {
    let cluster = Cluster::start().await;
    cluster.endpoints("web", &[backend().await]).await;
    cluster.service("web", &json!({})).await;
    cluster.service("idle", &json!({})).await;
    let rules = [rule("shop.test", "web"), rule("idle.test", "idle"), rule("gone.test", "gone")];
    cluster.create(ingress(&json!({"rules": rules}))).await;
    let answer = answered(&cluster, "shop.test:8880", "/a?b=c", "200").await;
    let client = answer.lines().find(|line| line.starts_with("x-real-ip: ")).unwrap();
    for expected in [
        "get /a?b=c http/1.1",
        "host: shop.test:8880",
        "x-forwarded-host: shop.test:8880",
        "x-forwarded-proto: http",
        "x-forwarded-port: 8880",
        &client.replace("x-real-ip", "x-forwarded-for"),
    ] {
        assert!(answer.lines().any(|line| line == expected), "{expected} in {answer}");
    }
    answered(&cluster, "idle.test", "/", "503").await;
    answered(&cluster, "gone.test", "/", "503").await;
    let unknown = answered(&cluster, "other.test", "/x", "404").await;
    assert!(unknown.ends_with("no Ingress has a rule for `other.test/x`\n"), "{unknown}");
    let status = json!([{
        "ip": cluster.address.to_string(),
        "ports": [{"port": HTTP, "protocol": "TCP"}],
    }]);
    let shop = key("networking.k8s.io/v1", "Ingress", "shop");
    cluster.shows(&shop, "/status/loadBalancer/ingress", &status).await;
}

#[tokio::test]
async fn a_connection_is_upgraded_to_another_protocol() {
    let cluster = Cluster::start().await;
    cluster.endpoints("web", &[backend().await]).await;
    cluster.service("web", &json!({})).await;
    cluster.create(ingress(&json!({"rules": [rule("shop.test", "web")]}))).await;
    answered(&cluster, "shop.test", "/", "200").await;
    let mut stream = BufReader::new(TcpStream::connect((cluster.address, HTTP)).await.unwrap());
    let request =
        "GET / HTTP/1.1\r\nHost: shop.test\r\nConnection: Upgrade\r\nUpgrade: echo\r\n\r\n";
    stream.write_all(request.as_bytes()).await.unwrap();
    let head = read_head(&mut stream).await.to_lowercase();
    assert!(head.starts_with("http/1.1 101 ") && head.contains("upgrade: echo"), "{head}");
    for text in ["one\n", "two\n"] {
        stream.write_all(text.as_bytes()).await.unwrap();
        let mut line = String::new();
        stream.read_line(&mut line).await.unwrap();
        assert_eq!(line, text);
    }
}

#[tokio::test]
async fn a_port_that_is_taken_is_passed_over_and_told() {
    let cluster = Cluster::start().await;
    let at = SocketAddrV4::new(cluster.address, HTTP);
    let _holder = TcpListener::bind(at).await.unwrap();
    cluster.create(ingress(&json!({"rules": [rule("shop.test", "web")]}))).await;
    cluster.eventually("an event", |_| !cluster.messages("Listening").is_empty()).await;
    let message = cluster.messages("Listening").remove(0);
    let expected =
        format!("listening on http://{}:8881, for {at} (TCP) is in use by ", cluster.address);
    assert!(message.starts_with(&expected), "{message}");
}

#[tokio::test]
async fn a_certificate_is_shown_by_name() {
    let cluster = Cluster::start().await;
    cluster.endpoints("web", &[backend().await]).await;
    cluster.service("web", &json!({})).await;
    let tls = json!([{"hosts": ["shop.test"], "secretName": "shop"}]);
    cluster.create(ingress(&json!({"rules": [rule("shop.test", "web")], "tls": tls}))).await;
    cluster
        .eventually("what is missing", |_| !cluster.messages("CertificateMissing").is_empty())
        .await;
    assert_eq!(cluster.messages("CertificateMissing"), ["Secret `shop`: there is no such Secret"]);
    let made = rcgen::generate_simple_self_signed(vec!["shop.test".to_owned()]).unwrap();
    cluster
        .create(json!({
            "apiVersion": "v1",
            "kind": "Secret",
            "metadata": {"name": "shop", "namespace": "default"},
            "type": "kubernetes.io/tls",
            "stringData": {
                "tls.crt": made.cert.pem(),
                "tls.key": made.signing_key.serialize_pem(),
            },
        }))
        .await;
    let answer = until("an answer by HTTPS", async || {
        let stream = TcpStream::connect((cluster.address, HTTPS)).await?;
        let connector = trusting(made.cert.der());
        let name = ServerName::try_from("shop.test").unwrap();
        get(connector.connect(name, stream).await?, "shop.test", "/").await
    })
    .await;
    assert!(answer.contains("x-forwarded-proto: https"), "{answer}");
}

fn trusting(certificate: &CertificateDer<'static>) -> tokio_rustls::TlsConnector {
    let mut roots = RootCertStore::empty();
    roots.add(certificate.clone()).unwrap();
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let config = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_root_certificates(roots)
        .with_no_client_auth();
    tokio_rustls::TlsConnector::from(Arc::new(config))
}
