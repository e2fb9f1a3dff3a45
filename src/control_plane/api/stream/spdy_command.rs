use std::collections::HashMap;
use std::time::Duration;

use bytes::BytesMut;
use futures_util::future::BoxFuture;
use futures_util::{StreamExt, stream};
use serde_json::Value;

use super::Raw;
use super::command::{Client, Connected, Gone, Input};
use super::spdy::{Connection, Reader, Stream, Writer};
use crate::control_plane::kubelet::{Output, Streams};

/// How long a client may take to begin the streams of its command.
const STREAMS_BEGIN: Duration = Duration::from_secs(30);
/// A terminal's size is said in no more than this.
const SIZE_BYTES: usize = 1 << 10;

/// The client of a command at the other end of a SPDY connection; `None` when it does not begin
/// the streams that it has asked for.
pub async fn connect(raw: Raw, streams: Streams) -> Option<Connected> {
    let mut connection = Connection::serve(raw);
    let wanted = [
        ("error", true),
        ("stdin", streams.stdin),
        ("stdout", streams.stdout),
        ("stderr", streams.stderr),
        ("resize", streams.tty),
    ];
    let wanted = wanted.iter().filter(|(_, wanted)| *wanted).count();
    let begun = tokio::time::timeout(STREAMS_BEGIN, begun(&mut connection, wanted)).await;
    let mut begun = begun.ok().flatten()?;
    let mut take = |name| begun.remove(name).map(|Stream { reader, writer, .. }| (reader, writer));
    let (_, error) = take("error")?;
    let (stdout, stderr) = (take("stdout"), take("stderr"));
    let client = Spdy {
        stdout: stdout.map(|(_, writer)| writer),
        stderr: stderr.map(|(_, writer)| writer),
        error,
    };
    // Finished at once, stdin's and resize's other direction would be taken for the whole.
    let (stdin, stdin_writer) = take("stdin").unzip();
    let (resize, resize_writer) = take("resize").unzip();
    let gone = async move {
        let _open = (stdin_writer, resize_writer);
        while connection.accept().await.is_some() {}
    };
    let input =
        stream::select(stream::iter(stdin).flat_map(bytes), stream::iter(resize).flat_map(sizes));
    let input = input.chain(stream::pending()).take_until(Box::pin(gone));
    Some((input.boxed(), Box::new(client)))
}

/// Streams by their type, when there are so many.
async fn begun(connection: &mut Connection, wanted: usize) -> Option<HashMap<String, Stream>> {
    let mut begun = HashMap::new();
    while begun.len() < wanted {
        let stream = connection.accept().await?;
        begun.insert(stream.header("streamtype").to_owned(), stream);
    }
    Some(begun)
}

fn bytes(reader: Reader) -> impl futures_util::Stream<Item = Input> + Send + Unpin {
    Box::pin(stream::unfold(Some(reader), async |reader| {
        let mut reader = reader?;
        match reader.read().await {
            Some(bytes) => Some((Input::Stdin(bytes), Some(reader))),
            None => Some((Input::StdinEnd, None)),
        }
    }))
}

/// The sizes of a terminal: one JSON object a line.
fn sizes(reader: Reader) -> impl futures_util::Stream<Item = Input> + Send + Unpin {
    Box::pin(stream::unfold((reader, BytesMut::new()), async |(mut reader, mut text)| {
        loop {
            if let Some(end) = text.iter().position(|byte| *byte == b'\n') {
                let line = text.split_to(end + 1);
                if let Ok(size) = serde_json::from_slice(&line) {
                    return Some((Input::Resize(size), (reader, text)));
                }
                continue;
            }
            if text.len() > SIZE_BYTES {
                return None;
            }
            text.extend_from_slice(&reader.read().await?);
        }
    }))
}

struct Spdy {
    stdout: Option<Writer>,
    stderr: Option<Writer>,
    error: Writer,
}

impl Client for Spdy {
    fn show(&mut self, output: Output) -> BoxFuture<'_, Result<(), Gone>> {
        Box::pin(async move {
            let (data, to) = match output {
                Output::Stdout(data) => (data, &mut self.stdout),
                Output::Stderr(data) => (data, &mut self.stderr),
            };
            match to {
                Some(writer) => writer.write(data).await.map_err(|_| Gone),
                None => Ok(()),
            }
        })
    }

    fn end(self: Box<Self>, status: Value) -> BoxFuture<'static, ()> {
        let Self { stdout, stderr, mut error } = *self;
        Box::pin(async move {
            for writer in [stdout, stderr].into_iter().flatten() {
                writer.finish();
            }
            // A client that is gone does not want to know.
            let _ = error.write(status.to_string().into()).await;
            error.finish();
        })
    }
}
