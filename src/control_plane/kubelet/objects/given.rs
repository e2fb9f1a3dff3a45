use std::sync::Mutex;

use k8s_openapi::Metadata;
use k8s_openapi::api::core::v1::{
    ConfigMap, PersistentVolume, PersistentVolumeClaim, Secret, Service,
};
use k8s_openapi::apimachinery::pkg::apis::meta::v1::ObjectMeta;
use serde::de::DeserializeOwned;
use serde_json::Value;

use super::Objects;

/// Objects that a test gives.
#[derive(Default)]
pub(in super::super) struct Given(Mutex<Vec<Value>>);

impl Given {
    /// These objects, each with its `kind`.
    pub(in super::super) fn of(objects: &[Value]) -> Self {
        Self(objects.to_vec().into())
    }

    /// Puts an object in place of one that has its kind and name.
    pub(in super::super) fn set(&self, object: Value) {
        let mut objects = self.0.lock().unwrap();
        objects.retain(|one| {
            one["kind"] != object["kind"] || one["metadata"]["name"] != object["metadata"]["name"]
        });
        objects.push(object);
    }

    fn all<T: DeserializeOwned>(&self, kind: &str, namespace: &str) -> Vec<T> {
        let objects = self.0.lock().unwrap();
        let is_wanted = |one: &&Value| {
            one["kind"] == kind && one["metadata"]["namespace"].as_str().unwrap_or("") == namespace
        };
        let wanted = objects.iter().filter(is_wanted);
        wanted.map(|one| serde_json::from_value(one.clone()).unwrap()).collect()
    }

    fn one<T>(&self, kind: &str, namespace: &str, name: &str) -> Option<T>
    where
        T: DeserializeOwned + Metadata<Ty = ObjectMeta>,
    {
        let mut all = self.all::<T>(kind, namespace).into_iter();
        all.find(|one| one.metadata().name.as_deref() == Some(name))
    }
}

impl Objects for Given {
    fn config_map(&self, namespace: &str, name: &str) -> Option<ConfigMap> {
        self.one("ConfigMap", namespace, name)
    }

    fn secret(&self, namespace: &str, name: &str) -> Option<Secret> {
        self.one("Secret", namespace, name)
    }

    fn services(&self, namespace: &str) -> Vec<Service> {
        self.all("Service", namespace)
    }

    fn claim(&self, namespace: &str, name: &str) -> Option<PersistentVolumeClaim> {
        self.one("PersistentVolumeClaim", namespace, name)
    }

    fn volume(&self, name: &str) -> Option<PersistentVolume> {
        self.one("PersistentVolume", "", name)
    }
}
