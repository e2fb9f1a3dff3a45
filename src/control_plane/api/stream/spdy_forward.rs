use std::collections::HashMap;

use bytes::BytesMut;
use futures_util::StreamExt;
use futures_util::stream::FuturesUnordered;
use tokio::io::{AsyncReadExt, AsyncWriteExt};

use super::forward::Ports;
use super::spdy::{Connection, Reader, Stream, Writer};

/// How much of a port is read at once.
const PIECE_BYTES: usize = 32 << 10;

/// Forwards connections, each of which is two streams with the same request id, until the client
/// is gone.
pub async fn serve(mut connection: Connection, ports: Ports) {
    let mut halves: HashMap<String, Stream> = HashMap::new();
    let mut forwarded = FuturesUnordered::new();
    loop {
        let stream = tokio::select! {
            stream = connection.accept() => stream,
            Some(()) = forwarded.next() => continue,
        };
        let Some(stream) = stream else { break };
        let request = stream.header("requestid").to_owned();
        let Some(half) = halves.remove(&request) else {
            halves.insert(request, stream);
            continue;
        };
        match (half.header("streamtype"), stream.header("streamtype")) {
            ("error", "data") => forwarded.push(forward(ports.clone(), half, stream)),
            ("data", "error") => forwarded.push(forward(ports.clone(), stream, half)),
            // Dropped, they are reset.
            _ => {}
        }
    }
}

async fn forward(ports: Ports, error: Stream, data: Stream) {
    let port = data.header("port").parse::<u16>().ok().filter(|port| *port > 0);
    let connected = match port {
        Some(port) => ports.connect(port).await,
        None => Err(format!("\"{}\" is not a valid port", data.header("port"))),
    };
    // The client has said its last word on the stream for errors when it began it.
    let Stream { writer: mut error, .. } = error;
    match connected {
        Ok(connection) => {
            let (from_pod, to_pod) = tokio::io::split(connection);
            tokio::join!(say(data.reader, to_pod), hear(from_pod, data.writer));
        }
        Err(message) => {
            let _ = error.write(message.into()).await;
            data.writer.finish();
        }
    }
    error.finish();
}

async fn say(mut client: Reader, mut pod: impl tokio::io::AsyncWrite + Unpin) {
    while let Some(bytes) = client.read().await {
        if pod.write_all(&bytes).await.is_err() || pod.flush().await.is_err() {
            return;
        }
    }
    // The pod may have closed first.
    let _ = pod.shutdown().await;
}

async fn hear(mut pod: impl tokio::io::AsyncRead + Unpin, mut client: Writer) {
    loop {
        let mut piece = BytesMut::with_capacity(PIECE_BYTES);
        match pod.read_buf(&mut piece).await {
            Ok(size) if size > 0 => {
                if client.write(piece.freeze()).await.is_err() {
                    return;
                }
            }
            _ => return client.finish(),
        }
    }
}
