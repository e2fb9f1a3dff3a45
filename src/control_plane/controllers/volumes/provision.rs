//! Volumes that are made for claims.

use std::collections::BTreeMap;
use std::path::Path;

use k8s_openapi::api::core::v1::{
    HostPathVolumeSource, ObjectReference, PersistentVolume, PersistentVolumeClaim,
    PersistentVolumeClaimSpec, PersistentVolumeSpec,
};
use k8s_openapi::api::storage::v1::StorageClass;
use k8s_openapi::apimachinery::pkg::api::resource::Quantity;
use k8s_openapi::apimachinery::pkg::apis::meta::v1::ObjectMeta;
use serde_json::json;

use super::claim::{Named, bind};
use crate::control_plane::controllers::{labels, owner};
use crate::control_plane::runner::{Note, Operation, Plan};

/// The provisioner that is ours.
pub(super) const PROVISIONER: &str = "longshore.dev/local-path";

/// Makes a volume for a claim, or says why there is none.
pub(super) fn provision(
    claim: &PersistentVolumeClaim,
    spec: &PersistentVolumeClaimSpec,
    class: Named<StorageClass>,
    directory: &Path,
    plan: &mut Plan,
) {
    let mut note = |note| plan.push(Operation::Record(note));
    let class = match class {
        Named::Nothing => {
            let message =
                "no persistent volumes available for this claim and no storage class is set";
            return note(Note::normal(claim, "FailedBinding", message));
        }
        Named::Missing => {
            let name = spec.storage_class_name.as_deref().unwrap_or_default();
            let message = format!("storageclass.storage.k8s.io \"{name}\" not found");
            return note(Note::warning(claim, "ProvisioningFailed", message));
        }
        Named::Found(class) => class,
    };
    let annotations = claim.metadata.annotations.as_ref();
    let has = |key: &str| annotations.is_some_and(|annotations| annotations.contains_key(key));
    let waits = class.volume_binding_mode.as_deref() == Some("WaitForFirstConsumer");
    if waits && !has(labels::SELECTED_NODE) {
        let message = "waiting for first consumer to be created before binding";
        return note(Note::normal(claim, "WaitForFirstConsumer", message));
    }
    let provisioner = &class.provisioner;
    if !has(labels::STORAGE_PROVISIONER) {
        let annotations = json!({labels::STORAGE_PROVISIONER: provisioner});
        let patch = json!({"metadata": {"annotations": annotations}});
        plan.push(Operation::patch(claim, patch));
    }
    if provisioner != PROVISIONER {
        let message = format!(
            "Waiting for a volume to be created either by the external provisioner \
             '{provisioner}' or manually by the system administrator. If volume creation is \
             delayed, please verify that the provisioner is running and correctly registered."
        );
        plan.push(Operation::Record(Note::normal(claim, "ExternalProvisioning", message)));
        return;
    }
    let volume = volume(claim, spec, &class, directory);
    let message = format!("Successfully provisioned volume {}", owner::name(&volume));
    let done = Note::normal(claim, "ProvisioningSucceeded", message);
    plan.push(Operation::create(&volume, Some(done)));
    bind(claim, &volume, plan);
}

/// A reference that sets a volume aside for a claim.
pub(super) fn claim_reference(claim: &PersistentVolumeClaim) -> ObjectReference {
    ObjectReference {
        api_version: Some("v1".to_owned()),
        kind: Some("PersistentVolumeClaim".to_owned()),
        namespace: claim.metadata.namespace.clone(),
        name: claim.metadata.name.clone(),
        uid: claim.metadata.uid.clone(),
        resource_version: claim.metadata.resource_version.clone(),
        field_path: None,
    }
}

fn volume(
    claim: &PersistentVolumeClaim,
    spec: &PersistentVolumeClaimSpec,
    class: &StorageClass,
    directory: &Path,
) -> PersistentVolume {
    let name = format!("pvc-{}", owner::uid(claim));
    let folder = format!("{name}_{}_{}", owner::namespace(claim), owner::name(claim));
    let requests = spec.resources.as_ref().and_then(|resources| resources.requests.as_ref());
    let size = requests.and_then(|requests| requests.get("storage").cloned());
    let size = size.unwrap_or_else(|| Quantity("1Gi".to_owned()));
    let provisioned_by = (labels::PROVISIONED_BY.to_owned(), PROVISIONER.to_owned());
    PersistentVolume {
        metadata: ObjectMeta {
            name: Some(name),
            annotations: Some(BTreeMap::from([provisioned_by])),
            finalizers: Some(vec![labels::RECLAIMED.to_owned()]),
            ..ObjectMeta::default()
        },
        spec: Some(PersistentVolumeSpec {
            access_modes: spec.access_modes.clone(),
            capacity: Some(BTreeMap::from([("storage".to_owned(), size)])),
            claim_ref: Some(claim_reference(claim)),
            host_path: Some(HostPathVolumeSource {
                path: directory.join(folder).to_string_lossy().into_owned(),
                type_: Some("DirectoryOrCreate".to_owned()),
            }),
            mount_options: class.mount_options.clone(),
            persistent_volume_reclaim_policy: Some(
                class.reclaim_policy.clone().unwrap_or_else(|| "Delete".to_owned()),
            ),
            storage_class_name: class.metadata.name.clone(),
            volume_mode: spec.volume_mode.clone(),
            ..PersistentVolumeSpec::default()
        }),
        status: None,
    }
}
