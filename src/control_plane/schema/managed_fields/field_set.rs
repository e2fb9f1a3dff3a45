use std::collections::BTreeMap;
use std::fmt;

use serde_json::{Map, Value};

use crate::kubernetes::schema::{Shape, Type};

/// One step into an object: `f:`, `k:`, `v:` or `i:` in `fieldsV1`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum PathElement {
    /// A field of a struct or a key of a map.
    Field(String),
    /// A list item by its keys: a JSON object with sorted keys.
    Key(String),
    /// A list item by itself, as JSON.
    Value(String),
    /// A list item by its place.
    Index(usize),
}

/// A set of paths, kept as a tree.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct FieldSet {
    nodes: BTreeMap<PathElement, Node>,
}

/// What a set says about one step: whether the path that ends here is in it, and the paths that go on.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
struct Node {
    member: bool,
    below: FieldSet,
}

impl Node {
    fn is_empty(&self) -> bool {
        !self.member && self.below.is_empty()
    }
}

impl FieldSet {
    pub(super) fn is_empty(&self) -> bool {
        self.nodes.is_empty()
    }

    /// Adds a path; the path of the object itself is never in a set.
    pub(super) fn insert(&mut self, path: &[PathElement]) {
        let Some((first, rest)) = path.split_first() else { return };
        let node = self.nodes.entry(first.clone()).or_default();
        if rest.is_empty() {
            node.member = true;
        } else {
            node.below.insert(rest);
        }
    }

    /// Whether the path of one step is in the set.
    pub(super) fn has(&self, step: &PathElement) -> bool {
        self.nodes.get(step).is_some_and(|node| node.member)
    }

    /// The paths behind a step.
    pub(super) fn below(&self, step: &PathElement) -> Option<&Self> {
        self.nodes.get(step).map(|node| &node.below).filter(|below| !below.is_empty())
    }

    pub(super) fn union(&self, other: &Self) -> Self {
        let mut union = self.clone();
        for (step, theirs) in &other.nodes {
            let node = union.nodes.entry(step.clone()).or_default();
            node.member |= theirs.member;
            node.below = node.below.union(&theirs.below);
        }
        union
    }

    pub(super) fn intersection(&self, other: &Self) -> Self {
        self.combine(other, |mine, theirs| mine && theirs, Self::intersection)
    }

    pub(super) fn difference(&self, other: &Self) -> Self {
        self.combine(other, |mine, theirs| mine && !theirs, Self::difference)
    }

    fn combine(
        &self,
        other: &Self,
        member: fn(bool, bool) -> bool,
        below: fn(&Self, &Self) -> Self,
    ) -> Self {
        let nothing = Node::default();
        let combined = self.nodes.iter().map(|(step, mine)| {
            let theirs = other.nodes.get(step).unwrap_or(&nothing);
            let node = Node {
                member: member(mine.member, theirs.member),
                below: below(&mine.below, &theirs.below),
            };
            (step.clone(), node)
        });
        Self { nodes: combined.filter(|(_, node)| !node.is_empty()).collect() }
    }

    /// Drops a first step with all behind it.
    pub(super) fn remove_field(&mut self, name: &str) {
        self.nodes.remove(&PathElement::Field(name.to_owned()));
    }

    /// With each struct field on the way to a member a member itself.
    pub(super) fn with_named_fields(&self, place: Type) -> Self {
        let nodes = self.nodes.iter().map(|(step, node)| {
            let (child, is_named) = match step {
                PathElement::Field(name) => {
                    let field = place.field(name);
                    (
                        field.unwrap_or_else(Type::any),
                        place.shape() == Shape::Struct && field.is_some(),
                    )
                }
                _ => (place.items(), false),
            };
            let member = node.member || is_named && !node.below.is_empty();
            (step.clone(), Node { member, below: node.below.with_named_fields(child) })
        });
        Self { nodes: nodes.collect() }
    }

    /// Calls with each path of the set, in order.
    pub(super) fn for_each(&self, visit: &mut impl FnMut(&[PathElement])) {
        self.visit(&mut Vec::new(), visit);
    }

    fn visit(&self, path: &mut Vec<PathElement>, visit: &mut impl FnMut(&[PathElement])) {
        for (step, node) in &self.nodes {
            path.push(step.clone());
            if node.member {
                visit(path);
            }
            node.below.visit(path, visit);
            path.pop();
        }
    }

    /// The value of `fieldsV1`.
    pub(super) fn to_value(&self) -> Value {
        let fields = self.nodes.iter().map(|(step, node)| {
            let mut below = Map::new();
            if node.member && !node.below.is_empty() {
                below.insert(".".to_owned(), Value::Object(Map::new()));
            }
            if let Value::Object(fields) = node.below.to_value() {
                below.extend(fields);
            }
            (step.to_string(), Value::Object(below))
        });
        Value::Object(fields.collect())
    }

    /// Reads `fieldsV1`; `None` when it has another form.
    pub(super) fn from_value(value: &Value) -> Option<Self> {
        let mut set = Self::default();
        for (key, below) in value.as_object()? {
            if key == "." {
                continue;
            }
            let fields = below.as_object()?;
            let member = fields.is_empty() || fields.contains_key(".");
            set.nodes
                .insert(PathElement::parse(key)?, Node { member, below: Self::from_value(below)? });
        }
        Some(set)
    }
}

impl PathElement {
    fn parse(text: &str) -> Option<Self> {
        let (kind, rest) = text.split_once(':')?;
        let json = || serde_json::from_str::<Value>(rest).ok();
        Some(match kind {
            "f" => Self::Field(rest.to_owned()),
            "k" => match json()? {
                Value::Object(fields) => Self::key(fields),
                _ => return None,
            },
            "v" => Self::Value(json()?.to_string()),
            "i" => Self::Index(rest.parse().ok()?),
            _ => return None,
        })
    }

    /// The keys of a list item, sorted.
    pub(super) fn key(fields: Map<String, Value>) -> Self {
        let sorted: BTreeMap<_, _> = fields.into_iter().collect();
        Self::Key(sorted.into_iter().collect::<Value>().to_string())
    }

    /// How conflicts name it: `.spec`, `[name="web"]`, `[="x"]`, `[0]`.
    fn describe(&self) -> String {
        match self {
            Self::Field(name) => format!(".{name}"),
            Self::Key(json) => {
                let fields = serde_json::from_str::<Map<String, Value>>(json).unwrap_or_default();
                let pairs: Vec<_> =
                    fields.iter().map(|(key, value)| format!("{key}={value}")).collect();
                format!("[{}]", pairs.join(","))
            }
            Self::Value(json) => format!("[={json}]"),
            Self::Index(index) => format!("[{index}]"),
        }
    }
}

impl fmt::Display for PathElement {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Field(name) => write!(f, "f:{name}"),
            Self::Key(json) => write!(f, "k:{json}"),
            Self::Value(json) => write!(f, "v:{json}"),
            Self::Index(index) => write!(f, "i:{index}"),
        }
    }
}

/// A path as conflicts name it: `.spec.template.spec.containers[name="web"].image`.
pub(super) fn describe(path: &[PathElement]) -> String {
    path.iter().map(PathElement::describe).collect()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn set(value: &Value) -> FieldSet {
        FieldSet::from_value(value).unwrap()
    }

    #[test]
    fn fields_v1_is_read_and_written() {
        let value = json!({
            "f:metadata": {"f:finalizers": {".": {}, "v:\"a\"": {}}},
            "f:spec": {
                "f:containers": {"k:{\"name\":\"web\"}": {".": {}, "f:image": {}}},
                "f:replicas": {},
            },
        });
        assert_eq!(set(&value).to_value(), value);
        let mut paths = Vec::new();
        set(&value).for_each(&mut |path| paths.push(describe(path)));
        assert_eq!(
            paths,
            [
                ".metadata.finalizers",
                ".metadata.finalizers[=\"a\"]",
                ".spec.containers[name=\"web\"]",
                ".spec.containers[name=\"web\"].image",
                ".spec.replicas",
            ]
        );
        assert_eq!(FieldSet::from_value(&json!({"x": {}})), None);
        assert_eq!(FieldSet::from_value(&json!({"f:a": 1})), None);
    }

    #[test]
    fn sets_combine() {
        let left = set(&json!({"f:a": {}, "f:b": {".": {}, "f:c": {}}}));
        let right = set(&json!({"f:b": {"f:c": {}, "f:d": {}}}));
        assert_eq!(
            left.union(&right).to_value(),
            json!({"f:a": {}, "f:b": {".": {}, "f:c": {}, "f:d": {}}})
        );
        assert_eq!(left.intersection(&right).to_value(), json!({"f:b": {"f:c": {}}}));
        assert_eq!(left.difference(&right).to_value(), json!({"f:a": {}, "f:b": {}}));
    }
}
