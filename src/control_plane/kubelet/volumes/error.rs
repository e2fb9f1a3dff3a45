use k8s_openapi::api::core::v1::Volume;

use crate::control_plane::kubelet::downward::DownwardError;
use crate::control_plane::kubelet::pod_directory::FileError;

/// A volume that is not ready: `FailedMount`, in the kubelet's words.
#[derive(Debug, thiserror::Error)]
#[error("MountVolume.SetUp failed for volume \"{volume}\" : {reason}")]
pub(in super::super) struct VolumeError {
    pub(in super::super) volume: String,
    pub(in super::super) reason: Reason,
}

/// Why a volume is not ready.
#[derive(Debug, thiserror::Error)]
pub(in super::super) enum Reason {
    #[error("{kind} \"{name}\" not found")]
    ObjectNotFound { kind: &'static str, name: String },
    #[error("references non-existent {kind} key: {key}")]
    KeyNotFound { kind: &'static str, key: String },
    #[error("invalid path \"{path}\": {reason}")]
    InvalidPath { path: String, reason: &'static str },
    #[error(transparent)]
    Downward(#[from] DownwardError),
    #[error("hostPath type check failed: {path} is not {expected}")]
    WrongType { path: String, expected: &'static str },
    #[error("persistentvolumeclaim \"{claim}\" is not bound")]
    NotBound { claim: String },
    #[error("persistentvolumeclaim \"{claim}\" is being deleted")]
    BeingDeleted { claim: String },
    #[error("persistentvolumeclaim \"{claim}\" was not created for this pod")]
    NotOfPod { claim: String },
    #[error("{what} cannot be mounted here: {why}")]
    Unsupported { what: String, why: &'static str },
    #[error(transparent)]
    File(#[from] FileError),
}

/// A mount that a container cannot have: `CreateContainerConfigError`.
#[derive(Debug, thiserror::Error)]
pub(in super::super) enum MountError {
    #[error("volume \"{volume}\" not found")]
    VolumeNotFound { volume: String },
    #[error("missing value for {}", .names.join(", "))]
    MissingValue { names: Vec<String> },
    #[error("error SubPath `{path}` must not be an absolute path")]
    Absolute { path: String },
    #[error("unable to provision SubPath `{path}`: must not contain '..'")]
    BackStep { path: String },
    #[error("subpath \"{path}\" not within volume path \"{volume}\"")]
    Outside { path: String, volume: String },
    #[error("failed to prepare subPath for volumeMount \"{volume}\": {source}")]
    File { volume: String, source: FileError },
    #[error(
        "volume device \"{device}\" cannot be given to a container: volumes are directories here"
    )]
    Block { device: String },
}

impl VolumeError {
    pub(super) fn of(volume: &str, reason: Reason) -> Self {
        Self { volume: volume.to_owned(), reason }
    }
}

impl Reason {
    /// The source of a volume is of a kind that only other clusters have.
    pub(super) fn unknown_source(volume: &Volume) -> Self {
        let value = serde_json::to_value(volume).unwrap_or_default();
        let fields = value.as_object().into_iter().flatten().map(|(name, _)| name);
        let source = fields.into_iter().find(|name| *name != "name");
        let what = source.map_or_else(|| "a volume without a source".to_owned(), Clone::clone);
        Self::Unsupported { what, why: "there is no driver for it" }
    }
}
