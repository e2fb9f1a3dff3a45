use bytes::{Buf, BufMut, BytesMut};
use flate2::{Compress, Compression, Decompress, FlushCompress, FlushDecompress};

use super::frame::FrameError;

/// Names with their values, of which one that stands for several has them parted by NUL.
pub type Headers = Vec<(String, String)>;

/// A header block that is larger when unpacked is refused.
const BLOCK_BYTES: usize = 64 << 10;

/// The words of the dictionary that both sides start from, each with its length before it.
const WORDS: &str = "options head post put delete trace accept accept-charset accept-encoding \
    accept-language accept-ranges age allow authorization cache-control connection content-base \
    content-encoding content-language content-length content-location content-md5 content-range \
    content-type date etag expect expires from host if-match if-modified-since if-none-match \
    if-range if-unmodified-since last-modified location max-forwards pragma proxy-authenticate \
    proxy-authorization range referer retry-after server te trailer transfer-encoding upgrade \
    user-agent vary via warning www-authenticate method get status";
/// And the rest of the words, one of which has a blank in it.
const MORE_WORDS: &[&str] =
    &["200 OK", "version", "HTTP/1.1", "url", "public", "set-cookie", "keep-alive", "origin"];
/// What follows the words, without lengths.
const TAIL: &str = "100101201202205206300302303304305306307402405406407408409410411412413414415416\
    417502504505203 Non-Authoritative Information204 No Content301 Moved Permanently400 Bad \
    Request401 Unauthorized403 Forbidden404 Not Found500 Internal Server Error501 Not \
    Implemented503 Service UnavailableJan Feb Mar Apr May Jun Jul Aug Sept Oct Nov Dec 00:00:00 \
    Mon, Tue, Wed, Thu, Fri, Sat, Sun, GMTchunked,text/html,image/png,image/jpg,image/gif,\
    application/xml,application/xhtml+xml,text/plain,text/javascript,publicprivatemax-age=gzip,\
    deflate,sdchcharset=utf-8charset=iso-8859-1,utf-,*,enq=0.";

fn dictionary() -> BytesMut {
    let mut dictionary = BytesMut::new();
    for word in WORDS.split(' ').chain(MORE_WORDS.iter().copied()) {
        put_string(&mut dictionary, word);
    }
    dictionary.put_slice(TAIL.as_bytes());
    dictionary
}

/// Packs header blocks; each refers to those before it.
pub struct Packer(Compress);

/// Unpacks header blocks, in the order in which they were packed.
pub struct Unpacker(Decompress);

impl Packer {
    /// Of a new connection.
    pub fn new() -> Self {
        let mut compress = Compress::new(Compression::fast(), true);
        // Before the first byte it is always taken.
        let _ = compress.set_dictionary(&dictionary());
        Self(compress)
    }

    /// The block of some headers.
    pub fn pack(&mut self, headers: &Headers) -> Result<Vec<u8>, FrameError> {
        let mut plain = BytesMut::new();
        plain.put_u32(length(headers.len()));
        for (name, value) in headers {
            put_string(&mut plain, name);
            put_string(&mut plain, value);
        }
        let mut packed = Vec::with_capacity(plain.len() + 64);
        let start = self.0.total_in();
        loop {
            let taken = usize::try_from(self.0.total_in() - start).unwrap_or(usize::MAX);
            let rest = plain.get(taken..).unwrap_or_default();
            let room = packed.capacity() - packed.len();
            self.0
                .compress_vec(rest, &mut packed, FlushCompress::Sync)
                .map_err(|_| FrameError::HeaderBlock)?;
            // With room left over, all is out.
            if room > 0 && packed.len() < packed.capacity() {
                return Ok(packed);
            }
            packed.reserve(256);
        }
    }
}

impl Unpacker {
    /// Of a new connection.
    pub fn new() -> Self {
        Self(Decompress::new(true))
    }

    /// The headers of a block.
    pub fn unpack(&mut self, block: &[u8]) -> Result<Headers, FrameError> {
        let mut plain = Vec::with_capacity(1 << 10);
        let start = self.0.total_in();
        loop {
            let taken = usize::try_from(self.0.total_in() - start).unwrap_or(usize::MAX);
            let rest = block.get(taken..).unwrap_or_default();
            match self.0.decompress_vec(rest, &mut plain, FlushDecompress::Sync) {
                Ok(_) if plain.len() < plain.capacity() => break,
                Ok(_) if plain.len() >= BLOCK_BYTES => return Err(FrameError::HeaderBlock),
                Ok(_) => plain.reserve(4 << 10),
                Err(error) if error.needs_dictionary().is_some() => {
                    self.0.set_dictionary(&dictionary()).map_err(|_| FrameError::HeaderBlock)?;
                }
                Err(_) => return Err(FrameError::HeaderBlock),
            }
        }
        parse(&plain)
    }
}

fn parse(mut plain: &[u8]) -> Result<Headers, FrameError> {
    let count = plain.try_get_u32().map_err(|_| FrameError::HeaderBlock)?;
    let mut headers = Headers::new();
    for _ in 0..count {
        let name = string(&mut plain)?.to_ascii_lowercase();
        headers.push((name, string(&mut plain)?));
    }
    Ok(headers)
}

fn string(plain: &mut &[u8]) -> Result<String, FrameError> {
    let length = plain.try_get_u32().map_err(|_| FrameError::HeaderBlock)?;
    let length = usize::try_from(length).map_err(|_| FrameError::HeaderBlock)?;
    let (text, rest) = plain.split_at_checked(length).ok_or(FrameError::HeaderBlock)?;
    *plain = rest;
    String::from_utf8(text.to_vec()).map_err(|_| FrameError::HeaderBlock)
}

fn put_string(out: &mut BytesMut, text: &str) {
    out.put_u32(length(text.len()));
    out.put_slice(text.as_bytes());
}

fn length(length: usize) -> u32 {
    u32::try_from(length).unwrap_or(u32::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn headers(pairs: &[(&str, &str)]) -> Headers {
        pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
    }

    #[test]
    fn the_dictionary_is_that_of_the_protocol() {
        let dictionary = dictionary();
        let (mut a, mut b) = (1_u32, 0_u32);
        for byte in &dictionary {
            a = (a + u32::from(*byte)) % 65521;
            b = (b + a) % 65521;
        }
        assert_eq!((dictionary.len(), b << 16 | a), (1423, 0xe3c6_a7c2));
    }

    #[test]
    fn blocks_are_read_in_the_order_they_were_packed() {
        let (mut packer, mut unpacker) = (Packer::new(), Unpacker::new());
        for index in 0..50 {
            let value = "x".repeat(index * 37);
            let block = headers(&[("streamtype", "data"), ("port", "80"), ("other", &value)]);
            let bytes = packer.pack(&block).unwrap();
            assert_eq!(unpacker.unpack(&bytes), Ok(block));
        }
    }

    #[test]
    fn a_block_that_blows_up_is_refused() {
        let block = headers(&[("bomb", &"0".repeat(1 << 20))]);
        let packed = Packer::new().pack(&block).unwrap();
        assert!(packed.len() < 64 << 10, "{} bytes", packed.len());
        assert_eq!(Unpacker::new().unpack(&packed), Err(FrameError::HeaderBlock));
    }
}
