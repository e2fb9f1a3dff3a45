use std::collections::BTreeMap;
use std::sync::OnceLock;

use serde::Deserialize;
use serde_json::Value;

use super::table;

/// A place in the types of the API: what may stand at one field, and how it merges.
///
/// Strategic merge, server-side apply and [`check`](super::check()) all walk an object with it.
#[derive(Debug, Clone, Copy)]
pub struct Type {
    node: &'static Node,
}

/// What kind of JSON value a [`Type`] takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Shape {
    /// An object with known fields.
    Struct,
    /// An object with any keys.
    Map,
    /// An array.
    List,
    /// A string.
    String,
    /// Base64 in a string.
    Bytes,
    /// RFC 3339, in seconds or finer.
    Time,
    /// An integer of 32 bits.
    Int32,
    /// An integer of 64 bits.
    Int64,
    /// A number.
    Number,
    /// A boolean.
    Boolean,
    /// A port number or name, a count or a percentage.
    IntOrString,
    /// A number with a unit; see [`Quantity`](super::Quantity).
    Quantity,
    /// Any JSON value.
    Any,
}

/// How a list merges in server-side apply.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ListType {
    /// As a whole.
    Atomic,
    /// By its items, which are scalars.
    Set,
    /// By the keys in its items.
    Map,
}

/// One schema of `types.tsv`.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Node {
    #[serde(rename = "$ref")]
    reference: Option<&'static str>,
    r#type: Option<&'static str>,
    format: Option<&'static str>,
    properties: BTreeMap<&'static str, Node>,
    required: Vec<&'static str>,
    items: Option<Box<Node>>,
    #[serde(rename = "additionalProperties")]
    values: Option<Box<Node>>,
    default: Option<Value>,
    #[serde(rename = "x-kubernetes-list-type")]
    list_type: Option<&'static str>,
    #[serde(rename = "x-kubernetes-list-map-keys")]
    map_keys: Vec<&'static str>,
    #[serde(rename = "x-kubernetes-map-type")]
    map_type: Option<&'static str>,
    #[serde(rename = "x-kubernetes-patch-merge-key")]
    merge_key: Option<&'static str>,
    #[serde(rename = "x-kubernetes-patch-strategy")]
    patch_strategy: Option<&'static str>,
    #[serde(skip)]
    target: OnceLock<Option<&'static Node>>,
}

impl Type {
    /// The type of a kind; `None` when the API has no such kind.
    pub fn of_kind(api_version: &str, kind: &str) -> Option<Self> {
        let (group, version) = api_version.rsplit_once('/').unwrap_or(("", api_version));
        let package = match group {
            "" => "io.k8s.api.core",
            "apiextensions.k8s.io" => "io.k8s.apiextensions-apiserver.pkg.apis.apiextensions",
            "apiregistration.k8s.io" => "io.k8s.kube-aggregator.pkg.apis.apiregistration",
            _ => {
                let folder = group.split_once('.').map_or(group, |(folder, _)| folder);
                return Self::named(&format!("io.k8s.api.{folder}.{version}.{kind}"))
                    .filter(|found| found.field("kind").is_some());
            }
        };
        Self::named(&format!("{package}.{version}.{kind}"))
            .filter(|found| found.field("kind").is_some())
    }

    /// The type with a name such as `io.k8s.api.core.v1.PodSpec`.
    pub fn named(name: &str) -> Option<Self> {
        table::node(name).map(|node| Self { node })
    }

    /// The type of a value that nobody describes, such as a custom resource.
    pub fn any() -> Self {
        static ANY: OnceLock<Node> = OnceLock::new();
        Self { node: ANY.get_or_init(Node::default) }
    }

    /// What kind of value stands here.
    pub fn shape(self) -> Shape {
        let target = self.target();
        match (target.r#type, target.format) {
            (Some("object"), _) if target.properties.is_empty() => Shape::Map,
            (Some("object"), _) => Shape::Struct,
            (Some("array"), _) => Shape::List,
            (Some("string"), Some("byte")) => Shape::Bytes,
            (Some("string"), Some("date-time" | "micro-time")) => Shape::Time,
            (Some("string"), Some("quantity")) => Shape::Quantity,
            (Some("string"), Some("int-or-string")) => Shape::IntOrString,
            (Some("string"), _) => Shape::String,
            (Some("integer"), Some("int64")) => Shape::Int64,
            (Some("integer"), _) => Shape::Int32,
            (Some("number"), _) => Shape::Number,
            (Some("boolean"), _) => Shape::Boolean,
            _ => Shape::Any,
        }
    }

    /// A field of a struct, or the values of a map; `None` when a struct has no such field.
    pub fn field(self, name: &str) -> Option<Self> {
        match self.shape() {
            Shape::Struct => self.target().properties.get(name).map(|node| Self { node }),
            _ => Some(self.values()),
        }
    }

    /// The fields of a struct, by name.
    pub fn fields(self) -> impl Iterator<Item = (&'static str, Self)> {
        self.target().properties.iter().map(|(name, node)| (*name, Self { node }))
    }

    /// The fields that a struct must have.
    pub fn required(self) -> &'static [&'static str] {
        &self.target().required
    }

    /// The values of a map.
    #[must_use]
    pub fn values(self) -> Self {
        self.target().values.as_deref().map_or_else(Self::any, |node| Self { node })
    }

    /// The items of a list.
    #[must_use]
    pub fn items(self) -> Self {
        self.target().items.as_deref().map_or_else(Self::any, |node| Self { node })
    }

    /// How a list merges in server-side apply.
    pub fn list_type(self) -> ListType {
        match self.node.list_type {
            Some("map") => ListType::Map,
            Some("set") => ListType::Set,
            _ => ListType::Atomic,
        }
    }

    /// The fields that together name an item of a [`ListType::Map`].
    pub fn map_keys(self) -> &'static [&'static str] {
        &self.node.map_keys
    }

    /// What a key field of a list item is when it is left out, as upstream's documents say it:
    /// a declared default, or the zero value of a required scalar.
    pub fn key_default(self, key: &str) -> Option<Value> {
        let field = self.field(key)?;
        if let Some(default) = &field.node.default {
            return Some(default.clone());
        }
        if !self.required().contains(&key) {
            return None;
        }
        match field.shape() {
            Shape::String => Some(Value::from("")),
            Shape::Int32 | Shape::Int64 => Some(Value::from(0)),
            _ => None,
        }
    }

    /// Whether a struct or map has one owner as a whole.
    pub fn is_atomic(self) -> bool {
        self.node.map_type == Some("atomic") || self.target().map_type == Some("atomic")
    }

    /// The field by which strategic merge patches match list items.
    pub fn merge_key(self) -> Option<&'static str> {
        self.node.merge_key
    }

    /// Whether strategic merge patches merge a list; else they replace it.
    pub fn merges(self) -> bool {
        self.has_strategy("merge")
    }

    /// Whether a strategic merge patch drops the fields that it does not name in `$retainKeys`.
    pub fn retains_keys(self) -> bool {
        self.has_strategy("retainKeys")
    }

    fn has_strategy(self, name: &str) -> bool {
        self.node.patch_strategy.is_some_and(|names| names.split(',').any(|each| each == name))
    }

    fn target(self) -> &'static Node {
        let Some(name) = self.node.reference else { return self.node };
        let target = self.node.target.get_or_init(|| table::node(name));
        target.expect("references name types: a test follows them all")
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::super::documents;
    use super::*;
    use crate::kubernetes::kinds;

    fn follow(place: Type, seen: &mut BTreeSet<String>) {
        if let Some(name) = place.node.reference
            && !seen.insert(name.to_owned())
        {
            return;
        }
        place.fields().for_each(|(_, field)| follow(field, seen));
        follow_one(place.target().items.as_deref(), seen);
        follow_one(place.target().values.as_deref(), seen);
    }

    fn follow_one(node: Option<&'static Node>, seen: &mut BTreeSet<String>) {
        if let Some(node) = node {
            follow(Type { node }, seen);
        }
    }

    #[test]
    fn every_reference_has_a_target() {
        let mut seen = BTreeSet::new();
        for (name, ..) in documents() {
            follow(Type::named(name).unwrap(), &mut seen);
        }
        assert!(seen.len() > 300, "{}", seen.len());
    }

    #[test]
    fn every_kind_has_a_type() {
        for kind in kinds::all() {
            let found = Type::of_kind(&kind.api_version(), kind.kind).expect(kind.kind);
            assert_eq!(found.shape(), Shape::Struct);
            assert_eq!(found.field("status").is_some(), kind.has_status, "{}", kind.kind);
        }
        assert!(Type::of_kind("v1", "PodSpec").is_none());
        assert!(Type::of_kind("example.com/v1", "Widget").is_none());
    }

    #[test]
    fn the_cursor_knows_how_things_merge() {
        let pod = Type::of_kind("v1", "Pod").unwrap();
        let spec = pod.field("spec").unwrap();
        let containers = spec.field("containers").unwrap();
        assert_eq!(containers.list_type(), ListType::Map);
        assert_eq!(containers.map_keys(), ["name"]);
        assert_eq!(containers.merge_key(), Some("name"));
        let ports = containers.items().field("ports").unwrap();
        assert_eq!(ports.map_keys(), ["containerPort", "protocol"]);
        assert_eq!(ports.merge_key(), Some("containerPort"));
        assert_eq!(ports.items().key_default("protocol"), Some(Value::from("TCP")));
        assert_eq!(ports.items().key_default("containerPort"), Some(Value::from(0)));
        assert_eq!(ports.items().key_default("hostIP"), None);
        assert!(spec.field("nodeSelector").unwrap().is_atomic());
        assert!(spec.field("volumes").unwrap().retains_keys());
        assert!(!spec.field("tolerations").unwrap().merges());
        let metadata = pod.field("metadata").unwrap();
        assert_eq!(metadata.field("finalizers").unwrap().list_type(), ListType::Set);
        assert!(!metadata.field("labels").unwrap().is_atomic());
        let deployment = Type::of_kind("apps/v1", "Deployment").unwrap();
        assert!(deployment.field("spec").unwrap().field("selector").unwrap().is_atomic());
        assert!(deployment.field("spec").unwrap().field("strategy").unwrap().retains_keys());
    }
}
