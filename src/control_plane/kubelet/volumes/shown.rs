use std::collections::{BTreeSet, HashMap};

use k8s_openapi::api::core::v1::{ConfigMap, PersistentVolumeClaim, Pod, Secret, VolumeProjection};

use super::claim::ClaimReference;
use crate::control_plane::controllers::owner;
use crate::control_plane::runner::kind_of;
use crate::control_plane::store::Key;

/// Which pods have which objects in their volumes: those that are looked at when one changes.
#[derive(Debug, Default)]
pub(in super::super) struct Shown {
    pods: HashMap<Key, BTreeSet<String>>,
}

impl Shown {
    /// Takes in a pod.
    pub(in super::super) fn insert(&mut self, pod: &Pod) {
        for key in objects(pod) {
            self.pods.entry(key).or_default().insert(owner::uid(pod).to_owned());
        }
    }

    /// Forgets a pod.
    pub(in super::super) fn remove(&mut self, uid: &str) {
        self.pods.retain(|_, pods| {
            pods.remove(uid);
            !pods.is_empty()
        });
    }

    /// The uids of the pods that show an object.
    pub(in super::super) fn by(&self, object: &Key) -> impl Iterator<Item = &String> {
        self.pods.get(object).into_iter().flatten()
    }
}

/// The objects that a pod's volumes show, and its claims, whether they are there or not.
fn objects(pod: &Pod) -> Vec<Key> {
    let namespace = owner::namespace(pod);
    let config_map = |name: &str| Key::new(kind_of::<ConfigMap>(), namespace, name);
    let secret = |name: &str| Key::new(kind_of::<Secret>(), namespace, name);
    let of_projection = |one: &VolumeProjection| {
        let map = one.config_map.as_ref().map(|map| config_map(&map.name));
        map.into_iter().chain(one.secret.as_ref().map(|one| secret(&one.name))).collect::<Vec<_>>()
    };
    let mut objects = Vec::new();
    for volume in pod.spec.iter().flat_map(|spec| spec.volumes.iter().flatten()) {
        objects.extend(volume.config_map.as_ref().map(|map| config_map(&map.name)));
        let name = volume.secret.as_ref().and_then(|one| one.secret_name.as_deref());
        objects.extend(name.map(secret));
        let claim = ClaimReference::of(volume, pod);
        objects.extend(
            claim.map(|claim| Key::new(kind_of::<PersistentVolumeClaim>(), namespace, claim.name)),
        );
        let projected = volume.projected.iter().flat_map(|one| one.sources.iter().flatten());
        objects.extend(projected.flat_map(of_projection));
    }
    objects
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn pod(uid: &str, volumes: &serde_json::Value) -> Pod {
        let metadata = json!({"name": uid, "namespace": "shop", "uid": uid});
        let pod = json!({"metadata": metadata, "spec": {"containers": [], "volumes": volumes}});
        serde_json::from_value(pod).unwrap()
    }

    #[test]
    fn pods_are_found_by_what_they_show() {
        let mut shown = Shown::default();
        shown.insert(&pod("u-1", &json!([{"name": "a", "configMap": {"name": "settings"}}])));
        let sources = json!([{"configMap": {"name": "settings"}}, {"secret": {"name": "login"}}]);
        shown.insert(&pod("u-2", &json!([{"name": "a", "projected": {"sources": sources}}])));
        let claim = json!([{"name": "a", "persistentVolumeClaim": {"claimName": "data"}}]);
        shown.insert(&pod("u-4", &claim));
        shown.insert(&pod("u-3", &json!([{"name": "a", "secret": {"secretName": "login"}}])));
        let by = |shown: &Shown, kind, name| {
            let key = Key::new(kind, "shop", name);
            shown.by(&key).cloned().collect::<Vec<_>>().join(" ")
        };
        let (map, secret) = (kind_of::<ConfigMap>(), kind_of::<Secret>());
        assert_eq!(by(&shown, map, "settings"), "u-1 u-2");
        assert_eq!(by(&shown, secret, "login"), "u-2 u-3");
        assert_eq!(by(&shown, secret, "settings"), "");
        assert_eq!(by(&shown, kind_of::<PersistentVolumeClaim>(), "data"), "u-4");
        shown.remove("u-2");
        assert_eq!(by(&shown, map, "settings"), "u-1");
        shown.remove("u-1");
        assert_eq!(by(&shown, map, "settings"), "");
        assert_eq!(shown.pods.len(), 2);
    }
}
