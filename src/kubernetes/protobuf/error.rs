use std::fmt;

/// Why a body is not an object.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum DecodeError {
    /// It does not start with the four bytes that all do.
    #[error("it does not start with `k8s` and a zero byte")]
    NoMagic,
    /// The envelope holds something else than plain protobuf.
    #[error("its content is `{content_type}` in encoding `{content_encoding}`")]
    UnknownContent {
        /// The media type that it names.
        content_type: String,
        /// E.g. `gzip`.
        content_encoding: String,
    },
    /// No kind of the API, or one without protobuf form, such as a custom resource.
    #[error("kind `{kind}` in version `{api_version}` has no protobuf form")]
    UnknownKind {
        /// As the envelope names it.
        api_version: String,
        /// As the envelope names it.
        kind: String,
    },
    /// The bytes break off or contradict the kind.
    #[error(transparent)]
    Malformed(#[from] Malformed),
}

/// A fault and the field that has it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Malformed {
    /// The field, e.g. `spec.containers[0].name`; empty for the whole.
    path: String,
    fault: Fault,
}

/// What is wrong with a field.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Fault {
    #[error("ends too early")]
    Truncated,
    #[error("has a number of more than 64 bits")]
    Overlong,
    #[error("has a field of the unknown wire type {0}")]
    WireType(u64),
    #[error("has a field without a number")]
    FieldNumber,
    #[error("has a value of another wire type")]
    Mistyped,
    #[error("is not UTF-8")]
    NotUtf8,
    #[error("is not JSON: {0}")]
    NotJson(String),
    #[error("is not between the years 0 and 9999")]
    OutOfTime,
    #[error("is not a finite number")]
    NotFinite,
    #[error("is nested too deeply")]
    TooDeep,
}

impl Malformed {
    /// The same fault, seen from the struct that has it in a field, or the list that has it in `[item]`.
    pub(super) fn inside(mut self, name: &str) -> Self {
        let separator = if self.path.is_empty() || self.path.starts_with('[') { "" } else { "." };
        self.path = format!("{name}{separator}{}", self.path);
        self
    }
}

impl From<Fault> for Malformed {
    fn from(fault: Fault) -> Self {
        Self { path: String::new(), fault }
    }
}

impl fmt::Display for Malformed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.path.as_str() {
            "" => write!(f, "it {}", self.fault),
            path => write!(f, "`{path}` {}", self.fault),
        }
    }
}

impl std::error::Error for Malformed {}
