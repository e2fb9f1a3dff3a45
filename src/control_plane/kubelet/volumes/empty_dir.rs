use std::path::Path;

use k8s_openapi::api::core::v1::{EmptyDirVolumeSource, Pod};
use k8s_openapi::apimachinery::pkg::api::resource::Quantity;

use super::ownership::{Access, Ownership};
use super::{Reason, make};
use crate::control_plane::kubelet::life;
use crate::control_plane::kubelet::mount::{Memory, Source};
use crate::control_plane::scheduler::quantity::thousandths;

/// A new directory that everybody in the pod may write, or memory.
pub(super) fn prepare(
    pod: &Pod,
    name: &str,
    volume: &EmptyDirVolumeSource,
    directory: &Path,
    ownership: Option<Ownership>,
) -> Result<Source, Reason> {
    match volume.medium.as_deref().unwrap_or_default() {
        "" => {
            if make(directory, 0o777)?
                && let Some(ownership) = ownership
            {
                ownership.give(directory, Access::Write)?;
            }
            Ok(Source::Host(directory.to_owned()))
        }
        "Memory" => Ok(Source::Memory(memory(pod, name, volume))),
        other => Err(Reason::Unsupported {
            what: format!("an emptyDir of medium {other}"),
            why: "only disk and memory hold one",
        }),
    }
}

/// What a pod's volumes in memory are: the sandbox mounts them all, so that they stay as long as it.
pub(in super::super) fn memory_volumes(pod: &Pod) -> Vec<Memory> {
    let volumes = pod.spec.iter().flat_map(|spec| spec.volumes.iter().flatten());
    let volumes = volumes.filter_map(|volume| {
        let source = volume.empty_dir.as_ref()?;
        (source.medium.as_deref() == Some("Memory")).then(|| memory(pod, &volume.name, source))
    });
    volumes.collect()
}

fn memory(pod: &Pod, name: &str, volume: &EmptyDirVolumeSource) -> Memory {
    let security = pod.spec.as_ref().and_then(|spec| spec.security_context.as_ref());
    let limits = [volume.size_limit.as_ref().and_then(bytes), memory_limit(pod)];
    Memory {
        volume: name.to_owned(),
        path: None,
        size: limits.into_iter().flatten().filter(|size| *size > 0).min(),
        group: security.and_then(|security| security.fs_group),
    }
}

/// What all containers of a pod together may use; none when one of them has no limit.
fn memory_limit(pod: &Pod) -> Option<i64> {
    let limits = life::containers(pod).map(|(_, container)| {
        let resources = container.resources.as_ref()?;
        bytes(resources.limits.as_ref()?.get("memory")?)
    });
    limits.sum()
}

fn bytes(quantity: &Quantity) -> Option<i64> {
    i64::try_from(thousandths(quantity)? / 1000).ok()
}
