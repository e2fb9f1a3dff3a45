//! A runtime that runs commands on this machine, and remembers what it was asked for.

use std::net::{IpAddr, Ipv4Addr};
use std::path::Path;
use std::process::Stdio;
use std::sync::{Arc, Mutex};

use bytes::BytesMut;
use futures_util::future::{BoxFuture, ready};
use futures_util::stream::BoxStream;
use futures_util::{FutureExt, StreamExt, stream};
use k8s_openapi::api::core::v1::{Container, Pod};
use tokio::io::{AsyncRead, AsyncReadExt};
use tokio::net::TcpStream;
use tokio::process::Command;
use tokio::sync::{Notify, mpsc, watch};

use longshore::control_plane::kubelet::{
    Connection, ContainerConfig, Image, LogOptions, Output, Runtime, RuntimeError, Seen, Session,
    Signal, Streams, Terminal, Usage,
};

type Answer<'a, T> = BoxFuture<'a, Result<T, RuntimeError>>;
type Written = mpsc::UnboundedSender<Result<Output, RuntimeError>>;

/// A runtime of containers that are this machine.
#[derive(Default)]
pub struct Here {
    /// The sizes that terminals were given.
    pub sizes: Arc<watch::Sender<Vec<(u16, u16)>>>,
    /// The logs that were asked for: of which id, how.
    pub asked: Mutex<Vec<(String, LogOptions)>>,
    /// Lets a container that is followed write its last line.
    pub last_line: Arc<Notify>,
}

impl Here {
    fn run(&self, command: &[String], streams: Streams) -> Result<Session, RuntimeError> {
        let pipe = |wanted| if wanted { Stdio::piped() } else { Stdio::null() };
        let (program, arguments) = command.split_first().unwrap();
        let mut command = Command::new(program);
        command.args(arguments).stdin(pipe(streams.stdin)).kill_on_drop(true);
        command.stdout(pipe(streams.stdout)).stderr(pipe(streams.stderr));
        let child = command.spawn().map_err(|error| RuntimeError::Engine {
            action: "cannot run".to_owned(),
            reason: error.to_string(),
        });
        let mut child = child?;
        let (written, output) = mpsc::unbounded_channel();
        if let Some(stdout) = child.stdout.take() {
            tokio::spawn(copy(stdout, written.clone(), Output::Stdout));
        }
        if let Some(stderr) = child.stderr.take() {
            tokio::spawn(copy(stderr, written, Output::Stderr));
        }
        Ok(Session {
            input: match child.stdin.take() {
                Some(stdin) => Box::pin(stdin),
                None => Box::pin(tokio::io::sink()),
            },
            output: received(output),
            terminal: Box::new(Sizes(Arc::clone(&self.sizes))),
            exit: Box::pin(async move { Ok(child.wait().await.unwrap().code().unwrap_or(-1)) }),
        })
    }
}

fn received(
    output: mpsc::UnboundedReceiver<Result<Output, RuntimeError>>,
) -> BoxStream<'static, Result<Output, RuntimeError>> {
    stream::unfold(output, async |mut output| Some((output.recv().await?, output))).boxed()
}

async fn copy(mut from: impl AsyncRead + Unpin, to: Written, of: fn(bytes::Bytes) -> Output) {
    loop {
        let mut piece = BytesMut::with_capacity(16 << 10);
        if from.read_buf(&mut piece).await.unwrap_or(0) == 0 {
            return;
        }
        if to.send(Ok(of(piece.freeze()))).is_err() {
            return;
        }
    }
}

struct Sizes(Arc<watch::Sender<Vec<(u16, u16)>>>);

impl Terminal for Sizes {
    fn resize(&self, width: u16, height: u16) -> Answer<'_, ()> {
        self.0.send_modify(|sizes| sizes.push((width, height)));
        ready(Ok(())).boxed()
    }
}

impl Runtime for Here {
    fn logs<'a>(
        &'a self,
        id: &'a str,
        options: LogOptions,
    ) -> Answer<'a, BoxStream<'static, Result<Output, RuntimeError>>> {
        let LogOptions { follow, timestamps, .. } = options;
        self.asked.lock().unwrap().push((id.to_owned(), options));
        let line = move |second: u8, text: &str| {
            let time = format!("2026-01-01T00:00:0{second}.000000000Z ");
            bytes::Bytes::from(format!("{}{text}\n", if timestamps { &time } else { "" }))
        };
        let first = [Ok(Output::Stdout(line(1, "one"))), Ok(Output::Stderr(line(2, "two")))];
        let first = stream::iter(first);
        let more = Arc::clone(&self.last_line);
        let last = stream::once(async move {
            more.notified().await;
            Ok(Output::Stdout(line(3, "three")))
        });
        let output = if follow { first.chain(last).boxed() } else { first.boxed() };
        ready(Ok(output)).boxed()
    }

    fn exec<'a>(
        &'a self,
        _id: &'a str,
        command: &'a [String],
        streams: Streams,
    ) -> Answer<'a, Session> {
        ready(self.run(command, streams)).boxed()
    }

    fn attach<'a>(&'a self, _id: &'a str, streams: Streams) -> Answer<'a, Session> {
        let shell = ["sh", "-c", "echo attached; cat; exit 3"].map(str::to_owned);
        ready(self.run(&shell, streams)).boxed()
    }

    fn connect<'a>(&'a self, _pod: &'a Pod, port: u16) -> Answer<'a, Box<dyn Connection>> {
        async move {
            let stream = TcpStream::connect((Ipv4Addr::LOCALHOST, port)).await;
            let stream = stream.map_err(|error| RuntimeError::Engine {
                action: "cannot connect".to_owned(),
                reason: error.kind().to_string(),
            })?;
            Ok(Box::new(stream) as Box<dyn Connection>)
        }
        .boxed()
    }

    fn version(&self) -> String {
        "here://1".to_owned()
    }

    fn events(&self) -> BoxStream<'static, Option<String>> {
        stream::empty().boxed()
    }

    fn pods(&self) -> Answer<'_, Vec<String>> {
        unwanted()
    }

    fn image<'a>(&'a self, _pod: &'a Pod, _of: &'a Container) -> Answer<'a, Option<Image>> {
        unwanted()
    }

    fn pull<'a>(
        &'a self,
        _pod: &'a Pod,
        _of: &'a Container,
        _logins: &'a [longshore::engine::Login],
    ) -> Answer<'a, Image> {
        unwanted()
    }

    fn start_sandbox<'a>(&'a self, _pod: &'a Pod) -> Answer<'a, IpAddr> {
        unwanted()
    }

    fn start<'a>(&'a self, _container: ContainerConfig<'a>) -> Answer<'a, String> {
        unwanted()
    }

    fn inspect<'a>(&'a self, _pod: &'a Pod) -> Answer<'a, Seen> {
        unwanted()
    }

    fn signal<'a>(&'a self, _id: &'a str, _signal: Signal) -> Answer<'a, ()> {
        unwanted()
    }

    fn stop_sandbox<'a>(&'a self, _uid: &'a str) -> Answer<'a, ()> {
        unwanted()
    }

    fn remove<'a>(&'a self, _uid: &'a str) -> Answer<'a, ()> {
        unwanted()
    }

    fn remove_directory<'a>(&'a self, _path: &'a Path) -> Answer<'a, ()> {
        unwanted()
    }

    fn usage<'a>(&'a self, _uid: &'a str) -> Answer<'a, Vec<Usage>> {
        unwanted()
    }
}

fn unwanted<T: Send + 'static>() -> Answer<'static, T> {
    let reason = "this is all there is".to_owned();
    ready(Err(RuntimeError::Unsupported { what: "that", reason })).boxed()
}
