use jiff::Timestamp;
use serde_json::{Number, Value};

use super::error::Fault;
use super::wire::Reader;

/// `meta.v1.Time` or `MicroTime` in RFC 3339; null when it is not set.
///
/// Upstream's JSON knows seconds, or microseconds, and so it cuts what is finer.
pub fn time(message: &[u8], format: &str) -> Result<Value, Fault> {
    if message.is_empty() {
        return Ok(Value::Null);
    }
    let (mut seconds, mut nanoseconds) = (0, 0);
    let mut reader = Reader::new(message);
    while let Some((tag, payload)) = reader.next()? {
        match tag {
            1 => seconds = payload.integer()?,
            2 => nanoseconds = payload.integer()?,
            _ => {}
        }
    }
    let nanoseconds = i32::try_from(nanoseconds).map_err(|_| Fault::OutOfTime)?;
    let time = Timestamp::new(seconds, nanoseconds).map_err(|_| Fault::OutOfTime)?;
    if time < YEAR_0 {
        return Err(Fault::OutOfTime);
    }
    Ok(Value::String(time.strftime(format).to_string()))
}

/// RFC 3339 writes no earlier year.
const YEAR_0: Timestamp = Timestamp::constant(-62_167_219_200, 0);

/// The form of `Time`.
pub const SECONDS: &str = "%Y-%m-%dT%H:%M:%SZ";

/// The form of `MicroTime`.
pub const MICROSECONDS: &str = "%Y-%m-%dT%H:%M:%S.%6fZ";

/// `intstr.IntOrString`.
pub fn int_or_string(message: &[u8]) -> Result<Value, Fault> {
    let (mut is_string, mut number, mut text) = (false, 0, String::new());
    let mut reader = Reader::new(message);
    while let Some((tag, payload)) = reader.next()? {
        match tag {
            1 => is_string = payload.integer()? == 1,
            2 => number = payload.integer()?,
            3 => text = payload.text()?,
            _ => {}
        }
    }
    Ok(if is_string { Value::String(text) } else { Value::from(number) })
}

/// `RawExtension`, `FieldsV1` and `JSON`: a message with JSON text in its first field.
pub fn json(message: &[u8]) -> Result<Value, Fault> {
    let mut raw: &[u8] = &[];
    let mut reader = Reader::new(message);
    while let Some((tag, payload)) = reader.next()? {
        if tag == 1 {
            raw = payload.bytes()?;
        }
    }
    if raw.is_empty() {
        return Ok(Value::Null);
    }
    serde_json::from_slice(raw).map_err(|error| Fault::NotJson(error.to_string()))
}

/// A number as Go prints it: whole ones without a point.
#[expect(clippy::cast_possible_truncation, reason = "whole and of less than 54 bits")]
pub fn double(value: f64) -> Result<Value, Fault> {
    const WHOLE: f64 = 9_007_199_254_740_992.0;
    if value.fract() == 0.0 && value.abs() < WHOLE {
        return Ok(Value::from(value as i64));
    }
    Number::from_f64(value).map(Value::Number).ok_or(Fault::NotFinite)
}
