use bytes::{BufMut, Bytes, BytesMut};
use futures_util::future::BoxFuture;
use futures_util::stream::{SplitSink, SplitStream};
use futures_util::{SinkExt, StreamExt, stream};
use serde_json::Value;
use tokio_tungstenite::tungstenite::Message;

use super::Socket;
use super::command::{Client, Connected, Gone, Input};
use super::tunnel::close;
use crate::control_plane::kubelet::{Output, Streams};

/// The first byte of each message says which of these it belongs to.
const STDIN: u8 = 0;
const STDOUT: u8 = 1;
const STDERR: u8 = 2;
const ERROR: u8 = 3;
const RESIZE: u8 = 4;
/// The second byte of such a message says which channel ends; of version 5.
const CLOSE: u8 = 255;

/// The client of a command at the other end of a WebSocket.
pub async fn connect(socket: Socket, streams: Streams) -> Connected {
    let (mut sink, source) = socket.split();
    let first = match streams {
        Streams { stdout: true, .. } => STDOUT,
        Streams { stderr: true, .. } => STDERR,
        _ => ERROR,
    };
    // An empty message tells the client that it is connected. One that is gone is noticed later.
    let _ = sink.send(message(first, b"")).await;
    let input = stream::unfold(source, async |mut source| {
        let said = next(&mut source).await?;
        Some((said, source))
    });
    (input.boxed(), Box::new(Channels(sink)))
}

/// A message on a channel.
pub fn message(channel: u8, data: &[u8]) -> Message {
    let mut message = BytesMut::with_capacity(1 + data.len());
    message.put_u8(channel);
    message.put_slice(data);
    Message::Binary(message.freeze())
}

/// The channel of a message, and what it says there.
pub fn parse(message: Message) -> Option<(u8, Bytes)> {
    let mut data = match message {
        Message::Binary(data) => data,
        Message::Text(text) => text.into(),
        _ => return None,
    };
    let channel = *data.first()?;
    Some((channel, data.split_off(1)))
}

async fn next(source: &mut SplitStream<Socket>) -> Option<Input> {
    loop {
        match source.next().await?.ok()? {
            Message::Close(_) => return None,
            message => {
                if let Some(input) = parse(message).and_then(|(to, data)| input(to, data)) {
                    return Some(input);
                }
            }
        }
    }
}

fn input(channel: u8, data: Bytes) -> Option<Input> {
    match channel {
        STDIN => Some(Input::Stdin(data)),
        RESIZE => serde_json::from_slice(&data).ok().map(Input::Resize),
        CLOSE if data.as_ref() == [STDIN] => Some(Input::StdinEnd),
        _ => None,
    }
}

struct Channels(SplitSink<Socket, Message>);

impl Client for Channels {
    fn show(&mut self, output: Output) -> BoxFuture<'_, Result<(), Gone>> {
        let message = match output {
            Output::Stdout(data) => message(STDOUT, &data),
            Output::Stderr(data) => message(STDERR, &data),
        };
        Box::pin(async move { self.0.send(message).await.map_err(|_| Gone) })
    }

    fn end(mut self: Box<Self>, status: Value) -> BoxFuture<'static, ()> {
        Box::pin(async move {
            if self.0.send(message(ERROR, status.to_string().as_bytes())).await.is_ok() {
                let _ = self.0.send(close()).await;
            }
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_client_says_is_on_channels() {
        let said = |data: &[u8]| {
            let (to, data) = parse(Message::Binary(data.to_vec().into()))?;
            input(to, data)
        };
        assert_eq!(said(b"\0ls\n"), Some(Input::Stdin(Bytes::from_static(b"ls\n"))));
        assert_eq!(said(b"\xff\0"), Some(Input::StdinEnd));
        let resized = serde_json::from_str(r#"{"Width":80,"Height":24}"#).unwrap();
        assert_eq!(said(br#"{"Width":80,"Height":24}"#), None, "the brace is no channel");
        assert_eq!(said(b"\x04{\"Width\":80,\"Height\":24}"), Some(Input::Resize(resized)));
        for nothing in [&b""[..], b"\x01x", b"\x04{", b"\x04{\"Width\":70000}", b"\xff\x01"] {
            assert_eq!(said(nothing), None, "{nothing:?}");
        }
    }
}
