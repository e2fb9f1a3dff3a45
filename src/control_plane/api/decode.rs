//! Request bodies: JSON that notices doubled fields, YAML, and protobuf.

use std::fmt;

use http::HeaderMap;
use http::header::CONTENT_TYPE;
use serde::de::{DeserializeSeed, Deserializer, MapAccess, SeqAccess, Visitor};
use serde_json::{Map, Number, Value};

use crate::kubernetes::protobuf::{self, DecodeError};
use crate::kubernetes::{Reason, Status};
use crate::yaml;

/// A request body as a value, and the fields that stand twice in it.
#[derive(Debug, Default)]
pub struct Decoded {
    /// The value; of a doubled field the last one.
    pub value: Value,
    /// Paths such as `spec.replicas`.
    pub duplicates: Vec<String>,
}

/// Decodes an object by its `Content-Type`; JSON when there is none.
pub fn object(headers: &HeaderMap, body: &[u8]) -> Result<Decoded, Status> {
    match media_type(headers) {
        "" | "application/json" | "*/*" => json(body),
        "application/yaml" => yaml(body),
        protobuf::MEDIA_TYPE => protobuf(body),
        other => Err(unsupported(other)),
    }
}

/// The media type of the body, without parameters.
pub fn media_type(headers: &HeaderMap) -> &str {
    let value = headers.get(CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or("");
    value.split(';').next().unwrap_or("").trim()
}

/// 415.
pub fn unsupported(media_type: &str) -> Status {
    Status::new(
        Reason::UnsupportedMediaType,
        format!(
            "the body of the request was in an unknown format ({media_type}) - accepted media \
             types include: application/json, application/yaml, {}",
            protobuf::MEDIA_TYPE
        ),
    )
}

/// Decodes JSON.
pub fn json(body: &[u8]) -> Result<Decoded, Status> {
    let mut duplicates = Vec::new();
    let mut reader = serde_json::Deserializer::from_slice(body);
    let seed = Node { path: &Path::Root, duplicates: &mut duplicates };
    let value = seed.deserialize(&mut reader).and_then(|value| reader.end().map(|()| value));
    let value = value.map_err(|error| undecodable("JSON", &error))?;
    Ok(Decoded { value, duplicates })
}

/// Decodes one YAML document.
pub fn yaml(body: &[u8]) -> Result<Decoded, Status> {
    let text = std::str::from_utf8(body).map_err(|error| undecodable("YAML", &error))?;
    let documents = yaml::read(text).map_err(|error| undecodable("YAML", &error))?;
    match <[Value; 1]>::try_from(documents) {
        Ok([value]) => Ok(Decoded { value, duplicates: Vec::new() }),
        Err(documents) => Err(Status::new(
            Reason::BadRequest,
            format!("the request body must be one YAML document, not {}", documents.len()),
        )),
    }
}

/// Decodes protobuf, which has no doubled fields: all but the last value of one are gone.
fn protobuf(body: &[u8]) -> Result<Decoded, Status> {
    match protobuf::decode(body) {
        Ok(value) => Ok(Decoded { value, duplicates: Vec::new() }),
        Err(error @ (DecodeError::UnknownKind { .. } | DecodeError::UnknownContent { .. })) => {
            Err(Status::new(
                Reason::UnsupportedMediaType,
                format!("the request body cannot be read as protobuf: {error}; send JSON"),
            ))
        }
        Err(error) => Err(undecodable("protobuf", &error)),
    }
}

fn undecodable(format: &str, error: &dyn fmt::Display) -> Status {
    Status::new(Reason::BadRequest, format!("the request body is not {format}: {error}"))
}

/// Where in the body a value stands; built of references, so that it costs nothing unless printed.
enum Path<'a> {
    Root,
    Field(&'a Path<'a>, &'a str),
    Item(&'a Path<'a>, usize),
}

impl fmt::Display for Path<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Root => Ok(()),
            Self::Field(Path::Root, name) => f.write_str(name),
            Self::Field(parent, name) => write!(f, "{parent}.{name}"),
            Self::Item(parent, index) => write!(f, "{parent}[{index}]"),
        }
    }
}

struct Node<'a> {
    path: &'a Path<'a>,
    duplicates: &'a mut Vec<String>,
}

impl<'de> DeserializeSeed<'de> for Node<'_> {
    type Value = Value;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Value, D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Node<'_> {
    type Value = Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a JSON value")
    }

    fn visit_bool<E>(self, value: bool) -> Result<Value, E> {
        Ok(Value::Bool(value))
    }

    fn visit_i64<E>(self, value: i64) -> Result<Value, E> {
        Ok(Value::Number(value.into()))
    }

    fn visit_u64<E>(self, value: u64) -> Result<Value, E> {
        Ok(Value::Number(value.into()))
    }

    fn visit_f64<E>(self, value: f64) -> Result<Value, E> {
        Ok(Number::from_f64(value).map_or(Value::Null, Value::Number))
    }

    fn visit_str<E>(self, value: &str) -> Result<Value, E> {
        Ok(Value::String(value.to_owned()))
    }

    fn visit_string<E>(self, value: String) -> Result<Value, E> {
        Ok(Value::String(value))
    }

    fn visit_unit<E>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Value, A::Error> {
        let mut list = Vec::new();
        loop {
            let path = Path::Item(self.path, list.len());
            let seed = Node { path: &path, duplicates: self.duplicates };
            match items.next_element_seed(seed)? {
                Some(item) => list.push(item),
                None => return Ok(Value::Array(list)),
            }
        }
    }

    fn visit_map<A: MapAccess<'de>>(self, mut entries: A) -> Result<Value, A::Error> {
        let mut map = Map::new();
        while let Some(name) = entries.next_key::<String>()? {
            let path = Path::Field(self.path, &name);
            let seed = Node { path: &path, duplicates: self.duplicates };
            let value = entries.next_value_seed(seed)?;
            if map.contains_key(&name) {
                self.duplicates.push(Path::Field(self.path, &name).to_string());
            }
            map.insert(name, value);
        }
        Ok(Value::Object(map))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn doubled_fields_are_noticed_and_the_last_one_counts() {
        let body = br#"{"a": {"b": 1, "b": [{"c": 1, "c": 2.5}]}, "d": null, "d": "x"}"#;
        let Decoded { value, duplicates } = json(body).unwrap();
        assert_eq!(value, serde_json::json!({"a": {"b": [{"c": 2.5}]}, "d": "x"}));
        assert_eq!(duplicates, ["a.b[0].c", "a.b", "d"]);
    }

    #[test]
    fn what_is_not_json_or_yaml_is_refused() {
        for body in ["", "{", "{} x", "nul"] {
            assert_eq!(json(body.as_bytes()).unwrap_err().code, 400, "{body}");
        }
        let deep = "[".repeat(10_000);
        assert_eq!(json(deep.as_bytes()).unwrap_err().code, 400);
        assert_eq!(yaml(b"a: [").unwrap_err().code, 400);
        assert_eq!(yaml(b"a: 1\n---\nb: 2\n").unwrap_err().code, 400);
        assert_eq!(yaml(b"\xff").unwrap_err().code, 400);
        assert_eq!(yaml(b"a: yes\n").unwrap().value, serde_json::json!({"a": true}));
    }
}
