//! Objects as protobuf: what typed Go clients send, `kubectl create` among them, read as JSON.
//!
//! ```text
//!  "k8s\0" ─▶ envelope: apiVersion, kind, raw ─▶ the kind's message ─▶ JSON
//!                                          └ data/protobuf.tsv ┘
//! ```
//!
//! # Invariants
//! - The JSON is what Go's own encoder prints of the same object, but for `null`, which is left out: structs that
//!   Go embeds are inlined, and zero values that `omitempty` drops are not there.
//! - No bytes make it panic, and nothing it returns nests deeper than JSON that is read.
//! - Fields that the table does not know are skipped, as upstream does: they belong to newer versions of the API.

mod error;
mod message;
mod scalar;
mod table;
mod wire;

pub use error::DecodeError;

use serde_json::{Map, Value};

use self::error::Malformed;
use self::message::Decoder;
use self::table::Table;
use self::wire::{Payload, Reader};

/// The media type of Kubernetes' protobuf.
pub const MEDIA_TYPE: &str = "application/vnd.kubernetes.protobuf";

/// What every body starts with.
const MAGIC: &[u8] = b"k8s\0";

/// Decodes one object with its `apiVersion` and `kind`.
///
/// Fails when the bytes are not such an object, or of a kind that has no protobuf form.
pub fn decode(body: &[u8]) -> Result<Value, DecodeError> {
    let body = body.strip_prefix(MAGIC).ok_or(DecodeError::NoMagic)?;
    let envelope = Envelope::read(body)?;
    let Envelope { api_version, kind, raw, content_encoding, content_type } = envelope;
    if !content_encoding.is_empty() || !(content_type.is_empty() || content_type == MEDIA_TYPE) {
        return Err(DecodeError::UnknownContent { content_type, content_encoding });
    }
    let table = Table::get();
    let Some(message) = table.kind(&api_version, &kind) else {
        return Err(DecodeError::UnknownKind { api_version, kind });
    };
    let mut object = Map::new();
    Decoder::new(table).fill(message, raw, &mut object)?;
    object.shift_insert(0, "kind".to_owned(), Value::String(kind));
    object.shift_insert(0, "apiVersion".to_owned(), Value::String(api_version));
    Ok(Value::Object(object))
}

/// `runtime.Unknown`.
#[derive(Default)]
struct Envelope<'a> {
    api_version: String,
    kind: String,
    raw: &'a [u8],
    content_encoding: String,
    content_type: String,
}

impl<'a> Envelope<'a> {
    fn read(body: &'a [u8]) -> Result<Self, Malformed> {
        let mut envelope = Self::default();
        let mut reader = Reader::new(body);
        while let Some((tag, payload)) = reader.next()? {
            match tag {
                1 => envelope.read_type(payload)?,
                2 => envelope.raw = payload.bytes()?,
                3 => envelope.content_encoding = payload.text()?,
                4 => envelope.content_type = payload.text()?,
                _ => {}
            }
        }
        Ok(envelope)
    }

    /// `runtime.TypeMeta`.
    fn read_type(&mut self, payload: Payload<'_>) -> Result<(), Malformed> {
        let mut reader = Reader::new(payload.bytes()?);
        while let Some((tag, payload)) = reader.next()? {
            match tag {
                1 => self.api_version = payload.text()?,
                2 => self.kind = payload.text()?,
                _ => {}
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests;
