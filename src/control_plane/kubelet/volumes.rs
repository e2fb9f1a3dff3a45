//! The volumes of pods: made on disk, kept up to date, removed.
//!
//! # Invariants
//! - All that is made for a pod lies below its own directory, which nobody else may enter; what
//!   claims hold lies elsewhere, and stays.
//! - Preparing again changes nothing but what shows objects that have changed.
//! - A container never sees a half-written change: files of objects are exchanged all at once.

mod atomic_directory;
mod claim;
mod content;
pub(super) mod empty_dir;
mod error;
mod host_path;
mod mounts;
mod ownership;
pub(super) mod reclaim;
pub(super) mod shown;
mod sub_path;

pub(super) use error::{MountError, Reason, VolumeError};

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use k8s_openapi::api::core::v1::{EphemeralContainer, Pod, Volume};

use self::claim::ClaimReference;
use self::ownership::Ownership;
use super::downward::Downward;
use super::life;
use super::mount::Source;
use super::objects::Objects;
use super::pod_directory::{self, FileError, PodDirectory};
use crate::control_plane::controllers::owner;

/// The volumes of all pods of a node; cheap to clone.
#[derive(Clone)]
pub(super) struct Volumes {
    /// The directory of all pods.
    pub(super) pods: PathBuf,
    /// Where the data of claims is.
    pub(super) claims: PathBuf,
    pub(super) objects: Arc<dyn Objects>,
}

/// The volumes of one pod, ready to be mounted.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct PodVolumes(BTreeMap<String, Prepared>);

/// A volume that is ready.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Prepared {
    source: Source,
    /// Whatever a mount says.
    read_only: bool,
}

impl Volumes {
    /// Where a pod has its files.
    pub(super) fn directory(&self, pod: &Pod) -> PodDirectory {
        PodDirectory::of(&self.pods, owner::uid(pod))
    }

    /// Makes the volumes that containers of a pod mount, or brings them up to date.
    pub(super) fn prepare(&self, downward: Downward<'_>) -> Result<PodVolumes, VolumeError> {
        let pod = downward.pod;
        let mounted = mounted(pod);
        let volumes = pod.spec.iter().flat_map(|spec| spec.volumes.iter().flatten());
        let mut prepared = BTreeMap::new();
        for volume in volumes.filter(|volume| mounted.contains(volume.name.as_str())) {
            let one = self.prepare_one(volume, downward);
            let one = one.map_err(|reason| VolumeError::of(&volume.name, reason))?;
            prepared.insert(volume.name.clone(), one);
        }
        Ok(PodVolumes(prepared))
    }

    /// The uids of the pods that something is there of.
    pub(super) fn pods(&self) -> Result<Vec<String>, FileError> {
        let failed = |error| pod_directory::failed("read", &self.pods)(error);
        let entries = match fs::read_dir(&self.pods) {
            Err(error) if error.kind() == ErrorKind::NotFound => return Ok(Vec::new()),
            entries => entries.map_err(failed)?,
        };
        let names = entries.map(|entry| Ok(entry.map_err(failed)?.file_name()));
        names.map(|name| Ok(name?.to_string_lossy().into_owned())).collect()
    }

    fn prepare_one(&self, volume: &Volume, downward: Downward<'_>) -> Result<Prepared, Reason> {
        let pod = downward.pod;
        let directory = self.directory(pod).volume(&volume.name);
        let ownership = Ownership::of(pod);
        if let Some(empty_dir) = &volume.empty_dir {
            let source = empty_dir::prepare(pod, &volume.name, empty_dir, &directory, ownership)?;
            return Ok(Prepared { source, read_only: false });
        }
        if let Some(host_path) = &volume.host_path {
            let source =
                host_path::prepare(Path::new(&host_path.path), host_path.type_.as_deref())?;
            return Ok(Prepared { source: Source::Host(source), read_only: false });
        }
        if let Some(image) = &volume.image {
            let name = image.reference.clone().unwrap_or_default();
            return Ok(Prepared { source: Source::Image { name, path: None }, read_only: true });
        }
        if let Some(reference) = ClaimReference::of(volume, pod) {
            let found = claim::find(&reference, pod, self, !directory.is_symlink())?;
            let (path, read_only) = (found.path.clone(), found.read_only);
            claim::prepare(found, &directory, ownership)?;
            return Ok(Prepared { source: Source::Host(path), read_only });
        }
        let files = content::files(volume, downward, &*self.objects)?;
        let files = files.ok_or_else(|| Reason::unknown_source(volume))?;
        make(&directory, 0o777)?;
        atomic_directory::write(&directory, &files, ownership)?;
        Ok(Prepared { source: Source::Host(directory), read_only: true })
    }
}

/// Makes a directory of a mode below those that are ours alone; says whether it is new.
fn make(directory: &Path, mode: u32) -> Result<bool, FileError> {
    if directory.is_dir() {
        return Ok(false);
    }
    pod_directory::create(directory)?;
    pod_directory::set_mode(directory, mode)?;
    Ok(true)
}

/// The names of the volumes that containers mount; others are not made, as upstream has it.
fn mounted(pod: &Pod) -> BTreeSet<&str> {
    let containers = life::containers(pod).map(|(_, container)| container);
    let mounts = containers.flat_map(|container| container.volume_mounts.iter().flatten());
    let ephemeral = pod.spec.iter().flat_map(|spec| spec.ephemeral_containers.iter().flatten());
    let ephemeral =
        ephemeral.flat_map(|one: &EphemeralContainer| one.volume_mounts.iter().flatten());
    mounts.chain(ephemeral).map(|mount| mount.name.as_str()).collect()
}

#[cfg(test)]
mod tests;
