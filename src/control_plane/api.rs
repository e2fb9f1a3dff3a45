//! The Kubernetes API over HTTP: one router and one set of handlers for all kinds.
//!
//! ```text
//!  TLS (h1, h2) ─▶ identity ─▶ route ─▶ decode (JSON, YAML, protobuf) ─▶ verbs ─▶ representation ─▶ gzip
//!                                          lists and watches ─▶ store
//! ```
//!
//! # Invariants
//! - No handler per kind: what differs between kinds is in the tables and in `schema`.
//! - Every error is a `Status` object.
//! - Bodies are never logged.

mod accept;
mod body;
mod container;
mod decode;
mod discovery;
mod filter;
mod health;
mod identity;
mod list;
mod logs;
mod metadata_only;
mod objects;
mod openapi;
mod options;
mod query;
mod reply;
mod route;
mod served;
mod stream;
mod tabular;
mod tls;
mod watch;

pub use body::Body;
pub use health::Health;
pub use identity::Identity;
pub use tls::{TlsConfig, TlsError, serve};

use std::panic::AssertUnwindSafe;
use std::sync::Arc;

use bytes::Bytes;
use futures_util::FutureExt;
use http::{Method, Request, Response};

use self::list::Pages;
use self::query::Query;
use self::reply::Reply;
use self::route::{Resource, Route};
use super::kubelet::Runtimes;
use super::verbs::Verbs;
use crate::kubernetes::{Reason, Status};

/// Larger request bodies are refused.
const BODY_BYTES: usize = 3 << 20;

/// The handler of all requests; cheap to clone.
#[derive(Clone)]
pub struct Api {
    verbs: Verbs,
    health: Health,
    runtimes: Runtimes,
    pages: Arc<Pages>,
}

impl Api {
    /// The API over verbs, and over what runs containers.
    pub fn new(verbs: Verbs, health: Health, runtimes: Runtimes) -> Self {
        Self { verbs, health, runtimes, pages: Arc::default() }
    }

    /// Answers one request of a client that is who its certificate says, if it has one.
    pub async fn answer<B>(&self, request: Request<B>, user: Option<&Identity>) -> Response<Body>
    where
        B: http_body::Body<Data = Bytes>,
        B::Error: std::fmt::Display,
    {
        let (parts, body) = request.into_parts();
        let encoding = parts.headers.get(http::header::ACCEPT_ENCODING).cloned();
        // A fault of ours in one request must not take the connection's other requests with it.
        let reply = match AssertUnwindSafe(self.reply(&parts, body, user)).catch_unwind().await {
            Ok(Ok(reply)) => reply,
            Ok(Err(status)) => Reply::status(&status),
            Err(_) => Reply::status(&Status::new(Reason::InternalError, "the server has failed")),
        };
        let reply = if parts.method == Method::HEAD { reply.without_body() } else { reply };
        reply.into_response(encoding.as_ref()).await
    }

    async fn reply<B>(
        &self,
        parts: &http::request::Parts,
        body: B,
        user: Option<&Identity>,
    ) -> Result<Reply, Status>
    where
        B: http_body::Body<Data = Bytes>,
        B::Error: std::fmt::Display,
    {
        let query = Query::parse(parts.uri.query().unwrap_or(""));
        let route = Route::parse(parts.uri.path())?;
        identity::authorize(user, &parts.method, &route)?;
        let reading = matches!(parts.method, Method::GET | Method::HEAD);
        match route {
            Route::Health(path) => self.health.reply(&path, &query),
            Route::Version => Ok(health::version()),
            Route::Resource(resource) => {
                let body = body::collect(body, BODY_BYTES).await?;
                let call = Call { parts, query, body };
                self.on_resource(&call, &resource).await
            }
            _ if !reading => Err(not_allowed(&parts.method)),
            Route::Root => Ok(discovery::root()),
            Route::Discovery(path) => discovery::reply(&path, &parts.headers),
            Route::OpenApi(path) => openapi::reply(&path, &parts.headers),
        }
    }

    async fn on_resource(&self, call: &Call<'_>, resource: &Resource) -> Result<Reply, Status> {
        let method = &call.parts.method;
        let Resource { subresource, .. } = resource;
        match (method.as_str(), resource.name.is_some(), subresource.as_str()) {
            ("GET" | "HEAD", false, _) if call.query.is_true("watch") => self.watch(call, resource),
            ("GET" | "HEAD", false, _) => self.list(call, resource).await,
            ("POST", false, _) => self.create(call, resource).await,
            ("DELETE", false, _) => self.delete_all(call, resource).await,
            ("GET" | "HEAD", true, "log") => self.log(call, resource).await,
            ("GET" | "POST", true, "exec") => self.exec(call, resource),
            ("GET" | "POST", true, "attach") => self.attach(call, resource),
            ("GET" | "POST", true, "portforward") => self.port_forward(call, resource),
            ("POST", true, "binding") => self.bind(call, resource).await,
            ("POST", true, "eviction") => self.evict(call, resource).await,
            (_, true, "log" | "binding" | "eviction" | "exec" | "attach" | "portforward") => {
                Err(not_allowed(method))
            }
            ("GET" | "HEAD", true, _) => self.get(call, resource),
            ("PUT", true, _) => self.replace(call, resource).await,
            ("PATCH", true, _) => self.patch(call, resource).await,
            ("DELETE", true, "") => self.delete(call, resource).await,
            _ => Err(not_allowed(method)),
        }
    }
}

/// One request on a resource.
struct Call<'a> {
    parts: &'a http::request::Parts,
    query: Query,
    body: Bytes,
}

fn not_allowed(method: &Method) -> Status {
    Status::new(
        Reason::MethodNotAllowed,
        format!("the server does not allow this method on the requested resource ({method})"),
    )
}
