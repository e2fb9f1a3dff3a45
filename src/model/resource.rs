use indexmap::IndexMap;

/// `external`: a resource that the project uses and something else owns.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct External(pub bool);

/// `networks`: <https://github.com/compose-spec/compose-spec/blob/main/06-networks.md>.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Network {
    /// `name`, `PROJECT_KEY` when not set.
    pub name: String,
    /// `external`.
    pub external: External,
    /// `internal`: no way out.
    pub internal: bool,
    /// `labels`.
    pub labels: IndexMap<String, String>,
}

/// `volumes`: <https://github.com/compose-spec/compose-spec/blob/main/07-volumes.md>.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Volume {
    /// `name`, `PROJECT_KEY` when not set.
    pub name: String,
    /// `external`.
    pub external: External,
    /// `driver`.
    pub driver: Option<String>,
    /// `driver_opts`.
    pub driver_opts: IndexMap<String, String>,
    /// `labels`.
    pub labels: IndexMap<String, String>,
}

/// `configs`: <https://github.com/compose-spec/compose-spec/blob/main/08-configs.md>.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Config {
    /// `name`, `PROJECT_KEY` when not set.
    pub name: String,
    /// Where the bytes come from.
    pub content: Content,
    /// `labels`.
    pub labels: IndexMap<String, String>,
}

/// `secrets`: <https://github.com/compose-spec/compose-spec/blob/main/09-secrets.md>.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret {
    /// `name`, `PROJECT_KEY` when not set.
    pub name: String,
    /// Where the bytes come from.
    pub content: Content,
    /// `labels`.
    pub labels: IndexMap<String, String>,
}

/// Where the bytes of a config or secret come from; the loader has read them.
#[derive(Clone, PartialEq, Eq)]
pub enum Content {
    /// The bytes of `file`, `environment` or `content`.
    Bytes(Vec<u8>),
    /// `external: true`.
    External,
}

/// Without the bytes: what is secret must not reach a log.
impl std::fmt::Debug for Content {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Bytes(bytes) => write!(f, "Bytes({} bytes)", bytes.len()),
            Self::External => f.write_str("External"),
        }
    }
}

/// Without the content: not even its length is anybody's business.
impl std::fmt::Debug for Secret {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Secret").field("name", &self.name).finish_non_exhaustive()
    }
}
