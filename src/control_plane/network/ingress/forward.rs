//! A request on its way to a backend, and the answer back.

use std::net::SocketAddr;

use bytes::Bytes;
use http::header::{self, HeaderMap, HeaderName, HeaderValue};
use http::uri::PathAndQuery;
use http::{Request, Response, StatusCode, Uri, Version};
use http_body_util::combinators::BoxBody;
use http_body_util::{BodyExt, Full};
use hyper::body::Incoming;
use hyper_util::rt::TokioIo;
use tokio::io::copy_bidirectional;

use super::super::proxy::{Balancer, connect};

/// The body of an answer.
pub(super) type Body = BoxBody<Bytes, hyper::Error>;

/// Headers that are about one connection, and not passed on.
const HOP_BY_HOP: &[HeaderName] = &[
    header::CONNECTION,
    header::PROXY_AUTHENTICATE,
    header::PROXY_AUTHORIZATION,
    header::TE,
    header::TRAILER,
    header::TRANSFER_ENCODING,
    header::UPGRADE,
];

/// How a request came in.
#[derive(Debug, Clone, Copy)]
pub(super) struct Arrival {
    pub(super) client: SocketAddr,
    pub(super) at: SocketAddr,
    pub(super) scheme: &'static str,
}

/// The host that a request is for, without its port.
pub(super) fn host(request: &Request<Incoming>) -> String {
    let authority = authority(request);
    let is_port = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    match authority.rsplit_once(':') {
        Some((host, port)) if is_port(port) => host.to_owned(),
        _ => authority,
    }
}

fn authority(request: &Request<Incoming>) -> String {
    let of_header = || request.headers().get(header::HOST)?.to_str().ok().map(str::to_owned);
    // HTTP/2 has it in the address.
    let of_uri = request.uri().authority().map(ToString::to_string);
    of_uri.or_else(of_header).unwrap_or_default()
}

/// Sends a request to a backend; an upgrade connects both ends for good.
pub(super) async fn forward(
    mut request: Request<Incoming>,
    arrival: Arrival,
    balancer: &Balancer,
) -> Response<Body> {
    let stream = match connect(balancer, arrival.client.ip()).await {
        Ok(stream) => stream,
        Err(error) => return failure(StatusCode::BAD_GATEWAY, &format!("no endpoint: {error}")),
    };
    let handshake = hyper::client::conn::http1::handshake(TokioIo::new(stream)).await;
    let (mut sender, connection) = match handshake {
        Ok(connected) => connected,
        Err(error) => return failure(StatusCode::BAD_GATEWAY, &error.to_string()),
    };
    tokio::spawn(connection.with_upgrades());
    let upgrade = upgrade_of(request.headers());
    let client = upgrade.is_some().then(|| hyper::upgrade::on(&mut request));
    let answer = sender.send_request(outgoing(request, arrival, upgrade.as_ref())).await;
    let mut answer = match answer {
        Ok(answer) => answer,
        Err(error) => return failure(StatusCode::BAD_GATEWAY, &error.to_string()),
    };
    if answer.status() != StatusCode::SWITCHING_PROTOCOLS {
        drop_hop_by_hop(answer.headers_mut(), None);
        return answer.map(BodyExt::boxed);
    }
    let backend = hyper::upgrade::on(&mut answer);
    if let Some(client) = client {
        tokio::spawn(async move {
            if let (Ok(client), Ok(backend)) = tokio::join!(client, backend) {
                let (mut client, mut backend) = (TokioIo::new(client), TokioIo::new(backend));
                // Either end may break off; both are closed then.
                let _ = copy_bidirectional(&mut client, &mut backend).await;
            }
        });
    }
    answer.map(BodyExt::boxed)
}

/// An answer of our own.
pub(super) fn failure(status: StatusCode, reason: &str) -> Response<Body> {
    let text = format!("{status}: {reason}\n");
    let body = Full::new(Bytes::from(text)).map_err(|never| match never {}).boxed();
    let mut response = Response::new(body);
    *response.status_mut() = status;
    let plain = HeaderValue::from_static("text/plain; charset=utf-8");
    response.headers_mut().insert(header::CONTENT_TYPE, plain);
    response
}

/// The protocol that a client wants to change to.
fn upgrade_of(headers: &HeaderMap) -> Option<HeaderValue> {
    let connection = headers.get_all(header::CONNECTION).iter();
    let mut tokens =
        connection.filter_map(|value| value.to_str().ok()).flat_map(|text| text.split(','));
    let wants = tokens.any(|token| token.trim().eq_ignore_ascii_case("upgrade"));
    headers.get(header::UPGRADE).filter(|_| wants).cloned()
}

/// The request as the backend sees it.
fn outgoing(
    mut request: Request<Incoming>,
    arrival: Arrival,
    upgrade: Option<&HeaderValue>,
) -> Request<Incoming> {
    let authority = authority(&request);
    let target = request.uri().path_and_query().cloned();
    *request.uri_mut() = Uri::from(target.unwrap_or_else(|| PathAndQuery::from_static("/")));
    *request.version_mut() = Version::HTTP_11;
    let headers = request.headers_mut();
    drop_hop_by_hop(headers, upgrade);
    let text = |text: &str| HeaderValue::from_str(text).ok();
    let Arrival { client, at, scheme } = arrival;
    let client = client.ip().to_string();
    let through = headers.get("x-forwarded-for").and_then(|value| value.to_str().ok());
    let through = through.map_or(client.clone(), |before| format!("{before}, {client}"));
    let said = [
        (HeaderName::from_static("x-forwarded-for"), text(&through)),
        (HeaderName::from_static("x-forwarded-proto"), text(scheme)),
        (HeaderName::from_static("x-forwarded-host"), text(&authority)),
        (HeaderName::from_static("x-forwarded-port"), text(&at.port().to_string())),
        (HeaderName::from_static("x-real-ip"), text(&client)),
        (header::HOST, text(&authority)),
    ];
    for (name, value) in said {
        if let Some(value) = value {
            headers.insert(name, value);
        }
    }
    request
}

fn drop_hop_by_hop(headers: &mut HeaderMap, upgrade: Option<&HeaderValue>) {
    let connection = headers.get_all(header::CONNECTION).iter();
    let named: Vec<HeaderName> = connection
        .filter_map(|value| value.to_str().ok())
        .flat_map(|text| text.split(','))
        .filter_map(|name| name.trim().parse().ok())
        .collect();
    for name in HOP_BY_HOP.iter().chain(&named) {
        headers.remove(name);
    }
    if let Some(protocol) = upgrade {
        headers.insert(header::CONNECTION, HeaderValue::from_static("upgrade"));
        headers.insert(header::UPGRADE, protocol.clone());
    }
}
