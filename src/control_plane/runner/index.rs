use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::Arc;

use k8s_openapi::Resource;
use k8s_openapi::api::apps::v1::{DaemonSet, Deployment, ReplicaSet, StatefulSet};
use k8s_openapi::api::batch::v1::Job;
use k8s_openapi::api::core::v1::{Pod, Service};
use k8s_openapi::apimachinery::pkg::apis::meta::v1::LabelSelector;
use serde::Deserialize;
use serde::de::DeserializeOwned;

use crate::control_plane::controllers::selector;
use crate::control_plane::store::{Change, Event, Key, Stored};
use crate::kubernetes::{Kind, kinds};

type Labels = BTreeMap<String, String>;

/// Every object, and who belongs to whom, so that no controller scans a namespace.
///
/// Fed by events alone; it never asks the store.
#[derive(Default)]
pub(crate) struct Index {
    objects: BTreeMap<Key, Arc<Stored>>,
    by_uid: HashMap<String, Key>,
    dependents: HashMap<String, BTreeSet<Key>>,
    /// Pods and `ReplicaSet`s by namespace and one label.
    by_label: HashMap<String, BTreeSet<Key>>,
    /// Services and workloads by namespace and one label of their selector.
    by_selector: HashMap<String, BTreeSet<Key>>,
    selectors: HashMap<Key, Selecting>,
    /// Pods by namespace and claim.
    by_claim: HashMap<String, BTreeSet<Key>>,
}

struct Selecting {
    selector: LabelSelector,
    bucket: String,
}

/// The row of a type in the kinds table.
pub(crate) fn kind_of<T: Resource>() -> &'static Kind {
    kinds::find(T::API_VERSION, T::KIND).expect("the kinds table has every kind of this API level")
}

/// Whether an object is of a type.
pub(crate) fn is<T: Resource>(object: &Stored) -> bool {
    object.kind.kind == T::KIND
        && object.kind.group == T::GROUP
        && object.kind.version == T::VERSION
}

impl Index {
    /// Takes in a change; one that is older than what is known is ignored.
    pub(crate) fn apply(&mut self, event: &Event) {
        let key = Key::from(&*event.object);
        if self.objects.get(&key).is_some_and(|known| known.revision > event.object.revision) {
            return;
        }
        self.forget(&key);
        if event.change != Change::Deleted {
            self.learn(key, Arc::clone(&event.object));
        }
    }

    /// One object, as it is stored.
    pub(crate) fn stored(&self, key: &Key) -> Option<&Arc<Stored>> {
        self.objects.get(key)
    }

    /// One object, typed.
    pub(crate) fn get<T: Resource + DeserializeOwned>(
        &self,
        namespace: &str,
        name: &str,
    ) -> Option<T> {
        parse(self.objects.get(&Key::new(kind_of::<T>(), namespace, name))?)
    }

    /// The object that has a uid.
    pub(crate) fn with_uid(&self, uid: &str) -> Option<&Arc<Stored>> {
        self.objects.get(self.by_uid.get(uid)?)
    }

    /// All objects of a kind.
    pub(crate) fn all(&self, kind: &'static Kind) -> impl Iterator<Item = &Arc<Stored>> {
        self.objects
            .range(Key::new(kind, "", "")..)
            .map(|(_, object)| object)
            .take_while(move |object| std::ptr::eq(object.kind, kind))
    }

    /// All objects of a kind in a namespace.
    pub(crate) fn in_namespace<'a>(
        &'a self,
        kind: &'static Kind,
        namespace: &'a str,
    ) -> impl Iterator<Item = &'a Arc<Stored>> {
        self.objects.range(Key::new(kind, namespace, "")..).map(|(_, object)| object).take_while(
            move |object| std::ptr::eq(object.kind, kind) && object.namespace == namespace,
        )
    }

    /// All objects that name the uid as an owner.
    pub(crate) fn dependents(&self, uid: &str) -> impl Iterator<Item = &Arc<Stored>> {
        self.dependents.get(uid).into_iter().flatten().filter_map(|key| self.objects.get(key))
    }

    /// The dependents of one kind, typed.
    pub(crate) fn owned<T: Resource + DeserializeOwned>(&self, uid: &str) -> Vec<T> {
        self.dependents(uid).filter(|object| is::<T>(object)).filter_map(|o| parse(o)).collect()
    }

    /// The keys of an object's owners that are of a kind.
    pub(crate) fn owners<T: Resource>(&self, object: &Stored) -> Vec<Key> {
        let owners = object.owners.iter().filter_map(|uid| self.with_uid(uid));
        owners.filter(|owner| is::<T>(owner)).map(|owner| Key::from(&**owner)).collect()
    }

    /// Pods or `ReplicaSet`s of a namespace that a selector selects.
    pub(crate) fn selected<'a, T: Resource>(
        &'a self,
        namespace: &'a str,
        selector: &LabelSelector,
    ) -> Vec<&'a Arc<Stored>> {
        let kind = kind_of::<T>();
        let buckets = selector
            .match_labels
            .iter()
            .flatten()
            .map(|(label, value)| self.by_label.get(&bucket(kind, namespace, label, value)));
        let smallest = buckets.min_by_key(|bucket| bucket.map_or(0, BTreeSet::len));
        let candidates: Vec<&Arc<Stored>> = match smallest {
            Some(keys) => {
                keys.into_iter().flatten().filter_map(|key| self.objects.get(key)).collect()
            }
            None => self.in_namespace(kind, namespace).collect(),
        };
        candidates
            .into_iter()
            .filter(|object| selector::matches(selector, &object.labels))
            .collect()
    }

    /// Services or workloads of a namespace that select an object with these labels.
    pub(crate) fn selecting<T: Resource>(&self, namespace: &str, labels: &Labels) -> Vec<Key> {
        let kind = kind_of::<T>();
        let buckets = labels.iter().map(|(label, value)| bucket(kind, namespace, label, value));
        let any = std::iter::once(bucket(kind, namespace, "", ""));
        buckets
            .chain(any)
            .filter_map(|bucket| self.by_selector.get(&bucket))
            .flatten()
            .filter(|key| {
                self.selectors
                    .get(key)
                    .is_some_and(|known| selector::matches(&known.selector, labels))
            })
            .cloned()
            .collect()
    }

    /// Pods of a namespace that mount a claim.
    pub(crate) fn mounting<'a>(
        &'a self,
        namespace: &str,
        claim: &str,
    ) -> impl Iterator<Item = &'a Arc<Stored>> {
        let keys = self.by_claim.get(&format!("{namespace}\u{0}{claim}"));
        keys.into_iter().flatten().filter_map(|key| self.objects.get(key))
    }

    fn learn(&mut self, key: Key, object: Arc<Stored>) {
        self.by_uid.insert(object.uid.clone(), key.clone());
        for owner in &object.owners {
            self.dependents.entry(owner.clone()).or_default().insert(key.clone());
        }
        for bucket in label_buckets(&object) {
            self.by_label.entry(bucket).or_default().insert(key.clone());
        }
        for bucket in claim_buckets(&object) {
            self.by_claim.entry(bucket).or_default().insert(key.clone());
        }
        if let Some(selector) = selector_of(&object) {
            let bucket = self.rarest_bucket(&object, &selector);
            self.by_selector.entry(bucket.clone()).or_default().insert(key.clone());
            self.selectors.insert(key.clone(), Selecting { selector, bucket });
        }
        self.objects.insert(key, object);
    }

    fn forget(&mut self, key: &Key) {
        let Some(object) = self.objects.remove(key) else { return };
        if self.by_uid.get(&object.uid) == Some(key) {
            self.by_uid.remove(&object.uid);
        }
        for owner in &object.owners {
            take_out(&mut self.dependents, owner, key);
        }
        for bucket in label_buckets(&object) {
            take_out(&mut self.by_label, &bucket, key);
        }
        for bucket in claim_buckets(&object) {
            take_out(&mut self.by_claim, &bucket, key);
        }
        if let Some(known) = self.selectors.remove(key) {
            take_out(&mut self.by_selector, &known.bucket, key);
        }
    }

    /// The label of a selector that the fewest others are filed under: a thousand Services of one project share
    /// the label of the project, but not that of the service.
    fn rarest_bucket(&self, object: &Stored, selector: &LabelSelector) -> String {
        let buckets = selector.match_labels.iter().flatten();
        buckets
            .map(|(label, value)| bucket(object.kind, &object.namespace, label, value))
            .min_by_key(|bucket| self.by_selector.get(bucket).map_or(0, BTreeSet::len))
            .unwrap_or_else(|| bucket(object.kind, &object.namespace, "", ""))
    }
}

/// The typed object; one that does not parse is logged and left out.
pub(crate) fn parse<T: DeserializeOwned>(object: &Stored) -> Option<T> {
    match object.parse() {
        Ok(typed) => Some(typed),
        Err(error) => {
            tracing::warn!(object = %Key::from(object), %error, "the object is not understood and skipped");
            None
        }
    }
}

fn bucket(kind: &Kind, namespace: &str, label: &str, value: &str) -> String {
    [kind.plural, namespace, label, value].join("\u{0}")
}

fn take_out(map: &mut HashMap<String, BTreeSet<Key>>, bucket: &str, key: &Key) {
    if let Some(keys) = map.get_mut(bucket) {
        keys.remove(key);
        if keys.is_empty() {
            map.remove(bucket);
        }
    }
}

fn label_buckets(object: &Stored) -> Vec<String> {
    if !is::<Pod>(object) && !is::<ReplicaSet>(object) {
        return Vec::new();
    }
    let labels = object.labels.iter();
    labels.map(|(label, value)| bucket(object.kind, &object.namespace, label, value)).collect()
}

fn claim_buckets(object: &Stored) -> Vec<String> {
    #[derive(Deserialize)]
    struct PodVolumes {
        spec: Spec,
    }
    #[derive(Deserialize)]
    struct Spec {
        #[serde(default)]
        volumes: Vec<Volume>,
    }
    #[derive(Deserialize)]
    #[serde(rename_all = "camelCase")]
    struct Volume {
        persistent_volume_claim: Option<Claim>,
    }
    #[derive(Deserialize)]
    #[serde(rename_all = "camelCase")]
    struct Claim {
        claim_name: String,
    }
    if !is::<Pod>(object) {
        return Vec::new();
    }
    let Ok(pod) = object.parse::<PodVolumes>() else { return Vec::new() };
    let claims = pod.spec.volumes.into_iter().filter_map(|volume| volume.persistent_volume_claim);
    claims.map(|claim| format!("{}\u{0}{}", object.namespace, claim.claim_name)).collect()
}

fn selector_of(object: &Stored) -> Option<LabelSelector> {
    #[derive(Deserialize)]
    struct Selecting<T> {
        spec: Spec<T>,
    }
    #[derive(Deserialize)]
    struct Spec<T> {
        selector: Option<T>,
    }
    if is::<Service>(object) {
        let labels = object.parse::<Selecting<Labels>>().ok()?.spec.selector?;
        return Some(LabelSelector { match_labels: Some(labels), match_expressions: None });
    }
    let selects = is::<Deployment>(object)
        || is::<ReplicaSet>(object)
        || is::<StatefulSet>(object)
        || is::<DaemonSet>(object)
        || is::<Job>(object);
    selects.then(|| object.parse::<Selecting<LabelSelector>>().ok()?.spec.selector).flatten()
}

#[cfg(test)]
mod tests;
