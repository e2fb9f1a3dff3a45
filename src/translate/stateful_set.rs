use serde_json::Value;

use super::context::{Metadata, PersistentVolumeClaim, StatefulSet};
use super::options::Compat;
use super::scope::Scope;
use super::storage::claim_of;

/// A claim of the project, while a `StatefulSet` may take it.
pub struct Claim {
    /// The claim itself.
    pub object: PersistentVolumeClaim,
    /// The Compose path that it comes from.
    pub source: String,
    /// Whether it is that of a volume with a name.
    pub is_named: bool,
}

/// Gives each pod of a `StatefulSet` storage of its own: the claims of volumes that only this service
/// mounts become its templates, and are no objects any more. Kompose makes templates of all claims.
pub fn take_claims(key: &str, set: &mut StatefulSet, claims: &mut Vec<Claim>, scope: &Scope) {
    let is_kompose = scope.options.compat == Compat::Kompose;
    for volume in std::mem::take(&mut set.pod.volumes) {
        let claimed =
            volume.source.pointer("/persistentVolumeClaim/claimName").and_then(Value::as_str);
        let has_one_user = claimed.is_some_and(|name| is_only_user(key, name, scope));
        let own = claims.iter().position(|it| {
            let is_taken = is_kompose || (it.is_named && has_one_user);
            is_taken && Some(it.object.metadata.name.as_str()) == claimed
        });
        let Some(own) = own else {
            set.pod.volumes.push(volume);
            continue;
        };
        let claim = match claims.get(own) {
            // Others have it as it is.
            Some(shared) if !has_one_user => shared.object.clone(),
            _ => claims.remove(own).object,
        };
        set.volume_claims.push(PersistentVolumeClaim {
            metadata: Metadata { name: volume.name, namespace: None, ..claim.metadata },
            ..claim
        });
    }
}

/// Whether a service alone has a claim.
fn is_only_user(key: &str, claim: &str, scope: &Scope) -> bool {
    let mut mounts = scope.mounts.of_pod_of(key).filter_map(|mount| claim_of(mount, scope));
    let own = mounts.find(|(name, _)| *name == claim);
    own.is_some_and(|(_, all)| all.iter().all(|(user, _)| *user == key))
}
