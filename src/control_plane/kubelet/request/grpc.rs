use std::net::{IpAddr, SocketAddr};

use bytes::{BufMut, Bytes, BytesMut};
use http::Request;
use http_body_util::{BodyExt, Full, Limited};
use hyper_util::rt::{TokioExecutor, TokioIo};
use tokio::net::TcpStream;

const ANSWER: usize = 64 << 10;
/// `HealthCheckResponse.ServingStatus.SERVING`.
const SERVING: u8 = 1;

/// Asks the service `grpc.health.v1.Health` of a pod, by the gRPC Health Checking Protocol.
pub(super) async fn check(address: IpAddr, port: u16, service: &str) -> Result<(), String> {
    let failed = |error: &dyn std::fmt::Display| format!("error: health rpc failed: {error}");
    let address = SocketAddr::new(address, port);
    let stream = TcpStream::connect(address).await.map_err(|error| failed(&error))?;
    let (mut sender, connection) =
        hyper::client::conn::http2::handshake(TokioExecutor::new(), TokioIo::new(stream))
            .await
            .map_err(|error| failed(&error))?;
    let connection = tokio::spawn(connection);
    let request = Request::post(format!("http://{address}/grpc.health.v1.Health/Check"))
        .header("content-type", "application/grpc")
        .header("te", "trailers")
        .header("user-agent", "kube-probe/1.35")
        .body(Full::new(question(service)))
        .map_err(|error| failed(&error))?;
    let answer = async {
        let answer = sender.send_request(request).await.map_err(|error| failed(&error))?;
        let early = status(answer.headers());
        let body = Limited::new(answer.into_body(), ANSWER).collect().await;
        let body = body.map_err(|error| failed(&error))?;
        let status = early.or_else(|| status(body.trailers()?)).unwrap_or_default();
        Ok::<_, String>((status, body.to_bytes()))
    };
    let answer = answer.await;
    connection.abort();
    let (status, body) = answer?;
    match (status.as_str(), is_serving(&body)) {
        ("0", true) => Ok(()),
        ("0", false) => Err("service unhealthy (responded with \"NOT_SERVING\")".to_owned()),
        (code, _) => Err(failed(&format!("code = {code}"))),
    }
}

fn status(headers: &http::HeaderMap) -> Option<String> {
    Some(headers.get("grpc-status")?.to_str().ok()?.to_owned())
}

/// A `HealthCheckRequest` in a gRPC frame: its one field is the service.
fn question(service: &str) -> Bytes {
    let mut message = BytesMut::new();
    if !service.is_empty() {
        message.put_u8(0x0a);
        let mut length = service.len();
        while length >= 0x80 {
            message.put_u8(u8::try_from(length & 0x7f).unwrap_or_default() | 0x80);
            length >>= 7;
        }
        message.put_u8(u8::try_from(length).unwrap_or_default());
        message.put_slice(service.as_bytes());
    }
    let mut frame = BytesMut::new();
    frame.put_u8(0);
    frame.put_u32(u32::try_from(message.len()).unwrap_or_default());
    frame.extend_from_slice(&message);
    frame.freeze()
}

/// Whether a gRPC frame holds a `HealthCheckResponse` that says so.
fn is_serving(frame: &[u8]) -> bool {
    frame.get(5..) == Some(&[0x08, SERVING])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_messages_are_those_of_the_protocol() {
        assert_eq!(&question("")[..], [0, 0, 0, 0, 0]);
        assert_eq!(&question("db")[..], [0, 0, 0, 0, 4, 0x0a, 2, b'd', b'b']);
        let long = question(&"x".repeat(200));
        assert_eq!(&long[..8], [0, 0, 0, 0, 203, 0x0a, 0xc8, 0x01]);
        assert!(is_serving(&[0, 0, 0, 0, 2, 8, 1]));
        assert!(!is_serving(&[0, 0, 0, 0, 2, 8, 2]));
        assert!(!is_serving(&[]));
    }
}
