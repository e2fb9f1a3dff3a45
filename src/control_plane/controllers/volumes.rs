//! Claims and volumes: provisioning, binding, protection, reclaim.
//!
//! The provisioner `longshore.dev/local-path` gives each claim a `hostPath` below the data directory. Nothing is made or
//! removed on disk here: the kubelet makes the directory for the first pod that mounts it, and removes it, by the reclaim
//! policy, before the volume goes.

mod claim;
mod provision;
mod volume;

use std::path::PathBuf;

use jiff::Timestamp;
use k8s_openapi::api::core::v1::{PersistentVolume, PersistentVolumeClaim, Pod};
use k8s_openapi::api::storage::v1::StorageClass;

use self::claim::Named;
use super::{Controller, labels, owner};
use crate::control_plane::runner::{Index, Plan, is, kind_of, parse};
use crate::control_plane::store::{Change, Event, Key};

/// Binds claims and provisions volumes for them.
pub(super) struct Claims {
    pub(super) volumes: PathBuf,
}

/// Keeps the phase of volumes and reclaims released ones.
pub(super) struct Volumes;

impl Controller for Claims {
    fn name(&self) -> &'static str {
        "persistentvolume-controller"
    }

    fn concerns(&self, event: &Event, index: &Index) -> Vec<Key> {
        let object = &event.object;
        if is::<PersistentVolumeClaim>(object) {
            return vec![Key::from(&**object)];
        }
        if is::<PersistentVolume>(object) {
            let Some(volume) = parse::<PersistentVolume>(object) else { return Vec::new() };
            return match claim_of(&volume) {
                Some(key) => vec![key],
                None => unbound(index, class_of(&volume)),
            };
        }
        if is::<StorageClass>(object) {
            return unbound(index, Some(&object.name));
        }
        if is::<Pod>(object) && (event.change == Change::Deleted || object.deleting) {
            let Some(pod) = parse::<Pod>(object) else { return Vec::new() };
            let volumes = pod.spec.iter().flat_map(|spec| spec.volumes.iter().flatten());
            let claims = volumes.filter_map(|volume| volume.persistent_volume_claim.as_ref());
            return claims.map(|claim| claim_key(&object.namespace, &claim.claim_name)).collect();
        }
        Vec::new()
    }

    fn plan(&mut self, key: &Key, index: &Index, now: Timestamp) -> Plan {
        let (namespace, name) = (&key.namespace, &key.name);
        let Some(claim) = index.get::<PersistentVolumeClaim>(namespace, name) else {
            return Plan::default();
        };
        let spec = claim.spec.as_ref();
        let named = spec.and_then(|spec| spec.volume_name.as_deref());
        let class = spec.and_then(|spec| spec.storage_class_name.as_deref());
        let is_used = |pod: Pod| pod.spec.is_some_and(|spec| spec.node_name.is_some());
        let observed = claim::Observed {
            volume: Named::find(named, |name| index.get("", name)),
            candidates: if named.is_some() {
                Vec::new()
            } else {
                index.all(kind_of::<PersistentVolume>()).filter_map(|one| parse(one)).collect()
            },
            class: Named::find(class, |class| index.get("", class)),
            in_use: index.mounting(namespace, name).filter_map(|pod| parse(pod)).any(is_used),
        };
        claim::reconcile(&claim, observed, &self.volumes, now)
    }
}

impl Controller for Volumes {
    fn name(&self) -> &'static str {
        "persistentvolume-controller"
    }

    fn concerns(&self, event: &Event, _index: &Index) -> Vec<Key> {
        let object = &event.object;
        if is::<PersistentVolume>(object) {
            return vec![Key::from(&**object)];
        }
        if is::<PersistentVolumeClaim>(object) {
            let claim = parse::<PersistentVolumeClaim>(object);
            let volume = claim.and_then(|claim| claim.spec?.volume_name);
            let key = |name| Key::new(kind_of::<PersistentVolume>(), "", name);
            return volume.map(key).into_iter().collect();
        }
        Vec::new()
    }

    fn plan(&mut self, key: &Key, index: &Index, now: Timestamp) -> Plan {
        let Some(volume) = index.get::<PersistentVolume>("", &key.name) else {
            return Plan::default();
        };
        let claim = claim_of(&volume).and_then(|key| index.get(&key.namespace, &key.name));
        volume::reconcile(&volume, claim.as_ref(), now)
    }
}

/// Claims of a class that wait for a volume.
fn unbound(index: &Index, class: Option<&str>) -> Vec<Key> {
    let claims = index.all(kind_of::<PersistentVolumeClaim>());
    let waits = claims.filter_map(|object| {
        let spec = parse::<PersistentVolumeClaim>(object)?.spec?;
        let same = spec.storage_class_name.as_deref().unwrap_or_default() == class.unwrap_or("");
        (same && spec.volume_name.is_none()).then(|| Key::from(&**object))
    });
    waits.collect()
}

fn claim_of(volume: &PersistentVolume) -> Option<Key> {
    let claim = volume.spec.as_ref()?.claim_ref.as_ref()?;
    Some(claim_key(claim.namespace.as_deref()?, claim.name.as_deref()?))
}

fn claim_key(namespace: &str, name: &str) -> Key {
    Key::new(kind_of::<PersistentVolumeClaim>(), namespace, name)
}

/// Whether a volume was made for a claim by our own provisioner: its directory is ours.
pub(crate) fn is_provisioned_here(volume: &PersistentVolume) -> bool {
    let annotations = volume.metadata.annotations.as_ref();
    let provisioner = annotations.and_then(|all| all.get(labels::PROVISIONED_BY));
    provisioner.is_some_and(|provisioner| provisioner == provision::PROVISIONER)
}

fn class_of(volume: &PersistentVolume) -> Option<&str> {
    volume.spec.as_ref()?.storage_class_name.as_deref()
}

/// Whether a volume is set aside for a claim: by uid, or by name alone before it was bound.
fn is_for(volume: &PersistentVolume, claim: &PersistentVolumeClaim) -> bool {
    let reference = volume.spec.as_ref().and_then(|spec| spec.claim_ref.as_ref());
    reference.is_some_and(|reference| {
        reference.name == claim.metadata.name
            && reference.namespace == claim.metadata.namespace
            && reference.uid.as_deref().is_none_or(|uid| uid == owner::uid(claim))
    })
}
