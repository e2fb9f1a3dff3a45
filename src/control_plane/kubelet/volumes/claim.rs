//! Volumes by claim: the directory that the bound volume has on this machine.

use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};

use k8s_openapi::api::core::v1::{PersistentVolume, PersistentVolumeClaim, Pod, Volume};

use super::ownership::{Access, Ownership};
use super::{Reason, Volumes, host_path, make, reclaim};
use crate::control_plane::controllers::owner;
use crate::control_plane::kubelet::pod_directory::{self, failed};

/// The claim that a volume of a pod names.
pub(super) struct ClaimReference {
    pub(super) name: String,
    read_only: bool,
    /// It was made for the pod, and must have been.
    is_of_pod: bool,
}

/// What a claim is bound to.
pub(super) struct Found {
    pub(super) path: PathBuf,
    pub(super) read_only: bool,
    kind: Option<String>,
    /// It was provisioned by us.
    is_ours: bool,
}

impl ClaimReference {
    pub(super) fn of(volume: &Volume, pod: &Pod) -> Option<Self> {
        if let Some(source) = &volume.persistent_volume_claim {
            let read_only = source.read_only == Some(true);
            return Some(Self { name: source.claim_name.clone(), read_only, is_of_pod: false });
        }
        volume.ephemeral.as_ref()?;
        let name = format!("{}-{}", owner::name(pod), volume.name);
        Some(Self { name, read_only: false, is_of_pod: true })
    }
}

/// The volume that a claim is bound to; one that is being deleted is given to no new pod.
pub(super) fn find(
    reference: &ClaimReference,
    pod: &Pod,
    volumes: &Volumes,
    is_new: bool,
) -> Result<Found, Reason> {
    let name = || reference.name.clone();
    let claim = volumes.objects.claim(owner::namespace(pod), &reference.name);
    let not_found = || Reason::ObjectNotFound { kind: "persistentvolumeclaim", name: name() };
    let claim = claim.ok_or_else(not_found)?;
    if is_new && claim.metadata.deletion_timestamp.is_some() {
        return Err(Reason::BeingDeleted { claim: name() });
    }
    let controller = owner::controller_of(&claim.metadata);
    if reference.is_of_pod && controller.is_none_or(|one| one.uid != owner::uid(pod)) {
        return Err(Reason::NotOfPod { claim: name() });
    }
    let phase = claim.status.as_ref().and_then(|status| status.phase.as_deref());
    let volume = bound_volume(&claim).and_then(|volume| volumes.objects.volume(volume));
    match volume.filter(|volume| phase == Some("Bound") && is_bound_to(volume, &claim)) {
        Some(volume) => local_path(&volume, reference.read_only, &volumes.claims),
        None => Err(Reason::NotBound { claim: name() }),
    }
}

/// Makes the directory of a claim, when it is ours, and remembers that the pod has it.
pub(super) fn prepare(
    found: Found,
    link: &Path,
    ownership: Option<Ownership>,
) -> Result<(), Reason> {
    let Found { path, read_only, kind, is_ours } = found;
    if is_ours {
        make(&path, 0o777)?;
    } else {
        host_path::prepare(&path, kind.as_deref())?;
    }
    if link.is_symlink() {
        return Ok(());
    }
    if let Some(ownership) = ownership.filter(|_| is_ours) {
        let access = if read_only { Access::Read } else { Access::Write };
        ownership.give_once(&path, access)?;
    }
    if let Some(parent) = link.parent() {
        pod_directory::create(parent)?;
    }
    symlink(&path, link).map_err(failed("link", link))?;
    Ok(())
}

fn bound_volume(claim: &PersistentVolumeClaim) -> Option<&str> {
    claim.spec.as_ref()?.volume_name.as_deref()
}

fn is_bound_to(volume: &PersistentVolume, claim: &PersistentVolumeClaim) -> bool {
    let reference = volume.spec.as_ref().and_then(|spec| spec.claim_ref.as_ref());
    reference.is_some_and(|reference| reference.uid.as_deref() == Some(owner::uid(claim)))
}

fn local_path(volume: &PersistentVolume, read_only: bool, claims: &Path) -> Result<Found, Reason> {
    let name = owner::name(volume);
    let unsupported = |why| Reason::Unsupported { what: format!("the volume {name}"), why };
    let spec = volume.spec.as_ref();
    if spec.and_then(|spec| spec.volume_mode.as_deref()) == Some("Block") {
        return Err(unsupported("it is a block device"));
    }
    let host_path = spec.and_then(|spec| spec.host_path.as_ref());
    let local = spec.and_then(|spec| spec.local.as_ref());
    let (path, kind) = match (host_path, local) {
        (Some(source), _) => (&source.path, source.type_.clone()),
        (None, Some(source)) => (&source.path, Some("Directory".to_owned())),
        (None, None) => return Err(unsupported("there is no driver for it")),
    };
    let is_ours = reclaim::directory(volume, claims).is_some();
    Ok(Found { path: PathBuf::from(path), read_only, kind, is_ours })
}
