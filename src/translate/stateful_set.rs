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
pub fn take_claims(set: &mut StatefulSet, claims: &mut Vec<Claim>, scope: &Scope) {
    let is_kompose = scope.options.compat == Compat::Kompose;
    for volume in std::mem::take(&mut set.pod.volumes) {
        let claimed =
            volume.source.pointer("/persistentVolumeClaim/claimName").and_then(Value::as_str);
        let has_one_user = claimed.is_some_and(|name| has_one_user(name, scope));
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

fn has_one_user(claim: &str, scope: &Scope) -> bool {
    let is_it = |key: &&String| {
        scope.mounts.of_pod_of(key).any(|mount| claim_of(mount, scope) == Some(claim))
    };
    scope.project.services.keys().filter(is_it).count() == 1
}
