use super::error::Fault;

/// The fields of a message, one after the other.
pub struct Reader<'a> {
    rest: &'a [u8],
}

/// The value of a field as it is on the wire.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Payload<'a> {
    /// An integer or boolean.
    Varint(u64),
    /// 64 bits of a floating-point number.
    Fixed64(u64),
    /// 32 bits, which no field of Kubernetes has.
    Fixed32,
    /// A string, bytes, a message, or several numbers.
    Bytes(&'a [u8]),
}

impl<'a> Reader<'a> {
    pub fn new(bytes: &'a [u8]) -> Self {
        Self { rest: bytes }
    }

    /// The next field's tag and value; none at the end.
    pub fn next(&mut self) -> Result<Option<(u64, Payload<'a>)>, Fault> {
        if self.rest.is_empty() {
            return Ok(None);
        }
        let key = self.varint()?;
        let payload = match key & 7 {
            0 => Payload::Varint(self.varint()?),
            1 => Payload::Fixed64(u64::from_le_bytes(self.array()?)),
            2 => {
                let length = usize::try_from(self.varint()?).map_err(|_| Fault::Truncated)?;
                Payload::Bytes(self.take(length)?)
            }
            5 => {
                self.take(4)?;
                Payload::Fixed32
            }
            other => return Err(Fault::WireType(other)),
        };
        match key >> 3 {
            0 => Err(Fault::FieldNumber),
            tag => Ok(Some((tag, payload))),
        }
    }

    /// The next number of a packed list; none at the end.
    pub fn next_packed(&mut self) -> Result<Option<u64>, Fault> {
        if self.rest.is_empty() { Ok(None) } else { self.varint().map(Some) }
    }

    fn varint(&mut self) -> Result<u64, Fault> {
        let mut value = 0;
        for shift in (0..u64::BITS).step_by(7) {
            let [byte] = self.array()?;
            let bits = u64::from(byte & 0x7f);
            if shift == 63 && bits > 1 {
                return Err(Fault::Overlong);
            }
            value |= bits << shift;
            if byte < 0x80 {
                return Ok(value);
            }
        }
        Err(Fault::Overlong)
    }

    fn array<const N: usize>(&mut self) -> Result<[u8; N], Fault> {
        let (array, rest) = self.rest.split_first_chunk().ok_or(Fault::Truncated)?;
        self.rest = rest;
        Ok(*array)
    }

    fn take(&mut self, length: usize) -> Result<&'a [u8], Fault> {
        let (taken, rest) = self.rest.split_at_checked(length).ok_or(Fault::Truncated)?;
        self.rest = rest;
        Ok(taken)
    }
}

impl<'a> Payload<'a> {
    pub fn bytes(self) -> Result<&'a [u8], Fault> {
        if let Self::Bytes(bytes) = self { Ok(bytes) } else { Err(Fault::Mistyped) }
    }

    pub fn text(self) -> Result<String, Fault> {
        let text = std::str::from_utf8(self.bytes()?).map_err(|_| Fault::NotUtf8)?;
        Ok(text.to_owned())
    }

    /// Negative numbers of 32 bits come as 64 bits as well.
    pub fn integer(self) -> Result<i64, Fault> {
        if let Self::Varint(bits) = self { Ok(bits.cast_signed()) } else { Err(Fault::Mistyped) }
    }

    pub fn double(self) -> Result<f64, Fault> {
        if let Self::Fixed64(bits) = self { Ok(f64::from_bits(bits)) } else { Err(Fault::Mistyped) }
    }
}
