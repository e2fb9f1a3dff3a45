use indexmap::IndexMap;
use serde_json::Value;

use super::context::{Metadata, PersistentVolumeClaim, StatefulSet};
use super::scope::Scope;
use super::storage::has_one_user;

/// Gives each pod of a `StatefulSet` storage of its own: the claims of volumes that only this service
/// mounts become its templates, and are no objects any more.
pub fn take_claims(
    set: &mut StatefulSet,
    claims: &mut IndexMap<String, PersistentVolumeClaim>,
    scope: &Scope,
) {
    for volume in std::mem::take(&mut set.pod.volumes) {
        let claimed =
            volume.source.pointer("/persistentVolumeClaim/claimName").and_then(Value::as_str);
        let is_own = |key: &str, claim: &PersistentVolumeClaim| {
            Some(claim.metadata.name.as_str()) == claimed && has_one_user(key, scope)
        };
        let own = claims.iter().find(|(key, claim)| is_own(key, claim)).map(|(key, _)| key.clone());
        match own.and_then(|key| claims.shift_remove(&key)) {
            Some(claim) => set.volume_claims.push(PersistentVolumeClaim {
                metadata: Metadata { name: volume.name, namespace: None, ..claim.metadata },
                ..claim
            }),
            None => set.pod.volumes.push(volume),
        }
    }
}
