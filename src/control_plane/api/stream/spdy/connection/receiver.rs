use std::convert::Infallible;
use std::sync::Arc;
use std::time::Duration;

use bytes::{Bytes, BytesMut};
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt, ReadHalf, WriteHalf};
use tokio::sync::{OwnedSemaphorePermit, Semaphore, mpsc};

use super::super::frame::{Decoder, Encoder, Frame, FrameError};
use super::super::header_block::Headers;
use super::{DATA_BYTES, Open, Outgoing, Reader, Shared, Stream, Writer};

/// More streams at a time are refused.
const STREAMS: usize = 1000;
/// What a stream keeps for its reader; then the connection waits.
const INCOMING_BYTES: u32 = 1 << 20;
/// What an answer to a frame counts for: a peer that asks and does not read is not read either.
const ANSWER_BYTES: u32 = 64;
/// How long a connection that we ended may take to end for the other side, too.
const LINGER: Duration = Duration::from_secs(5);

/// Why a stream or connection is reset.
pub(super) const PROTOCOL_ERROR: u32 = 1;
const REFUSED_STREAM: u32 = 3;

/// Takes what the peer says.
pub(super) struct Receiver {
    pub(super) shared: Arc<Shared>,
    pub(super) outgoing: Outgoing,
    pub(super) accept: mpsc::Sender<Stream>,
    pub(super) alive: mpsc::WeakSender<Infallible>,
}

/// Why a connection ends.
enum End {
    /// One of the sides is gone.
    Gone,
    /// The peer does not speak the protocol.
    Protocol(FrameError),
}

impl From<FrameError> for End {
    fn from(error: FrameError) -> Self {
        Self::Protocol(error)
    }
}

impl Receiver {
    async fn receive<T: AsyncRead>(&self, io: &mut ReadHalf<T>) -> Result<Infallible, End> {
        let mut decoder = Decoder::new();
        loop {
            while let Some(frame) = decoder.next()? {
                self.take(frame).await?;
            }
            decoder.buffer.reserve(16 << 10);
            match io.read_buf(&mut decoder.buffer).await {
                Ok(0) | Err(_) => return Err(End::Gone),
                Ok(_) => {}
            }
        }
    }

    async fn take(&self, frame: Frame) -> Result<(), End> {
        match frame {
            Frame::SynStream { stream, fin, unidirectional, headers } => {
                return self.begin(stream, fin, unidirectional, headers).await;
            }
            Frame::Data { stream, fin, data } => {
                self.keep(stream, data).await;
                if fin {
                    self.shared.streams().end(stream);
                }
            }
            Frame::Headers { stream, fin, .. } | Frame::SynReply { stream, fin, .. } => {
                if fin {
                    self.shared.streams().end(stream);
                }
            }
            Frame::Reset { stream, .. } => {
                self.shared.streams().open.remove(&stream);
                self.shared.changed.notify_waiters();
            }
            Frame::Settings { initial_window: Some(window) } => {
                self.shared.streams().window = Some(i64::from(window));
                self.shared.changed.notify_waiters();
            }
            Frame::WindowUpdate { stream, delta } => {
                self.shared.streams().widen(stream, delta);
                self.shared.changed.notify_waiters();
            }
            // Those with even numbers would be answers to ours.
            Frame::Ping(id) if id % 2 == 1 => self.answer(Frame::Ping(id)).await?,
            // Who goes away ends streams and connection, too.
            Frame::Ping(_) | Frame::Settings { .. } | Frame::GoAway { .. } => {}
        }
        Ok(())
    }

    async fn begin(
        &self,
        id: u32,
        fin: bool,
        unidirectional: bool,
        headers: Headers,
    ) -> Result<(), End> {
        let (sender, incoming) = mpsc::unbounded_channel();
        let open = Open {
            incoming: (!fin).then_some(sender),
            room: Arc::new(Semaphore::new(INCOMING_BYTES as usize)),
            sent: 0,
            granted: 0,
            finished: unidirectional,
        };
        let refused = {
            let mut streams = self.shared.streams();
            let valid = id % 2 == 1 && id > streams.last;
            let full = streams.open.len() >= STREAMS;
            if valid && !full {
                streams.last = id;
                streams.open.insert(id, open);
            }
            (!valid).then_some(PROTOCOL_ERROR).or(full.then_some(REFUSED_STREAM))
        };
        if let Some(status) = refused {
            return self.answer(Frame::Reset { stream: id, status }).await;
        }
        let alive = self.alive.upgrade().ok_or(End::Gone)?;
        self.answer(Frame::SynReply { stream: id, fin: false, headers: Headers::new() }).await?;
        let stream = Stream {
            headers,
            reader: Reader {
                id,
                incoming,
                outgoing: self.outgoing.clone(),
                read: 0,
                _alive: alive.clone(),
            },
            writer: Writer {
                id,
                shared: Arc::clone(&self.shared),
                outgoing: self.outgoing.clone(),
                finished: unidirectional,
                _alive: alive,
            },
        };
        // One that nobody accepts any more is reset by being dropped.
        let _ = self.accept.send(stream).await;
        Ok(())
    }

    /// Keeps bytes for the reader of their stream; waits when it has enough.
    async fn keep(&self, id: u32, data: Bytes) {
        let to = {
            let streams = self.shared.streams();
            let open = streams.open.get(&id);
            open.and_then(|open| Some((open.incoming.clone()?, Arc::clone(&open.room))))
        };
        let Some((incoming, room)) = to else { return };
        let size = u32::try_from(data.len()).unwrap_or(INCOMING_BYTES).min(INCOMING_BYTES);
        let room = tokio::select! {
            room = room.acquire_many_owned(size) => room,
            // Nobody reads the stream any more.
            () = incoming.closed() => return,
        };
        if let (Ok(room), false) = (room, data.is_empty()) {
            let _ = incoming.send((data, room));
        }
    }

    async fn answer(&self, frame: Frame) -> Result<(), End> {
        let room = self.shared.room(ANSWER_BYTES).await.map_err(|_| End::Gone)?;
        self.outgoing.send((frame, Some(room))).map_err(|_| End::Gone)
    }
}

/// Serves a connection to its end.
pub(super) async fn drive<T: AsyncRead + AsyncWrite + Send + 'static>(
    receiver: Receiver,
    mut read: ReadHalf<T>,
    write: WriteHalf<T>,
    frames: mpsc::UnboundedReceiver<(Frame, Option<OwnedSemaphorePermit>)>,
    mut dead: mpsc::Receiver<Infallible>,
) {
    let sending = tokio::spawn(send(write, frames));
    let end = tokio::select! {
        Err(end) = receiver.receive(&mut read) => end,
        _ = dead.recv() => End::Gone,
    };
    if let End::Protocol(error) = end {
        tracing::debug!(%error, "a SPDY connection ends");
        let last = receiver.shared.streams().last;
        let _ = receiver.outgoing.send((Frame::GoAway { last, status: PROTOCOL_ERROR }, None));
    }
    receiver.shared.lost();
    // The streams' own ends of this let the last of them be the end.
    drop(receiver);
    let _ = sending.await;
    // Closed with something unread, a socket would take back what it has sent last.
    let rest = async { while read.read(&mut [0; 4096]).await.is_ok_and(|size| size > 0) {} };
    let _ = tokio::time::timeout(LINGER, rest).await;
}

async fn send<T: AsyncWrite>(
    mut io: WriteHalf<T>,
    mut frames: mpsc::UnboundedReceiver<(Frame, Option<OwnedSemaphorePermit>)>,
) -> std::io::Result<()> {
    let mut encoder = Encoder::new();
    let mut bytes = BytesMut::new();
    while let Some((frame, room)) = frames.recv().await {
        let mut rooms = vec![room];
        encoder.encode(&frame, &mut bytes).map_err(std::io::Error::other)?;
        while bytes.len() < 2 * DATA_BYTES
            && let Ok((frame, room)) = frames.try_recv()
        {
            rooms.push(room);
            encoder.encode(&frame, &mut bytes).map_err(std::io::Error::other)?;
        }
        io.write_all_buf(&mut bytes).await?;
        io.flush().await?;
    }
    io.shutdown().await
}
