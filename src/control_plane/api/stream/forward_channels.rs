use bytes::{Bytes, BytesMut};
use futures_util::stream::{FuturesUnordered, SplitStream};
use futures_util::{SinkExt, StreamExt};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::sync::mpsc;
use tokio_tungstenite::tungstenite::Message;

use super::Socket;
use super::channels::{message, parse};
use super::forward::Ports;
use super::tunnel::close;
use crate::control_plane::api::query::Query;
use crate::kubernetes::{Reason, Status};

/// How much of a port is read at once.
const PIECE_BYTES: usize = 32 << 10;
/// Messages that wait for a port that does not take them, or for the client.
const MESSAGES: usize = 16;
/// Each port has two channels, and a channel's number is a byte.
const PORTS: usize = 127;

/// The ports that a request asks for.
pub fn ports(query: &Query) -> Result<Vec<u16>, Status> {
    let refused = |message: String| Status::new(Reason::BadRequest, message);
    let numbers = query.all("ports").flat_map(|list| list.split(','));
    let ports: Vec<u16> = numbers
        .map(|text| match text.parse() {
            Ok(0) | Err(_) => Err(refused(format!("invalid port: \"{text}\""))),
            Ok(port) => Ok(port),
        })
        .collect::<Result<_, _>>()?;
    match ports.len() {
        0 => Err(refused("query parameter \"ports\" is required".to_owned())),
        1..=PORTS => Ok(ports),
        many => Err(refused(format!("{many} ports are too many for one connection"))),
    }
}

/// Forwards ports, one connection each, until all have ended or the client is gone.
///
/// The channels 2i and 2i+1 are data and error of the port i; each begins with the port's number.
pub async fn serve(socket: Socket, ports: Ports, numbers: Vec<u16>) {
    let (mut sink, source) = socket.split();
    let (out, mut messages) = mpsc::channel::<Message>(MESSAGES);
    let mut inputs = Vec::new();
    let mut forwarded = FuturesUnordered::new();
    for (channel, number) in (0..).step_by(2).zip(numbers) {
        let (input, said) = mpsc::channel::<Bytes>(MESSAGES);
        inputs.push(input);
        forwarded.push(forward(ports.clone(), number, channel, said, out.clone()));
    }
    drop(out);
    let send = async {
        while let Some(message) = messages.recv().await {
            if sink.send(message).await.is_err() {
                return;
            }
        }
        let _ = sink.send(close()).await;
    };
    let forward = async {
        while forwarded.next().await.is_some() {}
        // What they have said last is sent before the connection ends.
        std::future::pending::<()>().await;
    };
    tokio::select! {
        () = distribute(source, inputs) => {}
        () = send => {}
        () = forward => {}
    }
}

/// Gives each port what the client says to it.
async fn distribute(mut source: SplitStream<Socket>, inputs: Vec<mpsc::Sender<Bytes>>) {
    while let Some(Ok(message)) = source.next().await {
        if message.is_close() {
            return;
        }
        if let Some((channel, data)) = parse(message)
            && channel % 2 == 0
            && let Some(input) = inputs.get(usize::from(channel / 2))
        {
            // The port may have ended.
            let _ = input.send(data).await;
        }
    }
}

async fn forward(
    ports: Ports,
    number: u16,
    channel: u8,
    mut said: mpsc::Receiver<Bytes>,
    out: mpsc::Sender<Message>,
) {
    // A client that is gone ends all of this from outside.
    for channel in [channel, channel + 1] {
        let _ = out.send(message(channel, &number.to_le_bytes())).await;
    }
    let connection = match ports.connect(number).await {
        Ok(connection) => connection,
        Err(error) => {
            let _ = out.send(message(channel + 1, error.as_bytes())).await;
            return;
        }
    };
    let (mut from_pod, mut to_pod) = tokio::io::split(connection);
    let say = async {
        while let Some(bytes) = said.recv().await {
            if to_pod.write_all(&bytes).await.is_err() || to_pod.flush().await.is_err() {
                break;
            }
        }
        std::future::pending::<()>().await;
    };
    let hear = async {
        loop {
            let mut piece = BytesMut::with_capacity(PIECE_BYTES);
            match from_pod.read_buf(&mut piece).await {
                Ok(size) if size > 0 => {
                    if out.send(message(channel, &piece)).await.is_err() {
                        return;
                    }
                }
                _ => return,
            }
        }
    };
    tokio::select! {
        () = say => {}
        () = hear => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ports_are_asked_for_in_the_query() {
        let check = |query, expected: Result<&[u16], &str>| {
            let ports = ports(&Query::parse(query)).map_err(|status| status.message);
            assert_eq!(ports, expected.map(<[_]>::to_vec).map_err(str::to_owned), "{query}");
        };
        check("ports=80&ports=443", Ok(&[80, 443]));
        check("ports=80,443", Ok(&[80, 443]));
        check("", Err("query parameter \"ports\" is required"));
        check("ports=http", Err("invalid port: \"http\""));
        check("ports=0", Err("invalid port: \"0\""));
    }
}
