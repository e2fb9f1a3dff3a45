use serde_json::Value;

/// A field of an object with its path; what is absent is a field too.
#[derive(Debug, Clone)]
pub(super) struct Field<'a> {
    value: Option<&'a Value>,
    path: String,
}

impl<'a> Field<'a> {
    pub(super) fn root(object: &'a Value) -> Self {
        Self { value: Some(object), path: String::new() }
    }

    /// `spec.template`.
    pub(super) fn child(&self, name: &str) -> Self {
        let path =
            if self.path.is_empty() { name.to_owned() } else { format!("{}.{name}", self.path) };
        Self { value: self.lookup(name), path }
    }

    /// `data[key]`.
    pub(super) fn key(&self, name: &str) -> Self {
        Self { value: self.lookup(name), path: format!("{}[{name}]", self.path) }
    }

    fn lookup(&self, name: &str) -> Option<&'a Value> {
        self.value?.get(name).filter(|value| !value.is_null())
    }

    /// The items of a list, with paths such as `ports[0]`.
    pub(super) fn items(&self) -> impl Iterator<Item = Field<'a>> {
        let items = self.value.and_then(Value::as_array).map_or(&[][..], Vec::as_slice);
        items.iter().enumerate().map(|(index, item)| Self {
            value: Some(item),
            path: format!("{}[{index}]", self.path),
        })
    }

    /// The entries of a map, with paths such as `limits[cpu]`.
    pub(super) fn entries(&self) -> impl Iterator<Item = (&'a str, Field<'a>)> {
        self.value.and_then(Value::as_object).into_iter().flatten().map(|(key, value)| {
            (key.as_str(), Self { value: Some(value), path: format!("{}[{key}]", self.path) })
        })
    }

    pub(super) fn path(&self) -> &str {
        &self.path
    }

    pub(super) fn value(&self) -> Option<&'a Value> {
        self.value
    }

    pub(super) fn exists(&self) -> bool {
        self.value.is_some()
    }

    /// Absent, or one of the values that Go cannot tell from it.
    pub(super) fn is_empty(&self) -> bool {
        match self.value {
            None | Some(Value::Null) => true,
            Some(Value::String(text)) => text.is_empty(),
            Some(Value::Array(items)) => items.is_empty(),
            Some(Value::Object(fields)) => fields.is_empty(),
            Some(Value::Number(number)) => number.as_i64() == Some(0),
            Some(Value::Bool(_)) => false,
        }
    }

    /// The text; empty when there is none.
    pub(super) fn text(&self) -> &'a str {
        self.value.and_then(Value::as_str).unwrap_or_default()
    }

    pub(super) fn number(&self) -> Option<i64> {
        self.value.and_then(Value::as_i64)
    }

    pub(super) fn is_true(&self) -> bool {
        self.value.and_then(Value::as_bool).unwrap_or_default()
    }

    /// Whether both hold the same, absent ones too.
    pub(super) fn same_value(&self, other: &Field<'_>) -> bool {
        self.value == other.value
    }
}
