use jiff::Timestamp;
use serde_json::{Map, Value};

use super::age;

/// An object as the printers look at it: by JSON pointer, with Go's zero values for what is absent.
#[derive(Clone, Copy)]
pub(super) struct View<'a> {
    pub(super) object: &'a Value,
    pub(super) now: Timestamp,
}

impl<'a> View<'a> {
    /// The same view on a part.
    pub(super) fn of(self, part: &'a Value) -> Self {
        Self { object: part, ..self }
    }

    pub(super) fn get(self, pointer: &str) -> Option<&'a Value> {
        self.object.pointer(pointer).filter(|value| !value.is_null())
    }

    pub(super) fn text(self, pointer: &str) -> &'a str {
        self.get(pointer).and_then(Value::as_str).unwrap_or_default()
    }

    /// The text, or what is printed when there is none.
    pub(super) fn text_or(self, pointer: &str, missing: &'static str) -> &'a str {
        Some(self.text(pointer)).filter(|text| !text.is_empty()).unwrap_or(missing)
    }

    pub(super) fn number(self, pointer: &str) -> i64 {
        self.get(pointer).and_then(Value::as_i64).unwrap_or_default()
    }

    pub(super) fn is_true(self, pointer: &str) -> bool {
        self.get(pointer).and_then(Value::as_bool).unwrap_or_default()
    }

    /// Views on the items of a list.
    pub(super) fn items(self, pointer: &str) -> impl DoubleEndedIterator<Item = Self> {
        let items = self.get(pointer).and_then(Value::as_array).map_or(&[][..], Vec::as_slice);
        items.iter().map(move |item| self.of(item))
    }

    pub(super) fn fields(self, pointer: &str) -> Option<&'a Map<String, Value>> {
        self.get(pointer).and_then(Value::as_object)
    }

    /// How many entries a map or list has.
    pub(super) fn count(self, pointer: &str) -> usize {
        match self.get(pointer) {
            Some(Value::Array(items)) => items.len(),
            Some(Value::Object(fields)) => fields.len(),
            _ => 0,
        }
    }

    pub(super) fn time(self, pointer: &str) -> Option<Timestamp> {
        self.text(pointer).parse().ok()
    }

    /// How long ago, or `<unknown>`.
    pub(super) fn since(self, pointer: &str) -> String {
        self.time(pointer).map_or_else(|| "<unknown>".to_owned(), |then| age::since(then, self.now))
    }

    /// The status of a condition is `True`.
    pub(super) fn has_condition(self, name: &str) -> bool {
        self.items("/status/conditions")
            .any(|condition| condition.text("/type") == name && condition.text("/status") == "True")
    }

    pub(super) fn name(self) -> Value {
        self.text("/metadata/name").into()
    }

    pub(super) fn age(self) -> Value {
        self.since("/metadata/creationTimestamp").into()
    }

    pub(super) fn is_leaving(self) -> bool {
        self.get("/metadata/deletionTimestamp").is_some()
    }

    /// Names and images of the containers of a pod's spec.
    pub(super) fn containers(self, spec: &str) -> [Value; 2] {
        let join = |field: &str| {
            let texts: Vec<_> =
                self.items(&format!("{spec}/containers")).map(|each| each.text(field)).collect();
            Value::from(texts.join(","))
        };
        [join("/name"), join("/image")]
    }

    /// A `LabelSelector` as text; `<none>` when it is empty.
    pub(super) fn label_selector(self, pointer: &str) -> Value {
        let selector = self.of(self.get(pointer).unwrap_or(&Value::Null));
        let mut terms = labels(selector.fields("/matchLabels"));
        terms.extend(selector.items("/matchExpressions").map(|each| {
            let key = each.text("/key");
            let values: Vec<_> = each.items("/values").map(|value| value.text("")).collect();
            match each.text("/operator") {
                "Exists" => key.to_owned(),
                "DoesNotExist" => format!("!{key}"),
                operator => format!("{key} {} ({})", operator.to_lowercase(), values.join(",")),
            }
        }));
        or_none(&terms)
    }

    /// A map of labels as text; `<none>` when it is empty.
    pub(super) fn label_map(self, pointer: &str) -> Value {
        or_none(&labels(self.fields(pointer)))
    }
}

fn labels(fields: Option<&Map<String, Value>>) -> Vec<String> {
    let pairs = fields.into_iter().flatten();
    let mut terms: Vec<_> =
        pairs.map(|(key, value)| format!("{key}={}", value.as_str().unwrap_or_default())).collect();
    terms.sort();
    terms
}

fn or_none(terms: &[String]) -> Value {
    if terms.is_empty() { "<none>".into() } else { terms.join(",").into() }
}

/// The first three, and how many more there are.
pub(super) fn first_three(items: &[String], missing: &str) -> String {
    match items {
        [] => missing.to_owned(),
        [a, b, c, rest @ ..] if !rest.is_empty() => {
            format!("{a},{b},{c} + {} more...", rest.len())
        }
        _ => items.join(","),
    }
}
