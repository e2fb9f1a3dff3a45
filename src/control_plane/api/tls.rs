use std::sync::Arc;
use std::time::Duration;

use hyper::service::service_fn;
use hyper_util::rt::{TokioExecutor, TokioIo, TokioTimer};
use hyper_util::server::conn::auto;
use hyper_util::server::graceful::GracefulShutdown;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::server::WebPkiClientVerifier;
use rustls::{RootCertStore, ServerConfig};
use tokio::net::{TcpListener, TcpStream};
use tokio_rustls::TlsAcceptor;

use super::{Api, Identity};

/// A client that does not finish its handshake in this time is dropped.
const HANDSHAKE: Duration = Duration::from_secs(10);
/// Connections that are still busy this long after the closing are cut.
const DRAIN: Duration = Duration::from_secs(3);

/// The certificates cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum TlsError {
    /// The server's certificate and key, or the CA.
    #[error("the server certificate cannot be used: {0}")]
    Certificate(#[from] rustls::Error),
    /// The verifier of client certificates.
    #[error("the certificate authority cannot be used: {0}")]
    Verifier(#[from] rustls::server::VerifierBuilderError),
}

/// What the server shows its clients, and whom it believes.
#[derive(Clone)]
pub struct TlsConfig(Arc<ServerConfig>);

impl TlsConfig {
    /// TLS with a certificate chain and key; clients may show a certificate of the same CA.
    pub fn new(
        ca: CertificateDer<'static>,
        certificate: CertificateDer<'static>,
        key: PrivateKeyDer<'static>,
    ) -> Result<Self, TlsError> {
        // Named, so that another crate's choice of provider does not matter.
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let mut roots = RootCertStore::empty();
        roots.add(ca)?;
        let clients =
            WebPkiClientVerifier::builder_with_provider(Arc::new(roots), Arc::clone(&provider))
                .allow_unauthenticated()
                .build()?;
        let mut config = ServerConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()?
            .with_client_cert_verifier(clients)
            .with_single_cert(vec![certificate], key)?;
        config.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
        Ok(Self(Arc::new(config)))
    }
}

/// Serves the API until `closing` returns, then lets requests under way finish.
pub async fn serve(
    listener: TcpListener,
    tls: TlsConfig,
    api: Api,
    closing: impl Future<Output = ()>,
) {
    let acceptor = TlsAcceptor::from(tls.0);
    let graceful = GracefulShutdown::new();
    let mut closing = std::pin::pin!(closing);
    loop {
        let connection = tokio::select! {
            connection = listener.accept() => connection,
            () = &mut closing => break,
        };
        match connection {
            Ok((stream, _)) => {
                let (acceptor, api, watcher) = (acceptor.clone(), api.clone(), graceful.watcher());
                tokio::spawn(async move {
                    if let Err(error) = connected(stream, &acceptor, api, watcher).await {
                        tracing::debug!(%error, "a connection ended");
                    }
                });
            }
            // Out of file descriptors, or the client is gone already: others may still come.
            Err(error) => {
                tracing::warn!(%error, "a connection was not accepted");
                tokio::time::sleep(Duration::from_millis(10)).await;
            }
        }
    }
    drop(listener);
    if tokio::time::timeout(DRAIN, graceful.shutdown()).await.is_err() {
        tracing::warn!("connections were cut that did not end");
    }
}

async fn connected(
    stream: TcpStream,
    acceptor: &TlsAcceptor,
    api: Api,
    watcher: hyper_util::server::graceful::Watcher,
) -> Result<(), Box<dyn std::error::Error + Send + Sync>> {
    stream.set_nodelay(true)?;
    let stream = tokio::time::timeout(HANDSHAKE, acceptor.accept(stream)).await??;
    let certificates = stream.get_ref().1.peer_certificates();
    let user = certificates.and_then(|chain| Identity::of_certificate(chain.first()?));
    let user = Arc::new(user);
    let service = service_fn(move |request| {
        let (api, user) = (api.clone(), Arc::clone(&user));
        async move {
            let response = api.answer(request, user.as_ref().as_ref()).await;
            Ok::<_, std::convert::Infallible>(response)
        }
    });
    let mut builder = auto::Builder::new(TokioExecutor::new());
    builder.http1().timer(TokioTimer::new());
    builder.http2().timer(TokioTimer::new()).max_concurrent_streams(1000);
    let connection = builder.serve_connection_with_upgrades(TokioIo::new(stream), service);
    watcher.watch(connection.into_owned()).await
}
