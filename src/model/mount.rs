/// One entry of a service's `volumes`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mount {
    /// What is mounted.
    pub source: MountSource,
    /// `target`: the path in the container, cleaned.
    pub target: String,
    /// `read_only`.
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
    },
    /// `type: tmpfs`.
    Tmpfs {
        /// `tmpfs.size`, in bytes.
        size: Option<i64>,
    },
}

/// One entry of a service's `configs` or `secrets`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FileMount {
    /// `source`: a key of the project's `configs` or `secrets`.
    pub source: String,
    /// `target`: an absolute path in the container, with Compose's default (`/SOURCE`, `/run/secrets/SOURCE`).
    pub target: String,
    /// `mode`.
    pub mode: Option<u32>,
    /// `uid`, as written.
    pub uid: Option<String>,
    /// `gid`, as written.
    pub gid: Option<String>,
}
