use std::sync::Arc;

use bytes::Bytes;
use futures_util::StreamExt;
use futures_util::future::BoxFuture;
use futures_util::stream::BoxStream;
use serde::Deserialize;
use serde_json::{Value, json};
use tokio::io::AsyncWriteExt;

use super::upgrade::{Upgradable, Upgrade};
use super::{channels, spdy_command};
use crate::control_plane::api::container::Target;
use crate::control_plane::api::query::Query;
use crate::control_plane::api::reply::Reply;
use crate::control_plane::api::route::Resource;
use crate::control_plane::api::{Api, Call};
use crate::control_plane::kubelet::{Output, Runtime, RuntimeError, Session, Streams, Terminal};
use crate::kubernetes::{Reason, Status};

/// The protocols of commands, over `WebSocket` and over SPDY.
const SOCKETS: &[&str] = &["v5.channel.k8s.io", "v4.channel.k8s.io"];
const SPDY: &[&str] = SOCKETS;

/// What a client of a command says.
#[derive(Debug, PartialEq, Eq)]
pub enum Input {
    /// Bytes for the command.
    Stdin(Bytes),
    /// There are no more.
    StdinEnd,
    /// The size of the client's terminal.
    Resize(Size),
}

/// The size of a terminal in characters.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct Size {
    width: u16,
    height: u16,
}

/// Where a command's output goes.
pub trait Client: Send {
    /// Shows what the command has written; an error when the client is gone.
    fn show(&mut self, output: Output) -> BoxFuture<'_, Result<(), Gone>>;

    /// Says how the command ended, and that this is all.
    fn end(self: Box<Self>, status: Value) -> BoxFuture<'static, ()>;
}

/// The client is not there any more.
pub struct Gone;

/// A client with both its directions; the first ends when the client is gone.
pub type Connected = (BoxStream<'static, Input>, Box<dyn Client>);

/// What is to be joined.
struct Joined {
    runtime: Arc<dyn Runtime>,
    id: String,
    /// The command to run; `None` to join the container's own.
    command: Option<Vec<String>>,
    streams: Streams,
}

impl Api {
    /// `…/pods/NAME/exec`.
    pub(in super::super) fn exec(
        &self,
        call: &Call<'_>,
        resource: &Resource,
    ) -> Result<Reply, Status> {
        let command: Vec<String> = call.query.all("command").map(str::to_owned).collect();
        if command.is_empty() {
            return Err(Status::new(Reason::BadRequest, "you must specify a command"));
        }
        self.join(call, resource, Some(command))
    }

    /// `…/pods/NAME/attach`.
    pub(in super::super) fn attach(
        &self,
        call: &Call<'_>,
        resource: &Resource,
    ) -> Result<Reply, Status> {
        self.join(call, resource, None)
    }

    fn join(
        &self,
        call: &Call<'_>,
        resource: &Resource,
        command: Option<Vec<String>>,
    ) -> Result<Reply, Status> {
        let streams = streams(&call.query)?;
        let target = Target::find(&self.verbs, &resource.key(), call.query.get("container"))?;
        let doing = if command.is_some() { "exec into" } else { "attach" };
        let id = target.running(doing)?.to_owned();
        let runtime = self.runtimes.of(&target.pod)?;
        let upgrade = Upgrade::requested(call.parts)?;
        let protocol = upgrade.protocol(SOCKETS, SPDY)?;
        let joined = Joined { runtime, id, command, streams };
        Ok(upgrade.accept(protocol, self.health.closing(), async move |upgraded| {
            let connected = match upgraded {
                Upgradable::Socket(socket) => Some(channels::connect(*socket, streams).await),
                Upgradable::Spdy(raw) => spdy_command::connect(raw, streams).await,
            };
            if let Some((input, client)) = connected {
                joined.serve(input, client).await;
            }
        }))
    }
}

/// The streams that a request asks for.
fn streams(query: &Query) -> Result<Streams, Status> {
    let tty = query.is_true("tty");
    let streams = Streams {
        stdin: query.is_true("stdin"),
        stdout: query.is_true("stdout"),
        // A terminal has one output.
        stderr: query.is_true("stderr") && !tty,
        tty,
    };
    if !(streams.stdin || streams.stdout || streams.stderr) {
        let message = "you must specify at least 1 of stdin, stdout, stderr";
        return Err(Status::new(Reason::BadRequest, message));
    }
    Ok(streams)
}

impl Joined {
    async fn serve(self, input: BoxStream<'static, Input>, mut client: Box<dyn Client>) {
        let session = match &self.command {
            Some(command) => self.runtime.exec(&self.id, command, self.streams).await,
            None => self.runtime.attach(&self.id, self.streams).await,
        };
        let Session { input: stdin, mut output, terminal, exit } = match session {
            Ok(session) => session,
            Err(error) => return client.end(failure(&error)).await,
        };
        let show = async {
            while let Some(piece) = output.next().await {
                match piece {
                    Ok(piece) => client.show(piece).await?,
                    Err(error) => return Ok::<_, Gone>(failure(&error)),
                }
            }
            // Of the container's own process its pod tells how it ended.
            let attached = self.command.is_none();
            Ok(exit.await.map_or_else(
                |error| failure(&error),
                |code| if attached { ended(0) } else { ended(code) },
            ))
        };
        tokio::select! {
            () = feed(input, stdin, terminal) => {}
            status = show => if let Ok(status) = status { client.end(status).await },
        }
    }
}

/// Gives a command what its client says, until the client is gone.
async fn feed(
    mut input: BoxStream<'static, Input>,
    stdin: std::pin::Pin<Box<dyn tokio::io::AsyncWrite + Send>>,
    terminal: Box<dyn Terminal>,
) {
    let mut stdin = Some(stdin);
    while let Some(said) = input.next().await {
        match (said, &mut stdin) {
            // A command that does not want more is still heard.
            (Input::Stdin(bytes), Some(open)) => {
                if open.write_all(&bytes).await.is_err() || open.flush().await.is_err() {
                    stdin = None;
                }
            }
            (Input::StdinEnd, Some(open)) => {
                let _ = open.shutdown().await;
                stdin = None;
            }
            (Input::Resize(Size { width, height }), _) => {
                if let Err(error) = terminal.resize(width, height).await {
                    tracing::debug!(%error, "a terminal was not resized");
                }
            }
            (Input::Stdin(_) | Input::StdinEnd, None) => {}
        }
    }
}

/// How a command ended: a `Status`, of which clients read the cause.
fn ended(code: i32) -> Value {
    if code == 0 {
        return json!({"metadata": {}, "status": "Success"});
    }
    json!({
        "metadata": {},
        "status": "Failure",
        "message": format!("command terminated with non-zero exit code: exit status {code}"),
        "reason": "NonZeroExitCode",
        "details": {"causes": [{"reason": "ExitCode", "message": code.to_string()}]},
    })
}

fn failure(error: &RuntimeError) -> Value {
    Status::new(Reason::InternalError, format!("Internal error occurred: {error}")).to_value()
}
