//! One volume: its phase, and what becomes of it when its claim is gone.

use jiff::Timestamp;
use k8s_openapi::api::core::v1::{PersistentVolume, PersistentVolumeClaim, PersistentVolumeStatus};
use k8s_openapi::apimachinery::pkg::apis::meta::v1::Time;
use serde_json::json;

use super::{is_for, is_provisioned_here};
use crate::control_plane::controllers::labels;
use crate::control_plane::runner::{Operation, Plan};

/// One step of a volume.
pub(crate) fn reconcile(
    volume: &PersistentVolume,
    claim: Option<&PersistentVolumeClaim>,
    now: Timestamp,
) -> Plan {
    let mut plan = Plan::default();
    let Some(spec) = &volume.spec else { return plan };
    let claim = claim.filter(|claim| is_for(volume, claim));
    let names_it = |claim: &PersistentVolumeClaim| {
        let named = claim.spec.as_ref().and_then(|spec| spec.volume_name.as_deref());
        named == volume.metadata.name.as_deref()
    };
    let was_bound = spec.claim_ref.as_ref().is_some_and(|reference| reference.uid.is_some());
    let phase = match claim {
        Some(claim) if names_it(claim) => "Bound",
        None if was_bound => "Released",
        _ => "Available",
    };
    let before = volume.status.clone().unwrap_or_default();
    if before.phase.as_deref() != Some(phase) {
        let status = Some(PersistentVolumeStatus {
            phase: Some(phase.to_owned()),
            last_phase_transition_time: Some(Time(now)),
            ..before
        });
        plan.push(Operation::status(&PersistentVolume { status, ..volume.clone() }));
    }
    if volume.metadata.deletion_timestamp.is_some() {
        if phase != "Bound" {
            plan.operations.extend(without_protection(volume));
        }
        return plan;
    }
    let reclaim = spec.persistent_volume_reclaim_policy.as_deref();
    if phase == "Released" && reclaim == Some("Delete") && is_provisioned_here(volume) {
        plan.push(Operation::delete(volume, None));
    }
    plan
}

fn without_protection(volume: &PersistentVolume) -> Option<Operation> {
    let finalizers = volume.metadata.finalizers.as_ref()?;
    if !finalizers.iter().any(|one| one == labels::PV_PROTECTION) {
        return None;
    }
    let kept: Vec<_> = finalizers.iter().filter(|one| *one != labels::PV_PROTECTION).collect();
    let kept = (!kept.is_empty()).then_some(kept);
    let version = &volume.metadata.resource_version;
    let metadata = json!({"finalizers": kept, "resourceVersion": version});
    Some(Operation::patch(volume, json!({"metadata": metadata})))
}
