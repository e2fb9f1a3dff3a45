#[cfg(test)]
mod given;
#[cfg(test)]
pub(super) use given::Given;

use k8s_openapi::api::core::v1::{
    ConfigMap, PersistentVolume, PersistentVolumeClaim, Secret, Service,
};
use k8s_openapi::{Metadata, Resource};
use serde::de::DeserializeOwned;

use crate::control_plane::runner::{kind_of, parse};
use crate::control_plane::store::Key;
use crate::control_plane::verbs::Verbs;

/// The objects that a pod may refer to.
pub(super) trait Objects: Send + Sync {
    /// A `ConfigMap`.
    fn config_map(&self, namespace: &str, name: &str) -> Option<ConfigMap>;

    /// A Secret.
    fn secret(&self, namespace: &str, name: &str) -> Option<Secret>;

    /// All services of a namespace.
    fn services(&self, namespace: &str) -> Vec<Service>;

    /// A claim.
    fn claim(&self, namespace: &str, name: &str) -> Option<PersistentVolumeClaim>;

    /// A volume.
    fn volume(&self, name: &str) -> Option<PersistentVolume>;
}

impl Objects for Verbs {
    fn config_map(&self, namespace: &str, name: &str) -> Option<ConfigMap> {
        find(self, namespace, name)
    }

    fn secret(&self, namespace: &str, name: &str) -> Option<Secret> {
        find(self, namespace, name)
    }

    fn services(&self, namespace: &str) -> Vec<Service> {
        let (services, _) = self.list(kind_of::<Service>(), Some(namespace));
        services.iter().filter_map(|service| parse(service)).collect()
    }

    fn claim(&self, namespace: &str, name: &str) -> Option<PersistentVolumeClaim> {
        find(self, namespace, name)
    }

    fn volume(&self, name: &str) -> Option<PersistentVolume> {
        find(self, "", name)
    }
}

fn find<T: Resource + Metadata + DeserializeOwned>(
    verbs: &Verbs,
    namespace: &str,
    name: &str,
) -> Option<T> {
    parse(&*verbs.get(&Key::new(kind_of::<T>(), namespace, name)).ok()?)
}
