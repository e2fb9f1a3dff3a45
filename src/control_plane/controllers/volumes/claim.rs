//! One claim: bound to the volume it names, to one that fits, or to one that is made for it.

use std::collections::BTreeMap;
use std::path::Path;

use jiff::Timestamp;
use k8s_openapi::api::core::v1::{
    PersistentVolume, PersistentVolumeClaim, PersistentVolumeClaimSpec, PersistentVolumeClaimStatus,
};
use k8s_openapi::api::storage::v1::StorageClass;
use k8s_openapi::apimachinery::pkg::api::resource::Quantity;
use serde_json::json;

use super::{is_for, provision};
use crate::control_plane::controllers::{labels, owner, selector};
use crate::control_plane::runner::{Note, Operation, Plan};
use crate::control_plane::scheduler::quantity::thousandths;

/// What is known around a claim.
pub(crate) struct Observed {
    /// The volume that the claim names.
    pub(crate) volume: Named<PersistentVolume>,
    /// All volumes, when it names none.
    pub(crate) candidates: Vec<PersistentVolume>,
    /// The class that the claim names.
    pub(crate) class: Named<StorageClass>,
    /// Whether a pod on a node mounts it.
    pub(crate) in_use: bool,
}

/// An object that another one may name.
#[derive(Debug, Clone)]
pub(crate) enum Named<T> {
    Nothing,
    Missing,
    Found(T),
}

impl<T> Named<T> {
    /// Looks the object up, when there is a name.
    pub(super) fn find(name: Option<&str>, find: impl FnOnce(&str) -> Option<T>) -> Self {
        match name.filter(|name| !name.is_empty()) {
            None => Self::Nothing,
            Some(name) => find(name).map_or(Self::Missing, Self::Found),
        }
    }
}

/// One step of a claim towards its volume, or its end.
pub(crate) fn reconcile(
    claim: &PersistentVolumeClaim,
    observed: Observed,
    directory: &Path,
    _now: Timestamp,
) -> Plan {
    let mut plan = Plan::default();
    let Some(spec) = &claim.spec else { return plan };
    if claim.metadata.deletion_timestamp.is_some() {
        if !observed.in_use {
            plan.operations.extend(without_protection(claim));
        }
        return plan;
    }
    match observed.volume {
        Named::Found(volume) if is_for(&volume, claim) || is_free(&volume) => {
            bind(claim, &volume, &mut plan);
        }
        // It is set aside for another claim.
        Named::Found(_) => {}
        Named::Missing => lose(claim, &mut plan),
        Named::Nothing => match choose(claim, spec, observed.candidates) {
            Some(volume) => bind(claim, &volume, &mut plan),
            None => provision::provision(claim, spec, observed.class, directory, &mut plan),
        },
    }
    plan
}

/// Writes the binding, on the volume first, and what the claim has by it.
pub(super) fn bind(claim: &PersistentVolumeClaim, volume: &PersistentVolume, plan: &mut Plan) {
    let reference = volume.spec.as_ref().and_then(|spec| spec.claim_ref.as_ref());
    let bound = reference.is_some_and(|one| one.uid.as_deref() == Some(owner::uid(claim)));
    if !bound && !owner::uid(volume).is_empty() {
        // In the version that was free, and alone: of two claims that chose the same volume one
        // gets it, which it observes, and the other one chooses again.
        let patch = json!({
            "metadata": {
                "annotations": {labels::BOUND_BY_CONTROLLER: "yes"},
                "resourceVersion": volume.metadata.resource_version,
            },
            "spec": {"claimRef": provision::claim_reference(claim)},
        });
        plan.push(Operation::patch(volume, patch));
        return;
    }
    let annotations = claim.metadata.annotations.as_ref();
    let name = owner::name(volume);
    let names_it = claim.spec.as_ref().and_then(|spec| spec.volume_name.as_deref()) == Some(name);
    if !names_it || annotations.is_none_or(|all| !all.contains_key(labels::BIND_COMPLETED)) {
        let by_us = (!names_it).then_some(labels::BOUND_BY_CONTROLLER);
        let keys = [Some(labels::BIND_COMPLETED), by_us].into_iter().flatten();
        let annotations: BTreeMap<&str, &str> = keys.map(|key| (key, "yes")).collect();
        let patch = json!({"metadata": {"annotations": annotations}, "spec": {"volumeName": name}});
        plan.push(Operation::patch(claim, patch));
    }
    let spec = volume.spec.as_ref();
    let status = PersistentVolumeClaimStatus {
        phase: Some("Bound".to_owned()),
        access_modes: spec.and_then(|spec| spec.access_modes.clone()),
        capacity: spec.and_then(|spec| spec.capacity.clone()),
        ..claim.status.clone().unwrap_or_default()
    };
    write(claim, status, plan);
}

fn lose(claim: &PersistentVolumeClaim, plan: &mut Plan) {
    let status = claim.status.clone().unwrap_or_default();
    if status.phase.as_deref() != Some("Bound") {
        return;
    }
    let message = "Bound claim has lost its PersistentVolume. Data on the volume is lost!";
    plan.push(Operation::Record(Note::warning(claim, "ClaimLost", message)));
    let phase = Some("Lost".to_owned());
    write(claim, PersistentVolumeClaimStatus { phase, ..status }, plan);
}

fn write(claim: &PersistentVolumeClaim, status: PersistentVolumeClaimStatus, plan: &mut Plan) {
    if claim.status.as_ref() != Some(&status) {
        let status = Some(status);
        plan.push(Operation::status(&PersistentVolumeClaim { status, ..claim.clone() }));
    }
}

/// The smallest volume that the claim fits into; one that is set aside for it comes first.
fn choose(
    claim: &PersistentVolumeClaim,
    spec: &PersistentVolumeClaimSpec,
    candidates: Vec<PersistentVolume>,
) -> Option<PersistentVolume> {
    let (mine, others): (Vec<_>, Vec<_>) =
        candidates.into_iter().partition(|volume| is_for(volume, claim));
    let fitting = others.into_iter().filter(|volume| is_free(volume) && fits(spec, volume));
    mine.into_iter()
        .next()
        .or_else(|| fitting.min_by_key(|volume| (size(volume), volume.metadata.name.clone())))
}

fn is_free(volume: &PersistentVolume) -> bool {
    let spec = volume.spec.as_ref();
    volume.metadata.deletion_timestamp.is_none()
        && spec.is_some_and(|spec| spec.claim_ref.is_none())
}

fn fits(claim: &PersistentVolumeClaimSpec, volume: &PersistentVolume) -> bool {
    let Some(spec) = &volume.spec else { return false };
    let requests = claim.resources.as_ref().and_then(|resources| resources.requests.as_ref());
    let wanted = requests.and_then(|requests| thousandths(requests.get("storage")?)).unwrap_or(0);
    let has = spec.access_modes.as_deref().unwrap_or_default();
    let class = |class: &Option<String>| class.clone().unwrap_or_default();
    let mode = |mode: &Option<String>| mode.clone().unwrap_or_else(|| "Filesystem".to_owned());
    let labels = volume.metadata.labels.clone().unwrap_or_default();
    size(volume).is_some_and(|size| size >= wanted)
        && claim.access_modes.iter().flatten().all(|mode| has.contains(mode))
        && class(&claim.storage_class_name) == class(&spec.storage_class_name)
        && mode(&claim.volume_mode) == mode(&spec.volume_mode)
        && claim.selector.as_ref().is_none_or(|wanted| selector::matches(wanted, &labels))
}

fn size(volume: &PersistentVolume) -> Option<i128> {
    let capacity: &Quantity = volume.spec.as_ref()?.capacity.as_ref()?.get("storage")?;
    thousandths(capacity)
}

fn without_protection(claim: &PersistentVolumeClaim) -> Option<Operation> {
    let finalizers = claim.metadata.finalizers.as_ref()?;
    if !finalizers.iter().any(|one| one == labels::PVC_PROTECTION) {
        return None;
    }
    let kept: Vec<_> = finalizers.iter().filter(|one| *one != labels::PVC_PROTECTION).collect();
    let kept = (!kept.is_empty()).then_some(kept);
    let version = &claim.metadata.resource_version;
    let metadata = json!({"finalizers": kept, "resourceVersion": version});
    Some(Operation::patch(claim, json!({"metadata": metadata})))
}
