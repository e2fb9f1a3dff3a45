use std::path::PathBuf;

/// A file or directory that a container sees.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mount {
    /// Where the container sees it.
    pub target: String,
    /// What it sees.
    pub source: Source,
    /// It cannot be written.
    pub read_only: bool,
    /// Whether what is mounted below cannot be written either.
    pub recursive_read_only: RecursiveReadOnly,
    /// `mountPropagation` as the engine calls it: `rprivate`, `rslave`, `rshared`.
    pub propagation: Option<&'static str>,
}

/// What a [`Mount`] shows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Source {
    /// A file or directory of the host.
    Host(PathBuf),
    /// Memory that the containers of the pod share, and that stays as long as the pod's network: the
    /// sandbox mounts it too.
    Memory(Memory),
    /// The files of an image, below a path.
    Image {
        /// Its name.
        name: String,
        /// Where in it.
        path: Option<String>,
    },
}

/// An `emptyDir` in memory.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Memory {
    /// The name of the pod's volume.
    pub volume: String,
    /// Where in it.
    pub path: Option<String>,
    /// At most so many bytes.
    pub size: Option<i64>,
    /// The group that may write to it (`fsGroup`).
    pub group: Option<i64>,
}

/// `recursiveReadOnly` of a mount.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum RecursiveReadOnly {
    /// Only the mount itself.
    #[default]
    Disabled,
    /// All below it, where the engine and its kernel can.
    IfPossible,
    /// All below it, or the container does not start.
    Enabled,
}

impl Mount {
    /// A file of the pod's directory that a container may write.
    pub(super) fn of_file(file: PathBuf, target: &str) -> Self {
        Self {
            target: target.to_owned(),
            source: Source::Host(file),
            read_only: false,
            recursive_read_only: RecursiveReadOnly::Disabled,
            propagation: None,
        }
    }
}
