use std::fmt;

use indexmap::IndexMap;
use serde::ser::SerializeMap as _;
use serde::{Serialize, Serializer};

use super::Extensions;
use super::attribute::{Attribute, unset};

/// `external`: a resource that the project uses and something else owns.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct External(pub bool);

impl Attribute for External {
    fn is_unset(&self) -> bool {
        self.0.is_unset()
    }
}

/// `configs`: <https://github.com/compose-spec/compose-spec/blob/main/08-configs.md>.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Config {
    /// `name`, `PROJECT_KEY` when not set.
    pub name: String,
    /// Where the bytes come from.
    #[serde(flatten)]
    pub source: Source,
    /// `labels`.
    #[serde(skip_serializing_if = "unset")]
    pub labels: IndexMap<String, String>,
    /// `template_driver`.
    #[serde(skip_serializing_if = "unset")]
    pub template_driver: Option<String>,
    /// `x-*`.
    #[serde(flatten)]
    pub extensions: Extensions,
}

/// `secrets`: <https://github.com/compose-spec/compose-spec/blob/main/09-secrets.md>.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Secret {
    /// `name`, `PROJECT_KEY` when not set.
    pub name: String,
    /// Where the bytes come from.
    #[serde(flatten)]
    pub source: Source,
    /// `driver`.
    #[serde(skip_serializing_if = "unset")]
    pub driver: Option<String>,
    /// `driver_opts`.
    #[serde(skip_serializing_if = "unset")]
    pub driver_opts: IndexMap<String, String>,
    /// `labels`.
    #[serde(skip_serializing_if = "unset")]
    pub labels: IndexMap<String, String>,
    /// `template_driver`.
    #[serde(skip_serializing_if = "unset")]
    pub template_driver: Option<String>,
    /// `x-*`.
    #[serde(flatten)]
    pub extensions: Extensions,
}

/// Where the bytes of a config or secret come from.
#[derive(Clone, PartialEq, Eq)]
pub enum Source {
    /// `file`: an absolute path.
    File(String),
    /// `environment`: the name of a variable.
    Environment(String),
    /// `content`: the bytes themselves.
    Content(String),
    /// `external: true`.
    External,
}

/// Without the content: it may be as secret as a secret, and must not reach a log.
impl fmt::Debug for Source {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::File(path) => write!(f, "File({path:?})"),
            Self::Environment(name) => write!(f, "Environment({name:?})"),
            Self::Content(content) => write!(f, "Content({} bytes)", content.len()),
            Self::External => f.write_str("External"),
        }
    }
}

/// As the one attribute that says it.
impl Serialize for Source {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(Some(1))?;
        match self {
            Self::File(path) => map.serialize_entry("file", path)?,
            Self::Environment(name) => map.serialize_entry("environment", name)?,
            Self::Content(content) => map.serialize_entry("content", content)?,
            Self::External => map.serialize_entry("external", &true)?,
        }
        map.end()
    }
}
