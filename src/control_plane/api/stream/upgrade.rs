use http::header::{
    CONNECTION, SEC_WEBSOCKET_ACCEPT, SEC_WEBSOCKET_KEY, SEC_WEBSOCKET_PROTOCOL, UPGRADE,
};
use http::request::Parts;
use http::{HeaderMap, HeaderName, StatusCode};
use hyper::upgrade::OnUpgrade;
use hyper_util::rt::TokioIo;
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::handshake::derive_accept_key;
use tokio_tungstenite::tungstenite::protocol::{Role, WebSocketConfig};

use super::{Raw, Socket};
use crate::control_plane::api::health::Closing;
use crate::control_plane::api::reply::Reply;
use crate::kubernetes::{Reason, Status};

/// Where clients of SPDY say which protocols they speak, and are told which one it will be.
const STREAM_PROTOCOL: HeaderName = HeaderName::from_static("x-stream-protocol-version");
/// A larger message ends its connection, as it does upstream.
const MESSAGE_BYTES: usize = 32 << 20;

/// What a request wants its connection to become.
pub struct Upgrade {
    carrier: Carrier,
    /// The protocols that the client speaks, the best first.
    offered: Vec<String>,
    upgraded: OnUpgrade,
}

enum Carrier {
    WebSocket { key: String },
    Spdy,
}

/// What a connection has become.
pub enum Upgradable {
    /// Messages.
    Socket(Box<Socket>),
    /// SPDY/3.1.
    Spdy(Raw),
}

impl Upgrade {
    /// What a request asks for; a 400 for one that asks for nothing we know.
    pub fn requested(parts: &Parts) -> Result<Self, Status> {
        let headers = &parts.headers;
        let upgraded = parts.extensions.get::<OnUpgrade>().cloned();
        let key = headers.get(SEC_WEBSOCKET_KEY).and_then(|key| key.to_str().ok());
        let wanted =
            tokens(headers, &CONNECTION).any(|token| token.eq_ignore_ascii_case("upgrade"));
        let is = |name| tokens(headers, &UPGRADE).any(|token| token.eq_ignore_ascii_case(name));
        let (carrier, protocols) = match key {
            _ if !wanted => return Err(upgrade_required()),
            Some(key) if is("websocket") => {
                (Carrier::WebSocket { key: key.to_owned() }, SEC_WEBSOCKET_PROTOCOL)
            }
            _ if is("SPDY/3.1") => (Carrier::Spdy, STREAM_PROTOCOL),
            _ => return Err(upgrade_required()),
        };
        let offered = tokens(headers, &protocols).map(str::to_owned).collect();
        Ok(Self { carrier, offered, upgraded: upgraded.ok_or_else(upgrade_required)? })
    }

    /// The first of the client's protocols that is known for its carrier.
    pub fn protocol(
        &self,
        sockets: &'static [&'static str],
        spdy: &'static [&'static str],
    ) -> Result<&'static str, Status> {
        let known = match self.carrier {
            Carrier::WebSocket { .. } => sockets,
            Carrier::Spdy => spdy,
        };
        let mut offered = self.offered.iter();
        let chosen = offered.find_map(|offer| known.iter().find(|known| *known == offer));
        chosen.copied().ok_or_else(|| {
            let message = format!(
                "unable to upgrade: unable to negotiate protocol: client supports [{}], server \
                 accepts [{}]",
                self.offered.join(" "),
                known.join(" ")
            );
            Status::new(Reason::Forbidden, message)
        })
    }

    /// Answers that the connection becomes what the client wants, and serves it until the server
    /// is closing.
    pub fn accept<F>(
        self,
        protocol: &str,
        mut closing: Closing,
        serve: impl FnOnce(Upgradable) -> F + Send + 'static,
    ) -> Reply
    where
        F: Future<Output = ()> + Send,
    {
        let Self { carrier, offered: _, upgraded } = self;
        let reply = Reply::text("").without_body().code(StatusCode::SWITCHING_PROTOCOLS);
        let reply = reply.header(CONNECTION, "Upgrade");
        let (reply, is_socket) = match carrier {
            Carrier::WebSocket { key } => {
                let reply = reply
                    .header(UPGRADE, "websocket")
                    .header(SEC_WEBSOCKET_ACCEPT, &derive_accept_key(key.as_bytes()))
                    .header(SEC_WEBSOCKET_PROTOCOL, protocol);
                (reply, true)
            }
            Carrier::Spdy => {
                (reply.header(UPGRADE, "SPDY/3.1").header(STREAM_PROTOCOL, protocol), false)
            }
        };
        tokio::spawn(async move {
            let raw = match upgraded.await {
                Ok(upgraded) => TokioIo::new(upgraded),
                Err(error) => return tracing::debug!(%error, "a connection was not upgraded"),
            };
            let upgraded = if is_socket {
                Upgradable::Socket(Box::new(socket(raw).await))
            } else {
                Upgradable::Spdy(raw)
            };
            tokio::select! {
                () = serve(upgraded) => {}
                () = closing.wait() => {}
            }
        });
        reply
    }
}

async fn socket(raw: Raw) -> Socket {
    let config = WebSocketConfig::default()
        .max_message_size(Some(MESSAGE_BYTES))
        .max_frame_size(Some(MESSAGE_BYTES));
    WebSocketStream::from_raw_socket(raw, Role::Server, Some(config)).await
}

/// The items of a header that is a list, however many lines it has.
fn tokens<'a>(headers: &'a HeaderMap, name: &HeaderName) -> impl Iterator<Item = &'a str> {
    let lines = headers.get_all(name).into_iter().filter_map(|line| line.to_str().ok());
    lines.flat_map(|line| line.split(',')).map(str::trim).filter(|token| !token.is_empty())
}

fn upgrade_required() -> Status {
    Status::new(
        Reason::BadRequest,
        "unable to upgrade: the request must ask for `Upgrade: websocket` or `Upgrade: SPDY/3.1`",
    )
}
