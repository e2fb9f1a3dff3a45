use bytes::BytesMut;
use tokio::io::{AsyncReadExt, AsyncWriteExt, DuplexStream};

use super::super::frame::{Decoder, Encoder};
use super::receiver::PROTOCOL_ERROR;
use super::*;

/// The other side: a client that says what it is told to.
struct Client {
    io: DuplexStream,
    encoder: Encoder,
    decoder: Decoder,
}

impl Client {
    fn new() -> (Self, Connection) {
        let (io, served) = tokio::io::duplex(64 << 10);
        let client = Self { io, encoder: Encoder::new(), decoder: Decoder::new() };
        (client, Connection::serve(served))
    }

    async fn say(&mut self, frame: Frame) {
        let mut bytes = BytesMut::new();
        self.encoder.encode(&frame, &mut bytes).unwrap();
        self.io.write_all(&bytes).await.unwrap();
    }

    async fn begin(&mut self, stream: u32) {
        let headers = vec![("streamtype".to_owned(), "data".to_owned())];
        self.say(Frame::SynStream { stream, fin: false, unidirectional: false, headers }).await;
        let reply = Frame::SynReply { stream, fin: false, headers: Headers::new() };
        assert_eq!(self.hear().await, Some(reply));
    }

    async fn hear(&mut self) -> Option<Frame> {
        loop {
            if let Some(frame) = self.decoder.next().unwrap() {
                return Some(frame);
            }
            if self.io.read_buf(&mut self.decoder.buffer).await.unwrap() == 0 {
                return None;
            }
        }
    }

    /// Hears so many bytes of data, or as many as come until nothing does.
    async fn hear_bytes(&mut self, wanted: usize) -> usize {
        let mut bytes = 0;
        while bytes < wanted {
            match self.hear().await {
                Some(Frame::Data { data, .. }) => bytes += data.len(),
                other => panic!("{other:?}"),
            }
        }
        bytes
    }
}

fn data(stream: u32, fin: bool, bytes: &'static [u8]) -> Frame {
    Frame::Data { stream, fin, data: Bytes::from_static(bytes) }
}

#[tokio::test]
async fn a_stream_is_said_on_heard_and_ended_by_both_sides() {
    let (mut client, mut connection) = Client::new();
    client.begin(1).await;
    let Stream { headers, mut reader, mut writer } = connection.accept().await.unwrap();
    assert_eq!(headers, [("streamtype".to_owned(), "data".to_owned())]);
    client.say(data(1, false, b"ping")).await;
    assert_eq!(reader.read().await.as_deref(), Some(&b"ping"[..]));
    writer.write(Bytes::from_static(b"pong")).await.unwrap();
    assert_eq!(client.hear().await, Some(data(1, false, b"pong")));
    writer.finish();
    assert_eq!(client.hear().await, Some(data(1, true, b"")));
    client.say(data(1, true, b"bye")).await;
    assert_eq!(reader.read().await.as_deref(), Some(&b"bye"[..]));
    assert_eq!(reader.read().await, None);
    drop((reader, connection));
    assert_eq!(client.hear().await, None, "the connection ends with what it lived for");
}

#[tokio::test]
async fn what_is_dropped_is_reset_and_pings_are_answered() {
    let (mut client, mut connection) = Client::new();
    client.begin(1).await;
    drop(connection.accept().await.unwrap());
    assert_eq!(client.hear().await, Some(Frame::Reset { stream: 1, status: CANCEL }));
    client.say(Frame::Ping(7)).await;
    assert_eq!(client.hear().await, Some(Frame::Ping(7)));
    for id in [1, 2] {
        let headers = Headers::new();
        client
            .say(Frame::SynStream { stream: id, fin: false, unidirectional: false, headers })
            .await;
        let reset = Frame::Reset { stream: id, status: PROTOCOL_ERROR };
        assert_eq!(
            client.hear().await,
            Some(reset),
            "a stream that was there, or is ours to begin"
        );
    }
}

#[tokio::test]
async fn a_client_without_windows_is_sent_everything() {
    let (mut client, mut connection) = Client::new();
    client.begin(1).await;
    let mut stream = connection.accept().await.unwrap();
    let sent = tokio::spawn(async move { stream.writer.write(vec![7; 1 << 20].into()).await });
    assert_eq!(client.hear_bytes(1 << 20).await, 1 << 20);
    sent.await.unwrap().unwrap();
}

#[tokio::test]
async fn a_client_with_windows_is_sent_what_fits() {
    let (mut client, mut connection) = Client::new();
    client.say(Frame::Settings { initial_window: Some(1000) }).await;
    client.begin(1).await;
    client.begin(3).await;
    let mut stream = connection.accept().await.unwrap();
    let other = connection.accept().await.unwrap();
    let sent = tokio::spawn(async move { stream.writer.write(vec![7; 2500].into()).await });
    assert_eq!(client.hear_bytes(1000).await, 1000);
    other.writer.finish();
    assert_eq!(client.hear().await, Some(data(3, true, b"")), "no more comes of the first");
    client.say(Frame::WindowUpdate { stream: 1, delta: 1200 }).await;
    assert_eq!(client.hear_bytes(1200).await, 1200);
    client.say(Frame::Settings { initial_window: Some(1300) }).await;
    assert_eq!(client.hear_bytes(300).await, 300);
    sent.await.unwrap().unwrap();
}

#[tokio::test]
async fn a_reader_tells_what_it_has_read() {
    let (mut client, mut connection) = Client::new();
    client.begin(1).await;
    let mut stream = connection.accept().await.unwrap();
    client.say(Frame::Data { stream: 1, fin: false, data: vec![1; 40 << 10].into() }).await;
    let mut read = 0;
    while read < 40 << 10 {
        read += stream.reader.read().await.unwrap().len();
    }
    match client.hear().await {
        Some(Frame::WindowUpdate { stream: 1, delta }) => assert!(delta >= WINDOW_STEP, "{delta}"),
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn a_client_that_is_gone_ends_its_streams() {
    let (mut client, mut connection) = Client::new();
    client.begin(1).await;
    let mut stream = connection.accept().await.unwrap();
    drop(client);
    assert_eq!(stream.reader.read().await, None);
    assert_eq!(stream.writer.write(Bytes::from_static(b"x")).await, Err(StreamError));
    assert!(connection.accept().await.is_none());
}

#[tokio::test]
async fn a_reset_ends_a_write_that_waits_for_its_window() {
    let (mut client, mut connection) = Client::new();
    client.say(Frame::Settings { initial_window: Some(0) }).await;
    client.begin(1).await;
    let mut stream = connection.accept().await.unwrap();
    let sent = tokio::spawn(async move { stream.writer.write(vec![7; 10].into()).await });
    client.say(Frame::Reset { stream: 1, status: CANCEL }).await;
    assert_eq!(sent.await.unwrap(), Err(StreamError));
}

#[tokio::test]
async fn another_protocol_is_told_so() {
    let (mut client, mut connection) = Client::new();
    client.io.write_all(&[0x80, 2, 0, 6, 0, 0, 0, 4, 0, 0, 0, 1]).await.unwrap();
    assert_eq!(client.hear().await, Some(Frame::GoAway { last: 0, status: PROTOCOL_ERROR }));
    assert!(connection.accept().await.is_none());
}
