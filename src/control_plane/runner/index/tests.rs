use serde_json::{Value, json};

use super::*;
use crate::control_plane::verbs::{DeleteOptions, Verbs, WriteOptions};

/// An index over a store that is followed.
struct Followed {
    verbs: Verbs,
    cursor: crate::control_plane::verbs::Cursor,
    index: Index,
}

impl Followed {
    async fn start() -> Self {
        let verbs = Verbs::ephemeral().await;
        let (_, revision) = verbs.list(kind_of::<Pod>(), None);
        let cursor = verbs.watch(revision).unwrap();
        Self { verbs, cursor, index: Index::default() }
    }

    async fn create<T: Resource>(&mut self, mut object: Value) {
        object["metadata"]["namespace"] = json!("default");
        let options = WriteOptions::default();
        self.verbs.create(kind_of::<T>(), "default", object, &options).await.unwrap();
        self.catch_up();
    }

    async fn delete(&mut self, key: &Key) {
        self.verbs.delete(key, &DeleteOptions::default()).await.unwrap();
        self.catch_up();
    }

    fn catch_up(&mut self) {
        while let Some(event) = self.cursor.try_next().unwrap() {
            self.index.apply(&event);
        }
    }

    fn selected(&self, labels: &Value) -> Vec<&str> {
        let selector = serde_json::from_value(json!({"matchLabels": labels})).unwrap();
        let found = self.index.selected::<Pod>("default", &selector);
        found.into_iter().map(|pod| pod.name.as_str()).collect()
    }

    fn selecting(&self, labels: Value) -> Vec<String> {
        let labels = serde_json::from_value(labels).unwrap();
        let keys = self.index.selecting::<Service>("default", &labels);
        keys.into_iter().map(|key| key.name).collect()
    }
}

fn pod(name: &str, labels: &Value, claim: &str) -> Value {
    let volume = json!({"name": "v", "persistentVolumeClaim": {"claimName": claim}});
    let spec = json!({"containers": [{"name": "c", "image": "i"}], "volumes": [volume]});
    json!({"metadata": {"name": name, "labels": labels}, "spec": spec})
}

fn service(name: &str, selector: &Value) -> Value {
    json!({"metadata": {"name": name}, "spec": {"selector": selector, "ports": [{"port": 80}]}})
}

#[tokio::test]
async fn pods_and_services_find_each_other() {
    let mut followed = Followed::start().await;
    for name in ["a", "b"] {
        let labels = json!({"app.kubernetes.io/instance": "shop", "app.kubernetes.io/name": name});
        followed.create::<Pod>(pod(name, &labels, "data")).await;
        followed.create::<Service>(service(name, &labels)).await;
    }
    assert_eq!(followed.selected(&json!({"app.kubernetes.io/instance": "shop"})), ["a", "b"]);
    assert_eq!(followed.selected(&json!({"app.kubernetes.io/name": "b"})), ["b"]);
    assert_eq!(followed.selected(&json!({"app.kubernetes.io/name": "c"})), Vec::<&str>::new());
    let labels = json!({"app.kubernetes.io/instance": "shop", "app.kubernetes.io/name": "a"});
    assert_eq!(followed.selecting(labels), ["a"]);
    assert_eq!(followed.index.mounting("default", "data").count(), 2);
    followed.delete(&Key::new(kind_of::<Pod>(), "default", "a")).await;
    followed.delete(&Key::new(kind_of::<Service>(), "default", "b")).await;
    assert_eq!(followed.selected(&json!({"app.kubernetes.io/instance": "shop"})), ["b"]);
    assert_eq!(followed.index.mounting("default", "data").count(), 1);
    let labels = json!({"app.kubernetes.io/instance": "shop", "app.kubernetes.io/name": "b"});
    assert_eq!(followed.selecting(labels), Vec::<String>::new());
}

/// The selectors of a project share one label: filed under that, a thousand Services would be compared with each pod.
#[tokio::test]
async fn selectors_are_filed_under_the_label_that_they_do_not_share() {
    let mut followed = Followed::start().await;
    for number in 0..20 {
        let labels = json!({"instance": "shop", "name": format!("s{number}")});
        followed.create::<Service>(service(&format!("s{number}"), &labels)).await;
    }
    let largest = followed.index.by_selector.values().map(BTreeSet::len).max();
    assert_eq!(largest, Some(1));
}

#[tokio::test]
async fn what_is_older_than_what_is_known_is_ignored() {
    let mut followed = Followed::start().await;
    let labels = json!({"app": "web"});
    followed.create::<Pod>(pod("a", &labels, "data")).await;
    let key = Key::new(kind_of::<Pod>(), "default", "a");
    let old = Arc::clone(followed.index.stored(&key).unwrap());
    followed.delete(&key).await;
    followed.create::<Pod>(pod("a", &labels, "data")).await;
    let new = Arc::clone(followed.index.stored(&key).unwrap());
    let revision = old.revision;
    for change in [Change::Added, Change::Deleted] {
        let object = Arc::clone(&old);
        followed.index.apply(&Event { revision, change, object, previous: None });
    }
    assert_eq!(followed.index.stored(&key).unwrap().uid, new.uid);
}
