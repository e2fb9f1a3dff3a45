mod receiver;

use std::collections::HashMap;
use std::convert::Infallible;
use std::pin::pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use bytes::Bytes;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::sync::{Notify, OwnedSemaphorePermit, Semaphore, mpsc};

use self::receiver::{Receiver, drive};
use super::frame::Frame;
use super::header_block::Headers;

/// What all streams together keep for the writer.
const OUTGOING_BYTES: u32 = 256 << 10;
/// The largest data frame that we send.
const DATA_BYTES: usize = 32 << 10;
/// The window that a stream has by the protocol, when nothing was said.
const DEFAULT_WINDOW: i64 = 64 << 10;
/// How much is read before the other side is told.
const WINDOW_STEP: u32 = 32 << 10;
/// Why a stream is reset whose writer was dropped.
const CANCEL: u32 = 5;

/// A connection to a peer that begins streams; it ends when it and all of its streams are dropped.
pub struct Connection {
    accepted: mpsc::Receiver<Stream>,
    _alive: Alive,
}

/// A stream that the peer has begun.
pub struct Stream {
    headers: Headers,
    /// What the peer says.
    pub reader: Reader,
    /// What is said to the peer.
    pub writer: Writer,
}

/// What the peer says on a stream.
pub struct Reader {
    id: u32,
    incoming: mpsc::UnboundedReceiver<Kept>,
    outgoing: Outgoing,
    /// What was read and the peer was not told of.
    read: u32,
    _alive: Alive,
}

/// What is said to the peer on a stream; reset when it is dropped unfinished.
pub struct Writer {
    id: u32,
    shared: Arc<Shared>,
    outgoing: Outgoing,
    finished: bool,
    _alive: Alive,
}

/// The peer has reset the stream, or is gone.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the stream was closed by the client")]
pub struct StreamError;

/// Held by all that the connection lives for.
type Alive = mpsc::Sender<Infallible>;
type Outgoing = mpsc::UnboundedSender<(Frame, Option<OwnedSemaphorePermit>)>;
type Kept = (Bytes, OwnedSemaphorePermit);

/// What reader, streams and writer share.
struct Shared {
    streams: Mutex<Streams>,
    /// A window grew, or a stream is gone.
    changed: Notify,
    room: Arc<Semaphore>,
}

#[derive(Default)]
struct Streams {
    open: HashMap<u32, Open>,
    /// The window that streams begin with, once the peer has shown that it minds: the client of
    /// Go, which nearly all are, neither heeds windows nor ever widens one.
    window: Option<i64>,
    last: u32,
}

struct Open {
    /// To the stream's reader; `None` after the peer's last word.
    incoming: Option<mpsc::UnboundedSender<Kept>>,
    room: Arc<Semaphore>,
    sent: i64,
    granted: i64,
    finished: bool,
}

impl Connection {
    /// Serves a connection whose first bytes are to come.
    pub fn serve<T: AsyncRead + AsyncWrite + Send + 'static>(io: T) -> Self {
        let shared = Arc::new(Shared {
            streams: Mutex::default(),
            changed: Notify::new(),
            room: Arc::new(Semaphore::new(OUTGOING_BYTES as usize)),
        });
        let (accept, accepted) = mpsc::channel(16);
        let (outgoing, frames) = mpsc::unbounded_channel();
        let (alive, dead) = mpsc::channel(1);
        let (read, write) = tokio::io::split(io);
        let receiver = Receiver { shared, outgoing, accept, alive: alive.downgrade() };
        tokio::spawn(drive(receiver, read, write, frames, dead));
        Self { accepted, _alive: alive }
    }

    /// The next stream; `None` when the peer is gone.
    pub async fn accept(&mut self) -> Option<Stream> {
        self.accepted.recv().await
    }
}

impl Stream {
    /// The value of a header that came with the stream, empty when absent.
    pub fn header(&self, name: &str) -> &str {
        self.headers.iter().find(|(key, _)| key == name).map_or("", |(_, value)| value)
    }
}

impl Reader {
    /// The next bytes; `None` when the peer says no more, has reset the stream or is gone.
    pub async fn read(&mut self) -> Option<Bytes> {
        let (data, _room) = self.incoming.recv().await?;
        self.read = self.read.saturating_add(u32::try_from(data.len()).unwrap_or(u32::MAX));
        if self.read >= WINDOW_STEP {
            let delta = std::mem::take(&mut self.read);
            // Without a connection there is no more to read either.
            let _ = self.outgoing.send((Frame::WindowUpdate { stream: self.id, delta }, None));
        }
        Some(data)
    }
}

impl Writer {
    /// Sends bytes, as soon as the peer takes them.
    pub async fn write(&mut self, mut data: Bytes) -> Result<(), StreamError> {
        while !data.is_empty() {
            let size = self.shared.reserve(self.id, data.len().min(DATA_BYTES)).await?;
            let piece = data.split_to(size);
            let room = self.shared.room(u32::try_from(size).unwrap_or(OUTGOING_BYTES)).await?;
            let frame = Frame::Data { stream: self.id, fin: false, data: piece };
            self.outgoing.send((frame, Some(room))).map_err(|_| StreamError)?;
        }
        Ok(())
    }

    /// Says that no more will come.
    pub fn finish(mut self) {
        self.end(Frame::Data { stream: self.id, fin: true, data: Bytes::new() });
    }

    fn end(&mut self, last: Frame) {
        if !std::mem::replace(&mut self.finished, true) {
            self.shared.streams().finish(self.id);
            // The peer may be gone.
            let _ = self.outgoing.send((last, None));
        }
    }
}

impl Drop for Writer {
    fn drop(&mut self) {
        self.end(Frame::Reset { stream: self.id, status: CANCEL });
    }
}

impl Shared {
    fn streams(&self) -> MutexGuard<'_, Streams> {
        self.streams.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// How many of some bytes may be sent, at least one; waits until it is so.
    async fn reserve(&self, id: u32, wanted: usize) -> Result<usize, StreamError> {
        loop {
            let mut changed = pin!(self.changed.notified());
            changed.as_mut().enable();
            if let Some(size) = self.streams().take(id, wanted)? {
                return Ok(size);
            }
            changed.await;
        }
    }

    async fn room(&self, bytes: u32) -> Result<OwnedSemaphorePermit, StreamError> {
        Arc::clone(&self.room).acquire_many_owned(bytes).await.map_err(|_| StreamError)
    }

    /// The peer is gone.
    fn lost(&self) {
        self.streams().open.clear();
        self.changed.notify_waiters();
    }
}

impl Streams {
    fn take(&mut self, id: u32, wanted: usize) -> Result<Option<usize>, StreamError> {
        let window = self.window;
        let open = self.open.get_mut(&id).ok_or(StreamError)?;
        let left = window.map_or(i64::MAX, |window| window + open.granted - open.sent);
        let size = usize::try_from(left).unwrap_or(0).min(wanted);
        open.sent = open.sent.saturating_add(i64::try_from(size).unwrap_or(i64::MAX));
        Ok((size > 0).then_some(size))
    }

    /// We say no more on a stream.
    fn finish(&mut self, id: u32) {
        if let Some(open) = self.open.get_mut(&id) {
            open.finished = true;
            if open.incoming.is_none() {
                self.open.remove(&id);
            }
        }
    }

    /// The peer says no more on a stream.
    fn end(&mut self, id: u32) {
        if let Some(open) = self.open.get_mut(&id) {
            open.incoming = None;
            if open.finished {
                self.open.remove(&id);
            }
        }
    }

    fn widen(&mut self, id: u32, delta: u32) {
        self.window.get_or_insert(DEFAULT_WINDOW);
        if let Some(open) = self.open.get_mut(&id) {
            open.granted = open.granted.saturating_add(i64::from(delta));
        }
    }
}

#[cfg(test)]
mod tests;
