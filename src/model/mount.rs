use serde::ser::SerializeMap as _;
use serde::{Serialize, Serializer};
use serde_json::json;

use super::notation::{file_mode, unset};

/// One entry of a service's `volumes`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Mount {
    /// What is mounted.
    #[serde(flatten)]
    pub source: MountSource,
    /// `target`: the path in the container, cleaned.
    pub target: String,
    /// `read_only`.
    #[serde(skip_serializing_if = "unset")]
    pub read_only: bool,
}

/// What a [`Mount`] mounts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum MountSource {
    /// `type: volume` with a name: a key of the project's `volumes`.
    Volume {
        /// The key.
        name: String,
        /// `volume.subpath`.
        subpath: Option<String>,
        /// `volume.nocopy`.
        nocopy: bool,
    },
    /// `type: volume` without a name.
    Anonymous,
    /// `type: bind`: an absolute path of this machine.
    Bind {
        /// The path.
        path: String,
        /// `bind.create_host_path`.
        create_host_path: bool,
        /// Whether the path is that of a file on this machine, so that there is no directory to create.
        is_file: bool,
    },
    /// `type: tmpfs`.
    Tmpfs {
        /// `tmpfs.size`, in bytes.
        size: Option<i64>,
    },
}

/// One entry of a service's `configs` or `secrets`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct FileMount {
    /// `source`: a key of the project's `configs` or `secrets`.
    pub source: String,
    /// `target`: an absolute path in the container, with Compose's default (`/SOURCE`, `/run/secrets/SOURCE`).
    pub target: String,
    /// `mode`.
    #[serde(skip_serializing_if = "unset", serialize_with = "file_mode")]
    pub mode: Option<u32>,
    /// `uid`, as written.
    #[serde(skip_serializing_if = "unset")]
    pub uid: Option<String>,
    /// `gid`, as written.
    #[serde(skip_serializing_if = "unset")]
    pub gid: Option<String>,
}

/// As `type`, `source` and the section of the type.
impl Serialize for MountSource {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(None)?;
        match self {
            Self::Volume { name, subpath, nocopy } => {
                map.serialize_entry("type", "volume")?;
                map.serialize_entry("source", name)?;
                let mut options = serde_json::Map::new();
                if *nocopy {
                    options.insert("nocopy".to_owned(), json!(true));
                }
                if let Some(subpath) = subpath {
                    options.insert("subpath".to_owned(), json!(subpath));
                }
                if !options.is_empty() {
                    map.serialize_entry("volume", &options)?;
                }
            }
            Self::Anonymous => map.serialize_entry("type", "volume")?,
            Self::Bind { path, create_host_path, is_file: _ } => {
                map.serialize_entry("type", "bind")?;
                map.serialize_entry("source", path)?;
                map.serialize_entry("bind", &json!({ "create_host_path": create_host_path }))?;
            }
            Self::Tmpfs { size } => {
                map.serialize_entry("type", "tmpfs")?;
                if let Some(size) = size {
                    map.serialize_entry("tmpfs", &json!({ "size": size.to_string() }))?;
                }
            }
        }
        map.end()
    }
}
