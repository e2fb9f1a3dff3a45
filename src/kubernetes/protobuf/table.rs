use std::collections::HashMap;
use std::sync::LazyLock;

/// One line per message, sorted: name, role, fields; `tools/kubernetes-data/protobuf` says how to read it.
const MESSAGES: &str = include_str!("../data/protobuf.tsv");

/// The messages of all kinds, read when the first body comes.
pub struct Table {
    messages: Vec<Message>,
    /// By `apiVersion` and kind.
    kinds: HashMap<(&'static str, &'static str), usize>,
}

/// How a struct stands in protobuf.
pub struct Message {
    /// In JSON it is the value of its first field that is set.
    pub is_choice: bool,
    pub fields: Vec<Field>,
}

/// A field of a message.
pub struct Field {
    pub tag: u64,
    /// The name in JSON; empty for a struct whose fields JSON inlines.
    pub name: &'static str,
    /// Whether JSON leaves its zero value out.
    pub omits_zero: bool,
    pub repeat: Repeat,
    pub form: Form,
}

/// How often a field stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Repeat {
    Once,
    List,
    /// With strings as keys.
    Map,
}

/// What one value of a field is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Form {
    String,
    Bytes,
    Boolean,
    Integer,
    Double,
    Time,
    MicroTime,
    IntOrString,
    /// Any JSON, as text.
    Json,
    /// The message at an index of the table.
    Message(usize),
}

/// The role of a message that is a kind in every group.
const EVERY_GROUP: &str = "*";

impl Table {
    pub fn get() -> &'static Self {
        static TABLE: LazyLock<Table> =
            LazyLock::new(|| Table::parse().expect("protobuf.tsv is part of the program: a test"));
        &TABLE
    }

    /// The message of a kind that clients send.
    pub fn kind(&self, api_version: &str, kind: &str) -> Option<&Message> {
        let index = self.kinds.get(&(api_version, kind));
        self.message(*index.or_else(|| self.kinds.get(&(EVERY_GROUP, kind)))?)
    }

    pub fn message(&self, index: usize) -> Option<&Message> {
        self.messages.get(index)
    }

    fn parse() -> Option<Self> {
        let names = MESSAGES.lines().map(|line| line.split('\t').next().unwrap_or(""));
        let names: HashMap<&str, usize> = names.enumerate().map(|(at, name)| (name, at)).collect();
        let mut table = Self { messages: Vec::with_capacity(names.len()), kinds: HashMap::new() };
        for (index, line) in MESSAGES.lines().enumerate() {
            let mut cells = line.split('\t');
            let (name, role) = (cells.next()?, cells.next()?);
            let is_choice = role == "choice";
            if !is_choice && !role.is_empty() {
                table.kinds.insert((role, name.rsplit('.').next()?), index);
            }
            let fields = cells.map(|cell| Field::parse(cell, &names)).collect::<Option<_>>()?;
            table.messages.push(Message { is_choice, fields });
        }
        Some(table)
    }
}

impl Message {
    pub fn field(&self, tag: u64) -> Option<&Field> {
        self.fields.iter().find(|field| field.tag == tag)
    }
}

impl Field {
    fn parse(cell: &'static str, names: &HashMap<&str, usize>) -> Option<Self> {
        let (tag, rest) = cell.split_once(':')?;
        let (name, kind) = rest.split_once(':')?;
        let (repeat, kind) = match (kind.strip_prefix("[]"), kind.strip_prefix("{}")) {
            (Some(kind), _) => (Repeat::List, kind),
            (_, Some(kind)) => (Repeat::Map, kind),
            _ => (Repeat::Once, kind),
        };
        let form = match kind {
            "string" => Form::String,
            "bytes" => Form::Bytes,
            "bool" => Form::Boolean,
            "int" => Form::Integer,
            "double" => Form::Double,
            "time" => Form::Time,
            "micro-time" => Form::MicroTime,
            "int-or-string" => Form::IntOrString,
            "json" => Form::Json,
            message => Form::Message(*names.get(message)?),
        };
        let omits_zero = name.ends_with('?');
        let name = name.trim_end_matches('?');
        Some(Self { tag: tag.parse().ok()?, name, omits_zero, repeat, form })
    }
}
