use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;

use k8s_openapi::api::core::v1::{PersistentVolumeClaim, Pod};
use k8s_openapi::api::storage::v1::StorageClass;

use crate::control_plane::controllers::owner;
use crate::control_plane::runner::parse;
use crate::control_plane::store::Stored;

/// The claims of pods, and which classes wait for a pod before they bind.
#[derive(Default)]
pub(super) struct Claims {
    claims: HashMap<(String, String), Arc<Stored>>,
    waiting_classes: BTreeSet<String>,
}

/// How a pod stands with its claims.
pub(super) struct Standing {
    /// Why the pod cannot be placed, in upstream's words.
    pub(super) refusal: Option<String>,
    /// Claims that are bound once a node is chosen.
    pub(super) unbound: Vec<PersistentVolumeClaim>,
}

impl Claims {
    /// Takes in a claim.
    pub(super) fn observe_claim(&mut self, object: &Arc<Stored>, exists: bool) {
        let key = (object.namespace.clone(), object.name.clone());
        if exists {
            self.claims.insert(key, Arc::clone(object));
        } else {
            self.claims.remove(&key);
        }
    }

    /// Takes in a storage class.
    pub(super) fn observe_class(&mut self, object: &Stored, exists: bool) {
        let class = if exists { parse::<StorageClass>(object) } else { None };
        let mode = class.and_then(|class| class.volume_binding_mode);
        if mode.as_deref() == Some("WaitForFirstConsumer") {
            self.waiting_classes.insert(object.name.clone());
        } else {
            self.waiting_classes.remove(&object.name);
        }
    }

    /// How a pod stands with its claims.
    pub(super) fn standing(&self, pod: &Pod) -> Standing {
        let mut standing = Standing { refusal: None, unbound: Vec::new() };
        for name in names(pod) {
            let key = (owner::namespace(pod).to_owned(), name.clone());
            let claim = self.claims.get(&key);
            let Some(claim) = claim.and_then(|claim| parse::<PersistentVolumeClaim>(claim)) else {
                standing.refusal = Some(format!("persistentvolumeclaim \"{name}\" not found"));
                return standing;
            };
            if claim.metadata.deletion_timestamp.is_some() {
                let refusal = format!("persistentvolumeclaim \"{name}\" is being deleted");
                standing.refusal = Some(refusal);
                return standing;
            }
            let phase = claim.status.as_ref().and_then(|status| status.phase.as_deref());
            if phase == Some("Bound") {
                continue;
            }
            let class = claim.spec.as_ref().and_then(|spec| spec.storage_class_name.as_deref());
            if class.is_some_and(|class| self.waiting_classes.contains(class)) {
                standing.unbound.push(claim);
            } else {
                let refusal = "pod has unbound immediate PersistentVolumeClaims".to_owned();
                standing.refusal = Some(refusal);
            }
        }
        standing
    }
}

/// The claims that a pod mounts.
pub(super) fn names(pod: &Pod) -> BTreeSet<String> {
    let volumes = pod.spec.iter().flat_map(|spec| spec.volumes.iter().flatten());
    let claims = volumes.filter_map(|volume| volume.persistent_volume_claim.as_ref());
    claims.map(|claim| claim.claim_name.clone()).collect()
}
