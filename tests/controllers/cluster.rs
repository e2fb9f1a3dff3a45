use std::sync::Arc;
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use longshore::control_plane::controllers::{self, Context, ManualClock};
use longshore::control_plane::store::Key;
use longshore::control_plane::verbs::{DeleteOptions, Patch, Verbs, WriteOptions};
use longshore::control_plane::{kubelet, scheduler};
use longshore::kubernetes::{Status, kinds};
use serde_json::{Value, json};
use tokio::sync::watch;

/// A whole control plane without HTTP.
pub struct Cluster {
    pub verbs: Verbs,
    pub clock: ManualClock,
    shutdown: watch::Sender<bool>,
    settings: controllers::Settings,
    context: Context,
}

/// So long a state may take to come: far more than it needs, so that only a failure waits for it.
const PATIENCE: Duration = Duration::from_secs(10);

impl Cluster {
    pub async fn start() -> Self {
        let cluster = Self::without_loops(Verbs::ephemeral().await);
        cluster.spawn();
        cluster
    }

    pub fn without_loops(verbs: Verbs) -> Self {
        let clock = ManualClock::at(Timestamp::now());
        let (shutdown, stopping) = watch::channel(false);
        let context =
            Context { verbs: verbs.clone(), clock: Arc::new(clock.clone()), shutdown: stopping };
        let settings = controllers::Settings {
            ca_certificate: "CERTIFICATE".to_owned(),
            volumes: "/data/volumes".into(),
        };
        Self { verbs, clock, shutdown, settings, context }
    }

    pub fn spawn(&self) {
        controllers::spawn(self.context.clone(), self.settings.clone());
        scheduler::spawn(self.context.clone());
        let range = self.verbs.range();
        let runtime =
            Arc::new(kubelet::Simulated::new(Arc::clone(&self.context.clock), range.pods()));
        let settings = kubelet::Settings::simulated(range, self.settings.volumes.clone());
        kubelet::spawn(self.context.clone(), settings, runtime);
    }

    /// Stops all loops and starts new ones over the same objects, as a restart of the server does.
    pub async fn restart(self) -> Self {
        self.shutdown.send(true).unwrap();
        let verbs = self.verbs.clone();
        drop(self);
        tokio::task::yield_now().await;
        let cluster = Self::without_loops(verbs);
        cluster.spawn();
        cluster
    }

    pub async fn create(&self, yaml: &str) -> Value {
        let object: Value = serde_yaml::from_str(yaml).unwrap();
        self.try_create(object).await.unwrap()
    }

    pub async fn try_create(&self, mut object: Value) -> Result<Value, Status> {
        let key = key(
            object["apiVersion"].as_str().unwrap(),
            object["kind"].as_str().unwrap(),
            object["metadata"]["namespace"].as_str().unwrap_or("default"),
            "",
        );
        if key.kind.namespaced {
            object["metadata"]["namespace"] = json!(key.namespace);
        }
        let options = WriteOptions { manager: "test".to_owned(), ..WriteOptions::default() };
        let stored = self.verbs.create(key.kind, &key.namespace, object, &options).await?;
        Ok(stored.value())
    }

    pub async fn patch(&self, key: &Key, patch: Value) -> Value {
        let options = WriteOptions { manager: "test".to_owned(), ..WriteOptions::default() };
        self.verbs.patch(key, "", Patch::Merge(patch), &options).await.unwrap().value()
    }

    pub async fn delete(&self, key: &Key) {
        self.delete_with(key, DeleteOptions::default()).await;
    }

    pub async fn delete_with(&self, key: &Key, options: DeleteOptions) {
        self.verbs.delete(key, &options).await.unwrap();
    }

    pub fn get(&self, key: &Key) -> Option<Value> {
        self.verbs.get(key).ok().map(|stored| stored.value())
    }

    /// All objects of a kind in a namespace (or of the cluster), by name.
    pub fn list(&self, api_version: &str, kind: &str, namespace: &str) -> Vec<Value> {
        let kind = kinds::find(api_version, kind).unwrap();
        let namespace = kind.namespaced.then_some(namespace);
        self.verbs.list(kind, namespace).0.iter().map(|stored| stored.value()).collect()
    }

    /// Waits until a state holds, looking after every change.
    pub async fn eventually(&self, what: &str, holds: impl Fn(&Self) -> bool) {
        let kind = kinds::find("v1", "Pod").unwrap();
        let mut cursor = self.verbs.watch(self.verbs.list(kind, None).1).unwrap();
        let wait = async {
            while !holds(self) {
                cursor.next().await.unwrap();
            }
        };
        let came = tokio::time::timeout(PATIENCE, wait).await.is_ok();
        assert!(came, "never came: {what}\n{}", self.describe());
    }

    /// Waits until a JSON pointer into an object shows a value.
    pub async fn shows(&self, key: &Key, pointer: &str, expected: Value) {
        let what = format!("{key} {pointer} = {expected}");
        self.eventually(&what, |cluster| {
            let object = cluster.get(key).unwrap_or_default();
            object.pointer(pointer).cloned().unwrap_or(Value::Null) == expected
        })
        .await;
    }

    pub async fn gone(&self, key: &Key) {
        self.eventually(&format!("{key} is gone"), |cluster| cluster.get(key).is_none()).await;
    }

    /// The messages of the events of a reason.
    pub fn events(&self, namespace: &str, reason: &str) -> Vec<String> {
        let events = self.list("v1", "Event", namespace);
        let events = events.iter().filter(|event| event["reason"] == reason);
        events.map(|event| event["message"].as_str().unwrap_or_default().to_owned()).collect()
    }

    pub fn advance(&self, seconds: i64) {
        self.clock.advance(SignedDuration::from_secs(seconds));
    }

    /// Names and statuses of everything that a failing test wants to know.
    fn describe(&self) -> String {
        let objects = kinds::all().iter().flat_map(|kind| self.verbs.list(kind, None).0);
        let line = |value: &Value| match value["kind"].as_str() {
            Some("Event") => format!("  {} {}\n", value["reason"], value["message"]),
            _ => format!("{} {} {}\n", value["kind"], value["metadata"]["name"], value["status"]),
        };
        objects.map(|object| line(&object.value())).collect()
    }
}

pub fn key(api_version: &str, kind: &str, namespace: &str, name: &str) -> Key {
    let kind = kinds::find(api_version, kind).unwrap_or_else(|| panic!("no kind {kind}"));
    let namespace = if kind.namespaced { namespace } else { "" };
    Key::new(kind, namespace, name)
}

pub fn deployment(name: &str) -> Key {
    key("apps/v1", "Deployment", "default", name)
}

/// Status and reason of a condition.
pub fn condition(object: &Value, kind: &str) -> String {
    let conditions = object["status"]["conditions"].as_array().cloned().unwrap_or_default();
    let condition = conditions.iter().find(|condition| condition["type"] == kind);
    let text = |field: &str| {
        condition.and_then(|condition| condition[field].as_str()).unwrap_or("-").to_owned()
    };
    format!("{} {}", text("status"), text("reason"))
}
