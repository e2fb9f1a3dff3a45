use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;

use bytes::Bytes;
use http::{Request, StatusCode};
use http_body_util::{BodyExt, Empty, Limited};
use hyper_util::rt::TokioIo;
use k8s_openapi::api::core::v1::HTTPGetAction;
use rustls::pki_types::ServerName;
use tokio::net::TcpStream;

use super::untrusted;
use crate::control_plane::kubelet::runtime::Connection;

/// What is read of an answer: as upstream.
const BODY: usize = 10 << 10;

/// `GET`s a path of a pod. HTTPS is spoken without looking at the certificate, as upstream does.
pub(super) async fn get(action: &HTTPGetAction, address: IpAddr, port: u16) -> Result<(), String> {
    let address = match &action.host {
        Some(host) if !host.is_empty() => tokio::net::lookup_host((host.as_str(), port))
            .await
            .map_err(|error| error.to_string())?
            .next()
            .ok_or_else(|| format!("no such host {host}"))?,
        _ => SocketAddr::new(address, port),
    };
    let path = action.path.as_deref().filter(|path| !path.is_empty()).unwrap_or("/");
    let scheme = action.scheme.as_deref().unwrap_or("HTTP").to_ascii_lowercase();
    let url = format!("{scheme}://{address}{path}");
    let failed = |error: &dyn std::fmt::Display| format!("Get \"{url}\": {error}");
    let stream = TcpStream::connect(address).await.map_err(|error| failed(&error))?;
    let stream: Box<dyn Connection> = if scheme == "https" {
        let connector = tokio_rustls::TlsConnector::from(Arc::new(untrusted::config()));
        let name = ServerName::from(address.ip());
        Box::new(connector.connect(name, stream).await.map_err(|error| failed(&error))?)
    } else {
        Box::new(stream)
    };
    let (mut sender, connection) = hyper::client::conn::http1::handshake(TokioIo::new(stream))
        .await
        .map_err(|error| failed(&error))?;
    let connection = tokio::spawn(connection);
    let answer = sender.send_request(request(action, &address, path)?).await;
    let status = match answer {
        Ok(answer) => {
            let status = answer.status();
            // An answer that is too long is cut: its status is what counts.
            let _ = Limited::new(answer.into_body(), BODY).collect().await;
            Ok(status)
        }
        Err(error) => Err(failed(&error)),
    };
    connection.abort();
    let status = status?;
    if status >= StatusCode::OK && status < StatusCode::BAD_REQUEST {
        return Ok(());
    }
    Err(format!("HTTP probe failed with statuscode: {}", status.as_u16()))
}

fn request(
    action: &HTTPGetAction,
    address: &SocketAddr,
    path: &str,
) -> Result<Request<Empty<Bytes>>, String> {
    let mut request = Request::get(path);
    let given = |name: &str| {
        let headers = action.http_headers.iter().flatten();
        headers.into_iter().any(|header| header.name.eq_ignore_ascii_case(name))
    };
    if !given("host") {
        request = request.header(http::header::HOST, address.to_string());
    }
    if !given("user-agent") {
        request = request.header(http::header::USER_AGENT, "kube-probe/1.35");
    }
    if !given("accept") {
        request = request.header(http::header::ACCEPT, "*/*");
    }
    for header in action.http_headers.iter().flatten() {
        request = request.header(header.name.as_str(), header.value.as_str());
    }
    request.body(Empty::new()).map_err(|error| error.to_string())
}
