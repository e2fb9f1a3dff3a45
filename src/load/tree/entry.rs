use indexmap::IndexMap;

use crate::diagnostic::Span;

use super::{Node, Value};

/// A mapping in the order of the file.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Mapping {
    entries: IndexMap<String, Entry>,
}

/// The value of a key, and where the key was written.
#[derive(Debug, Clone, PartialEq)]
pub struct Entry {
    /// The place of the key.
    pub key: Span,
    /// The value.
    pub node: Node,
}

impl Entry {
    /// The place to show for the entry: a scalar itself, but only the key of a collection, which
    /// may go on for pages.
    pub fn span(&self) -> &Span {
        match self.node.value {
            Value::Sequence(_) | Value::Mapping(_) | Value::Null => &self.key,
            _ if self.node.span.start == self.node.span.end => &self.key,
            _ => &self.node.span,
        }
    }
}

impl Mapping {
    /// The value of a key.
    pub fn get(&self, key: &str) -> Option<&Node> {
        self.entries.get(key).map(|entry| &entry.node)
    }

    /// The value of a key, to be changed.
    pub fn get_mut(&mut self, key: &str) -> Option<&mut Node> {
        self.entries.get_mut(key).map(|entry| &mut entry.node)
    }

    /// The entry of a key.
    pub fn entry(&self, key: &str) -> Option<&Entry> {
        self.entries.get(key)
    }

    /// The entry of a key, to be changed.
    pub fn entry_mut(&mut self, key: &str) -> Option<&mut Entry> {
        self.entries.get_mut(key)
    }

    /// Whether the key is there.
    pub fn contains(&self, key: &str) -> bool {
        self.entries.contains_key(key)
    }

    /// Sets a key; a key that is there keeps its position in the order.
    pub fn insert(&mut self, key: impl Into<String>, entry: Entry) -> Option<Entry> {
        self.entries.insert(key.into(), entry)
    }

    /// Sets a key that a short form implies; its place is that of the value.
    pub fn set(&mut self, key: impl Into<String>, node: Node) {
        let key_span = node.span.clone();
        self.entries.insert(key.into(), Entry { key: key_span, node });
    }

    /// Sets a key unless it is there.
    pub fn set_default(&mut self, key: &str, node: impl FnOnce() -> Node) {
        if !self.contains(key) {
            self.set(key, node());
        }
    }

    /// Takes a key out.
    pub fn remove(&mut self, key: &str) -> Option<Entry> {
        self.entries.shift_remove(key)
    }

    /// Keeps the entries that the test accepts.
    pub fn retain(&mut self, keep: impl FnMut(&String, &mut Entry) -> bool) {
        self.entries.retain(keep);
    }

    /// The entries in order.
    pub fn iter(&self) -> impl Iterator<Item = (&String, &Entry)> {
        self.entries.iter()
    }

    /// The entries in order, to be changed.
    pub fn iter_mut(&mut self) -> impl Iterator<Item = (&String, &mut Entry)> {
        self.entries.iter_mut()
    }

    /// The keys in order.
    pub fn keys(&self) -> impl Iterator<Item = &String> {
        self.entries.keys()
    }

    /// The values in order, to be changed.
    pub fn nodes_mut(&mut self) -> impl Iterator<Item = &mut Node> {
        self.entries.values_mut().map(|entry| &mut entry.node)
    }

    /// Whether both have the same keys with the same values, in any order.
    pub(super) fn same_values(&self, other: &Self) -> bool {
        let is_same = |(key, entry): (&String, &Entry)| {
            other.get(key).is_some_and(|node| entry.node.same_value(node))
        };
        self.entries.len() == other.entries.len() && self.entries.iter().all(is_same)
    }

    /// Whether there is no entry.
    pub fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }
}

impl IntoIterator for Mapping {
    type Item = (String, Entry);
    type IntoIter = indexmap::map::IntoIter<String, Entry>;

    fn into_iter(self) -> Self::IntoIter {
        self.entries.into_iter()
    }
}

impl FromIterator<(String, Entry)> for Mapping {
    fn from_iter<T: IntoIterator<Item = (String, Entry)>>(entries: T) -> Self {
        Self { entries: entries.into_iter().collect() }
    }
}
