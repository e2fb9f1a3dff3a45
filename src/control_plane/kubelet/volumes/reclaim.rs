//! What becomes of the data of a claim that is gone.

use std::path::{Path, PathBuf};

use k8s_openapi::api::core::v1::PersistentVolume;
use serde_json::json;

use crate::control_plane::controllers::{self, labels, owner};
use crate::control_plane::runner::{Operation, Plan};

/// The end of a volume that was made for a claim.
#[derive(Debug)]
pub(in super::super) struct Reclaim {
    /// The directory that goes, and before the object: nobody would find it afterwards.
    pub(in super::super) directory: Option<PathBuf>,
    /// Lets the object go.
    pub(in super::super) plan: Plan,
}

/// What is to be done for a volume; nothing unless it is on its way out and bound no more.
pub(in super::super) fn reclaim(volume: &PersistentVolume, claims: &Path) -> Option<Reclaim> {
    let metadata = &volume.metadata;
    metadata.deletion_timestamp.as_ref()?;
    let finalizers = metadata.finalizers.as_ref()?;
    let is_held = |by: &str| finalizers.iter().any(|finalizer| finalizer == by);
    if !is_held(labels::RECLAIMED) || is_held(labels::PV_PROTECTION) {
        return None;
    }
    let policy = volume.spec.as_ref()?.persistent_volume_reclaim_policy.as_deref();
    let directory = directory(volume, claims).filter(|_| policy == Some("Delete"));
    let kept: Vec<_> = finalizers.iter().filter(|one| *one != labels::RECLAIMED).collect();
    let kept = (!kept.is_empty()).then_some(kept);
    let metadata = json!({"finalizers": kept, "resourceVersion": metadata.resource_version});
    let mut plan = Plan::default();
    plan.push(Operation::patch(volume, json!({"metadata": metadata})));
    Some(Reclaim { directory, plan })
}

/// The directory of a volume that our own provisioner made: only what lies where it makes them.
pub(super) fn directory(volume: &PersistentVolume, claims: &Path) -> Option<PathBuf> {
    let path = Path::new(&volume.spec.as_ref()?.host_path.as_ref()?.path);
    let name = path.file_name()?.to_str()?;
    let is_ours = controllers::is_provisioned_here(volume)
        && path.parent() == Some(claims)
        && name.starts_with(owner::name(volume));
    is_ours.then(|| path.to_owned())
}

#[cfg(test)]
mod tests {
    use serde_json::Value;

    use super::*;

    /// What is done for a volume of ours, changed by a merge patch.
    fn done(patch: &Value) -> Option<String> {
        let mut volume = json!({
            "metadata": {
                "name": "pvc-1", "deletionTimestamp": "2026-01-01T00:00:00Z",
                "annotations": {"pv.kubernetes.io/provisioned-by": "longshore.dev/local-path"},
                "finalizers": [labels::RECLAIMED],
            },
            "spec": {"hostPath": {"path": "/claims/pvc-1_shop_data"}, "persistentVolumeReclaimPolicy": "Delete"},
        });
        json_patch::merge(&mut volume, patch);
        let reclaim = reclaim(&serde_json::from_value(volume).unwrap(), Path::new("/claims"))?;
        Some(reclaim.directory.map_or_else(String::new, |path| path.display().to_string()))
    }

    #[test]
    fn data_goes_with_its_volume_only() {
        let check = |patch: Value, expected: Option<&str>| {
            assert_eq!(done(&patch).as_deref(), expected, "{patch}");
        };
        check(json!({}), Some("/claims/pvc-1_shop_data"));
        check(json!({"metadata": {"deletionTimestamp": null}}), None);
        check(
            json!({"metadata": {"finalizers": [labels::RECLAIMED, labels::PV_PROTECTION]}}),
            None,
        );
        check(json!({"metadata": {"finalizers": ["example.com/other"]}}), None);
        check(json!({"spec": {"persistentVolumeReclaimPolicy": "Retain"}}), Some(""));
        check(json!({"spec": {"hostPath": {"path": "/home"}}}), Some(""));
        check(json!({"spec": {"hostPath": {"path": "/claims/pvc-2_shop_data"}}}), Some(""));
        check(json!({"metadata": {"annotations": null}}), Some(""));
    }
}
