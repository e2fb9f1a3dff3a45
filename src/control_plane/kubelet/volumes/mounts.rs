use k8s_openapi::api::core::v1::{Container, VolumeMount};

use super::{MountError, PodVolumes, sub_path};
use crate::control_plane::kubelet::environment::{Variables, expand_all};
use crate::control_plane::kubelet::mount::{Mount, RecursiveReadOnly, Source};

impl PodVolumes {
    /// What a container mounts; `subPathExpr` is told its variables.
    pub(in super::super) fn mounts(
        &self,
        container: &Container,
        variables: &Variables,
    ) -> Result<Vec<Mount>, MountError> {
        if let Some(device) = container.volume_devices.iter().flatten().next() {
            return Err(MountError::Block { device: device.name.clone() });
        }
        let mounts = container.volume_mounts.iter().flatten();
        mounts.map(|mount| self.mount(mount, variables)).collect()
    }

    fn mount(&self, mount: &VolumeMount, variables: &Variables) -> Result<Mount, MountError> {
        let name = mount.name.as_str();
        let not_found = || MountError::VolumeNotFound { volume: name.to_owned() };
        let volume = self.0.get(name).ok_or_else(not_found)?;
        let path = path_in(mount, variables)?;
        let read_only = volume.read_only || mount.read_only == Some(true);
        let source = match (&volume.source, path) {
            (source, None) => source.clone(),
            (Source::Host(root), Some(path)) => {
                Source::Host(sub_path::resolve((name, root), &path)?)
            }
            (Source::Memory(memory), path) => {
                let mut memory = memory.clone();
                memory.path = path;
                Source::Memory(memory)
            }
            (Source::Image { name, .. }, path) => Source::Image { name: name.clone(), path },
        };
        Ok(Mount {
            target: absolute(&mount.mount_path),
            source,
            read_only,
            recursive_read_only: recursive(mount, read_only),
            propagation: match mount.mount_propagation.as_deref() {
                Some("HostToContainer") => Some("rslave"),
                Some("Bidirectional") => Some("rshared"),
                Some("None") => Some("rprivate"),
                _ => None,
            },
        })
    }
}

/// The path in the volume: none for the whole of it.
fn path_in(mount: &VolumeMount, variables: &Variables) -> Result<Option<String>, MountError> {
    let given = |path: &Option<String>| path.clone().filter(|path| !path.is_empty());
    let path = match given(&mount.sub_path_expr) {
        Some(path) => {
            let expanded = expand_all(&path, variables);
            Some(expanded.map_err(|names| MountError::MissingValue { names })?)
        }
        None => given(&mount.sub_path),
    };
    let Some(path) = path else { return Ok(None) };
    let parts = sub_path::parts(&path)?;
    Ok((!parts.is_empty()).then(|| parts.join("/")))
}

fn recursive(mount: &VolumeMount, read_only: bool) -> RecursiveReadOnly {
    match mount.recursive_read_only.as_deref() {
        Some("Enabled") if read_only => RecursiveReadOnly::Enabled,
        Some("IfPossible") if read_only => RecursiveReadOnly::IfPossible,
        _ => RecursiveReadOnly::Disabled,
    }
}

/// Container paths are absolute; one that is not counts from the root.
fn absolute(path: &str) -> String {
    if path.starts_with('/') { path.to_owned() } else { format!("/{path}") }
}
