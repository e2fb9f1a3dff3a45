use bytes::{Buf, BufMut, Bytes, BytesMut};

use super::header_block::{Headers, Packer, Unpacker};

/// The version in every control frame; 3.1 does not have one of its own.
const VERSION: u16 = 3;
/// A control frame that is larger is refused.
const CONTROL_BYTES: usize = 64 << 10;
/// The setting for the window that a stream begins with.
const INITIAL_WINDOW: u32 = 7;
/// Flags.
const FIN: u8 = 1;
const UNIDIRECTIONAL: u8 = 2;

/// What goes over a connection.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Frame {
    /// A stream begins.
    SynStream {
        /// The stream.
        stream: u32,
        /// The side that began it says no more.
        fin: bool,
        /// The other side says nothing.
        unidirectional: bool,
        /// What it is for.
        headers: Headers,
    },
    /// A stream is accepted.
    SynReply {
        /// The stream.
        stream: u32,
        /// The side that accepts says no more.
        fin: bool,
        /// What there is to say.
        headers: Headers,
    },
    /// A stream ends at once.
    Reset {
        /// The stream.
        stream: u32,
        /// Why.
        status: u32,
    },
    /// What the other side wants, of which only this matters.
    Settings {
        /// The window that each stream begins with.
        initial_window: Option<u32>,
    },
    /// Is to be sent back.
    Ping(u32),
    /// The other side takes no new streams.
    GoAway {
        /// The last stream it took.
        last: u32,
        /// Why.
        status: u32,
    },
    /// More headers of a stream.
    Headers {
        /// The stream.
        stream: u32,
        /// Its side says no more.
        fin: bool,
        /// Those.
        headers: Headers,
    },
    /// More may be sent.
    WindowUpdate {
        /// The stream; 0 for the connection.
        stream: u32,
        /// So many bytes.
        delta: u32,
    },
    /// Bytes of a stream.
    Data {
        /// The stream.
        stream: u32,
        /// They are the last.
        fin: bool,
        /// They.
        data: Bytes,
    },
}

/// A peer that does not speak the protocol.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum FrameError {
    /// Of another version.
    #[error("a frame of SPDY version {0}")]
    Version(u16),
    /// Too large, or too small for its kind.
    #[error("a frame of kind {kind} with {length} bytes")]
    Length {
        /// The kind.
        kind: u16,
        /// Its length.
        length: usize,
    },
    /// Headers that cannot be unpacked.
    #[error("a header block that cannot be read")]
    HeaderBlock,
}

/// Reads frames from bytes that come in pieces.
///
/// Data comes as it is there: a frame of 16 MiB is never held as a whole.
pub struct Decoder {
    /// What has come and was not read.
    pub buffer: BytesMut,
    unpacker: Unpacker,
    /// The rest of a data frame that has begun.
    data: Option<(u32, bool, usize)>,
}

impl Decoder {
    /// Of a new connection.
    pub fn new() -> Self {
        Self { buffer: BytesMut::new(), unpacker: Unpacker::new(), data: None }
    }

    /// The next frame; `None` when more bytes are needed.
    pub fn next(&mut self) -> Result<Option<Frame>, FrameError> {
        loop {
            if let Some((stream, fin, left)) = self.data {
                return Ok(self.data(stream, fin, left));
            }
            let Some((head, _)) = self.buffer.split_first_chunk::<8>() else { return Ok(None) };
            let mut head = head.as_slice();
            let (first, second) = (head.get_u32(), head.get_u32());
            let (flags, length) = ((second >> 24) as u8, (second & 0xff_ffff) as usize);
            if first >> 31 == 0 {
                self.buffer.advance(8);
                self.data = Some((first, flags & FIN != 0, length));
                continue;
            }
            let (version, kind) = ((first >> 16) as u16 & 0x7fff, (first & 0xffff) as u16);
            if version != VERSION {
                return Err(FrameError::Version(version));
            }
            if length > CONTROL_BYTES {
                return Err(FrameError::Length { kind, length });
            }
            if self.buffer.len() < 8 + length {
                return Ok(None);
            }
            self.buffer.advance(8);
            let body = self.buffer.split_to(length).freeze();
            if let Some(frame) = self.control(kind, flags, body)? {
                return Ok(Some(frame));
            }
        }
    }

    fn data(&mut self, stream: u32, fin: bool, left: usize) -> Option<Frame> {
        if left > 0 && self.buffer.is_empty() {
            return None;
        }
        let data = self.buffer.split_to(left.min(self.buffer.len())).freeze();
        let left = left - data.len();
        self.data = (left > 0).then_some((stream, fin, left));
        Some(Frame::Data { stream, fin: fin && left == 0, data })
    }

    /// A control frame; `None` for a kind that is to be passed over.
    fn control(
        &mut self,
        kind: u16,
        flags: u8,
        mut body: Bytes,
    ) -> Result<Option<Frame>, FrameError> {
        let short = FrameError::Length { kind, length: body.len() };
        let fin = flags & FIN != 0;
        let mut number = || body.try_get_u32().map_err(|_| short);
        Ok(Some(match kind {
            1 => {
                let (stream, _associated) = (number()? & 0x7fff_ffff, number()?);
                let _priority = body.try_get_u16().map_err(|_| short)?;
                let headers = self.unpacker.unpack(&body)?;
                let unidirectional = flags & UNIDIRECTIONAL != 0;
                Frame::SynStream { stream, fin, unidirectional, headers }
            }
            2 => {
                let stream = number()? & 0x7fff_ffff;
                Frame::SynReply { stream, fin, headers: self.unpacker.unpack(&body)? }
            }
            3 => Frame::Reset { stream: number()? & 0x7fff_ffff, status: number()? },
            4 => {
                let mut initial_window = None;
                for _ in 0..number()? {
                    let (id, value) = (number()? & 0xff_ffff, number()?);
                    initial_window =
                        if id == INITIAL_WINDOW { Some(value) } else { initial_window };
                }
                Frame::Settings { initial_window }
            }
            6 => Frame::Ping(number()?),
            7 => Frame::GoAway { last: number()? & 0x7fff_ffff, status: number()? },
            8 => {
                let stream = number()? & 0x7fff_ffff;
                Frame::Headers { stream, fin, headers: self.unpacker.unpack(&body)? }
            }
            9 => Frame::WindowUpdate {
                stream: number()? & 0x7fff_ffff,
                delta: number()? & 0x7fff_ffff,
            },
            _ => return Ok(None),
        }))
    }
}

/// Writes frames.
pub struct Encoder {
    packer: Packer,
}

impl Encoder {
    /// Of a new connection.
    pub fn new() -> Self {
        Self { packer: Packer::new() }
    }

    /// Appends a frame.
    pub fn encode(&mut self, frame: &Frame, out: &mut BytesMut) -> Result<(), FrameError> {
        let mut body = BytesMut::new();
        let (kind, flags) = match frame {
            Frame::Data { stream, fin, data } => {
                out.put_u32(*stream & 0x7fff_ffff);
                put_length(0, if *fin { FIN } else { 0 }, data.len(), out)?;
                out.put_slice(data);
                return Ok(());
            }
            Frame::SynStream { stream, fin, unidirectional, headers } => {
                body.put_u32(*stream);
                body.put_u32(0);
                body.put_u16(0);
                body.put_slice(&self.packer.pack(headers)?);
                (1, u8::from(*fin) * FIN + u8::from(*unidirectional) * UNIDIRECTIONAL)
            }
            Frame::SynReply { stream, fin, headers } => {
                body.put_u32(*stream);
                body.put_slice(&self.packer.pack(headers)?);
                (2, u8::from(*fin) * FIN)
            }
            Frame::Reset { stream, status } => {
                body.put_u32(*stream);
                body.put_u32(*status);
                (3, 0)
            }
            Frame::Settings { initial_window } => {
                body.put_u32(u32::from(initial_window.is_some()));
                if let Some(window) = initial_window {
                    body.put_u32(INITIAL_WINDOW);
                    body.put_u32(*window);
                }
                (4, 0)
            }
            Frame::Ping(id) => {
                body.put_u32(*id);
                (6, 0)
            }
            Frame::GoAway { last, status } => {
                body.put_u32(*last);
                body.put_u32(*status);
                (7, 0)
            }
            Frame::Headers { stream, fin, headers } => {
                body.put_u32(*stream);
                body.put_slice(&self.packer.pack(headers)?);
                (8, u8::from(*fin) * FIN)
            }
            Frame::WindowUpdate { stream, delta } => {
                body.put_u32(*stream);
                body.put_u32(*delta);
                (9, 0)
            }
        };
        out.put_u16(0x8000 | VERSION);
        out.put_u16(kind);
        put_length(kind, flags, body.len(), out)?;
        out.put_slice(&body);
        Ok(())
    }
}

fn put_length(kind: u16, flags: u8, length: usize, out: &mut BytesMut) -> Result<(), FrameError> {
    match u32::try_from(length) {
        Ok(number) if number < 1 << 24 => {
            out.put_u32(u32::from(flags) << 24 | number);
            Ok(())
        }
        _ => Err(FrameError::Length { kind, length }),
    }
}

#[cfg(test)]
mod tests;
