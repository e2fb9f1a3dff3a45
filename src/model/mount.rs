use indexmap::IndexMap;
use serde::{Serialize, Serializer};

use super::Extensions;
use super::attribute::{Attribute, unset};
use super::notation::bytes;

/// One entry of a service's `volumes`: <https://github.com/compose-spec/compose-spec/blob/main/05-services.md#volumes>.
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
    /// `consistency`.
    #[serde(skip_serializing_if = "unset")]
    pub consistency: Option<String>,
    /// `x-*`.
    #[serde(flatten)]
    pub extensions: Extensions,
}

/// What a [`Mount`] mounts: its `type`, its `source`, and the section of the type.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(tag = "type", rename_all = "lowercase")]
pub enum MountSource {
    /// `type: volume`.
    Volume {
        /// `source`: a key of the project's `volumes`; none is a volume without a name.
        #[serde(rename = "source", skip_serializing_if = "unset")]
        name: Option<String>,
        /// `bind.selinux`: `z` or `Z`, which only a volume that is a path of this machine has a use for.
        #[serde(rename = "bind", skip_serializing_if = "unset", serialize_with = "as_bind")]
        selinux: Option<String>,
        /// `volume`.
        #[serde(rename = "volume", skip_serializing_if = "unset")]
        options: VolumeOptions,
    },
    /// `type: bind`.
    Bind {
        /// `source`: an absolute path of this machine.
        #[serde(rename = "source")]
        path: String,
        /// Whether it is that of a file, so that there is no directory to create.
        #[serde(skip)]
        is_file: bool,
        /// `bind`.
        #[serde(rename = "bind")]
        options: BindOptions,
    },
    /// `type: tmpfs`.
    Tmpfs {
        /// `tmpfs`.
        #[serde(rename = "tmpfs", skip_serializing_if = "unset")]
        options: TmpfsOptions,
    },
    /// `type: image`.
    Image {
        /// `source`: the image.
        #[serde(rename = "source", skip_serializing_if = "unset")]
        image: Option<String>,
        /// `image`.
        #[serde(rename = "image", skip_serializing_if = "unset")]
        options: ImageOptions,
    },
    /// `type: npipe`: a named pipe of Windows.
    #[serde(rename = "npipe")]
    NamedPipe {
        /// `source`: the pipe.
        #[serde(rename = "source", skip_serializing_if = "unset")]
        pipe: Option<String>,
    },
    /// `type: cluster`: a volume of a Swarm.
    Cluster {
        /// `source`: the volume.
        #[serde(rename = "source", skip_serializing_if = "unset")]
        volume: Option<String>,
    },
}

/// `volumes[].volume`.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct VolumeOptions {
    /// `labels`, of a volume without a name.
    #[serde(skip_serializing_if = "unset")]
    pub labels: IndexMap<String, String>,
    /// `nocopy`: leave the volume empty.
    #[serde(skip_serializing_if = "unset")]
    pub nocopy: bool,
    /// `subpath`: the part of the volume that is mounted.
    #[serde(skip_serializing_if = "unset")]
    pub subpath: Option<String>,
    /// `x-*`.
    #[serde(flatten)]
    pub extensions: Extensions,
}

/// `volumes[].bind`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct BindOptions {
    /// `create_host_path`: make a directory where nothing is; true when not set.
    pub create_host_path: bool,
    /// `propagation`.
    #[serde(skip_serializing_if = "unset")]
    pub propagation: Option<String>,
    /// `recursive`: whether what is mounted below is part of it.
    #[serde(skip_serializing_if = "unset")]
    pub recursive: Option<String>,
    /// `selinux`: `z` or `Z`.
    #[serde(skip_serializing_if = "unset")]
    pub selinux: Option<String>,
    /// `x-*`.
    #[serde(flatten)]
    pub extensions: Extensions,
}

/// `volumes[].tmpfs`.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct TmpfsOptions {
    /// `size`, in bytes.
    #[serde(skip_serializing_if = "unset", serialize_with = "bytes")]
    pub size: Option<i64>,
    /// `mode`, a decimal number when printed.
    #[serde(skip_serializing_if = "unset")]
    pub mode: Option<u32>,
    /// `x-*`.
    #[serde(flatten)]
    pub extensions: Extensions,
}

/// `volumes[].image`.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct ImageOptions {
    /// `subpath`: the part of the image that is mounted.
    #[serde(skip_serializing_if = "unset")]
    pub subpath: Option<String>,
    /// `x-*`.
    #[serde(flatten)]
    pub extensions: Extensions,
}

fn as_bind<S: Serializer>(selinux: &impl Serialize, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_map([("selinux", selinux)])
}

impl Attribute for VolumeOptions {
    fn is_unset(&self) -> bool {
        *self == Self::default()
    }
}

impl Attribute for TmpfsOptions {
    fn is_unset(&self) -> bool {
        *self == Self::default()
    }
}

impl Attribute for ImageOptions {
    fn is_unset(&self) -> bool {
        *self == Self::default()
    }
}
