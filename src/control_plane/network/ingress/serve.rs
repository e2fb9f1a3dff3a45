use std::convert::Infallible;
use std::sync::Arc;
use std::time::Duration;

use http::Request;
use hyper::body::Incoming;
use hyper::service::service_fn;
use hyper_util::rt::{TokioExecutor, TokioIo, TokioTimer};
use hyper_util::server::conn::auto;
use rustls::ServerConfig;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::{TcpListener, TcpStream};
use tokio_rustls::TlsAcceptor;

use super::Front;
use super::certificates::Resolver;
use super::forward::{self, Arrival, failure, forward};

/// A client that does not finish its handshake in this time is dropped.
const HANDSHAKE: Duration = Duration::from_secs(10);

type Error = Box<dyn std::error::Error + Send + Sync>;

/// How clients speak.
#[derive(Debug, Clone)]
pub(super) enum Scheme {
    Http,
    Https(Arc<Resolver>),
}

/// Serves until it is dropped.
pub(super) async fn serve(listener: TcpListener, scheme: Scheme, front: Arc<Front>) {
    let acceptor = match scheme {
        Scheme::Http => None,
        Scheme::Https(resolver) => match acceptor(resolver) {
            Ok(acceptor) => Some(acceptor),
            Err(error) => {
                tracing::error!(%error, "Ingresses cannot be served by HTTPS");
                return;
            }
        },
    };
    loop {
        match listener.accept().await {
            Ok((stream, _)) => {
                let (acceptor, front) = (acceptor.clone(), Arc::clone(&front));
                tokio::spawn(async move {
                    if let Err(error) = connected(stream, acceptor, front).await {
                        tracing::debug!(%error, "a connection ended");
                    }
                });
            }
            Err(error) => {
                tracing::warn!(%error, "a connection was not accepted");
                tokio::time::sleep(Duration::from_millis(10)).await;
            }
        }
    }
}

fn acceptor(resolver: Arc<Resolver>) -> Result<TlsAcceptor, rustls::Error> {
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let mut config = ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()?
        .with_no_client_auth()
        .with_cert_resolver(resolver);
    config.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
    Ok(TlsAcceptor::from(Arc::new(config)))
}

async fn connected(
    stream: TcpStream,
    acceptor: Option<TlsAcceptor>,
    front: Arc<Front>,
) -> Result<(), Error> {
    stream.set_nodelay(true)?;
    let (client, at) = (stream.peer_addr()?, stream.local_addr()?);
    match acceptor {
        None => converse(stream, Arrival { client, at, scheme: "http" }, front).await,
        Some(acceptor) => {
            let stream = tokio::time::timeout(HANDSHAKE, acceptor.accept(stream)).await??;
            converse(stream, Arrival { client, at, scheme: "https" }, front).await
        }
    }
}

async fn converse(
    stream: impl AsyncRead + AsyncWrite + Unpin + Send + 'static,
    arrival: Arrival,
    front: Arc<Front>,
) -> Result<(), Error> {
    let service = service_fn(move |request: Request<Incoming>| {
        let front = Arc::clone(&front);
        async move {
            let host = forward::host(&request);
            let response = match front.balancer(&host, request.uri().path()) {
                Ok(balancer) => forward(request, arrival, &balancer).await,
                Err((status, reason)) => failure(status, &reason),
            };
            Ok::<_, Infallible>(response)
        }
    });
    let mut builder = auto::Builder::new(TokioExecutor::new());
    builder.http1().timer(TokioTimer::new());
    builder.http2().timer(TokioTimer::new());
    builder.serve_connection_with_upgrades(TokioIo::new(stream), service).await
}
