//! Mounts as the engine knows them.

use std::collections::HashMap;

use bollard::models::{
    Mount as EngineMount, MountBindOptions, MountBindOptionsPropagationEnum, MountImageOptions,
    MountType, MountVolumeOptions, MountVolumeOptionsDriverConfig,
};
use k8s_openapi::api::core::v1::Pod;

use super::Docker;
use crate::control_plane::controllers::owner;
use crate::control_plane::kubelet::mount::{Memory, Mount, RecursiveReadOnly, Source};
use crate::control_plane::kubelet::runtime::RuntimeError;
use crate::control_plane::kubelet::volumes::empty_dir;
use crate::engine::labels;

/// The versions of the engine's API since which it can; older ones pass over what they do not know.
const RECURSIVE_READ_ONLY: (usize, usize) = (1, 44);
const PARTS_OF_VOLUMES: (usize, usize) = (1, 45);
const IMAGES: (usize, usize) = (1, 48);

/// Where the sandbox has the pod's memory, so that it stays while containers come and go.
const IN_SANDBOX: &str = "/memory";

impl Docker {
    /// What a container mounts, or why this engine cannot do that.
    pub(super) fn mounts(
        &self,
        pod: &Pod,
        mounts: &[Mount],
    ) -> Result<Vec<EngineMount>, RuntimeError> {
        let version = self.engine.docker().client_version();
        let version = (version.major_version, version.minor_version);
        if let Some((what, (major, minor))) =
            mounts.iter().filter_map(needs).find(|(_, since)| version < *since)
        {
            let (its_major, its_minor) = version;
            return Err(RuntimeError::Config {
                reason: format!(
                    "{what} needs version {major}.{minor} of the engine's API, this one has \
                     {its_major}.{its_minor}"
                ),
            });
        }
        Ok(mounts.iter().map(|one| mount(one, pod, &self.network.cluster)).collect())
    }

    /// What the sandbox mounts.
    pub(super) fn sandbox_mounts(&self, pod: &Pod) -> Vec<EngineMount> {
        let volumes = empty_dir::memory_volumes(pod).into_iter();
        let mounts = volumes.map(|volume| {
            let target = Some(format!("{IN_SANDBOX}/{}", volume.volume));
            let base = EngineMount { target, ..EngineMount::default() };
            memory(&volume, pod, &self.network.cluster, base)
        });
        mounts.collect()
    }
}

/// What a mount needs of an engine, and since which version that is there.
fn needs(mount: &Mount) -> Option<(&'static str, (usize, usize))> {
    match &mount.source {
        Source::Image { .. } => Some(("an image volume", IMAGES)),
        Source::Memory(memory) if memory.path.is_some() => {
            Some(("a subPath of an emptyDir in memory", PARTS_OF_VOLUMES))
        }
        _ if mount.recursive_read_only == RecursiveReadOnly::Enabled => {
            Some(("recursiveReadOnly", RECURSIVE_READ_ONLY))
        }
        _ => None,
    }
}

fn mount(mount: &Mount, pod: &Pod, cluster: &str) -> EngineMount {
    let Mount { target, source, read_only, recursive_read_only, propagation } = mount;
    let base = EngineMount {
        target: Some(target.clone()),
        read_only: Some(*read_only),
        ..EngineMount::default()
    };
    match source {
        Source::Host(path) => EngineMount {
            typ: Some(MountType::BIND),
            source: Some(path.display().to_string()),
            bind_options: Some(MountBindOptions {
                propagation: Some(match propagation {
                    Some("rshared") => MountBindOptionsPropagationEnum::RSHARED,
                    Some("rslave") => MountBindOptionsPropagationEnum::RSLAVE,
                    _ => MountBindOptionsPropagationEnum::RPRIVATE,
                }),
                read_only_non_recursive: (*read_only
                    && *recursive_read_only == RecursiveReadOnly::Disabled)
                    .then_some(true),
                read_only_force_recursive: (*recursive_read_only == RecursiveReadOnly::Enabled)
                    .then_some(true),
                ..MountBindOptions::default()
            }),
            ..base
        },
        Source::Memory(volume) => memory(volume, pod, cluster, base),
        Source::Image { name, path } => EngineMount {
            typ: Some(MountType::IMAGE),
            source: Some(name.clone()),
            image_options: Some(MountImageOptions { subpath: path.clone() }),
            ..base
        },
    }
}

/// A volume of the engine that is memory: it holds its data as long as a container mounts it.
fn memory(memory: &Memory, pod: &Pod, cluster: &str, base: EngineMount) -> EngineMount {
    let Memory { volume, path, size, group } = memory;
    let mode = group.map(|group| format!("mode=2777,gid={group}"));
    let mut options = vec![mode.unwrap_or_else(|| "mode=0777".to_owned())];
    options.extend(size.map(|size| format!("size={size}")));
    let options = options.join(",");
    let uid = owner::uid(pod);
    EngineMount {
        typ: Some(MountType::VOLUME),
        source: Some(format!("longshore-{uid}-{volume}")),
        volume_options: Some(MountVolumeOptions {
            no_copy: Some(true),
            labels: Some(texts([(labels::CLUSTER, cluster), (labels::POD_UID, uid)])),
            driver_config: Some(MountVolumeOptionsDriverConfig {
                name: Some("local".to_owned()),
                options: Some(texts([("type", "tmpfs"), ("device", "tmpfs"), ("o", &options)])),
            }),
            subpath: path.clone(),
        }),
        ..base
    }
}

fn texts<const N: usize>(pairs: [(&str, &str); N]) -> HashMap<String, String> {
    pairs.map(|(key, value)| (key.to_owned(), value.to_owned())).into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_an_old_engine_passes_over_is_known() {
        let mut mount = Mount::of_file("/file".into(), "/data");
        assert_eq!(needs(&mount), None);
        mount.recursive_read_only = RecursiveReadOnly::IfPossible;
        assert_eq!(needs(&mount), None);
        mount.recursive_read_only = RecursiveReadOnly::Enabled;
        assert_eq!(needs(&mount), Some(("recursiveReadOnly", (1, 44))));
        mount.source = Source::Image { name: "site:1".to_owned(), path: None };
        assert_eq!(needs(&mount), Some(("an image volume", (1, 48))));
    }

    #[test]
    fn memory_is_a_volume_of_the_pod() {
        let mut pod = Pod::default();
        pod.metadata.uid = Some("u-1".to_owned());
        let shown = |size, group| {
            let volume = Memory { volume: "cache".to_owned(), path: None, size, group };
            let mount = memory(&volume, &pod, "c", EngineMount::default());
            let options = mount.volume_options.unwrap().driver_config.unwrap().options.unwrap();
            format!("{} {}", mount.source.unwrap(), options["o"])
        };
        assert_eq!(shown(None, None), "longshore-u-1-cache mode=0777");
        assert_eq!(shown(Some(1024), Some(7)), "longshore-u-1-cache mode=2777,gid=7,size=1024");
    }
}
