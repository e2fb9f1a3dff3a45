use std::collections::BTreeMap;

use jiff::Timestamp;
use serde_json::{Map, Value, json};

use super::field_set::{FieldSet, PathElement};

/// `managedFields`: who owns what.
#[derive(Debug, Clone, Default, PartialEq)]
pub(super) struct Managers {
    pub(super) entries: BTreeMap<Manager, Owned>,
}

/// What tells one entry from another.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Manager {
    pub(super) name: String,
    pub(super) operation: Operation,
    /// Empty for applied entries: an applier has one entry, whatever version it applies.
    pub(super) version: String,
    pub(super) subresource: String,
}

/// `operation`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Operation {
    Apply,
    Update,
}

/// What a manager owns.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Owned {
    pub(super) fields: FieldSet,
    pub(super) version: String,
    pub(super) time: Option<Timestamp>,
}

/// Upstream keeps this many updaters apart.
const MOST_UPDATERS: usize = 10;

impl Manager {
    /// How conflicts name it.
    pub(super) fn describe(&self) -> String {
        let mut text = format!("{:?}", self.name);
        if !self.subresource.is_empty() {
            text = format!("{text} with subresource {:?}", self.subresource);
        }
        match self.operation {
            Operation::Apply => text,
            Operation::Update => format!("{text} using {}", self.version),
        }
    }
}

impl Managers {
    /// Those of an object; `None` when one entry has a form that nobody writes.
    pub(super) fn read(object: &Value) -> Option<Self> {
        let mut entries = BTreeMap::new();
        let Some(list) = object.pointer("/metadata/managedFields").and_then(Value::as_array) else {
            return Some(Self::default());
        };
        for entry in list {
            let (manager, owned) = read_entry(entry)?;
            entries.insert(manager, owned);
        }
        Some(Self { entries })
    }

    /// Writes them into an object, in upstream's order.
    pub(super) fn write(&self, object: &mut Value) {
        let mut entries: Vec<_> = self.entries.iter().collect();
        entries.sort_by_key(|(manager, owned)| {
            let seconds = owned.time.map_or(0, Timestamp::as_second);
            (manager.operation, seconds, &manager.name, &owned.version, &manager.subresource)
        });
        let list: Vec<_> =
            entries.into_iter().map(|(manager, owned)| entry(manager, owned)).collect();
        if let Some(metadata) = object.get_mut("metadata").and_then(Value::as_object_mut) {
            metadata.shift_remove("managedFields");
            if !list.is_empty() {
                metadata.insert("managedFields".to_owned(), Value::Array(list));
            }
        }
    }

    /// Drops what nobody owns: the fields that name an object, and those of the server.
    pub(super) fn strip(&mut self, manager: &Manager) {
        if let Some(owned) = self.entries.get_mut(manager) {
            owned.fields = owned.fields.difference(&unowned());
        }
        self.drop_empty();
    }

    pub(super) fn drop_empty(&mut self) {
        self.entries.retain(|_, owned| !owned.fields.is_empty());
    }

    /// Merges the oldest updaters into one entry when there are too many.
    pub(super) fn cap(&mut self) {
        loop {
            let mut updaters: Vec<_> = self
                .entries
                .iter()
                .filter(|(manager, _)| manager.operation == Operation::Update)
                .map(|(manager, owned)| (owned.time, manager.clone()))
                .collect();
            if updaters.len() <= MOST_UPDATERS {
                return;
            }
            updaters.sort();
            let Some((_, oldest)) = updaters.first() else { return };
            let Some((_, next)) =
                updaters.iter().skip(1).find(|(_, other)| other.version == oldest.version)
            else {
                return;
            };
            let bucket = Manager {
                name: "ancient-changes".to_owned(),
                operation: Operation::Update,
                version: oldest.version.clone(),
                subresource: String::new(),
            };
            // The bucket of before, when there is one, is among those that are merged.
            let merged =
                [&bucket, oldest, next].into_iter().filter_map(|each| self.entries.remove(each));
            let merged = merged.reduce(|first, second| Owned {
                fields: first.fields.union(&second.fields),
                ..second
            });
            self.entries.extend(merged.map(|owned| (bucket, owned)));
        }
    }
}

fn read_entry(entry: &Value) -> Option<(Manager, Owned)> {
    let text = |field| entry.get(field).and_then(Value::as_str).unwrap_or_default().to_owned();
    let operation = match text("operation").as_str() {
        "Apply" => Operation::Apply,
        "Update" => Operation::Update,
        _ => return None,
    };
    let version = text("apiVersion");
    let manager = Manager {
        name: text("manager"),
        operation,
        version: if operation == Operation::Apply { String::new() } else { version.clone() },
        subresource: text("subresource"),
    };
    let fields = match entry.get("fieldsV1") {
        Some(fields) => FieldSet::from_value(fields)?,
        None => FieldSet::default(),
    };
    Some((manager, Owned { fields, version, time: text("time").parse().ok() }))
}

fn entry(manager: &Manager, owned: &Owned) -> Value {
    let mut entry = Map::new();
    let mut put = |key: &str, value: Value| entry.insert(key.to_owned(), value);
    put("manager", json!(manager.name));
    put("operation", json!(format!("{:?}", manager.operation)));
    put("apiVersion", json!(owned.version));
    if let Some(time) = owned.time {
        put("time", json!(time.strftime("%Y-%m-%dT%H:%M:%SZ").to_string()));
    }
    put("fieldsType", json!("FieldsV1"));
    put("fieldsV1", owned.fields.to_value());
    if !manager.subresource.is_empty() {
        put("subresource", json!(manager.subresource));
    }
    Value::Object(entry)
}

/// The fields that nobody owns.
pub(super) fn unowned() -> FieldSet {
    let field = |name: &str| PathElement::Field(name.to_owned());
    let mut set = FieldSet::default();
    for name in ["apiVersion", "kind", "metadata"] {
        set.insert(&[field(name)]);
    }
    for name in [
        "name",
        "namespace",
        "creationTimestamp",
        "selfLink",
        "uid",
        "clusterName",
        "generation",
        "managedFields",
        "resourceVersion",
    ] {
        set.insert(&[field("metadata"), field(name)]);
    }
    set
}
