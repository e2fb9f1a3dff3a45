use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::map::Entry;
use serde_json::{Map, Value};

use super::error::{Fault, Malformed};
use super::scalar;
use super::table::{Field, Form, Message, Repeat, Table};
use super::wire::{Payload, Reader};

/// Less than the 128 levels that a JSON reader follows: what comes in here is stored and read again.
const LEVELS: usize = 100;

/// Writes messages as JSON.
#[derive(Clone, Copy)]
pub struct Decoder {
    table: &'static Table,
    /// How many levels of JSON may still open.
    room: usize,
}

impl Decoder {
    pub fn new(table: &'static Table) -> Self {
        Self { table, room: LEVELS }
    }

    /// Writes the fields of a message into an object; those that stand twice merge or win, as protobuf demands.
    pub fn fill(
        self,
        message: &Message,
        bytes: &[u8],
        object: &mut Map<String, Value>,
    ) -> Result<(), Malformed> {
        let inner = self.deeper()?;
        let mut reader = Reader::new(bytes);
        while let Some((tag, payload)) = reader.next()? {
            let Some(field) = message.field(tag) else { continue };
            let filled = match field.repeat {
                Repeat::Once => inner.fill_once(field, payload, object),
                Repeat::List => inner.fill_list(field, payload, object),
                Repeat::Map => inner.fill_map(field, payload, object),
            };
            filled.map_err(|malformed| malformed.inside(field.name))?;
        }
        Ok(())
    }

    fn fill_once(
        self,
        field: &Field,
        payload: Payload<'_>,
        object: &mut Map<String, Value>,
    ) -> Result<(), Malformed> {
        let value = match self.structure(field.form) {
            Some(message) if field.name.is_empty() => {
                return self.fill(message, payload.bytes()?, object);
            }
            Some(message) => {
                let mut inner = match object.get_mut(field.name).map(Value::take) {
                    Some(Value::Object(begun)) => begun,
                    _ => Map::new(),
                };
                self.fill(message, payload.bytes()?, &mut inner)?;
                Value::Object(inner)
            }
            None => self.value(field.form, payload)?,
        };
        if value.is_null() || field.omits_zero && is_zero(&value) {
            object.shift_remove(field.name);
        } else {
            object.insert(field.name.to_owned(), value);
        }
        Ok(())
    }

    fn fill_list(
        self,
        field: &Field,
        payload: Payload<'_>,
        object: &mut Map<String, Value>,
    ) -> Result<(), Malformed> {
        let Value::Array(items) =
            object.entry(field.name).or_insert_with(|| Value::Array(Vec::new()))
        else {
            return Err(Fault::Mistyped.into());
        };
        if let (Form::Integer, Payload::Bytes(packed)) = (field.form, payload) {
            let mut reader = Reader::new(packed);
            while let Some(number) = reader.next_packed()? {
                items.push(Value::from(number.cast_signed()));
            }
            return Ok(());
        }
        let item = self.deeper()?.value(field.form, payload);
        items.push(item.map_err(|malformed| malformed.inside(&format!("[{}]", items.len())))?);
        Ok(())
    }

    /// One entry of a map: a message of a key and a value.
    fn fill_map(
        self,
        field: &Field,
        payload: Payload<'_>,
        object: &mut Map<String, Value>,
    ) -> Result<(), Malformed> {
        // What is left out has its zero value, which all types of values in maps write as no bytes.
        let (mut key, mut value) = (String::new(), Payload::Bytes(&[]));
        let mut reader = Reader::new(payload.bytes()?);
        while let Some((tag, payload)) = reader.next()? {
            match tag {
                1 => key = payload.text()?,
                2 => value = payload,
                _ => {}
            }
        }
        let value = self.deeper()?.value(field.form, value);
        let value = value.map_err(|malformed| malformed.inside(&format!("[{key}]")))?;
        let entries = match object.entry(field.name) {
            Entry::Occupied(entries) => entries.into_mut(),
            Entry::Vacant(place) => place.insert(Value::Object(Map::new())),
        };
        let entries = entries.as_object_mut().ok_or(Fault::Mistyped)?;
        entries.insert(key, value);
        Ok(())
    }

    fn value(self, form: Form, payload: Payload<'_>) -> Result<Value, Malformed> {
        Ok(match form {
            Form::String => Value::String(payload.text()?),
            Form::Bytes => Value::String(STANDARD.encode(payload.bytes()?)),
            Form::Boolean => Value::Bool(payload.integer()? != 0),
            Form::Integer => Value::from(payload.integer()?),
            Form::Double => scalar::double(payload.double()?)?,
            Form::Time => scalar::time(payload.bytes()?, scalar::SECONDS)?,
            Form::MicroTime => scalar::time(payload.bytes()?, scalar::MICROSECONDS)?,
            Form::IntOrString => scalar::int_or_string(payload.bytes()?)?,
            Form::Json => {
                let value = scalar::json(payload.bytes()?)?;
                if levels(&value) > self.room {
                    return Err(Fault::TooDeep.into());
                }
                value
            }
            Form::Message(index) => {
                let message = self.table.message(index).ok_or(Fault::Mistyped)?;
                let mut object = Map::new();
                self.fill(message, payload.bytes()?, &mut object)?;
                if message.is_choice { choose(message, object) } else { Value::Object(object) }
            }
        })
    }

    /// The message of a form that is an object in JSON.
    fn structure(self, form: Form) -> Option<&'static Message> {
        let Form::Message(index) = form else { return None };
        self.table.message(index).filter(|message| !message.is_choice)
    }

    fn deeper(self) -> Result<Self, Fault> {
        let room = self.room.checked_sub(1).ok_or(Fault::TooDeep)?;
        Ok(Self { room, ..self })
    }
}

/// The first field of a choice that is set, in the order of the table.
fn choose(message: &Message, mut object: Map<String, Value>) -> Value {
    let chosen = message.fields.iter().find_map(|field| object.shift_remove(field.name));
    chosen.unwrap_or_else(|| match message.fields.last().map(|field| (field.repeat, field.form)) {
        Some((Repeat::Once, Form::Boolean)) => Value::Bool(false),
        Some((Repeat::Once, Form::String)) => Value::String(String::new()),
        Some((Repeat::List, _)) => Value::Array(Vec::new()),
        _ => Value::Null,
    })
}

fn is_zero(value: &Value) -> bool {
    match value {
        Value::Null | Value::Bool(false) => true,
        Value::Bool(true) => false,
        Value::Number(number) => number.as_f64() == Some(0.0),
        Value::String(text) => text.is_empty(),
        Value::Array(items) => items.is_empty(),
        Value::Object(fields) => fields.is_empty(),
    }
}

/// How deep a value nests; the JSON reader has bounded it.
fn levels(value: &Value) -> usize {
    match value {
        Value::Array(items) => 1 + items.iter().map(levels).max().unwrap_or(0),
        Value::Object(fields) => 1 + fields.values().map(levels).max().unwrap_or(0),
        _ => 0,
    }
}
